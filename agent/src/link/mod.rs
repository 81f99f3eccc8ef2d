//! The agent's side of the link: dial out, stay linked, renew, drain.

mod backoff;
mod establish;
mod serve;

use std::sync::Arc;

use hoop_model::Clock;
use hoop_tunnel::Closed;
use tokio::{sync::oneshot, task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use self::{backoff::Backoff, serve::Live};
use crate::{AgentSettings, RunError, receipts::Receipts, state::StoredIdentity, upstream::Upstreams};

pub use establish::LinkError;

/// Keeps this agent linked until `shutdown`, then drains. Ends early only when the gateway will not have it again.
pub(crate) async fn keep(
    settings: &AgentSettings,
    mut identity: StoredIdentity,
    upstreams: Arc<Upstreams>,
    receipts: Arc<Receipts>,
    clock: Arc<dyn Clock>,
    shutdown: CancellationToken,
) -> Result<(), RunError> {
    let pace = settings.pace;
    let mut backoff = Backoff::new(pace.first_retry, pace.longest_retry, Box::new(backoff::chance));
    // More than one only while a renewed certificate's link takes over from the old one's.
    let mut links: JoinSet<Closed> = JoinSet::new();
    let mut current = CancellationToken::new();
    loop {
        let linked = tokio::select! {
            () = shutdown.cancelled() => break,
            linked = establish::establish(settings, &identity, upstreams.announced()) => linked,
        };
        let (connection, control) = match linked {
            Ok(link) => link,
            Err(error) if error.is_final() => return Err(RunError::Link(error)),
            Err(_) if clock.now() >= identity.expires_at => return Err(RunError::Expired(identity.expires_at)),
            Err(error) => {
                let delay = backoff.next();
                tracing::warn!(%error, retry_in_ms = delay.as_millis(), "no link to the gateway");
                if pause(delay, &shutdown).await {
                    break;
                }
                continue;
            }
        };
        let begun = Instant::now();
        // The new link is up: an older one may go.
        std::mem::take(&mut current).cancel();
        let (renewed, renewal) = oneshot::channel();
        let live = Live {
            connection: connection.clone(),
            control,
            upstreams: upstreams.clone(),
            receipts: receipts.clone(),
            clock: clock.clone(),
            renew_at: identity.renew_at(),
            renewed,
            drain: current.clone(),
            drain_limit: pace.drain,
        };
        links.spawn(live.serve());
        tokio::select! {
            () = shutdown.cancelled() => break,
            renewed = renewal => if let Ok(fresh) = renewed {
                if let Err(error) = fresh.store(&settings.state_dir) {
                    tracing::error!(%error, "the renewed certificate is only in memory; a restart will need a join token");
                }
                identity = fresh;
                continue;
            },
        }
        let closed = connection.closed().await;
        if establish::is_final(&closed) {
            return Err(RunError::Link(LinkError::Closed(closed)));
        }
        if begun.elapsed() >= pace.longest_retry {
            backoff.reset();
        }
        let delay = backoff.next();
        tracing::warn!(%closed, retry_in_ms = delay.as_millis(), "link lost");
        if pause(delay, &shutdown).await {
            break;
        }
    }
    current.cancel();
    while links.join_next().await.is_some() {}
    upstreams.close().await;
    Ok(())
}

/// True when it is time to stop instead.
async fn pause(delay: std::time::Duration, shutdown: &CancellationToken) -> bool {
    tokio::select! {
        () = tokio::time::sleep(delay) => false,
        () = shutdown.cancelled() => true,
    }
}
