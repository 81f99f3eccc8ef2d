//! A logged-in caller's tunnel: every stream says first what it is for.

use std::{net::IpAddr, sync::Arc, time::Duration};

use hoop_model::{Fault, LoginId, Retry, Side};
use hoop_store::Login;
use hoop_tunnel::{CloseCode, Connection, Stream};
use hoop_wire::{login::LoginAnswer, open::ClientOpen};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{sync::watch, time::Instant};

use super::{exchange, login, refusal, session};
use crate::{Gateway, api, authority::Holder, expiry, fault, revocations::Watched};

/// How long a new stream may take to say what it is for.
const OPENING: Duration = Duration::from_secs(10);

/// One caller as the streams of its tunnel see it.
pub(super) struct Caller {
    pub login: watch::Sender<Login>,
    pub revocation: Watched,
    pub ip: IpAddr,
}

impl Caller {
    pub(super) fn login(&self) -> Login {
        self.login.borrow().clone()
    }
}

/// Serves the tunnel until the login behind it ends: expired and not renewed, or revoked.
pub(super) async fn serve(gateway: Arc<Gateway>, connection: Connection, id: LoginId) {
    // Before the store is asked: what is revoked after its answer is heard of here.
    let revocation = gateway.revocations.watch(Holder::Login(id));
    let login = match gateway.store.login(id).await.map_err(fault::store) {
        Ok(Some(login)) if login.revoked_at.is_some() => {
            return connection.close(CloseCode::Revoked, "access revoked");
        }
        Ok(Some(login)) => login,
        Ok(None) => return connection.close(CloseCode::Unauthenticated, "unknown login; run `hoopctl login`"),
        Err(error) => return connection.close(CloseCode::Overloaded, &error.text),
    };
    let key = connection.peer_certificates().and_then(|chain| spki_hex(chain.first()?));
    if key.as_deref() != Some(login.key.as_str()) {
        return connection.close(CloseCode::Unauthenticated, "the certificate is not this login's");
    }
    let ip = connection.remote_addr().ip();
    let caller = Arc::new(Caller { login: watch::Sender::new(login), revocation: revocation.clone(), ip });
    tokio::select! {
        () = streams(&gateway, &connection, &caller) => {}
        () = expiry::over(&*gateway.clock, caller.login.subscribe(), |login| login.expires_at) => {
            connection.close(CloseCode::Expired, "the session has expired; run `hoopctl login`");
        }
        () = revocation.revoked() => connection.close(CloseCode::Revoked, "access revoked"),
    }
}

async fn streams(gateway: &Arc<Gateway>, connection: &Connection, caller: &Arc<Caller>) {
    while let Some(stream) = connection.accept().await {
        let (gateway, caller) = (gateway.clone(), caller.clone());
        tokio::spawn(async move {
            if let Err(error) = serve_stream(gateway, caller, stream).await {
                tracing::debug!(%error, "a client's stream ended early");
            }
        });
    }
}

async fn serve_stream(
    gateway: Arc<Gateway>,
    caller: Arc<Caller>,
    mut stream: Stream,
) -> Result<(), hoop_tunnel::StreamError> {
    let opening = tokio::time::timeout(OPENING, stream.read_frame::<ClientOpen>());
    let Ok(open) = opening.await else { return Ok(()) };
    let (open, login) = (open?, caller.login());
    // Before it is asked whether the gateway stops: what is let in is waited for.
    let _under_way = match open {
        ClientOpen::Session(_) => gateway.traffic.sessions.token(),
        _ => gateway.traffic.finishing.token(),
    };
    if let Err(fault) = still_good(&gateway, &caller, &login, &open) {
        tracing::info!(login = %login.id, code = %fault.code, "a stream was refused");
        return refusal::answer(stream, &open, fault).await;
    }
    match open {
        ClientOpen::Api => {
            let service = TowerToHyperService::new(api::router(gateway, login, caller.ip));
            serve_http(stream, service).await;
            Ok(())
        }
        ClientOpen::Session(request) => session::serve(&gateway, &caller, request, stream).await,
        ClientOpen::Exchange { session } => match gateway.sessions.of(session, login.id) {
            Some(session) => {
                exchange::serve_http(&gateway, session, stream).await;
                Ok(())
            }
            None => refusal::answer(stream, &open, session_ended()).await,
        },
        ClientOpen::Stdio { session } => match gateway.sessions.of(session, login.id) {
            Some(session) => {
                exchange::serve_stdio(&gateway, session, stream).await;
                Ok(())
            }
            None => refusal::answer(stream, &open, session_ended()).await,
        },
        ClientOpen::Renew(request) => {
            let answer = login::answer(&gateway, request, Some(&login), caller.ip).await;
            if let LoginAnswer::Granted(grant) = &answer {
                caller.login.send_modify(|login| {
                    login.expires_at = grant.expires_at;
                    login.principal = grant.principal.clone();
                });
            }
            super::answer(stream, &answer).await
        }
    }
}

/// Serves one request and its answer: a further one comes on a stream of its own.
pub(super) async fn serve_http<S>(stream: Stream, service: S)
where
    S: hyper::service::Service<
            http::Request<hyper::body::Incoming>,
            Response = http::Response<axum::body::Body>,
            Error = std::convert::Infallible,
        > + Send
        + 'static,
    S::Future: Send,
{
    let mut http = hyper::server::conn::http1::Builder::new();
    let served = http.keep_alive(false).serve_connection(TokioIo::new(stream), service);
    if let Err(error) = served.await {
        tracing::debug!(%error, "an exchange's HTTP ended early");
    }
}

/// New work needs a login that is known to be good: when revocations cannot be heard of, none is. Of a gateway that
/// stops, a session's exchanges still get what they began ([`exchange::serve_http`]).
fn still_good(gateway: &Gateway, caller: &Caller, login: &Login, open: &ClientOpen) -> Result<(), Fault> {
    if caller.revocation.is_revoked() {
        Err(login_ended("your access was revoked, so nothing was run; run `hoopctl login` if it was given back"))
    } else if gateway.clock.now() >= login.expires_at {
        Err(login_ended("your login has expired, so nothing was run; run `hoopctl login`"))
    } else if !gateway.revocations.are_known(Instant::now()) {
        Err(fault::store("no answer for too long: a revocation may have been missed"))
    } else if gateway.traffic.stopping.is_cancelled() && !matches!(open, ClientOpen::Exchange { .. }) {
        Err(fault::stopping())
    } else {
        Ok(())
    }
}

fn login_ended(text: &'static str) -> Fault {
    Fault::new(Side::Client, "login_ended", Retry::Useless, text)
}

fn session_ended() -> Fault {
    let text = "this session has ended, so nothing was run; run `hoopctl connect` again";
    Fault::new(Side::Client, "session_ended", Retry::Safe, text)
}

fn spki_hex(certificate: &[u8]) -> Option<String> {
    use x509_parser::prelude::{FromDer, X509Certificate};
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    Some(crate::digest::plain_hex(parsed.public_key().raw))
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
