//! The loopback end of a browser login (RFC 8252 §7.3): one GET with the right state, and a page that says it is over.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use subtle::ConstantTimeEq;
use tokio::{
    net::TcpListener,
    sync::{Notify, mpsc},
    task::JoinHandle,
    time::timeout,
};
use url::form_urlencoded;

use super::error::LoginError;

/// For the person, the provider's pages and a second factor.
const LIMIT: Duration = Duration::from_secs(5 * 60);
/// For the browser to fetch the closing page, once the answer is here.
const FAREWELL: Duration = Duration::from_secs(1);
const CLOSING: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Logged in</title>\
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:15vh auto;padding:0 1rem}</style>\
<h1>You can close this window</h1><p>The terminal that opened it says how the login went.</p></html>";

/// The provider's answer, as the browser brought it.
pub(super) struct Returned {
    pub outcome: Result<String, String>,
    /// `iss` (RFC 9207).
    pub issuer: Option<String>,
}

/// The listening end. It closes when dropped.
pub(super) struct Callback {
    address: SocketAddr,
    listener: TcpListener,
}

impl Callback {
    /// On one of `ports`, in their order; any free port where none is named. 127.0.0.1 first, then `[::1]`.
    pub(super) async fn open(ports: &[u16]) -> Result<Self, LoginError> {
        let ports = if ports.is_empty() { &[0] } else { ports };
        let mut last = None;
        for ip in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
            for port in ports {
                match TcpListener::bind((ip, *port)).await {
                    Ok(listener) => {
                        let address = listener.local_addr().map_err(LoginError::NoPort)?;
                        return Ok(Self { address, listener });
                    }
                    Err(error) => last = Some(error),
                }
            }
        }
        Err(LoginError::NoPort(last.unwrap_or_else(|| std::io::ErrorKind::AddrNotAvailable.into())))
    }

    /// A literal address: the name `localhost` could be somebody else's.
    pub(super) fn redirect_uri(&self) -> String {
        format!("http://{}/callback", self.address)
    }

    /// Waits for the answer to the login with this `state`. Other requests are refused and change nothing.
    pub(super) async fn wait(self, state: &str) -> Result<(Returned, Open), LoginError> {
        let (sender, mut answers) = mpsc::channel(1);
        let page = Arc::new(Page {
            host: self.address.to_string(),
            state: state.to_owned(),
            answer: Mutex::new(Some(sender)),
            closed: Notify::new(),
        });
        let open = Open { serving: tokio::spawn(serve(self.listener, page.clone())), page };
        match timeout(LIMIT, answers.recv()).await {
            Ok(Some(returned)) => Ok((returned, open)),
            Ok(None) | Err(_) => Err(LoginError::Timeout),
        }
    }
}

/// Still serves the closing page.
pub(super) struct Open {
    serving: JoinHandle<()>,
    page: Arc<Page>,
}

impl Open {
    /// Lets the browser fetch the closing page, if it does so soon, and closes.
    pub(super) async fn close(self) {
        let _ = timeout(FAREWELL, self.page.closed.notified()).await;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

struct Page {
    host: String,
    state: String,
    answer: Mutex<Option<mpsc::Sender<Returned>>>,
    closed: Notify,
}

async fn serve(listener: TcpListener, page: Arc<Page>) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let page = page.clone();
        connections.spawn(async move {
            let answer = service_fn(|request| {
                let response = page.answer(&request);
                async { Ok::<_, Infallible>(response) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), answer);
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a request to the login's port broke off");
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

impl Page {
    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let host = request.headers().get(header::HOST).map(|host| host.as_bytes());
        if host != Some(self.host.as_bytes()) {
            tracing::warn!("a request for another host came to the login's port and was refused");
            return plain(StatusCode::MISDIRECTED_REQUEST, "");
        }
        match (request.method(), request.uri().path()) {
            (&Method::GET, "/callback") => self.callback(request.uri().query().unwrap_or_default()),
            (&Method::GET, "/done") => {
                self.closed.notify_one();
                plain(StatusCode::OK, CLOSING)
            }
            (_, "/callback" | "/done") => plain(StatusCode::METHOD_NOT_ALLOWED, ""),
            _ => plain(StatusCode::NOT_FOUND, ""),
        }
    }

    /// The code leaves the address bar by a redirect to a page without it.
    fn callback(&self, query: &str) -> Response<Full<Bytes>> {
        let one = |name: &str| {
            let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
            let first = values.next().map(|(_, value)| value.into_owned());
            if values.next().is_some() { None } else { first }
        };
        let known = one("state").is_some_and(|state| bool::from(state.as_bytes().ct_eq(self.state.as_bytes())));
        let outcome = one("code").map(Ok).or_else(|| one("error").map(|error| Err(readable(&error))));
        let (true, Some(outcome)) = (known, outcome) else {
            tracing::warn!("an answer that belongs to no login of ours was refused; still waiting");
            return plain(StatusCode::BAD_REQUEST, "This answer belongs to no login that is under way.");
        };
        let sender = self.answer.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
        let Some(sender) = sender else {
            return plain(StatusCode::GONE, "This login was already answered.");
        };
        // The channel has room for the one answer there is.
        let _ = sender.try_send(Returned { outcome, issuer: one("iss") });
        let mut response = plain(StatusCode::SEE_OTHER, "");
        response.headers_mut().insert(header::LOCATION, header::HeaderValue::from_static("/done"));
        response
    }
}

/// An OAuth error code: words of a small alphabet (RFC 6749 §4.1.2.1), nothing that could move the cursor.
fn readable(error: &str) -> String {
    error.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')).take(60).collect()
}

fn plain(status: StatusCode, body: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    ] {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    response
}
