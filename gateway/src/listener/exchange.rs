//! An exchange's stream: hands it to the protocol of its session.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use hoop_model::ConnectionKind;
use hoop_tunnel::Stream;
use http::Method;
use hyper::service::service_fn;

use super::{client, refusal};
use crate::{Gateway, fault, pipeline, session::Session};

pub(super) async fn serve_http(gateway: &Arc<Gateway>, session: Arc<Session>, stream: Stream) {
    let ended = session.ended.clone();
    let listens = Arc::new(AtomicBool::new(false));
    let service = {
        let (gateway, listens) = (gateway.clone(), listens.clone());
        service_fn(move |request: http::Request<_>| {
            if session.connection.kind == ConnectionKind::Mcp && request.method() == Method::GET {
                listens.store(true, Ordering::Relaxed);
            }
            let (gateway, session) = (gateway.clone(), session.clone());
            async move { Ok::<_, Infallible>(answer(gateway, session, request).await) }
        })
    };
    let stopping = async {
        gateway.traffic.stopping.cancelled().await;
        if !listens.load(Ordering::Relaxed) {
            std::future::pending().await
        }
    };
    tokio::select! {
        () = client::serve_http(stream, service) => {}
        () = ended.cancelled() => {}
        // An MCP client that listens would listen for ever.
        () = stopping => {}
    }
}

async fn answer(
    gateway: Arc<Gateway>,
    session: Arc<Session>,
    request: http::Request<hyper::body::Incoming>,
) -> http::Response<axum::body::Body> {
    // A Snowflake driver gets the result of what is under way: by GET.
    let asks_on = session.connection.kind == ConnectionKind::Snowflake && request.method() == Method::GET;
    if gateway.traffic.stopping.is_cancelled() && !asks_on {
        return refusal::plain(&fault::stopping());
    }
    match session.connection.kind {
        ConnectionKind::Mcp => pipeline::mcp::http(gateway, session, request).await,
        ConnectionKind::Snowflake => pipeline::snowflake::http(gateway, session, request).await,
    }
}

pub(super) async fn serve_stdio(gateway: &Arc<Gateway>, session: Arc<Session>, stream: Stream) {
    if session.connection.kind == ConnectionKind::Mcp {
        pipeline::mcp::stdio(gateway.clone(), session, stream).await;
    }
}
