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
    Archive, SettingsError, Timestamping, Witness,
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
    /// Who else signs its heads.
    pub witness: Vec<Witness>,
    /// Who says when there were which.
    pub timestamp: Option<Timestamping>,
}

impl Default for Trail {
    fn default() -> Self {
        Self {
            delivered: true,
            days: DAYS,
            payload_keys: Vec::new(),
            archive: None,
            witness: Vec::new(),
            timestamp: None,
        }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{super::sample, *};
    use crate::Settings;

    fn set(trail: &str, connection: &str) -> Result<Settings, String> {
        let warehouse = "[[connection]]\nname = \"warehouse\"\ntype = \"snowflake\"\nagent = \"dc1\"";
        sample::with(&format!("[trail]\n{trail}\n{warehouse}\n{connection}\n"))
    }

    #[test]
    fn a_connection_may_keep_its_recordings_longer_and_nothing_less_than_a_year() {
        let (warehouse, tools) = ("warehouse".parse().unwrap(), "tools".parse().unwrap());
        let kept = set("", "recording_days = 2555").unwrap().retention;
        assert_eq!((kept.of(Some(&warehouse)), kept.of(Some(&tools)), kept.of(None)), (2555, DAYS, DAYS));
        assert_eq!(kept.longest(), 2555);
        for (trail, connection, who) in
            [("days = 364", "", "[trail] days keeps"), ("", "recording_days = 30", "connection \"warehouse\" keeps")]
        {
            let why = set(trail, connection).unwrap_err();
            assert!(why.contains(who) && why.contains("365 or more"), "{why}");
        }
        assert!(set("days = 70000", "").is_err() && set("mode = \"x\"", "").is_err());
    }

    #[test]
    fn a_key_is_given_by_reference_and_is_long_enough() {
        let keys = |key: &str| {
            let settings = set(&format!("payload_keys = [\"{key}\"]"), "")?;
            settings.payload_keys().map(|keys| keys.is_empty()).map_err(|error| error.to_string())
        };
        assert_eq!(keys(&format!("command:/bin/echo {}", "5e".repeat(16))), Ok(false));
        assert!(keys("command:/bin/echo short").unwrap_err().contains("openssl rand -hex 32"));
        let why = keys("hunter2").unwrap_err();
        assert!(why.contains("env:NAME") && !why.contains("hunter2"), "{why}");
    }
}
