//! The login behind an access token: a row as behind a session certificate, so that revoking a person ends what comes
//! in here too, over a restart as well.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use hoop_identity::Access;
use hoop_model::{ConnectionName, Fault, LoginId, Retry, Secret, Side};
use hoop_store::Login;

use crate::{Gateway, authority::Holder, digest, fault, revocations::Watched, trail};

/// Tokens that are good at a time; the identity provider has to hand out so many.
const MOST: usize = 10_000;

#[derive(Default)]
pub(super) struct Logins {
    /// By the token's digest.
    known: Mutex<HashMap<String, Known>>,
    /// Held by whoever looks a token up in the store: what comes at once with the same one makes one login.
    first: tokio::sync::Mutex<()>,
}

#[derive(Clone)]
struct Known {
    login: Login,
    revocation: Watched,
}

impl Logins {
    /// The login of a token that was verified; it is recorded when the token comes for the first time.
    pub(super) async fn of(
        &self,
        gateway: &Gateway,
        token: &Secret<String>,
        access: Access,
        connection: &ConnectionName,
        ip: IpAddr,
    ) -> Result<Login, Fault> {
        let key = digest::plain_hex(token.expose().as_bytes());
        if let Some(known) = self.get(&key) {
            return known.good();
        }
        let _first = self.first.lock().await;
        if let Some(known) = self.get(&key) {
            return known.good();
        }
        let client = access.client.clone();
        let (login, is_new) = stored(gateway, &key, access).await?;
        let revocation = gateway.revocations.watch(Holder::Login(login.id));
        // Once it is in the store: what revokes the person from here on revokes this one too.
        refuse_revoked(gateway, &login).await?;
        if is_new {
            trail::access_token(gateway, ip, connection, Ok((&login, client.as_deref()))).await?;
        }
        let known = Known { login, revocation };
        self.remember(gateway, key, known.clone())?;
        known.good()
    }

    fn get(&self, key: &str) -> Option<Known> {
        self.known().get(key).cloned()
    }

    fn remember(&self, gateway: &Gateway, key: String, known: Known) -> Result<(), Fault> {
        let now = gateway.clock.now();
        let mut all = self.known();
        if all.len() >= MOST {
            all.retain(|_, known| known.login.expires_at > now);
        }
        if all.len() >= MOST {
            return Err(Fault::new(
                Side::Internal,
                "too_many_tokens",
                Retry::Safe,
                "more access tokens are in use than the gateway holds; try again later",
            ));
        }
        all.insert(key, known);
        Ok(())
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn good(self) -> Result<Login, Fault> {
        if self.revocation.is_revoked() { Err(revoked()) } else { Ok(self.login) }
    }
}

/// The token's login as the store has it from before, or a new one.
async fn stored(gateway: &Gateway, key: &str, access: Access) -> Result<(Login, bool), Fault> {
    let before = gateway.store.login_by_key(key).await.map_err(fault::store)?;
    match before {
        Some(login) if login.revoked_at.is_some() => Err(revoked()),
        Some(login) => Ok((login, false)),
        None => {
            let login = Login {
                id: LoginId::new(),
                principal: access.principal,
                key: key.to_owned(),
                created_at: access.issued_at,
                expires_at: access.expires_at,
                ends_at: access.expires_at,
                revoked_at: None,
            };
            gateway.store.insert_login(&login).await.map_err(fault::store)?;
            Ok((login, true))
        }
    }
}

/// A token made before its person was revoked, and not shown until now, is as revoked as the others.
async fn refuse_revoked(gateway: &Gateway, login: &Login) -> Result<(), Fault> {
    let since = login.created_at;
    match gateway.store.was_revoked_since(&login.principal.subject, since).await.map_err(fault::store)? {
        true => Err(revoked()),
        false => Ok(()),
    }
}

fn revoked() -> Fault {
    Fault::new(
        Side::Client,
        "token_revoked",
        Retry::Useless,
        "a login of yours was ended after this token was made; get a new one from the identity provider",
    )
}
