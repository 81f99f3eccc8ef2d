//! A Snowflake account. The agent logs in, once per session of the gateway's; its tokens go nowhere else.

mod inspect;
mod login;
mod proof;
mod replay;
mod session;

use std::{sync::Arc, time::Duration};

use ::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use hoop_model::{Clock, Fault, Retry, SessionId, Side};
use hoop_wire::headers::{SNOWFLAKE_LOGIN, SnowflakeLogin};
use reqwest::{Body, Client};
use url::Url;

use self::{
    inspect::Answer,
    login::Login,
    replay::RequestBody,
    session::{Pool, Session, Tokens},
};
use super::{Incoming, address::Reach, client, fetch::Fetcher, forward};
use crate::SnowflakeTarget;

/// Ours: log in (again, if the session upstream has ended) and tell the gateway what the login said.
const OPEN: &str = "/hoop/session/open";
/// Ours: log out.
const CLOSE: &str = "/hoop/session/close";
/// What a session may be asked for. Everything that answers with tokens is the agent's own business.
const FORWARDED: [&str; 3] = ["/queries/", "/monitoring/queries/", "/session/heartbeat"];
/// What begins a statement; everything else asks after one that may have run.
const BEGIN: &str = "/queries/v1/query-request";
/// All log-outs together, when the agent stops.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// The session token can be renewed with the master token.
const EXPIRED: &str = "390112";
/// The session is gone: unknown, ended, or its master token expired.
const GONE: [&str; 4] = ["390104", "390110", "390111", "390114"];

pub(super) struct SnowflakeUpstream {
    client: Client,
    base: Url,
    login: Login,
    pool: Pool,
    fetcher: Fetcher,
}

impl SnowflakeUpstream {
    pub(super) fn build(target: &SnowflakeTarget, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let client = client::build(&target.url, target.authority.as_deref(), Reach::Configured)?;
        Ok(Self {
            base: target.url.clone(),
            login: Login::build(target.clone(), clock)?,
            pool: Pool::default(),
            fetcher: Fetcher::build(target, client.clone())?,
            client,
        })
    }

    pub(super) async fn fetch(&self, request: Request<Incoming>) -> Result<Response<Body>, Fault> {
        self.fetcher.fetch(request).await
    }

    pub(super) async fn exchange(&self, id: SessionId, request: Request<Incoming>) -> Result<Response<Body>, Fault> {
        let wish = wish(request.headers())?;
        match request.uri().path() {
            OPEN => {
                let session = self.pool.session(id);
                let opened = session.open(self, &wish.unwrap_or_default()).await?;
                let mut answer = Response::new(Body::from(opened.to_string()));
                let json = HeaderValue::from_static("application/json");
                answer.headers_mut().insert(header::CONTENT_TYPE, json);
                Ok(answer)
            }
            CLOSE => {
                if let Some(session) = self.pool.remove(id) {
                    session.close(self).await;
                }
                let mut answer = Response::new(Body::default());
                *answer.status_mut() = StatusCode::NO_CONTENT;
                Ok(answer)
            }
            _ => self.forward(&self.pool.session(id), wish, request).await,
        }
    }

    /// Logs every session out, as far as there is time.
    pub(super) async fn close_all(&self) {
        let close = self.pool.drain().into_iter().map(|session| async move { session.close(self).await });
        let all = futures_util::future::join_all(close);
        if tokio::time::timeout(CLOSE_LIMIT, all).await.is_err() {
            tracing::warn!("not every Snowflake session could be logged out");
        }
    }

