//! A session's stream: opened by `hoopctl connect`, open as long as the session.

use std::{net::IpAddr, sync::Arc, time::Duration};

use hoop_model::{Fault, Retry, Side};
use hoop_store::Login;
use hoop_tunnel::{SendHalf, Stream, StreamError};
use hoop_wire::{
    link::Upstream,
    open::{SessionAnswer, SessionNotice, SessionOpened, SessionRequest},
};
use tokio::{
    io::AsyncReadExt,
    sync::{mpsc, watch},
};

use super::client::Caller;
use crate::{
    Gateway,
    pipeline::{self, admit},
    session::{Opening, Session},
    trail,
};

/// Notices that may wait for a terminal to read them.
const NOTICES: usize = 32;
/// How long a client may take to hear that its session was ended.
const GOODBYE: Duration = Duration::from_secs(1);

pub(super) async fn serve(
    gateway: &Arc<Gateway>,
    caller: &Caller,
    request: SessionRequest,
    mut stream: Stream,
) -> Result<(), StreamError> {
    let (notices, inbox) = mpsc::channel(NOTICES);
    let (session, opened) = match open(gateway, caller, request, notices).await {
        Ok(opened) => opened,
        Err(fault) => return super::answer(stream, &SessionAnswer::Refused(fault)).await,
    };
    let lived = async {
        stream.write_frame(&SessionAnswer::Opened(opened)).await?;
        live(&session, stream, inbox).await
    }
    .await;
    over(gateway, &session).await;
    lived
}

/// A session for whom a login names: admitted, and its start recorded.
pub(super) async fn begin(
    gateway: &Gateway,
    login: &watch::Sender<Login>,
    client_ip: IpAddr,
    request: SessionRequest,
    notices: mpsc::Sender<SessionNotice>,
) -> Result<(Arc<Session>, Upstream), Fault> {
    let now = login.borrow().clone();
    let kept_up = gateway.siem.admits(gateway).and_then(|()| gateway.archive.admits());
    let kept_up = kept_up.and_then(|()| gateway.witnesses.admits());
    let admitted = kept_up.and_then(|()| admit(gateway, &now.principal, &request, client_ip));
    let (connection, upstream) = match admitted {
        Ok(admitted) => admitted,
        Err(fault) => {
            trail::not_admitted(gateway, &now, client_ip, &request, &fault).await?;
            return Err(fault);
        }
    };
    let session = Session::new(Opening {
        login: login.subscribe(),
        connection,
        client_ip,
        listener: request.listener,
        reason: request.reason,
        secret_digest: request.secret_digest,
        notices,
    });
    trail::session_started(gateway, &session).await?;
    Ok((gateway.sessions.add(session), upstream))
}

/// The end of what [`begin`] gave, recorded.
pub(super) async fn over(gateway: &Arc<Gateway>, session: &Arc<Session>) {
    gateway.sessions.remove(session.id);
    pipeline::ended(gateway, session).await;
    if let Err(fault) = trail::session_ended(gateway, session).await {
        tracing::error!(session = %session.id, %fault, "a session's end could not be recorded");
    }
}

async fn open(
    gateway: &Arc<Gateway>,
    caller: &Caller,
    mut request: SessionRequest,
    notices: mpsc::Sender<SessionNotice>,
) -> Result<(Arc<Session>, SessionOpened), Fault> {
    request.reason = request.reason.map(|reason| trail::masked(gateway, &reason));
    if request.listener.is_some_and(|listener| !listener.ip().is_loopback()) {
        return Err(Fault::new(
            Side::Client,
            "listener_not_loopback",
            Retry::Useless,
            "the local listener must be on a loopback address, such as 127.0.0.1:0",
        ));
    }
    let login = caller.login();
    let (session, upstream) = begin(gateway, &caller.login, caller.ip, request, notices).await?;
    let connection = session.connection.clone();
    let access = gateway.policies.describe(&login.principal, &connection.name, connection.kind);
    let opened = SessionOpened {
        session: session.id,
        connection: connection.name,
        kind: connection.kind,
        upstream: upstream.host,
        masked: vec![
            "card numbers: first 6 and last 4 digits stay; track data and card verification codes go".to_owned(),
        ],
        shown: crate::api::shown(&access, gateway.clock.now()),
        held: access.held,
        ends_at: login.ends_at,
    };
    Ok((session, opened))
}

/// Passes notices on until the client closes its side, or the session is ended from here.
async fn live(session: &Session, stream: Stream, mut inbox: mpsc::Receiver<SessionNotice>) -> Result<(), StreamError> {
    let (mut outgoing, mut incoming) = stream.split();
    let mut byte = [0; 1];
    loop {
        tokio::select! {
            notice = inbox.recv() => match notice {
                Some(notice) => say(&mut outgoing, &notice).await?,
                None => return Ok(()),
            },
            // The client sends nothing here: a byte, an end or an error all mean it is done.
            _ = incoming.read(&mut byte) => return Ok(()),
            () = session.ended.cancelled() => {
                let told = async {
                    while let Ok(notice) = inbox.try_recv() {
                        say(&mut outgoing, &notice).await?;
                    }
                    outgoing.finish().await?;
                    Ok(())
                };
                // The end is recorded whether the client listens or not.
                return tokio::time::timeout(GOODBYE, told).await.unwrap_or(Ok(()));
            }
        }
    }
}

/// A notice that does not fit a frame is left out: what it is about goes on.
async fn say(outgoing: &mut SendHalf, notice: &SessionNotice) -> Result<(), StreamError> {
    match outgoing.write_frame(notice).await {
        Err(StreamError::Frame(error)) => {
            tracing::warn!(%error, "a notice was left out");
            Ok(())
        }
        written => written,
    }
}
