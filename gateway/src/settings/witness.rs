//! `[[trail.witness]]`: who else signs that the trail only grows.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use hoop_audit::WitnessKey;
use hoop_siem::sink::{TlsError, trusting};
use rustls::ClientConfig;
use serde::{Deserialize, Deserializer, de::Error};
use url::Url;

use super::{Settings, SettingsError, read, siem::is_acceptable, trail::Trail};

/// One table as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Witness {
    /// The submission prefix: `add-checkpoint` lies below it.
    url: Url,
    /// As its operator publishes it.
    #[serde(deserialize_with = "witness_key")]
    pub key: WitnessKey,
    /// PEM of whom to trust instead of the machine's store; relative to the configuration.
    ca_file: Option<PathBuf>,
    /// No head is sent sooner after another.
    #[serde(default = "default_every")]
    every_seconds: u32,
    /// For so long it may not answer before that is a failure of a control.
    #[serde(default = "default_patience")]
    patience_seconds: u32,
    /// No new sessions then.
    #[serde(default)]
    pub required: bool,
}

fn default_every() -> u32 {
    60
}

fn default_patience() -> u32 {
    15 * 60
}

fn witness_key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<WitnessKey, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|error| D::Error::custom(format!("key: {error}; write NAME+ID+KEY as the witness's operator does")))
}

/// A witness that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessError {
    #[error("there are two with this key; take one of them out")]
    Twice,
    #[error("url: write https://HOST/PATH without a user, a password or a query; plain http only to this machine")]
    Url,
    #[error("every_seconds is 0; write how many seconds lie between two heads at the least")]
    Every,
    #[error("ca_file: {0}")]
    Authority(#[source] Box<SettingsError>),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("the HTTP client cannot be set up: {0}")]
    Client(#[from] reqwest::Error),
}

/// What can be seen without reading any other file.
pub(super) fn checked(path: &Path, trail: &Trail) -> Result<(), SettingsError> {
    for (at, witness) in trail.witness.iter().enumerate() {
        let twice = trail.witness.iter().take(at).any(|other| other.key.is_of(&witness.key));
        let outcome = if twice {
            Err(WitnessError::Twice)
        } else if !is_acceptable(&witness.url) || witness.url.query().is_some() {
            Err(WitnessError::Url)
        } else if witness.every_seconds == 0 {
            Err(WitnessError::Every)
        } else {
            Ok(())
        };
        outcome.map_err(|source| witness.wrong(path, source))?;
    }
    Ok(())
}

impl Witness {
    pub(crate) fn wrong(&self, path: &Path, source: WitnessError) -> SettingsError {
        SettingsError::Witness { path: path.to_owned(), name: self.key.name().to_owned(), source: Box::new(source) }
    }

    pub(crate) fn every(&self) -> Duration {
        Duration::from_secs(self.every_seconds.into())
    }

    pub(crate) fn patience(&self) -> Duration {
        Duration::from_secs(self.patience_seconds.into())
    }

    /// Where heads are sent.
    pub(crate) fn add_checkpoint(&self) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}/add-checkpoint", self.url.path().trim_end_matches('/')));
        url
    }

    /// Whom to trust there, as its file lies there now.
    pub(crate) fn tls(&self, settings: &Settings) -> Result<ClientConfig, WitnessError> {
        let folder = settings.file.parent().unwrap_or(Path::new(""));
        let authority = self.ca_file.as_ref().map(|path| read(&folder.join(path))).transpose();
        let authority = authority.map_err(|error| WitnessError::Authority(Box::new(error)))?;
        Ok(trusting(authority.as_deref())?)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use hoop_audit::Cosigner;

    use super::{super::sample, *};

    fn set(text: &str) -> Result<Settings, String> {
        let settings = sample::with(text)?;
        settings.check().map_err(|error| error.to_string())?;
        Ok(settings)
    }

    fn witness(seed: u8, more: &str) -> String {
        let key = Cosigner::from_seed("witness.example/w1", &[seed; 32]).unwrap().key().to_string();
        let url = if more.contains("url") { "" } else { "url = \"https://witness.example/submit/\"\n" };
        format!("[[trail.witness]]\nkey = \"{key}\"\n{url}{more}\n")
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let settings = set(&format!("{}{}", witness(1, ""), witness(2, "required = true"))).unwrap();
        let [one, two] = &settings.trail.witness[..] else { unreachable!() };
        assert_eq!(one.add_checkpoint().as_str(), "https://witness.example/submit/add-checkpoint");
        assert_eq!((one.every(), one.patience()), (Duration::from_secs(60), Duration::from_secs(900)));
        assert!(!one.required && two.required);
    }

    #[test]
    fn what_could_not_work_is_refused() {
        let twice = format!("{}{}", witness(1, ""), witness(1, ""));
        let other_kind = hoop_audit::SigningKey::from_seed("log", &[1; 32]).unwrap().verifying().to_string();
        let other_kind = format!("[[trail.witness]]\nkey = \"{other_kind}\"\nurl = \"https://w.example\"\n");
        for (text, words) in [
            (twice.as_str(), "two with this key"),
            (&witness(1, "url = \"http://witness.example\""), "plain http only to this machine"),
            (&witness(1, "url = \"https://witness.example/?a=b\""), "a query"),
            (&witness(1, "every_seconds = 0"), "every_seconds is 0"),
            (&witness(1, "ca_file = \"missing.pem\""), "missing.pem"),
            (&witness(1, "name = \"x\""), "unknown field `name`"),
            (&other_kind, "not a witness's"),
        ] {
            let why = set(text).unwrap_err();
            assert!(why.contains(words), "{words}: {why}");
        }
        assert!(set(&witness(1, "url = \"http://127.0.0.1:8080\"")).is_ok());
    }
}
