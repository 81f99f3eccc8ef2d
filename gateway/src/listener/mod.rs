//! The gateway's door: one QUIC listener, four kinds of caller told apart by ALPN; and beside it, where it is
//! configured, one for MCP clients over HTTPS ([`remote`]).

mod client;
mod enrol;
mod exchange;
mod login;
mod refusal;
pub(crate) mod remote;
mod session;

use std::{sync::Arc, time::Duration};

use hoop_tunnel::{CloseCode, Connection, Listener, StreamError};
use hoop_wire::alpn;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{Gateway, authority::Holder, link};

/// Life of an agent certificate; agents renew at two thirds of it (`audit-and-recording.md` §8).
pub(crate) const AGENT_CERTIFICATE_LIFE: Duration = Duration::from_secs(24 * 3600);
/// How long a login or an enrolment may take once its connection stands.
const DOORSTEP: Duration = Duration::from_secs(15);
/// How long the exchanges under way may take to end once the gateway stops.
const DRAIN: Duration = Duration::from_secs(10);
/// How long sessions, tunnels and the trail may take to end after that; none of them waits for anybody outside.
const GOODBYE: Duration = Duration::from_secs(2);
const STOPPING: &str = "the gateway is stopping";

/// What is under way, for the gateway's end.
#[derive(Default)]
pub(crate) struct Traffic {
    /// Cancelled when the gateway is to stop: nothing new begins.
    pub stopping: CancellationToken,
    /// Streams that are left to finish.
    finishing: TaskTracker,
    /// Streams of sessions, which end when they are told to.
    sessions: TaskTracker,
}

/// Accepts until the gateway is to stop, then ends in order: no new work, the exchanges under way, the sessions, the
/// tunnels. When it returns, the trail has the end of each, as far as there was time.
pub(crate) async fn serve(gateway: Arc<Gateway>, listener: Arc<Listener>) {
    let Traffic { stopping, finishing, sessions } = &gateway.traffic;
    let tasks = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopping.cancelled() => break,
        };
        let Some(connection) = accepted else { break };
        tasks.spawn(greet(gateway.clone(), connection));
    }
    within(DRAIN, finishing).await;
    // Not before: a session's end cuts its exchanges, and hoopctl leaves with it.
    gateway.sessions.end_all(STOPPING);
    within(GOODBYE, sessions).await;
    listener.close(CloseCode::Draining, STOPPING).await;
    within(GOODBYE, &tasks).await;
    let _ = tokio::time::timeout(GOODBYE, gateway.recorder.settled()).await;
}

async fn within(limit: Duration, tasks: &TaskTracker) {
    tasks.close();
    if tokio::time::timeout(limit, tasks.wait()).await.is_err() {
        tracing::warn!(left = tasks.len(), "the time to finish is over");
    }
}

async fn greet(gateway: Arc<Gateway>, connection: Connection) {
    let role = connection.alpn();
    match role {
        alpn::LOGIN => doorstep(&connection, login::serve(&gateway, &connection)).await,
        alpn::ENROL => doorstep(&connection, enrol::serve(&gateway, &connection)).await,
        alpn::CLIENT => match holder(&connection) {
            Some(Holder::Login(id)) => client::serve(gateway, connection, id).await,
            _ => connection.close(CloseCode::Unauthenticated, "the certificate is no session certificate"),
        },
        alpn::AGENT => match holder(&connection) {
            Some(Holder::Agent(id)) => link::serve(gateway, id, connection).await,
            _ => connection.close(CloseCode::Unauthenticated, "the certificate is no agent certificate"),
        },
        _ => connection.close(CloseCode::Protocol, "unknown role"),
    }
}

async fn doorstep(connection: &Connection, conversation: impl Future<Output = ()>) {
    if tokio::time::timeout(DOORSTEP, conversation).await.is_err() {
        connection.close(CloseCode::Protocol, "too slow");
    }
}

/// The last frame of a stream: sent, and waited for until the peer has it. A stream that is dropped before is reset.
async fn answer<T: serde::Serialize>(mut stream: hoop_tunnel::Stream, message: &T) -> Result<(), StreamError> {
    stream.write_frame(message).await?;
    stream.finish().await?;
    Ok(())
}

fn holder(connection: &Connection) -> Option<Holder> {
    let certificates = connection.peer_certificates()?;
    Holder::of(certificates.first()?)
}
