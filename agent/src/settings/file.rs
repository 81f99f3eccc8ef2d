//! The settings file: every key known, every error with its line and what to do.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use hoop_model::ConnectionName;
use http::HeaderName;
use serde::Deserialize;
use toml::Spanned;
use url::Url;

use super::{AgentSettings, ChildValue, HttpTarget, Pace, StdioTarget, Target, UpstreamSettings, snowflake};
use crate::credential::SecretRef;

#[derive(Debug, thiserror::Error)]
#[error("{}{}: {problem}", file.display(), line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct SettingsError {
    pub file: PathBuf,
    pub line: Option<usize>,
    /// What is wrong and what to do.
    pub problem: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    gateway: Spanned<String>,
    server_name: Option<String>,
    trust: Option<Spanned<PathBuf>>,
    state_dir: PathBuf,
    join_token: Option<Spanned<String>>,
    drain_seconds: Option<u64>,
    #[serde(default)]
    upstream: Vec<Spanned<Upstream>>,
}

/// One `[[upstream]]`, of whatever type: flat, so that an unknown key is found on its own line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Upstream {
    pub(super) connection: ConnectionName,
    pub(super) r#type: String,
    pub(super) url: Option<Url>,
    pub(super) ca: Option<PathBuf>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    pub(super) command: Option<Vec<String>>,
    #[serde(default)]
    pub(super) env: BTreeMap<String, String>,
    pub(super) account: Option<String>,
    pub(super) user: Option<String>,
    pub(super) authenticator: Option<String>,
    pub(super) password: Option<String>,
    pub(super) private_key: Option<String>,
    pub(super) other_private_key: Option<String>,
    pub(super) token: Option<String>,
    pub(super) token_url: Option<Url>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<String>,
    pub(super) scope: Option<String>,
    pub(super) warehouse: Option<String>,
    pub(super) role: Option<String>,
    pub(super) database: Option<String>,
    pub(super) schema: Option<String>,
    #[serde(default)]
    pub(super) chunk_hosts: Vec<String>,
}

