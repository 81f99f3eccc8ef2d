use std::{sync::Arc, time::Duration};

use hoop_model::{Clock, Secret};
use hoop_tunnel::{CloseCode, Closed, Connection, ReceiveHalf, SendHalf, Stream, StreamError};
use hoop_wire::link::{FromAgent, FromGateway};
use tokio::{
    sync::oneshot,
    task::JoinSet,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use crate::{
    enroll,
    receipts::{Receipts, message},
    state::StoredIdentity,
    upstream::Upstreams,
};

/// How often the wall clock is asked whether the certificate is due (a machine that slept wakes with its timers late);
/// also the pause before asking the gateway again.
const RENEWAL_CHECK: Duration = Duration::from_secs(60);

/// What the gateway gets to take the last receipts in, once nothing else is under way.
const LAST_RECEIPTS: Duration = Duration::from_secs(2);

/// One link while it lives.
pub(crate) struct Live {
    pub(crate) connection: Connection,
    pub(crate) control: Stream,
    pub(crate) upstreams: Arc<Upstreams>,
    pub(crate) receipts: Arc<Receipts>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Of the identity it was opened with.
    pub(crate) renew_at: hoop_model::Timestamp,
    /// Told when the gateway has certified a new key; the link goes on until it is drained.
    pub(crate) renewed: oneshot::Sender<StoredIdentity>,
    pub(crate) drain: CancellationToken,
    pub(crate) drain_limit: Duration,
}

impl Live {
    /// Serves the gateway's streams until the tunnel is lost, or drained and done.
    pub(crate) async fn serve(self) -> Closed {
        let Self { connection, control, upstreams, receipts, clock, renew_at, renewed, drain, drain_limit } = self;
        let (mut say, mut hear) = control.split();
        let mut renewal = Renewal { due: renew_at, key: None, tell: Some(renewed), clock };
        let mut streams: JoinSet<()> = JoinSet::new();
        let mut draining: Option<Instant> = None;
        let mut heard_all = false;
        // Of the receipts, those that went over this link, as far as the gateway has not taken them already.
        let mut sent = 0;
        let mut settled_by: Option<Instant> = None;
        let mut check = Instant::now();
        loop {
            let end = draining.unwrap_or_else(Instant::now);
            tokio::select! {
                stream = connection.accept() => match stream {
                    Some(stream) => {
                        let (upstreams, receipts) = (upstreams.clone(), receipts.clone());
                        let refuse = draining.is_some();
                        streams.spawn(async move { upstreams.answer(stream, refuse, &receipts).await });
                    }
                    None => return connection.closed().await,
                },
                Some(_) = streams.join_next() => {}
                heard = hear.next_frame::<FromGateway>(), if !heard_all => match heard {
                    Ok(Some(FromGateway::Receipted { size })) => receipts.taken(size),
                    Ok(Some(message)) => renewal.hear(message),
                    // Once draining the gateway may let go of the control stream.
                    Ok(None) | Err(_) if draining.is_some() => heard_all = true,
                    Ok(None) => return lost(&connection, "the gateway ended the control stream").await,
                    Err(error) => return lost(&connection, &error.to_string()).await,
                },
                facts = receipts.next(sent) => {
                    sent = facts.end();
                    if let Err(error) = say.write_frame(&message(facts)).await {
                        return lost(&connection, &error.to_string()).await;
                    }
                }
                () = sleep_until(check), if renewal.tell.is_some() => {
                    check = Instant::now() + RENEWAL_CHECK;
                    if let Err(error) = renewal.ask(&mut say).await {
                        tracing::warn!(%error, "the certificate could not be renewed; trying again");
                    }
                }
                () = drain.cancelled(), if draining.is_none() => {
                    draining = Some(Instant::now() + drain_limit);
                    tracing::info!(streams = streams.len(), "draining");
                    if let Err(error) = say.write_frame(&FromAgent::Draining).await {
                        return lost(&connection, &error.to_string()).await;
                    }
                }
                () = sleep_until(end), if draining.is_some() => {
                    tracing::warn!(streams = streams.len(), "the time to drain is over; cutting what is left");
                    return goodbye(&connection, streams, say, hear).await;
                }
            }
            if draining.is_some() && streams.is_empty() {
                receipts.hurry();
                let end = *settled_by.get_or_insert_with(|| Instant::now() + LAST_RECEIPTS);
                if heard_all || Instant::now() >= end || receipts.is_settled() {
                    return goodbye(&connection, streams, say, hear).await;
                }
                draining = draining.map(|limit| limit.min(end));
            }
        }
    }
}

async fn goodbye(connection: &Connection, mut streams: JoinSet<()>, mut say: SendHalf, hear: ReceiveHalf) -> Closed {
    streams.shutdown().await;
    // The last answers and our Draining are acknowledged before the tunnel goes.
    let _ = tokio::time::timeout(Duration::from_secs(1), say.finish()).await;
    drop(hear);
    connection.close_and_wait(CloseCode::Draining, "the agent has drained").await;
    Closed::Here
}

async fn lost(connection: &Connection, why: &str) -> Closed {
    if let Some(reason) = connection.close_reason() {
        return reason;
    }
    tracing::warn!(why, "the control stream broke");
    connection.close(CloseCode::Protocol, "control stream broken");
    connection.closed().await
}

struct Renewal {
    due: hoop_model::Timestamp,
    /// Made for the request under way.
    key: Option<Secret<String>>,
    tell: Option<oneshot::Sender<StoredIdentity>>,
    clock: Arc<dyn Clock>,
}

impl Renewal {
    async fn ask(&mut self, say: &mut SendHalf) -> Result<(), StreamError> {
        if self.clock.now() < self.due {
            return Ok(());
        }
        let (key, certificate_request) =
            enroll::request().map_err(|error| StreamError::Lost(std::io::Error::other(error)))?;
        self.key = Some(key);
        say.write_frame(&FromAgent::Renew { certificate_request }).await
    }

    fn hear(&mut self, message: FromGateway) {
        match message {
            FromGateway::Renewed(issued) => {
                let (Some(key), Some(tell)) = (self.key.take(), self.tell.take()) else {
                    tracing::warn!("the gateway sent a certificate that was not asked for; ignored");
                    return;
                };
                tracing::info!(expires = %issued.expires_at, "certificate renewed");
                let _ = tell.send(StoredIdentity::new(issued, key, self.clock.now()));
            }
            FromGateway::Refused(fault) => {
                tracing::warn!(code = %fault.code, text = fault.text, "the gateway refused");
            }
            FromGateway::Welcome { .. } | FromGateway::Receipted { .. } => {}
        }
    }
}
