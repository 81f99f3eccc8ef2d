//! Revocations: each live tunnel watches its own login or agent. Those made here are told at once; those that another
//! process wrote into the store are found by looking there.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hoop_model::earlier;
use hoop_store::StoreError;
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};

use crate::{Gateway, authority::Holder, incidents::Control, listener::AGENT_CERTIFICATE_LIFE};

/// Between two looks into the store: the tunnels of what was revoked are to end within 5 s (design, promise 7).
const LOOK: Duration = Duration::from_secs(1);
/// Without a look that succeeded for so long, no login counts as good.
const STALE: Duration = Duration::from_secs(4);
/// How far back a look at logins goes: no session certificate and no access token lives longer, and a revoked login is
/// not renewed. At agents, for the same reason, it goes back [`AGENT_CERTIFICATE_LIFE`].
const HORIZON: Duration = hoop_identity::person::LONGEST_LIFE;

pub(crate) struct Revocations {
    watched: Mutex<HashMap<Holder, watch::Sender<bool>>>,
    /// When the store was last asked and answered. Not by the wall clock: setting that must not refuse everybody.
    looked: Mutex<Instant>,
}

/// What one tunnel knows of its login or agent.
#[derive(Clone)]
pub(crate) struct Watched(watch::Receiver<bool>);

impl Watched {
    pub(crate) fn is_revoked(&self) -> bool {
        *self.0.borrow()
    }

    /// Completes when it is revoked. Cancel-safe.
    pub(crate) async fn revoked(mut self) {
        if self.0.wait_for(|revoked| *revoked).await.is_err() {
            // Nobody is left who could say so.
            std::future::pending().await
        }
    }
}

impl Revocations {
    /// The store has just been opened.
    pub(crate) fn new(now: Instant) -> Self {
        Self { watched: Mutex::default(), looked: Mutex::new(now) }
    }

    fn watched(&self) -> std::sync::MutexGuard<'_, HashMap<Holder, watch::Sender<bool>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Several tunnels may watch one holder.
    pub(crate) fn watch(&self, holder: Holder) -> Watched {
        let mut watched = self.watched();
        watched.retain(|_, sender| sender.receiver_count() > 0);
        Watched(watched.entry(holder).or_insert_with(|| watch::Sender::new(false)).subscribe())
    }

    pub(crate) fn revoke(&self, holder: Holder) {
        if let Some(sender) = self.watched().get(&holder) {
            sender.send_replace(true);
        }
    }

    /// Whether the store was heard of lately; without that, a revocation may have been missed.
    pub(crate) fn are_known(&self, now: Instant) -> bool {
        now.duration_since(*self.looked.lock().unwrap_or_else(PoisonError::into_inner)) < STALE
    }

    /// As if the store had not answered for too long.
    #[cfg(test)]
    pub(crate) fn lose_touch(&self) {
        self.heard(Instant::now() - STALE);
    }

    fn heard(&self, asked: Instant) {
        *self.looked.lock().unwrap_or_else(PoisonError::into_inner) = asked;
    }
}

/// Looks into the store again and again. Never returns.
pub(crate) async fn follow(gateway: Arc<Gateway>) {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let asked = Instant::now();
        match revoked(&gateway).await {
            Ok(holders) => {
                holders.into_iter().for_each(|holder| gateway.revocations.revoke(holder));
                gateway.revocations.heard(asked);
                gateway.incidents.works(Control::Store, "", "the store answers again");
            }
            Err(error) => {
                tracing::error!(%error, "the store was not asked for revocations; new work is refused");
                gateway.incidents.fails(Control::Store, "", "the store did not answer");
            }
        }
    }
}

async fn revoked(gateway: &Gateway) -> Result<Vec<Holder>, StoreError> {
    let now = gateway.clock.now();
    let logins = gateway.store.revoked_since(earlier(now, HORIZON)).await?;
    let agents = gateway.store.agents_revoked_since(earlier(now, AGENT_CERTIFICATE_LIFE)).await?;
    Ok(logins.into_iter().map(Holder::Login).chain(agents.into_iter().map(Holder::Agent)).collect())
}

#[cfg(test)]
mod tests {
    use hoop_model::LoginId;

    use super::*;

    fn login() -> Holder {
        Holder::Login(LoginId::new())
    }

    #[tokio::test]
    async fn every_tunnel_of_a_login_hears_of_its_end() {
        let revocations = Revocations::new(Instant::now());
        let (one, other) = (login(), login());
        let (first, second, stranger) = (revocations.watch(one), revocations.watch(one), revocations.watch(other));
        revocations.revoke(one);
        first.clone().revoked().await;
        second.revoked().await;
        assert!(first.is_revoked() && !stranger.is_revoked());
    }

    #[test]
    fn a_tunnel_that_is_gone_is_forgotten() {
        let revocations = Revocations::new(Instant::now());
        drop(revocations.watch(login()));
        let _kept = revocations.watch(login());
        assert_eq!(revocations.watched().len(), 1);
    }

    #[test]
    fn silence_of_the_store_is_no_good_news() {
        let start = Instant::now();
        let revocations = Revocations::new(start);
        assert!(revocations.are_known(start + LOOK));
        assert!(!revocations.are_known(start + STALE));
        revocations.heard(start + LOOK);
        assert!(revocations.are_known(start + STALE));
    }
}