impl AgentSettings {
    /// Reads a settings file; paths in it are relative to its folder.
    pub fn load(path: &Path) -> Result<Self, SettingsError> {
        let text = fs::read_to_string(path).map_err(|error| SettingsError {
            file: path.to_owned(),
            line: None,
            problem: format!("cannot be read: {error}; name the settings file with --config"),
        })?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, SettingsError> {
        let wrong = |offset: Option<usize>, problem: String| SettingsError {
            file: path.to_owned(),
            line: offset.map(|offset| line_of(text, offset)),
            problem,
        };
        let file: File = toml::from_str(text)
            .map_err(|error| wrong(error.span().map(|span| span.start), error.message().to_owned()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let gateway = file.gateway.get_ref().clone();
        if gateway.rsplit_once(':').is_none_or(|(host, port)| host.is_empty() || port.parse::<u16>().is_err()) {
            let problem = format!("'{gateway}' is no gateway address; write host:port");
            return Err(wrong(Some(file.gateway.span().start), problem));
        }
        let authority = match file.trust {
            Some(trust) => {
                let at = trust.span().start;
                Some(read(folder, trust.get_ref()).map_err(|problem| wrong(Some(at), problem))?)
            }
            None => None,
        };
        let join_token = match file.join_token {
            Some(token) => {
                let at = token.span().start;
                Some(token.get_ref().parse().map_err(|error| wrong(Some(at), format!("join_token: {error}")))?)
            }
            None => None,
        };
        let mut upstreams: Vec<UpstreamSettings> = Vec::new();
        for entry in file.upstream {
            let at = entry.span().start;
            let upstream = target(folder, entry.into_inner()).map_err(|problem| wrong(Some(at), problem))?;
            if upstreams.iter().any(|known| known.connection == upstream.connection) {
                let problem = format!("connection '{}' is there twice; remove one", upstream.connection);
                return Err(wrong(Some(at), problem));
            }
            upstreams.push(upstream);
        }
        let mut pace = Pace::default();
        if let Some(seconds) = file.drain_seconds {
            pace.drain = Duration::from_secs(seconds);
        }
        Ok(Self {
            gateway,
            server_name: file.server_name,
            authority,
            state_dir: folder.join(file.state_dir),
            join_token,
            upstreams,
            pace,
        })
    }
}

fn target(folder: &Path, upstream: Upstream) -> Result<UpstreamSettings, String> {
    let name = upstream.connection.clone();
    let target = match (upstream.r#type.as_str(), &upstream.command) {
        ("mcp", Some(_)) => Target::McpStdio(stdio(&name, upstream)?),
        ("mcp", None) => Target::McpHttp(http(&name, folder, upstream)?),
        ("snowflake", None) => Target::Snowflake(Box::new(snowflake::target(&name, folder, upstream)?)),
        ("snowflake", Some(_)) => return Err(format!("'{name}': a snowflake upstream has a url and no command")),
        (other, _) => return Err(format!("'{name}': type '{other}' is unknown; write \"mcp\" or \"snowflake\"")),
    };
    Ok(UpstreamSettings { connection: name, target })
}

fn stdio(name: &ConnectionName, upstream: Upstream) -> Result<StdioTarget, String> {
    let foreign = upstream.url.is_some() || !upstream.headers.is_empty() || upstream.ca.is_some();
    if foreign || has_snowflake_keys(&upstream) {
        return Err(format!("'{name}': an upstream with a command takes only 'env' besides it"));
    }
    let mut command = upstream.command.unwrap_or_default().into_iter();
    let program = PathBuf::from(command.next().unwrap_or_default());
    if !program.is_absolute() {
        return Err(format!("'{name}': a command begins with the program's absolute path, as [\"/usr/bin/prog\", …]"));
    }
    let mut environment = Vec::new();
    for (key, value) in upstream.env {
        let value = if SecretRef::is_reference(&value) {
            ChildValue::Secret(value.parse().map_err(|error| format!("'{name}': env {key}: {error}"))?)
        } else {
            ChildValue::Plain(value)
        };
        environment.push((key, value));
    }
    Ok(StdioTarget { program, arguments: command.collect(), environment })
}

fn http(name: &ConnectionName, folder: &Path, upstream: Upstream) -> Result<HttpTarget, String> {
    if !upstream.env.is_empty() || has_snowflake_keys(&upstream) {
        return Err(format!("'{name}': an mcp upstream with a url takes only 'headers' and 'ca' besides it"));
    }
    let url = web_address(name, upstream.url)?;
    let mut headers = Vec::new();
    for (key, reference) in upstream.headers {
        let header = key
            .parse::<HeaderName>()
            .map_err(|_| format!("'{name}': '{key}' is no header name; correct or remove it"))?;
        headers.push((header, reference.parse().map_err(|error| format!("'{name}': header {key}: {error}"))?));
    }
    let authority = upstream.ca.map(|path| read(folder, &path)).transpose()?;
    Ok(HttpTarget { url, headers, authority })
}

fn has_snowflake_keys(upstream: &Upstream) -> bool {
    let texts = [
        &upstream.account,
        &upstream.user,
        &upstream.authenticator,
        &upstream.password,
        &upstream.private_key,
        &upstream.other_private_key,
        &upstream.token,
        &upstream.client_id,
        &upstream.client_secret,
        &upstream.scope,
        &upstream.warehouse,
        &upstream.role,
        &upstream.database,
        &upstream.schema,
    ];
    texts.iter().any(|text| text.is_some()) || upstream.token_url.is_some() || !upstream.chunk_hosts.is_empty()
}

pub(super) fn web_address(name: &ConnectionName, url: Option<Url>) -> Result<Url, String> {
    let url = url.ok_or_else(|| format!("'{name}': 'url' is missing"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(format!("'{name}': the url must begin with https:// or http://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!(
            "'{name}': take the user and password out of the url; refer to them by env:, file: or command:"
        ));
    }
    Ok(url)
}

pub(super) fn read(folder: &Path, path: &Path) -> Result<String, String> {
    let path = folder.join(path);
    fs::read_to_string(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const GOOD: &str = r#"
gateway = "gateway.example.com:8443"
state_dir = "state"
join_token = "env:HOOP_JOIN_TOKEN"

[[upstream]]
connection = "payments-mcp"
type = "mcp"
url = "http://127.0.0.1:9000/mcp"
headers = { Authorization = "env:TOKEN" }

[[upstream]]
connection = "files"
type = "mcp"
command = ["/usr/bin/prog", "--flag"]
env = { MODE = "ro", KEY = "file:/etc/key" }

[[upstream]]
connection = "warehouse"
type = "snowflake"
url = "https://acct.snowflakecomputing.com"
account = "acct"
user = "SVC"
authenticator = "keypair"
private_key = "file:/etc/key.pem"
"#;

    fn parse(text: &str) -> Result<AgentSettings, SettingsError> {
        AgentSettings::parse(Path::new("/etc/hoop/agent.toml"), text)
    }

    #[test]
    fn a_whole_file_is_read() {
        let settings = parse(GOOD).unwrap();
        assert_eq!(settings.state_dir, Path::new("/etc/hoop/state"));
        assert_eq!(settings.upstreams.len(), 3);
        let secrets: usize = settings.upstreams.iter().map(|upstream| upstream.secrets().len()).sum();
        assert_eq!(secrets, 3);
    }

    #[test]
    fn every_authenticator_takes_its_own_keys_and_no_other() {
        let with = |keys: &str| {
            let own = "authenticator = \"keypair\"\nprivate_key = \"file:/etc/key.pem\"\n";
            parse(&GOOD.replacen(own, keys, 1)).map(|_| ()).map_err(|error| error.problem)
        };
        for keys in [
            "password = \"env:P\"\n",
            "authenticator = \"keypair\"\nprivate_key = \"file:/a\"\nother_private_key = \"file:/b\"\n",
            "authenticator = \"pat\"\ntoken = \"command:/bin/pat\"\n",
            "authenticator = \"oauth\"\ntoken_url = \"https://idp.test/token\"\nclient_id = \"hoop\"\nclient_secret = \"env:S\"\n",
        ] {
            assert_eq!(with(keys), Ok(()), "{keys}");
        }
        for (keys, words) in [
            ("", "needs 'password'"),
            ("authenticator = \"kerberos\"\n", "\"keypair\", \"pat\" or \"oauth\""),
            ("authenticator = \"pat\"\ntoken = \"env:T\"\nscope = \"x\"\n", "takes 'token', and not 'scope'"),
            (
                "authenticator = \"oauth\"\ntoken_url = \"https://idp.test/token\"\nclient_id = \"hoop\"\n",
                "'client_secret'",
            ),
            (
                "authenticator = \"oauth\"\ntoken_url = \"http://idp.test/t\"\nclient_id = \"h\"\nclient_secret = \"env:S\"\n",
                "must begin with https://",
            ),
            ("authenticator = \"pat\"\ntoken = \"hunter2\"\n", "token: a secret is given by reference"),
        ] {
            let problem = with(keys).unwrap_err();
            assert!(problem.contains(words) && !problem.contains("hunter2"), "{problem}");
        }
    }

    #[test]
    fn an_error_names_its_line() {
        for (from, to, line, word) in [
            ("state_dir", "state_dri", 3, "state_dri"),
            ("type = \"snowflake\"", "type = \"oracle\"", 18, "oracle"),
            ("[\"/usr/bin/prog\", \"--flag\"]", "[\"prog\"]", 12, "absolute"),
            ("env:TOKEN", "hunter2", 6, "env:"),
            ("user = \"SVC\"", "user = \"SVC\"\npassword = \"env:P\"", 18, "not 'password'"),
            ("\"warehouse\"", "\"files\"", 18, "twice"),
            ("gateway.example.com:8443", "gateway.example.com", 2, "host:port"),
            ("https://acct", "https://u:hunter2@acct", 18, "out of the url"),
        ] {
            let error = parse(&GOOD.replacen(from, to, 1)).err().unwrap();
            assert!(error.problem.contains(word), "{error}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
            assert_eq!(error.line, Some(line), "{error}");
        }
    }
}
