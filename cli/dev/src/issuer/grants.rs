//! What was given to whom: codes that work once, refresh tokens that rotate. Using either a second time ends the whole
//! family (RFC 6749 §4.1.2, RFC 9700 §4.14.2).

use std::collections::{HashMap, HashSet};

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::random;

/// Life of a code, in seconds.
const CODE_LIFE: i64 = 60;
/// Logins under way and families kept; beyond, the store is emptied: this is a development issuer.
const MOST: usize = 10_000;

/// One login.
#[derive(Clone)]
pub(super) struct Grant {
    pub user: String,
    pub client_id: String,
    /// Kept for refreshed ID tokens as well (OpenID Connect Core §12.2 allows it).
    pub nonce: Option<String>,
    pub auth_time: i64,
}

impl Grant {
    pub(super) fn new(user: &str, client_id: &str, nonce: Option<String>, auth_time: i64) -> Self {
        Self { user: user.to_owned(), client_id: client_id.to_owned(), nonce, auth_time }
    }
}

/// An authorization request that was checked and waits for the person.
#[derive(Clone)]
pub(super) struct Asked {
    pub redirect_uri: String,
    pub state: Option<String>,
    pub challenge: String,
    pub nonce: Option<String>,
    pub refreshable: bool,
}

struct Code {
    grant: Grant,
    asked: Asked,
    expires: i64,
    /// Once used: the family that came of it.
    used: Option<String>,
}

struct Family {
    grant: Grant,
    current: String,
    used: HashSet<String>,
}

/// The answer to a code or a refresh token that was good.
pub(super) struct Fresh {
    pub grant: Grant,
    pub refresh_token: Option<String>,
}

#[derive(Default)]
pub(super) struct Grants {
    asked: HashMap<String, Asked>,
    codes: HashMap<String, Code>,
    families: HashMap<String, Family>,
}

impl Grants {
    /// Keeps a request until the person answers; returns its handle.
    pub(super) fn ask(&mut self, asked: Asked) -> String {
        trim(&mut self.asked);
        let handle = random();
        self.asked.insert(handle.clone(), asked);
        handle
    }

    pub(super) fn answered(&mut self, handle: &str) -> Option<Asked> {
        self.asked.remove(handle)
    }

    pub(super) fn code(&mut self, grant: Grant, asked: Asked, now: i64) -> String {
        trim(&mut self.codes);
        let code = random();
        self.codes.insert(code.clone(), Code { grant, asked, expires: now.saturating_add(CODE_LIFE), used: None });
        code
    }

    /// Takes a code with the verifier of its challenge (RFC 7636 §4.6).
    pub(super) fn redeem(
        &mut self,
        code: &str,
        client: &str,
        redirect_uri: &str,
        verifier: &str,
        now: i64,
    ) -> Option<Fresh> {
        let known = self.codes.get_mut(code)?;
        if let Some(family) = &known.used {
            self.families.remove(family);
            return None;
        }
        let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
        let good = known.grant.client_id == client
            && known.asked.redirect_uri == redirect_uri
            && known.asked.challenge == challenge
            && (43..=128).contains(&verifier.len())
            && now < known.expires;
        known.used = Some(String::new());
        if !good {
            return None;
        }
        let grant = known.grant.clone();
        if !known.asked.refreshable {
            return Some(Fresh { grant, refresh_token: None });
        }
        let refresh_token = self.add(grant.clone());
        if let (Some(known), Some(family)) = (self.codes.get_mut(code), family_of(&refresh_token)) {
            known.used = Some(family.to_owned());
        }
        Some(Fresh { grant, refresh_token: Some(refresh_token) })
    }

    /// A new family of refresh tokens; returns its first.
    pub(super) fn add(&mut self, grant: Grant) -> String {
        trim(&mut self.families);
        let family = random();
        let current = format!("{family}.{}", random());
        self.families.insert(family, Family { grant, current: current.clone(), used: HashSet::new() });
        current
    }

    /// Exchanges the family's newest token for the next. An older one ends the family.
    pub(super) fn refresh(&mut self, token: &str, client: &str) -> Option<Fresh> {
        let id = family_of(token)?;
        let family = self.families.get_mut(id)?;
        if family.grant.client_id != client {
            return None;
        }
        if family.current != token {
            if family.used.contains(token) {
                self.families.remove(id);
            }
            return None;
        }
        let next = format!("{id}.{}", random());
        let used = std::mem::replace(&mut family.current, next.clone());
        family.used.insert(used);
        Some(Fresh { grant: family.grant.clone(), refresh_token: Some(next) })
    }

    /// Ends the family of a token, used or not (RFC 7009 §2.1).
    pub(super) fn revoke(&mut self, token: &str) {
        if let Some(id) = family_of(token)
            && self.families.get(id).is_some_and(|family| family.current == token || family.used.contains(token))
        {
            self.families.remove(id);
        }
    }
}

fn family_of(token: &str) -> Option<&str> {
    token.split_once('.').map(|(family, _)| family)
}

fn trim<T>(map: &mut HashMap<String, T>) {
    if map.len() >= MOST {
        map.clear();
    }
}
