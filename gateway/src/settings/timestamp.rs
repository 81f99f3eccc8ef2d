//! `[trail.timestamp]`: who says when the trail had which records.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use hoop_audit::timestamp::{Authority, StampError};
use hoop_siem::sink::{TlsError, trusting};
use rustls::ClientConfig;
use serde::Deserialize;
use url::Url;

use super::{Settings, SettingsError, read, trail::Trail};

/// As written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Timestamping {
    /// Of the authority (RFC 3161 §3.4). Also plain http: what comes back is signed, and what goes there is a digest.
    pub url: Url,
    /// PEM of the certificates that its own must lead to; relative to the configuration.
    ca_file: PathBuf,
    /// PEM of whom to trust for https instead of the machine's store; relative to the configuration.
    tls_ca_file: Option<PathBuf>,
    /// No head is stamped sooner after another.
    #[serde(default = "default_every")]
    every_seconds: u32,
    /// For so long it may not answer before that is a failure of a control.
    #[serde(default = "default_patience")]
    patience_seconds: u32,
}

fn default_every() -> u32 {
    60 * 60
}

fn default_patience() -> u32 {
    4 * 60 * 60
}

/// An authority that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampError {
    #[error("url: write http:// or https://HOST/PATH without a user or a password")]
    Url,
    #[error("every_seconds is 0; write how many seconds lie between two time stamps at the least")]
    Every,
    #[error("ca_file: {0}")]
    Authority(#[from] StampError),
    #[error("{0}: {1}")]
    File(&'static str, #[source] Box<SettingsError>),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("the HTTP client cannot be set up: {0}")]
    Client(#[from] reqwest::Error),
}

/// What can be seen without reading any other file.
pub(super) fn checked(path: &Path, trail: &Trail) -> Result<(), SettingsError> {
    let Some(set) = &trail.timestamp else { return Ok(()) };
    let clean = set.url.username().is_empty() && set.url.password().is_none() && set.url.host().is_some();
    if !clean || !matches!(set.url.scheme(), "http" | "https") {
        return Err(wrong(path, TimestampError::Url));
    }
    if set.every_seconds == 0 {
        return Err(wrong(path, TimestampError::Every));
    }
    Ok(())
}

pub(crate) fn wrong(path: &Path, source: TimestampError) -> SettingsError {
    SettingsError::Timestamp { path: path.to_owned(), source: Box::new(source) }
}

impl Timestamping {
    pub(crate) fn every(&self) -> Duration {
        Duration::from_secs(self.every_seconds.into())
    }

    pub(crate) fn patience(&self) -> Duration {
        Duration::from_secs(self.patience_seconds.into())
    }

    /// Whose time stamps are believed, as the file lies there now.
    pub(crate) fn authority(&self, settings: &Settings) -> Result<Authority, TimestampError> {
        let pem = beside(settings, "ca_file", &self.ca_file)?;
        Ok(Authority::from_pem(&pem)?)
    }

    pub(crate) fn tls(&self, settings: &Settings) -> Result<ClientConfig, TimestampError> {
        let authority = self.tls_ca_file.as_ref().map(|path| beside(settings, "tls_ca_file", path)).transpose()?;
        Ok(trusting(authority.as_deref())?)
    }
}

fn beside(settings: &Settings, key: &'static str, path: &Path) -> Result<String, TimestampError> {
    let folder = settings.file.parent().unwrap_or(Path::new(""));
    read(&folder.join(path)).map_err(|error| TimestampError::File(key, Box::new(error)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{super::sample, *};

    fn set(timestamp: &str) -> Result<Settings, String> {
        sample::with(&format!("[trail.timestamp]\n{timestamp}"))
    }

    #[test]
    fn what_is_left_out_has_a_default_and_what_could_not_work_is_refused() {
        let good = "url = \"http://tsa.example/tsr\"\nca_file = \"tsa.pem\"\n";
        let settings = set(good).unwrap();
        let stamping = settings.trail.timestamp.as_ref().unwrap();
        assert_eq!((stamping.every(), stamping.patience()), (Duration::from_secs(3600), Duration::from_secs(14_400)));
        let missing = settings.check().unwrap_err().to_string();
        assert!(missing.contains("[trail.timestamp] ca_file") && missing.contains("tsa.pem"), "{missing}");
        for (text, words) in [
            ("url = \"http://tsa.example\"\n", "ca_file"),
            ("url = \"ftp://tsa.example\"\nca_file = \"x\"\n", "http:// or https://"),
            ("url = \"http://u:p@tsa.example\"\nca_file = \"x\"\n", "without a user"),
            (&format!("{good}every_seconds = 0\n"), "every_seconds is 0"),
            (&format!("{good}required = true\n"), "unknown field `required`"),
        ] {
            let why = set(text).unwrap_err();
            assert!(why.contains(words), "{words}: {why}");
        }
    }
}
