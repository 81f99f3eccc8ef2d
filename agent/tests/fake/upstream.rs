use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use url::Url;

pub(crate) type Body = BoxBody<Bytes, std::io::Error>;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
}

pub(crate) struct HttpUpstream {
    pub(crate) url: Url,
    pub(crate) seen: Arc<Mutex<Vec<Seen>>>,
}

impl HttpUpstream {
    pub(crate) async fn start<Handle, Answer>(handle: Handle) -> Self
    where
        Handle: Fn(Request<Incoming>) -> Answer + Clone + Send + Sync + 'static,
        Answer: Future<Output = Response<Body>> + Send,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/mcp", listener.local_addr().unwrap()).parse().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let record = seen.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (handle, record) = (handle.clone(), record.clone());
                tokio::spawn(async move {
                    let service = service_fn(move |request: Request<Incoming>| {
                        record.lock().unwrap().push(Seen {
                            method: request.method().clone(),
                            target: request.uri().to_string(),
                            headers: request.headers().clone(),
                        });
                        let handle = handle.clone();
                        async move { Ok::<_, Infallible>(handle(request).await) }
                    });
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Self { url, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

pub(crate) fn body(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed()
}

pub(crate) async fn text(request: Request<Incoming>) -> String {
    String::from_utf8(request.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}
