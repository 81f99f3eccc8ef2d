//! `[[siem]]`: where the trail is forwarded to.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use hoop_model::{Clock, ConnectionName, Secret};
use hoop_siem::{
    Format, event,
    sink::{self, Acknowledged, ClientError, Security, Sink, TlsError},
};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::{
    Settings, SettingsError, read,
    secret::{SecretError, SecretRef},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Syslog,
    Hec,
    Otlp,
    Webhook,
    File,
}

/// One table as written. Which keys it may have depends on `kind`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Siem {
    /// Also of the file that holds how far it is.
    pub name: ConnectionName,
    pub kind: Kind,
    #[serde(default)]
    pub format: Format,
    /// `HOST:PORT`, for syslog.
    address: Option<String>,
    tls: Option<bool>,
    url: Option<Url>,
    path: Option<PathBuf>,
    /// PEM of whom to trust instead of the machine's store; relative to the configuration.
    ca: Option<PathBuf>,
    /// Of HEC and OTLP; a webhook's signing key.
    token: Option<SecretRef>,
    /// Whether to wait for Splunk's indexer.
    acknowledge: Option<bool>,
    max_event_bytes: Option<usize>,
    /// No new sessions while it is further behind than the two limits.
    #[serde(default)]
    pub required: bool,
    max_lag_records: Option<u64>,
    max_lag_seconds: Option<u32>,
}

