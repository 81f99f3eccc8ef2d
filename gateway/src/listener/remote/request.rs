//! A request, from its host to the pipeline: each step may be its end.

use std::{net::IpAddr, sync::Arc};

use axum::body::Body;
use hoop_model::{ConnectionName, Fault, Retry, Secret, Side};
use hoop_store::Login;
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use tokio::time::Instant;

use super::{
    super::refusal,
    Remote,
    address::Place,
    challenge::Challenge,
    cut::Cut,
    metadata, origin, plain,
    token::{Unshown, shown, verified},
};
use crate::{Gateway, fault, pipeline, trail};

pub(super) async fn answer(
    gateway: Arc<Gateway>,
    remote: Arc<Remote>,
    ip: IpAddr,
    request: Request<Incoming>,
) -> Response<Body> {
    if !remote.address.is_meant(&request) {
        return plain(StatusCode::MISDIRECTED_REQUEST, "this is not the host that was asked for");
    }
    let page = match origin::page(&remote.settings.origins, request.headers()) {
        Ok(page) => page,
        Err(origin::Foreign) => return plain(StatusCode::FORBIDDEN, "this page may not call the gateway"),
    };
    let mut response = match page.is_some() && origin::asks_first(&request) {
        true => origin::may_ask(request.headers()),
        false => placed(gateway, &remote, ip, request).await,
    };
    if let Some(page) = page {
        origin::shown(page, &mut response);
    }
    response
}

async fn placed(gateway: Arc<Gateway>, remote: &Remote, ip: IpAddr, request: Request<Incoming>) -> Response<Body> {
    match Place::of(request.uri().path()) {
        Some(Place::Metadata(connection)) if request.method() == Method::GET => {
            let (address, scope) = (&remote.address, remote.settings.scope.as_deref());
            metadata::answer(address, &connection, &remote.issuer, scope)
                .unwrap_or_else(|error| refusal::plain(&fault::internal(error)))
        }
        Some(Place::Metadata(_)) => plain(StatusCode::METHOD_NOT_ALLOWED, "metadata is read with GET"),
        Some(Place::Mcp(connection)) => {
            let asked = Asked { gateway, remote, connection, ip };
            asked.answered(request).await.unwrap_or_else(|refused| asked.refused(refused))
        }
        None => nowhere(),
    }
}

/// A request to a connection's endpoint.
struct Asked<'a> {
    gateway: Arc<Gateway>,
    remote: &'a Remote,
    connection: ConnectionName,
    ip: IpAddr,
}

/// Why it gets no answer from upstream.
enum Refused {
    Token(Challenge, String),
    Fault(Fault),
}

impl From<Unshown> for Refused {
    fn from(unshown: Unshown) -> Self {
        Self::Token(unshown.challenge(), unshown.to_string())
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Asked<'_> {
    async fn answered(&self, request: Request<Incoming>) -> Result<Response<Body>, Refused> {
        let Self { gateway, remote, connection, ip } = self;
        // Before it is asked whether the gateway stops: what is let in is waited for.
        let traffic = gateway.traffic.finishing.token();
        may_begin(gateway)?;
        let token = shown(&request)?;
        let (login, client) = match self.identified(&token).await {
            Ok(identified) => identified,
            Err(fault) => return Err(self.not_taken(fault).await),
        };
        let under_way = remote.sessions.enter(gateway, login, client, connection, *ip).await?;

        let session = under_way.session().clone();
        let (ended, stopping) = (session.ended.clone(), gateway.traffic.stopping.clone());
        // A client that listens would listen for ever.
        let listens = request.method() == Method::GET;
        let ended = async move {
            tokio::select! {
                () = ended.cancelled() => {}
                () = stopping.cancelled(), if listens => {}
            }
        };
        let response = tokio::select! {
            response = pipeline::mcp::identified(gateway.clone(), session.clone(), request) => response,
            () = session.ended.cancelled() => return Err(cut().into()),
        };
        let under_way = (under_way, traffic);
        Ok(response.map(|body| Body::new(Cut::new(body, ended, under_way))))
    }

    /// The login behind a token, and the client it was made for.
    async fn identified(&self, token: &Secret<String>) -> Result<(Login, Option<String>), Fault> {
        let Self { gateway, remote, connection, ip } = self;
        let resource = remote.address.resource(connection);
        let access = verified(gateway, token, &resource).await.map_err(fault::identity)?;
        if remote.settings.scope.as_ref().is_some_and(|scope| !access.scopes.contains(scope)) {
            return Err(scope_lacking());
        }
        let client = access.client.clone();
        Ok((remote.logins.of(gateway, token, access, connection, *ip).await?, client))
    }

    /// A token that is not taken, recorded: somebody tries, or a client has to be set up anew.
    async fn not_taken(&self, fault: Fault) -> Refused {
        tracing::info!(code = %fault.code, detail = fault.detail, "an access token was refused");
        if fault.side != Side::Client {
            return fault.into();
        }
        match trail::access_token(&self.gateway, self.ip, &self.connection, Err(&fault)).await {
            Ok(()) if fault.code == "scope_lacking" => Refused::Token(Challenge::InsufficientScope, fault.text),
            Ok(()) => Refused::Token(Challenge::Invalid, fault.text),
            Err(unrecorded) => unrecorded.into(),
        }
    }

    fn refused(&self, why: Refused) -> Response<Body> {
        let challenged = |challenge: Challenge, text: &str| {
            let scope = self.remote.settings.scope.as_deref();
            challenge.response(&self.remote.address, &self.connection, scope, text)
        };
        match why {
            Refused::Token(challenge, text) => challenged(challenge, &text),
            Refused::Fault(fault) if fault.code == "unknown_connection" => nowhere(),
            Refused::Fault(fault) => refusal::plain(&fault),
        }
    }
}

/// New work needs the store, which says who was revoked, and a gateway that stays.
fn may_begin(gateway: &Gateway) -> Result<(), Fault> {
    if !gateway.revocations.are_known(Instant::now()) {
        return Err(fault::store("no answer for too long: a revocation may have been missed"));
    }
    match gateway.traffic.stopping.is_cancelled() {
        true => Err(fault::stopping()),
        false => Ok(()),
    }
}

/// The same where there is nothing and where there is nothing for who asks.
fn nowhere() -> Response<Body> {
    plain(StatusCode::NOT_FOUND, "there is nothing here for you")
}

fn scope_lacking() -> Fault {
    let text = "the access token lacks the scope that this endpoint asks for";
    Fault::new(Side::Client, "scope_lacking", Retry::Useless, text)
}

fn cut() -> Fault {
    let text = "the session ended while the request was under way; it may have run";
    Fault::new(Side::Client, "session_cut", Retry::Unsafe, text)
}
