//! The loopback listener: checks that a request comes from this machine's own programs and no web page, then passes
//! it on, one tunnel stream per exchange (`audit-and-recording.md` §8). The secret itself is checked by the gateway.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use hoop_model::SessionId;
use hoop_wire::{headers::INFLATES, open::ClientOpen};
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

use super::inflate;
use crate::gateway::Gateway;

/// Applications' connections at once: more than any driver's pool opens, fewer than the process has file descriptors.
const CONNECTIONS: usize = 256;
/// Before accepting again where that failed.
const BACK_OFF: Duration = Duration::from_millis(100);

pub(super) struct Listener {
    pub gateway: Gateway,
    pub session: SessionId,
    pub address: SocketAddr,
}

type Body = BoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;

impl Listener {
    pub(super) async fn serve(self: Arc<Self>, socket: TcpListener) {
        take(socket, CONNECTIONS, |stream| {
            let listener = self.clone();
            let service = service_fn(move |request| {
                let listener = listener.clone();
                async move { Ok::<_, Infallible>(listener.answer(request).await) }
            });
            let served = hyper::server::conn::http1::Builder::new()
                .max_buf_size(64 * 1024)
                .serve_connection(TokioIo::new(stream), service);
            async move {
                if let Err(error) = served.await {
                    tracing::debug!(%error, "an application's connection ended early");
                }
            }
        })
        .await;
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        if let Err(why) = local(&request, self.address) {
            return refusal(StatusCode::FORBIDDEN, why);
        }
        match self.pass_on(request).await {
            Ok(response) => response,
            Err((status, text)) => refusal(status, &text),
        }
    }

    async fn pass_on(&self, mut request: Request<Incoming>) -> Result<Response<Body>, (StatusCode, String)> {
        let open = ClientOpen::Exchange { session: self.session };
        let stream = self.gateway.ask(&open).await.map_err(|failure| (StatusCode::BAD_GATEWAY, failure.text))?;
        let lost = |error: hyper::Error| {
            // What is passed on is the application's own stream of bytes.
            if error.is_user() {
                let text = "the request broke off, or its framing is not HTTP/1.1; nothing was run";
                return (StatusCode::BAD_REQUEST, text.to_owned());
            }
            (StatusCode::BAD_GATEWAY, format!("the gateway broke off: {error}; is the session still open?"))
        };
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(lost)?;
        tokio::spawn(connection);
        if let Some(path) = request.uri().path_and_query().cloned() {
            *request.uri_mut() = path.into();
        }
        request.headers_mut().insert(header::HOST, HeaderValue::from_static("gateway"));
        // A stream carries one exchange: its answer then brings the stream's end along.
        request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        // A large result is compressed for this way too, as it is on its way to a driver without us.
        request.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static(INFLATES));
        let mut response = sender.send_request(request).await.map_err(lost)?;
        response.headers_mut().remove(header::CONNECTION);
        inflate::plain(response).map_err(|error| (StatusCode::BAD_GATEWAY, error.to_string()))
    }
}

/// Takes connections without end, `most` at once: who comes when all places are taken waits in the system's queue.
async fn take<F>(socket: TcpListener, most: usize, serve: impl Fn(TcpStream) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(most));
    while let Ok(place) = places.clone().acquire_owned().await {
        match socket.accept().await {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                let served = serve(stream);
                tokio::spawn(async move {
                    served.await;
                    drop(place);
                });
            }
            Err(error) => {
                // Out of file descriptors, most likely: some must be given back first.
                tracing::warn!(%error, "an application's connection could not be taken");
                tokio::time::sleep(BACK_OFF).await;
            }
        }
    }
}

/// A browser that was lured here sends a foreign `Host` (DNS rebinding) or an `Origin`.
fn local<B>(request: &Request<B>, address: SocketAddr) -> Result<(), &'static str> {
    let port = address.port();
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let ours = [format!("127.0.0.1:{port}"), format!("[::1]:{port}"), format!("localhost:{port}")];
    if !host.is_some_and(|host| ours.iter().any(|ours| ours.eq_ignore_ascii_case(host))) {
        return Err("this listener answers only to its own loopback address; the Host header names another");
    }
    if let Some(origin) = request.headers().get(header::ORIGIN) {
        let own = origin.to_str().is_ok_and(|origin| ours.iter().any(|ours| origin == format!("http://{ours}")));
        if !own {
            return Err("web pages may not use this listener; the Origin header names one");
        }
    }
    Ok(())
}

fn refusal(status: StatusCode, text: &str) -> Response<Body> {
    let body = Full::new(Bytes::from(format!("{text}\n"))).map_err(|never| match never {}).boxed();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tokio::io::AsyncReadExt;

    use super::*;

    fn asks(host: Option<&str>, origin: Option<&str>) -> bool {
        let mut request = Request::builder().uri("/mcp");
        if let Some(host) = host {
            request = request.header(header::HOST, host);
        }
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        local(&request.body(()).unwrap(), "127.0.0.1:4000".parse().unwrap()).is_ok()
    }

    #[tokio::test]
    async fn connections_beyond_the_places_wait() {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let (arrived, mut arrivals) = tokio::sync::mpsc::unbounded_channel();
        let mut clients = Vec::new();
        for _ in 0..3 {
            clients.push(TcpStream::connect(address).await.unwrap());
        }
        tokio::spawn(take(socket, 2, move |mut stream| {
            arrived.send(()).unwrap();
            async move { drop(stream.read(&mut [0]).await) }
        }));
        arrivals.recv().await.unwrap();
        arrivals.recv().await.unwrap();
        // Time enough for a third, were it let in.
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        assert!(arrivals.try_recv().is_err());
        clients.remove(0);
        arrivals.recv().await.unwrap();
    }

    #[test]
    fn only_this_machines_programs_are_let_in() {
        assert!(asks(Some("127.0.0.1:4000"), None));
        assert!(asks(Some("localhost:4000"), Some("http://localhost:4000")));
        assert!(!asks(None, None));
        assert!(!asks(Some("127.0.0.1:4001"), None));
        assert!(!asks(Some("evil.example"), None));
        assert!(!asks(Some("127.0.0.1:4000"), Some("http://evil.example")));
        assert!(!asks(Some("127.0.0.1:4000"), Some("null")));
    }
}