/// A receiver that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SiemError {
    #[error("there are two of this name; rename one of them")]
    Twice,
    #[error("{0} is missing; this kind needs it")]
    Missing(&'static str),
    #[error("{0} is set, and this kind has no use for it; take it out")]
    Useless(&'static str),
    #[error("address is {0:?}; write HOST:PORT")]
    Address(String),
    #[error("url: write https://HOST/PATH without a user or password; plain http only to this machine")]
    Url,
    #[error("tls = false is for a receiver on this machine; others could be listened to")]
    Plain,
    #[error("max_event_bytes is {0}; set at least {least}", least = event::SHORTEST)]
    Short(usize),
    #[error("max_lag_records and max_lag_seconds do nothing without required = true")]
    LimitAlone,
    #[error("ca: {0}")]
    Authority(#[source] Box<SettingsError>),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("token: {0}")]
    Secret(#[from] SecretError),
    #[error("token: it is no text")]
    NoText,
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// How far behind a receiver may be before new sessions are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    pub records: u64,
    pub age: Duration,
}

/// What can be seen without reading any other file.
pub(super) fn checked(path: &Path, all: Vec<Siem>) -> Result<Vec<Siem>, SettingsError> {
    for (at, siem) in all.iter().enumerate() {
        let twice = all.iter().take(at).any(|other| other.name == siem.name);
        let outcome = if twice { Err(SiemError::Twice) } else { siem.keys() };
        outcome.map_err(|source| siem.wrong(path, source))?;
    }
    Ok(all)
}

impl Siem {
    fn wrong(&self, path: &Path, source: SiemError) -> SettingsError {
        SettingsError::Siem { path: path.to_owned(), name: self.name.to_string(), source: Box::new(source) }
    }

    fn keys(&self) -> Result<(), SiemError> {
        use Kind::{File, Hec, Otlp, Syslog, Webhook};
        let (http, kind) = ([Hec, Otlp, Webhook].as_slice(), self.kind);
        // Each key: whether it stands there, the kinds that have it, and those that need it.
        let keys: [(&str, bool, &[Kind], &[Kind]); 7] = [
            ("address", self.address.is_some(), &[Syslog], &[Syslog]),
            ("tls", self.tls.is_some(), &[Syslog], &[]),
            ("url", self.url.is_some(), http, http),
            ("path", self.path.is_some(), &[File], &[File]),
            ("ca", self.ca.is_some(), &[Syslog, Hec, Otlp, Webhook], &[]),
            ("token", self.token.is_some(), http, &[Hec, Webhook]),
            ("acknowledge", self.acknowledge.is_some(), &[Hec], &[]),
        ];
        for (key, set, allowed, needed) in keys {
            if set && !allowed.contains(&kind) {
                return Err(SiemError::Useless(key));
            }
            if !set && needed.contains(&kind) {
                return Err(SiemError::Missing(key));
            }
        }
        if self.url.as_ref().is_some_and(|url| !is_acceptable(url)) {
            return Err(SiemError::Url);
        }
        if let Some(address) = &self.address {
            let host = host(address).ok_or_else(|| SiemError::Address(address.clone()))?;
            if self.tls == Some(false) && !is_here(host) {
                return Err(SiemError::Plain);
            }
        }
        match self.max_event_bytes {
            Some(longest) if longest < event::SHORTEST => return Err(SiemError::Short(longest)),
            _ => {}
        }
        if !self.required && (self.max_lag_records.is_some() || self.max_lag_seconds.is_some()) {
            return Err(SiemError::LimitAlone);
        }
        Ok(())
    }

    pub(crate) fn longest(&self) -> usize {
        self.max_event_bytes.unwrap_or(event::LONGEST)
    }

    /// Only of one that is required.
    pub(crate) fn limit(&self) -> Option<Limit> {
        self.required.then(|| Limit {
            records: self.max_lag_records.unwrap_or(100_000),
            age: Duration::from_secs(self.max_lag_seconds.unwrap_or(300).into()),
        })
    }

    /// The receiver, with its secrets and certificates as they lie there now.
    pub(crate) fn sink(&self, settings: &Settings, clock: &Arc<dyn Clock>) -> Result<Box<dyn Sink>, SettingsError> {
        self.made(settings, clock).map_err(|source| self.wrong(&settings.file, source))
    }

    fn made(&self, settings: &Settings, clock: &Arc<dyn Clock>) -> Result<Box<dyn Sink>, SiemError> {
        let folder = settings.file.parent().unwrap_or(Path::new(""));
        let host = settings.host();
        let url = || self.url.clone().ok_or(SiemError::Missing("url"));
        Ok(match self.kind {
            Kind::File => {
                let path = self.path.as_ref().ok_or(SiemError::Missing("path"))?;
                Box::new(sink::File::new(folder.join(path)))
            }
            Kind::Syslog => {
                let address = self.address.clone().ok_or(SiemError::Missing("address"))?;
                Box::new(sink::Syslog::new(address.clone(), self.security(&address, folder)?, host))
            }
            Kind::Hec => {
                let token = self.text(folder)?.ok_or(SiemError::Missing("token"))?;
                let acknowledged = self.acknowledge.unwrap_or(true).then(Acknowledged::default);
                Box::new(sink::Hec::new(&url()?, token, host, acknowledged, self.tls(folder)?)?)
            }
            Kind::Otlp => Box::new(sink::Otlp::new(url()?, self.text(folder)?, host, self.tls(folder)?)?),
            Kind::Webhook => {
                let key = self.token.as_ref().ok_or(SiemError::Missing("token"))?.resolve(folder)?;
                Box::new(sink::Webhook::new(url()?, &key, clock.clone(), self.tls(folder)?)?)
            }
        })
    }

    fn tls(&self, folder: &Path) -> Result<ClientConfig, SiemError> {
        let authority = self.ca.as_ref().map(|path| read(&folder.join(path))).transpose();
        let authority = authority.map_err(|error| SiemError::Authority(Box::new(error)))?;
        Ok(sink::trusting(authority.as_deref())?)
    }

    fn security(&self, address: &str, folder: &Path) -> Result<Security, SiemError> {
        if self.tls == Some(false) {
            return Ok(Security::Plain);
        }
        let wrong = || SiemError::Address(address.to_owned());
        let name = ServerName::try_from(host(address).ok_or_else(wrong)?.to_owned()).map_err(|_| wrong())?;
        Ok(Security::Tls { name, config: Arc::new(self.tls(folder)?) })
    }

    fn text(&self, folder: &Path) -> Result<Option<Secret<String>>, SiemError> {
        let Some(token) = &self.token else { return Ok(None) };
        let token = token.resolve(folder)?;
        let text = std::str::from_utf8(token.expose()).map_err(|_| SiemError::NoText)?;
        // It goes into a header.
        if text.is_empty() || !text.chars().all(|c| c.is_ascii_graphic()) {
            return Err(SiemError::NoText);
        }
        Ok(Some(Secret::new(text.to_owned())))
    }
}

/// The host of `HOST:PORT`, without the brackets of an IPv6 address.
fn host(address: &str) -> Option<&str> {
    let (host, port) = address.rsplit_once(':')?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let port: u16 = port.parse().ok()?;
    (port != 0 && ServerName::try_from(host).is_ok()).then_some(host)
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Over TLS, or to this machine.
pub(super) fn is_acceptable(url: &Url) -> bool {
    let here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => return false,
    };
    let clean = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    clean && (url.scheme() == "https" || (url.scheme() == "http" && here))
}

#[cfg(test)]
#[path = "siem_tests.rs"]
mod tests;
