use std::fmt;

use aws_lc_rs::{constant_time, hmac};
use data_encoding::HEXLOWER;
use hoop_model::{ConnectionName, Subject};
use serde::{Deserialize, Serialize};

const DOMAIN: &[u8] = b"hoop approval binding v1\0";

/// What exactly would run, for whom and where. Never stored: a [`Binding`] stands for it.
pub struct Exact<'a> {
    /// The command as it would go upstream, unmasked.
    pub command: &'a [u8],
    pub connection: &'a ConnectionName,
    /// The upstream's part of the target: host, tool, database in use.
    pub target: &'a [u8],
    pub subject: &'a Subject,
    /// What of the session changes the command's meaning (current database, schema, role), in a fixed order.
    pub session_state: &'a [u8],
}

/// Keyed, because the command may hold a card number: a bare hash beside the masked text could be searched.
pub struct BindingKey(hmac::Key);

impl BindingKey {
    pub fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }
}

/// Hex HMAC-SHA256 over every field of [`Exact`], each with its length before it.
#[derive(Clone, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Binding(String);

impl Binding {
    pub fn of(key: &BindingKey, exact: &Exact<'_>) -> Self {
        let mut mac = hmac::Context::with_key(&key.0);
        mac.update(DOMAIN);
        let fields: [&[u8]; 6] = [
            exact.command,
            exact.connection.as_str().as_bytes(),
            exact.target,
            exact.subject.issuer.as_bytes(),
            exact.subject.sub.as_bytes(),
            exact.session_state,
        ];
        for field in fields {
            mac.update(&(field.len() as u64).to_le_bytes());
            mac.update(field);
        }
        Self(HEXLOWER.encode(mac.sign().as_ref()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Binding {
    fn eq(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(self.0.as_bytes(), other.0.as_bytes()).is_ok()
    }
}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_part_counts_and_parts_do_not_run_together() {
        let key = BindingKey::new(&[7; 32]);
        let connection: ConnectionName = "pay".parse().unwrap();
        let other: ConnectionName = "pay-2".parse().unwrap();
        let alice = Subject { issuer: "i".into(), sub: "alice".into() };
        let bob = Subject { issuer: "i".into(), sub: "bob".into() };
        let exact = |command: &'static [u8], target: &'static [u8], state: &'static [u8]| Exact {
            command,
            connection: &connection,
            target,
            subject: &alice,
            session_state: state,
        };
        let base = Binding::of(&key, &exact(b"drop", b"t", b"db"));
        assert_eq!(base, Binding::of(&key, &exact(b"drop", b"t", b"db")));
        assert_eq!(base.as_str().len(), 64);
        let different = [
            Binding::of(&key, &exact(b"drop ", b"t", b"db")),
            Binding::of(&key, &exact(b"dropt", b"", b"db")),
            Binding::of(&key, &exact(b"drop", b"td", b"b")),
            Binding::of(&key, &Exact { connection: &other, ..exact(b"drop", b"t", b"db") }),
            Binding::of(&key, &Exact { subject: &bob, ..exact(b"drop", b"t", b"db") }),
            Binding::of(&BindingKey::new(&[8; 32]), &exact(b"drop", b"t", b"db")),
        ];
        assert!(different.iter().all(|binding| *binding != base));
    }
}
