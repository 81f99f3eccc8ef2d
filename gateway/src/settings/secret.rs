//! Secrets by reference: kept elsewhere, fetched when needed, never printed.

use std::{
    fmt, fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use hoop_model::Secret;
use serde::Deserialize;

/// A command that gives a secret has this long.
const COMMAND_LIMIT: Duration = Duration::from_secs(10);
/// Longer output is no secret but a mistake.
const LONGEST: u64 = 64 * 1024;

/// Where a secret is to be found: `env:NAME`, `file:PATH` (relative to the configuration) or `command:/program arg …`
/// (no shell).
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum SecretRef {
    Environment(String),
    File(PathBuf),
    Command(Vec<String>),
}

/// Why a secret cannot be had. No text here holds it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// Without the text: it may be the secret itself.
    #[error("a secret is given by reference: write env:NAME, file:/path or command:/program")]
    NotAReference,
    #[error("the environment variable {name} is not set; set it for the gateway's process")]
    Environment { name: String },
    #[error("the secret's file {} cannot be read: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("the secret's command {program} failed: {problem}")]
    Command { program: String, problem: String },
    #[error("the secret is longer than {LONGEST} bytes; check what the reference leads to")]
    Long,
}

impl SecretRef {
    /// Fetches the secret, without surrounding white space. `folder`: what relative paths start from.
    pub(crate) fn resolve(&self, folder: &Path) -> Result<Secret<Vec<u8>>, SecretError> {
        let whole = Secret::new(match self {
            Self::Environment(name) => {
                let value = std::env::var(name).map_err(|_| SecretError::Environment { name: name.clone() })?;
                value.into_bytes()
            }
            Self::File(path) => {
                let path = folder.join(path);
                let read = fs::File::open(&path).and_then(bounded);
                read.map_err(|source| SecretError::File { path, source })?
            }
            Self::Command(command) => run(command)?,
        });
        match whole.expose().len() as u64 > LONGEST {
            true => Err(SecretError::Long),
            false => Ok(Secret::new(whole.expose().trim_ascii().to_vec())),
        }
    }
}

impl TryFrom<String> for SecretRef {
    type Error = SecretError;

    fn try_from(text: String) -> Result<Self, SecretError> {
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

/// A command's arguments might tell more than where the secret is.
impl fmt::Debug for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[reference to a secret]")
    }
}

/// All of it, or one byte more than may be.
fn bounded(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LONGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn run(command: &[String]) -> Result<Vec<u8>, SecretError> {
    let (program, arguments) = command.split_first().ok_or(SecretError::NotAReference)?;
    let failed = |problem: String| SecretError::Command { program: program.clone(), problem };
    let spawned =
        Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = spawned.map_err(|error| failed(error.to_string()))?;
    let deadline = Instant::now() + COMMAND_LIMIT;
    let (tell, told) = mpsc::channel();
    let stdout = child.stdout.take();
    thread::spawn(move || tell.send(stdout.map_or_else(|| Ok(Vec::new()), bounded)));
    let output = told.recv_timeout(COMMAND_LIMIT);
    let status = end(&mut child, if output.is_ok() { deadline } else { Instant::now() });
    match (output, status) {
        (Ok(Ok(bytes)), Some(status)) if status.success() => Ok(bytes),
        (_, Some(status)) => Err(failed(status.to_string())),
        (_, None) => Err(failed(format!("no answer within {} s", COMMAND_LIMIT.as_secs()))),
    }
}

/// How a command ended; `None` if it had to be killed.
fn end(child: &mut Child, deadline: Instant) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn reference(text: &str) -> Result<SecretRef, SecretError> {
        text.to_owned().try_into()
    }

    #[test]
    fn a_reference_leads_to_the_secret() {
        let folder = tempfile::tempdir().unwrap();
        let resolve = |text: &str| reference(text).unwrap().resolve(folder.path());
        fs::write(folder.path().join("key"), "s3cret\n").unwrap();
        let whole = format!("file:{}", folder.path().join("key").display());
        for text in ["file:key", &whole, "command:/bin/echo s3cret"] {
            assert_eq!(resolve(text).unwrap().expose(), b"s3cret", "{text}");
        }
        let why = |text: &str| resolve(text).err().unwrap().to_string();
        assert!(why("file:missing").contains("missing cannot be read"));
        assert!(why("env:HOOP_TEST_NO_SUCH_VARIABLE").contains("HOOP_TEST_NO_SUCH_VARIABLE is not set"));
        assert!(why("command:/bin/false").contains("/bin/false failed: exit status: 1"));
        fs::write(folder.path().join("long"), vec![b'x'; 100_000]).unwrap();
        assert!(why("file:long").contains("longer than"));
    }

    #[test]
    fn a_secret_itself_is_refused_and_not_repeated() {
        for text in ["hunter2", "env:", "file:", "command:relative", "https://u:hunter2@x"] {
            let error = reference(text).err().unwrap();
            assert!(!error.to_string().contains("hunter2"));
        }
        assert!(!format!("{:?}", reference("command:/bin/echo hunter2").unwrap()).contains("hunter2"));
    }
}
