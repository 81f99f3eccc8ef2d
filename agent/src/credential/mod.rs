//! Upstream credentials: kept elsewhere, fetched when needed, never printed.

pub(crate) mod key_pair;
pub(crate) mod oauth;

use std::{path::PathBuf, process::Stdio, str::FromStr, time::Duration};

use hoop_model::Secret;
use tokio::{process::Command, time::timeout};

/// A command that gives a secret has this long.
const COMMAND_LIMIT: Duration = Duration::from_secs(10);
/// Longer output is no secret but a mistake.
const LONGEST: usize = 64 * 1024;

/// Where a secret is to be found: `env:NAME`, `file:/path` or `command:/program arg …` (no shell; its first lines of
/// output, trimmed).
#[derive(Clone)]
pub enum SecretRef {
    Environment(String),
    File(PathBuf),
    Command(Vec<String>),
    /// In memory already; only for agents started in process.
    Held(Secret<String>),
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// Without the text: it may be the secret itself.
    #[error("a secret is given by reference: write env:NAME, file:/path or command:/program")]
    NotAReference,
    #[error("the environment variable {name} is not set")]
    Environment { name: String },
    #[error("the secret's file {} cannot be read: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("the secret's command {program} failed: {problem}")]
    Command { program: String, problem: String },
    #[error("the secret is empty or too long; check what the reference leads to")]
    Unusable,
}

impl SecretRef {
    pub(crate) fn is_reference(text: &str) -> bool {
        ["env:", "file:", "command:"].iter().any(|scheme| text.starts_with(scheme))
    }

    /// Fetches the secret, without surrounding white space.
    pub async fn resolve(&self) -> Result<Secret<String>, SecretError> {
        let text = match self {
            Self::Environment(name) => {
                std::env::var(name).map_err(|_| SecretError::Environment { name: name.clone() })?
            }
            Self::File(path) => tokio::fs::read_to_string(path)
                .await
                .map_err(|source| SecretError::File { path: path.clone(), source })?,
            Self::Command(command) => run(command).await?,
            Self::Held(secret) => secret.expose().clone(),
        };
        let whole = Secret::new(text);
        let trimmed = whole.expose().trim();
        if trimmed.is_empty() || trimmed.len() > LONGEST {
            return Err(SecretError::Unusable);
        }
        Ok(Secret::new(trimmed.to_owned()))
    }
}

impl FromStr for SecretRef {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        match text.split_once(':') {
            Some(("env", name)) if !name.is_empty() => Ok(Self::Environment(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            Some(("command", command)) if command.starts_with('/') => {
                Ok(Self::Command(command.split_whitespace().map(str::to_owned).collect()))
            }
            _ => Err(SecretError::NotAReference),
        }
    }
}

async fn run(command: &[String]) -> Result<String, SecretError> {
    let (program, arguments) = command.split_first().ok_or(SecretError::NotAReference)?;
    let failed = |problem: String| SecretError::Command { program: program.clone(), problem };
    let output =
        Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).output();
    let output = timeout(COMMAND_LIMIT, output)
        .await
        .map_err(|_| failed(format!("no answer within {} s", COMMAND_LIMIT.as_secs())))?
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(output.status.to_string()));
    }
    String::from_utf8(output.stdout).map_err(|_| failed("its output is not text".to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn a_reference_leads_to_the_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "s3cret\n").unwrap();
        let file: SecretRef = format!("file:{}", path.display()).parse().unwrap();
        assert_eq!(file.resolve().await.unwrap().expose(), "s3cret");
        let command: SecretRef = "command:/bin/echo s3cret".parse().unwrap();
        assert_eq!(command.resolve().await.unwrap().expose(), "s3cret");
        let missing: SecretRef = "env:HOOP_TEST_NO_SUCH_VARIABLE".parse().unwrap();
        assert!(missing.resolve().await.is_err());
        let failing: SecretRef = "command:/bin/false".parse().unwrap();
        assert!(failing.resolve().await.is_err());
    }

    #[test]
    fn a_secret_itself_is_refused_and_not_repeated() {
        for text in ["hunter2", "env:", "command:relative", "https://u:hunter2@x"] {
            let error = text.parse::<SecretRef>().err().unwrap();
            assert!(!error.to_string().contains("hunter2"));
        }
    }
}
