//! An exchange's stream: hands it to the protocol of its session.

use std::{convert::Infallible, sync::Arc};

use hoop_model::{ConnectionKind, SessionId};
use hoop_store::Login;
use hoop_tunnel::Stream;
use hyper::service::service_fn;

use super::client;
use crate::{Gateway, pipeline, session::Session};

pub(super) async fn serve_http(gateway: &Arc<Gateway>, login: &Login, id: SessionId, stream: Stream) {
    let Some(session) = gateway.sessions.of(id, login.id) else { return };
    let gateway = gateway.clone();
    let ended = session.ended.clone();
    let service = service_fn(move |request| {
        let (gateway, session) = (gateway.clone(), session.clone());
        async move { Ok::<_, Infallible>(answer(gateway, session, request).await) }
    });
    tokio::select! {
        () = client::serve_http(stream, service) => {}
        () = ended.cancelled() => {}
    }
}

async fn answer(
    gateway: Arc<Gateway>,
    session: Arc<Session>,
    request: http::Request<hyper::body::Incoming>,
) -> http::Response<axum::body::Body> {
    match session.connection.kind {
        ConnectionKind::Mcp => pipeline::mcp::http(gateway, session, request).await,
        ConnectionKind::Snowflake => pipeline::snowflake::http(gateway, session, request).await,
    }
}

pub(super) async fn serve_stdio(gateway: &Arc<Gateway>, login: &Login, id: SessionId, stream: Stream) {
    let Some(session) = gateway.sessions.of(id, login.id) else { return };
    if session.connection.kind == ConnectionKind::Mcp {
        pipeline::mcp::stdio(gateway.clone(), session, stream).await;
    }
}
