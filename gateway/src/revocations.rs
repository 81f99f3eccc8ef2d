//! Revocations that this gateway hears of: each live tunnel watches its own login.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use hoop_model::LoginId;
use tokio_util::sync::CancellationToken;

#[derive(Default)]
pub(crate) struct Revocations(Mutex<HashMap<LoginId, CancellationToken>>);

impl Revocations {
    /// Completes when the login is revoked. Several tunnels may watch one login.
    pub(crate) fn watch(&self, login: LoginId) -> impl Future<Output = ()> + Send + use<> {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.entry(login).or_default().clone().cancelled_owned()
    }

    pub(crate) fn revoke(&self, login: LoginId) {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = map.remove(&login) {
            token.cancel();
        }
    }
}
