//! Revocations: each live tunnel watches its own login. Those made here are told at once; those that another process
//! wrote into the store are found by looking there.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hoop_model::{LoginId, Timestamp, earlier, later};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};

use crate::Gateway;

/// Between two looks into the store: a revoked login's tunnels are to end within 5 s (design, promise 7).
const LOOK: Duration = Duration::from_secs(1);
/// Without a look that succeeded for so long, no login counts as good.
const STALE: Duration = Duration::from_secs(4);
/// How far back a look goes: no certificate lives longer, and a revoked login is not renewed.
const HORIZON: Duration = Duration::from_secs(15 * 60);

pub(crate) struct Revocations {
    watched: Mutex<HashMap<LoginId, watch::Sender<bool>>>,
    /// When the store last answered.
    looked: Mutex<Timestamp>,
}

/// What one tunnel knows of its login.
#[derive(Clone)]
pub(crate) struct Watched(watch::Receiver<bool>);

impl Watched {
    pub(crate) fn is_revoked(&self) -> bool {
        *self.0.borrow()
    }

    /// Completes when the login is revoked. Cancel-safe.
    pub(crate) async fn revoked(mut self) {
        if self.0.wait_for(|revoked| *revoked).await.is_err() {
            // Nobody is left who could say so.
            std::future::pending().await
        }
    }
}

impl Revocations {
    /// The store has just been opened.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { watched: Mutex::default(), looked: Mutex::new(now) }
    }

    fn watched(&self) -> std::sync::MutexGuard<'_, HashMap<LoginId, watch::Sender<bool>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Several tunnels may watch one login.
    pub(crate) fn watch(&self, login: LoginId) -> Watched {
        let mut watched = self.watched();
        watched.retain(|_, sender| sender.receiver_count() > 0);
        Watched(watched.entry(login).or_insert_with(|| watch::Sender::new(false)).subscribe())
    }

    pub(crate) fn revoke(&self, login: LoginId) {
        if let Some(sender) = self.watched().get(&login) {
            sender.send_replace(true);
        }
    }

    /// Whether the store was heard of lately; without that, a revocation may have been missed.
    pub(crate) fn are_known(&self, now: Timestamp) -> bool {
        now < later(*self.looked.lock().unwrap_or_else(PoisonError::into_inner), STALE)
    }

    fn heard(&self, now: Timestamp) {
        *self.looked.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

/// Looks into the store again and again. Never returns.
pub(crate) async fn follow(gateway: Arc<Gateway>) {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let now = gateway.clock.now();
        match gateway.store.revoked_since(earlier(now, HORIZON)).await {
            Ok(logins) => {
                logins.into_iter().for_each(|login| gateway.revocations.revoke(login));
                gateway.revocations.heard(now);
            }
            Err(error) => tracing::error!(%error, "the store was not asked for revocations; new work is refused"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_tunnel_of_a_login_hears_of_its_end() {
        let revocations = Revocations::new(Timestamp::UNIX_EPOCH);
        let (one, other) = (LoginId::new(), LoginId::new());
        let (first, second, stranger) = (revocations.watch(one), revocations.watch(one), revocations.watch(other));
        revocations.revoke(one);
        first.clone().revoked().await;
        second.revoked().await;
        assert!(first.is_revoked() && !stranger.is_revoked());
    }

    #[test]
    fn a_tunnel_that_is_gone_is_forgotten() {
        let revocations = Revocations::new(Timestamp::UNIX_EPOCH);
        drop(revocations.watch(LoginId::new()));
        let _kept = revocations.watch(LoginId::new());
        assert_eq!(revocations.watched().len(), 1);
    }

    #[test]
    fn silence_of_the_store_is_no_good_news() {
        let start = Timestamp::UNIX_EPOCH;
        let revocations = Revocations::new(start);
        assert!(revocations.are_known(later(start, LOOK)));
        assert!(!revocations.are_known(later(start, STALE)));
        revocations.heard(later(start, LOOK));
        assert!(revocations.are_known(later(start, STALE)));
    }
}
