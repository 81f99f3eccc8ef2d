//! `[trail.archive]`: the trail's copy in S3.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use hoop_archive::{Bucket, Client, ClientError, Keys, Layout, Terms};
use hoop_model::Secret;
use hoop_recording::Retention;
use hoop_siem::sink::{TlsError, trusting};
use serde::Deserialize;
use url::Url;

use super::{
    Settings, SettingsError, read,
    secret::{SecretError, SecretRef},
    siem::is_acceptable,
    trail::Trail,
};

const SPOOL: u64 = 10 * 1024 * 1024 * 1024;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Worm {
    /// Nothing goes to a bucket whose lock was not seen to hold.
    #[default]
    Required,
    Off,
}

/// As written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Archive {
    endpoint: Url,
    bucket: String,
    region: String,
    #[serde(default = "default_prefix")]
    prefix: String,
    access_key_id: SecretRef,
    secret_access_key: SecretRef,
    /// PEM of whom to trust instead of the machine's store; relative to the configuration.
    ca_file: Option<PathBuf>,
    #[serde(default)]
    worm: Worm,
    /// Bytes of sealed segments that may wait before no new session begins.
    #[serde(default = "default_spool")]
    pub spool_limit: u64,
}

fn default_prefix() -> String {
    "v1".to_owned()
}

fn default_spool() -> u64 {
    SPOOL
}

/// An archive that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveSettingsError {
    #[error("endpoint: write https://HOST without a path, a user or a query; plain http only to this machine")]
    Endpoint,
    #[error("bucket is {0:?}; write 3 to 63 lower-case letters, digits, dots and hyphens")]
    Bucket(String),
    #[error("region is {0:?}; write for example eu-central-1")]
    Region(String),
    #[error("prefix is {0:?}; write letters, digits and . _ - between slashes")]
    Prefix(String),
    /// PCI DSS 3.5.1.2: a disk's encryption is none on somebody else's disk.
    #[error(
        "what is delivered would lie in the bucket for whoever may read there; set payload_keys in [trail], e.g. to the \
         output of `openssl rand -hex 32`"
    )]
    Unsealed,
    #[error("spool_limit is 0, so that no session could begin; write a number of bytes")]
    Spool,
    #[error("ca_file: {0}")]
    Authority(#[source] Box<SettingsError>),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("{0}: {1}")]
    Secret(&'static str, #[source] SecretError),
    #[error("{0}: it is no text without spaces")]
    NoText(&'static str),
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// What can be seen without reading any other file.
pub(super) fn checked(path: &Path, trail: &Trail) -> Result<Option<Archive>, SettingsError> {
    let Some(archive) = &trail.archive else { return Ok(None) };
    archive.keys().map_err(|source| wrong(path, source))?;
    if trail.delivered && trail.payload_keys.is_empty() {
        return Err(wrong(path, ArchiveSettingsError::Unsealed));
    }
    Ok(Some(archive.clone()))
}

fn wrong(path: &Path, source: ArchiveSettingsError) -> SettingsError {
    SettingsError::Archive { path: path.to_owned(), source: Box::new(source) }
}

impl Archive {
    fn keys(&self) -> Result<(), ArchiveSettingsError> {
        let bare = self.endpoint.path() == "/" && self.endpoint.query().is_none();
        if !bare || !is_acceptable(&self.endpoint) {
            return Err(ArchiveSettingsError::Endpoint);
        }
        let letters =
            |text: &str| text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-'));
        let ends = |c: char| c.is_ascii_alphanumeric();
        let whole = self.bucket.starts_with(ends) && self.bucket.ends_with(ends);
        if !(whole && letters(&self.bucket) && (3..=63).contains(&self.bucket.len())) {
            return Err(ArchiveSettingsError::Bucket(self.bucket.clone()));
        }
        if self.region.is_empty() || !letters(&self.region) {
            return Err(ArchiveSettingsError::Region(self.region.clone()));
        }
        Layout::new(&self.prefix, "origin").map_err(|_| ArchiveSettingsError::Prefix(self.prefix.clone()))?;
        if self.spool_limit == 0 {
            return Err(ArchiveSettingsError::Spool);
        }
        Ok(())
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Recordings of all connections lie in one object, so it is locked for as long as any of them is kept.
    pub(crate) fn terms(&self, retention: &Retention) -> Terms {
        let days = u64::from(retention.longest());
        Terms { retention: Duration::from_secs(days * 24 * 3600), locked: self.worm == Worm::Required }
    }

    /// With its secrets and certificates as they lie there now.
    pub(crate) fn client(&self, settings: &Settings) -> Result<Arc<Client>, SettingsError> {
        let folder = settings.file.parent().unwrap_or(Path::new(""));
        self.made(folder).map(Arc::new).map_err(|source| wrong(&settings.file, source))
    }

    fn made(&self, folder: &Path) -> Result<Client, ArchiveSettingsError> {
        let keys = Keys {
            id: text("access_key_id", &self.access_key_id, folder)?,
            secret: text("secret_access_key", &self.secret_access_key, folder)?,
        };
        let authority = self.ca_file.as_ref().map(|path| read(&folder.join(path))).transpose();
        let authority = authority.map_err(|error| ArchiveSettingsError::Authority(Box::new(error)))?;
        let bucket = Bucket { endpoint: self.endpoint.clone(), name: self.bucket.clone(), region: self.region.clone() };
        Ok(Client::new(bucket, &keys, trusting(authority.as_deref())?)?)
    }
}

fn text(key: &'static str, reference: &SecretRef, folder: &Path) -> Result<Secret<String>, ArchiveSettingsError> {
    let secret = reference.resolve(folder).map_err(|error| ArchiveSettingsError::Secret(key, error))?;
    let text = std::str::from_utf8(secret.expose()).ok().filter(|text| {
        let plain = text.chars().all(|c| c.is_ascii_graphic());
        plain && !text.is_empty()
    });
    text.map(|text| Secret::new(text.to_owned())).ok_or(ArchiveSettingsError::NoText(key))
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
