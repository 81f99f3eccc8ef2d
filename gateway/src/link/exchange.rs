//! One request through an agent to its upstream. Takes only what was authorised and recorded.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hoop_model::{Fault, Retry, SessionId, Side};
use hoop_recording::Failpoint;
use hoop_tunnel::Stream;
use hoop_wire::{headers, open::UpstreamOpen};
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::Full;
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;

use super::{
    Agent, Links,
    answered::{self, Answered},
};
use crate::{
    fault,
    pipeline::{Authorized, Exchange},
    session::Session,
};

/// How long an exchange waits for one of the agent's streams to become free.
const ROOM: Duration = Duration::from_secs(10);

/// Bytes of an answer that are read at a time, and so the longest head. hyper would go up to 400 KiB, which costs memory and
/// is no faster.
const READ: usize = 64 * 1024;

/// An answer's body, as it comes from the agent: unmasked, so nothing but a decoder may read it.
pub type UpstreamBody = Incoming;

/// The stdin and stdout of a child that the agent runs for one session.
pub struct UpstreamStdio(pub(crate) Stream);

impl Links {
    /// Sends one HTTP request to the connection's upstream and waits for the answer's head. The exchange comes back
    /// with it: it stays open until its answer was delivered.
    ///
    /// Dropping the future, or the body later, resets the stream; the agent then drops the upstream request.
    pub async fn send(
        &self,
        authorized: Authorized<Request<Bytes>>,
    ) -> Result<(Arc<Exchange>, Response<UpstreamBody>), Fault> {
        let session = authorized.exchange().session.id;
        self.send_as(session, authorized).await
    }

    /// The same within one of several upstream sessions that a session of ours has.
    pub async fn send_as(
        &self,
        upstream_session: SessionId,
        authorized: Authorized<Request<Bytes>>,
    ) -> Result<(Arc<Exchange>, Response<UpstreamBody>), Fault> {
        let (request, exchange) = authorized.into_parts();
        let session = &exchange.session;
        let open = UpstreamOpen::Http {
            connection: session.connection.name.clone(),
            session: upstream_session,
            exchange: exchange.id,
        };
        exchange.reached(Failpoint::Sending);
        let answer = self.request(session, open, request).await?;
        exchange.reached(Failpoint::AnswerBegun);
        Ok((exchange, answer))
    }

    /// Gets one absolute URL that the exchange's answer named (a result chunk).
    pub async fn fetch(
        &self,
        authorized: Authorized<(String, http::HeaderMap)>,
    ) -> Result<(Arc<Exchange>, Response<UpstreamBody>), Fault> {
        let ((url, extra), exchange) = authorized.into_parts();
        let session = &exchange.session;
        let open = UpstreamOpen::Fetch {
            connection: session.connection.name.clone(),
            session: session.id,
            exchange: exchange.id,
        };
        let mut request = Request::new(Bytes::new());
        *request.headers_mut() = extra;
        let url = HeaderValue::from_str(&url).map_err(|_| {
            Fault::new(
                Side::Upstream,
                "bad_chunk_url",
                Retry::Useless,
                "the upstream named a result chunk by a URL that is none",
            )
        })?;
        request.headers_mut().insert(headers::FETCH_URL, url);
        let answer = self.request(session, open, request).await?;
        Ok((exchange, answer))
    }

    /// Opens the session's child process, for a first message that may go to it.
    pub async fn stdio<T>(&self, first: &Authorized<T>) -> Result<UpstreamStdio, Fault> {
        let session = &first.exchange().session;
        let agent = self.agent(&session.connection.agent)?;
        let open = UpstreamOpen::Stdio { connection: session.connection.name.clone(), session: session.id };
        let mut stream = free_stream(ROOM, &agent).await?;
        stream.write_frame(&open).await.map_err(|error| super::agent_down(&agent.name).detail(error))?;
        match stream.read_frame().await.map_err(|error| lost(&agent, error))? {
            hoop_wire::open::UpstreamAnswer::Ready => Ok(UpstreamStdio(stream)),
            hoop_wire::open::UpstreamAnswer::Refused(fault) => Err(fault),
        }
    }

    async fn request(
        &self,
        session: &Session,
        open: UpstreamOpen,
        mut request: Request<Bytes>,
    ) -> Result<Response<UpstreamBody>, Fault> {
        let agent = self.agent(&session.connection.agent)?;
        let mut stream = free_stream(ROOM, &agent).await?;
        stream.begin_with(&open).map_err(fault::internal)?;
        stream.end_late();
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(READ)
            .handshake(TokioIo::new(Answered::new(stream)))
            .await
            .map_err(|error| lost(&agent, error))?;
        tokio::spawn(connection);
        origin_form(&mut request);
        let answer = sender
            .send_request(request.map(Full::new))
            .await
            .map_err(|error| answered::refusal(&error).unwrap_or_else(|| lost(&agent, error)))?;
        match answer.headers().get(headers::FAULT) {
            None => Ok(answer),
            Some(fault) => Err(serde_json::from_slice(fault.as_bytes()).unwrap_or_else(|error| lost(&agent, error))),
        }
    }
}

/// HTTP/1.1 wants a host; the agent puts the upstream's own in its place. A stream carries one exchange: its answer then
/// brings the stream's end along.
fn origin_form(request: &mut Request<Bytes>) {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    *request.uri_mut() = path.parse().unwrap_or(Uri::from_static("/"));
    request.headers_mut().insert(http::header::HOST, HeaderValue::from_static("upstream"));
    request.headers_mut().insert(http::header::CONNECTION, HeaderValue::from_static("close"));
}

async fn free_stream(limit: Duration, agent: &Agent) -> Result<Stream, Fault> {
    let opened = tokio::time::timeout(limit, agent.tunnel.open()).await.map_err(|_| busy(&agent.name))?;
    opened.map_err(|error| super::agent_down(&agent.name).detail(error))
}

fn busy(agent: &str) -> Fault {
    Fault::new(
        Side::Agent,
        "agent_busy",
        Retry::Safe,
        format!(
            "the agent \"{agent}\" has as many exchanges under way as it takes (1024), so nothing was run. Try again \
             shortly; if it lasts, ask the gateway's admin to spread the connections over more agents."
        ),
    )
}

fn lost(agent: &Agent, error: impl std::fmt::Display) -> Fault {
    Fault::new(
        Side::Agent,
        "agent_lost",
        Retry::Unsafe,
        format!(
            "the agent \"{}\" was lost before the answer came; the command may have run. The trail holds the \
             request; look at the upstream before you send it again.",
            agent.name
        ),
    )
    .detail(error)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::site::Site;

    #[tokio::test(flavor = "multi_thread")]
    async fn an_agent_without_a_free_stream_is_busy() {
        let site = Site::start().await;
        let id = site.enrolled("dc1").await;
        let (_tunnel, _control) = site.linked(id).await;
        site.running.agent_connected("dc1").await;
        let agent = site.gateway().links.agent("dc1").unwrap();
        let mut streams = Vec::new();
        for _ in 0..1024 {
            streams.push(agent.tunnel.open().await.unwrap());
        }
        let Err(fault) = free_stream(Duration::from_millis(10), &agent).await else { unreachable!("opened") };
        assert_eq!((fault.code.as_ref(), fault.retry), ("agent_busy", Retry::Safe));
    }
}
