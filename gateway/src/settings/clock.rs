//! `[clock]`: what the machine's clock is held against.

use std::{net::Ipv6Addr, ops::RangeInclusive, path::Path, time::Duration};

use serde::Deserialize;

use super::SettingsError;

/// NTP's (RFC 5905 §7.2), where a server names no other.
const PORT: u16 = 123;
/// More do not make the median better.
const MOST: usize = 8;

/// The table as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ClockSettings {
    /// Time servers, as HOST or HOST:PORT. Without any the clock is held against nothing.
    pub ntp: Vec<String>,
    /// The clock may be off by so much. An assessor's check allows a second.
    within_ms: u32,
    /// Between two rounds of questions.
    every_seconds: u32,
}

impl Default for ClockSettings {
    fn default() -> Self {
        Self { ntp: Vec::new(), within_ms: 1000, every_seconds: 64 }
    }
}

/// Settings of the clock that cannot be meant.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClockSettingsError {
    #[error(
        "ntp holds \"{0}\"; write each as HOST or HOST:PORT, such as \"time.example.com\" or \"[2001:db8::1]:123\""
    )]
    Server(String),
    #[error("ntp names {0} servers; {MOST} are enough")]
    Many(usize),
    #[error("{key} is {found}; set it between {} and {}", between.start(), between.end())]
    Range { key: &'static str, found: u32, between: RangeInclusive<u32> },
}

impl ClockSettings {
    /// In seconds.
    pub(crate) fn bound(&self) -> f64 {
        f64::from(self.within_ms) / 1000.0
    }

    pub(crate) fn every(&self) -> Duration {
        Duration::from_secs(self.every_seconds.into())
    }

    /// With the port that each server is asked at.
    pub(super) fn checked(self, path: &Path) -> Result<Self, SettingsError> {
        self.resolve().map_err(|source| SettingsError::Clock { path: path.to_owned(), source })
    }

    fn resolve(mut self) -> Result<Self, ClockSettingsError> {
        for (key, found, between) in
            [("within_ms", self.within_ms, 1..=1000), ("every_seconds", self.every_seconds, 1..=3600)]
        {
            if !between.contains(&found) {
                return Err(ClockSettingsError::Range { key, found, between });
            }
        }
        if self.ntp.len() > MOST {
            return Err(ClockSettingsError::Many(self.ntp.len()));
        }
        for server in &mut self.ntp {
            *server = asked_at(server).ok_or_else(|| ClockSettingsError::Server(server.clone()))?;
        }
        Ok(self)
    }
}

fn asked_at(server: &str) -> Option<String> {
    if server.parse::<Ipv6Addr>().is_ok() {
        return Some(format!("[{server}]:{PORT}"));
    }
    let (host, port) = match server.rsplit_once(':') {
        Some((host, port)) if !server.ends_with(']') => (host, port.parse().ok().filter(|port| *port > 0)?),
        _ => (server, PORT),
    };
    url::Host::parse(host).ok().map(|host| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn resolved(text: &str) -> Result<Vec<String>, String> {
        let raw: ClockSettings = toml::from_str(text).map_err(|error| error.to_string())?;
        raw.resolve().map(|set| set.ntp).map_err(|error| error.to_string())
    }

    #[test]
    fn servers_are_asked_at_their_port() {
        let text =
            r#"ntp = ["time.example.com", "10.0.0.5:1123", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:124"]"#;
        let asked =
            ["time.example.com:123", "10.0.0.5:1123", "[2001:db8::1]:123", "[2001:db8::1]:123", "[2001:db8::1]:124"];
        assert_eq!(resolved(text).unwrap(), asked);
        assert!(resolved("").unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (text, why) in [
            (r#"ntp = [""]"#, "HOST:PORT"),
            (r#"ntp = ["a b"]"#, "HOST:PORT"),
            (r#"ntp = ["time.example.com:0"]"#, "HOST:PORT"),
            (r#"ntp = ["time.example.com:ntp"]"#, "HOST:PORT"),
            (r#"ntp = ["a","b","c","d","e","f","g","h","i"]"#, "9 servers"),
            ("within_ms = 1001", "within_ms is 1001; set it between 1 and 1000"),
            ("every_seconds = 0", "every_seconds is 0"),
            ("bound = 3", "unknown field `bound`"),
        ] {
            let refusal = resolved(text).unwrap_err();
            assert!(refusal.contains(why), "{text}: {refusal}");
        }
    }
}