    async fn forward(
        &self,
        session: &Session,
        wish: Option<SnowflakeLogin>,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Fault> {
        let (head, body) = request.into_parts();
        let url = self.target(head.uri.path(), head.uri.query())?;
        let headers = forward::request_headers(head.headers);
        let begins = head.method == Method::POST && url.path() == BEGIN;
        self.send_on(session, wish, head.method, url, headers, body).await.map_err(|fault| {
            // What a session that is gone cuts off had begun before it; a poll can't know how it ended.
            if fault.code == session::ENDED && !begins { session::gone_meanwhile() } else { fault }
        })
    }

    async fn send_on(
        &self,
        session: &Session,
        wish: Option<SnowflakeLogin>,
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Incoming,
    ) -> Result<Response<Body>, Fault> {
        let mut tokens = session.tokens(self, wish.as_ref()).await?;
        let mut body = RequestBody::gather(body).await?;
        loop {
            let (now, again) = body.take();
            let mut headers = headers.clone();
            headers.insert(header::AUTHORIZATION, tokens.session_header()?);
            let response = forward::send(&self.client, method.clone(), url.clone(), headers, now).await?;
            let Answer { code, response } = inspect::answer(response).await?;
            match (code.as_deref(), again) {
                (Some(EXPIRED), Some(again)) if !tokens.renewed => {
                    tokens = session.renew(self, &tokens).await?;
                    body = again;
                }
                (Some(EXPIRED), None) => {
                    session.renew(self, &tokens).await?;
                    return Err(too_large_to_repeat());
                }
                (Some(code), _) if code == EXPIRED || GONE.contains(&code) => {
                    session.end(&tokens).await;
                    return Err(session::gone());
                }
                _ => return Ok(response),
            }
        }
    }

    /// Where a request goes, if it may go at all. Doubled slashes are one (a driver sends them).
    fn target(&self, path: &str, query: Option<&str>) -> Result<Url, Fault> {
        let mut plain = String::with_capacity(path.len());
        for piece in path.split('/').filter(|piece| !piece.is_empty()) {
            plain.push('/');
            plain.push_str(piece);
        }
        let dotted = path.split('/').any(|piece| {
            matches!(piece.to_ascii_lowercase().as_str(), "." | ".." | "%2e" | "%2e%2e" | ".%2e" | "%2e.")
        });
        if dotted || !FORWARDED.iter().any(|allowed| plain.starts_with(allowed)) {
            let text = "The agent does not pass this kind of request on to Snowflake.";
            return Err(Fault::new(Side::Agent, "path_refused", Retry::Useless, text).detail(plain));
        }
        let mut url = self.base.clone();
        url.set_path(&plain);
        url.set_query(query);
        Ok(url)
    }

    /// One of the agent's own requests; its answer never leaves the agent as it is.
    async fn ask(
        &self,
        path: &str,
        query: &[(&str, &str)],
        authorization: Option<HeaderValue>,
        body: serde_json::Value,
    ) -> Result<serde_json::Value, Fault> {
        let mut url = self.base.clone();
        url.set_path(path);
        url.query_pairs_mut().clear().extend_pairs(query);
        let mut headers = HeaderMap::new();
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::ACCEPT, json.clone());
        headers.insert(header::CONTENT_TYPE, json);
        headers.insert(header::USER_AGENT, HeaderValue::from_static(concat!("hoop-agent/", env!("CARGO_PKG_VERSION"))));
        if let Some(authorization) = authorization {
            headers.insert(header::AUTHORIZATION, authorization);
        }
        let response =
            forward::send(&self.client, Method::POST, url, headers, Some(Body::from(body.to_string()))).await?;
        inspect::whole(response).await
    }
}

impl Tokens {
    fn session_header(&self) -> Result<HeaderValue, Fault> {
        session::authorization(&self.session)
    }
}

fn wish(headers: &HeaderMap) -> Result<Option<SnowflakeLogin>, Fault> {
    let Some(value) = headers.get(SNOWFLAKE_LOGIN) else { return Ok(None) };
    serde_json::from_slice(value.as_bytes()).map(Some).map_err(|error| {
        let text = "The agent does not understand the gateway's login request; they are of different releases.";
        Fault::new(Side::Agent, "login_unreadable", Retry::Useless, text).detail(error)
    })
}

fn too_large_to_repeat() -> Fault {
    let text = "The Snowflake session had expired and was renewed; the statement was too large to be sent again by \
                itself. It did not run: send it again.";
    Fault::new(Side::Agent, "session_renewed", Retry::Safe, text)
}
