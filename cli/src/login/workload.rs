//! A CI job's own token: from GitHub Actions, a file or a variable.

use std::{path::PathBuf, str::FromStr};

use hoop_model::Secret;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::{error::LoginError, web::Web};

/// Largest token in bytes that the gateway would read.
const LARGEST: u64 = 16 * 1024;

/// Where the token comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    GitHub,
    File(PathBuf),
    Variable(String),
}

impl FromStr for Source {
    type Err = LoginError;

    /// `github`, `file:PATH`, `env:NAME`.
    fn from_str(text: &str) -> Result<Self, LoginError> {
        match (text, text.split_once(':')) {
            ("github", _) => Ok(Self::GitHub),
            (_, Some(("file", path))) if !path.is_empty() => Ok(Self::File(path.into())),
            (_, Some(("env", name))) if !name.is_empty() => Ok(Self::Variable(name.to_owned())),
            _ => Err(LoginError::Source(text.to_owned())),
        }
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::GitHub => f.write_str("GitHub Actions"),
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Variable(name) => write!(f, "the variable {name}"),
        }
    }
}

/// Asks the platform of GitHub Actions; set where the job has `permissions: id-token: write`.
const GITHUB_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
const GITHUB_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
/// Variables that platforms, or their users by our docs, put a token into.
const VARIABLES: [&str; 3] = ["HOOP_ID_TOKEN", "CIRCLE_OIDC_TOKEN_V2", "CIRCLE_OIDC_TOKEN"];

impl Source {
    /// What the environment offers.
    pub fn detect() -> Result<Self, LoginError> {
        Self::detect_in(|name| std::env::var(name).ok())
    }

    fn detect_in(variable: impl Fn(&str) -> Option<String>) -> Result<Self, LoginError> {
        let set = |name: &&str| variable(name).is_some_and(|value| !value.is_empty());
        if set(&GITHUB_URL) {
            return Ok(Self::GitHub);
        }
        if let Some(name) = VARIABLES.iter().find(|name| set(name)) {
            return Ok(Self::Variable((*name).to_owned()));
        }
        let text = if set(&"GITHUB_ACTIONS") {
            "this GitHub job may not ask for a token; add `permissions: id-token: write` to it"
        } else {
            "no workload token was found here; put one into HOOP_ID_TOKEN (on GitLab by `id_tokens:`), or name it \
             with --workload=file:PATH or =env:NAME"
        };
        Err(LoginError::Workload(text.to_owned()))
    }

    /// Whether it can give another token later: a platform is asked again, a file may be replaced (as Kubernetes does),
    /// a variable stays what it is.
    pub fn gives_more(&self) -> bool {
        !matches!(self, Self::Variable(_))
    }

    /// The token, for `audience` where the platform lets us ask for one.
    pub async fn token(&self, audience: &str) -> Result<Secret<String>, LoginError> {
        let failed = |why: String| LoginError::Workload(format!("{self} gave no token: {why}"));
        let token = match self {
            Self::GitHub => github(audience, |name| std::env::var(name).ok()).await.map_err(failed)?,
            Self::File(path) => {
                let about = tokio::fs::metadata(path).await.map_err(|error| failed(error.to_string()))?;
                if about.len() > LARGEST {
                    return Err(failed("it is larger than any token".to_owned()));
                }
                Secret::new(tokio::fs::read_to_string(path).await.map_err(|error| failed(error.to_string()))?)
            }
            Self::Variable(name) => Secret::new(std::env::var(name).map_err(|_| failed("it is not set".to_owned()))?),
        };
        let token = Secret::new(token.expose().trim().to_owned());
        // JWS compact serialization (RFC 7515 §3.1); said here, since the gateway could only call it malformed.
        if token.expose().split('.').count() != 3 {
            return Err(failed("what is there is no JSON Web Token".to_owned()));
        }
        Ok(token)
    }
}

async fn github(audience: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Secret<String>, String> {
    let missing = |name: &str| format!("{name} is not set; add `permissions: id-token: write` to the job");
    let url = variable(GITHUB_URL).ok_or_else(|| missing(GITHUB_URL))?;
    let bearer = Secret::new(variable(GITHUB_TOKEN).ok_or_else(|| missing(GITHUB_TOKEN))?);
    let mut url: Url = url.parse().map_err(|_| format!("{GITHUB_URL} is no address"))?;
    url.query_pairs_mut().append_pair("audience", audience);
    let web = Web::towards(&url).map_err(|error| error.to_string())?;
    match web.get_json(&url, &bearer).await.map_err(|error| error.to_string())? {
        Value::Object(mut answer) => match answer.remove("value") {
            Some(Value::String(token)) => Ok(Secret::new(token)),
            _ => Err("its answer holds no token".to_owned()),
        },
        _ => Err("its answer holds no token".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    #[test]
    fn sources_are_named_or_found() {
        assert_eq!("github".parse::<Source>().unwrap(), Source::GitHub);
        assert_eq!("file:/run/token".parse::<Source>().unwrap(), Source::File("/run/token".into()));
        assert_eq!("env:TOKEN".parse::<Source>().unwrap(), Source::Variable("TOKEN".to_owned()));
        for text in ["", "gitlab", "file:", "env:"] {
            assert!(text.parse::<Source>().is_err(), "{text}");
        }
        let found = |set: &[&str]| Source::detect_in(|name| set.contains(&name).then(|| "x".to_owned()));
        assert_eq!(found(&[GITHUB_URL, "HOOP_ID_TOKEN"]).unwrap(), Source::GitHub);
        assert_eq!(found(&["CIRCLE_OIDC_TOKEN_V2"]).unwrap(), Source::Variable("CIRCLE_OIDC_TOKEN_V2".to_owned()));
        assert!(found(&["GITHUB_ACTIONS"]).unwrap_err().to_string().contains("id-token: write"));
        assert!(found(&[]).unwrap_err().to_string().contains("HOOP_ID_TOKEN"));
    }

    #[tokio::test]
    async fn a_file_holds_a_token_or_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        std::fs::write(&path, "a.b.c\n").unwrap();
        assert_eq!(Source::File(path.clone()).token("x").await.unwrap().expose(), "a.b.c");
        for content in ["password", &"a".repeat(20_000)] {
            std::fs::write(&path, content).unwrap();
            let text = Source::File(path.clone()).token("x").await.err().unwrap().to_string();
            assert!(!text.contains("password"), "{text}");
        }
    }

    #[tokio::test]
    async fn github_is_asked_for_the_audience() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let platform = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = vec![0; 4096];
            let mut length = 0;
            while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
                length += stream.read(asked.get_mut(length..).unwrap()).await.unwrap();
            }
            let body = r#"{"value":"a.b.c","count":1}"#;
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8_lossy(&asked).into_owned()
        });
        let variables = |name: &str| match name {
            GITHUB_URL => Some(format!("http://{address}/token?api-version=2")),
            _ => Some("request-token".to_owned()),
        };
        let token = github("https://gateway.test", variables).await.unwrap();
        assert_eq!(token.expose(), "a.b.c");
        let asked = platform.await.unwrap();
        assert!(asked.starts_with("GET /token?api-version=2&audience=https%3A%2F%2Fgateway.test HTTP/1.1"), "{asked}");
        assert!(asked.to_lowercase().contains("authorization: bearer request-token"), "{asked}");
    }
}
