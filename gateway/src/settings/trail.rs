//! `[trail]`: what is kept beside the records, for how long, and under which keys.

use std::{collections::BTreeMap, path::Path};

use hoop_audit::{
    payload::{PayloadKeys, SealError},
    retention::SHORTEST,
};
use hoop_model::ConnectionName;
use hoop_recording::Retention;
use serde::Deserialize;

use super::{
    Archive, SettingsError,
    secret::{SecretError, SecretRef},
};

/// Days that what is kept beside the records stays, unless the configuration says more: twelve months, and a month for
/// whoever asks late.
const DAYS: u16 = 400;

/// The table as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Trail {
    /// Whether what is delivered is kept beside the records, masked.
    pub delivered: bool,
    /// For how many days.
    pub days: u16,
    /// Keys of what is kept: the first seals, all open.
    pub payload_keys: Vec<SecretRef>,
    /// A copy in S3.
    pub archive: Option<Archive>,
}

impl Default for Trail {
    fn default() -> Self {
        Self { delivered: true, days: DAYS, payload_keys: Vec::new(), archive: None }
    }
}

/// Settings of the trail that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrailError {
    #[error("{what} keeps recordings for {days} days; set it to {SHORTEST} or more (PCI DSS 10.5.1)")]
    Days { what: String, days: u16 },
    #[error("payload_keys: {0}")]
    Secret(#[from] SecretError),
    #[error("payload_keys: {0}")]
    Key(#[from] SealError),
}

impl Trail {
    /// How long what is kept stays; `of`: the connections that have days of their own. `path`: the file it stands in.
    pub(crate) fn retention(&self, path: &Path, of: BTreeMap<ConnectionName, u16>) -> Result<Retention, SettingsError> {
        let named = of.iter().map(|(name, days)| (format!("connection \"{name}\""), *days));
        let short = named.chain([("days".to_owned(), self.days)]).find(|(_, days)| *days < SHORTEST);
        match short {
            Some((what, days)) => Err(wrong(path)(TrailError::Days { what, days })),
            None => Ok(Retention::new(self.days, of)),
        }
    }

    /// The keys themselves. `path`: the file the references stand in.
    pub(crate) fn payload_keys(&self, path: &Path) -> Result<PayloadKeys, SettingsError> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let secrets = self.payload_keys.iter().map(|key| Ok(key.resolve(folder)?.expose().clone()));
        let keys = secrets.collect::<Result<Vec<_>, TrailError>>().and_then(|secrets| Ok(PayloadKeys::new(secrets)?));
        keys.map_err(wrong(path))
    }
}

fn wrong(path: &Path) -> impl Fn(TrailError) -> SettingsError {
    move |source| SettingsError::Trail { path: path.to_owned(), source }
}
