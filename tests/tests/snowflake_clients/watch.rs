//! Between a client and its listener: what it asks, how often, and how long it waits for the answer to begin.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    client,
    header::{CONTENT_LENGTH, HOST},
    server,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};

/// No driver gives up before: Python 4.x sends a POST again after 60 s, Node after 90 s.
const FIRST_ANSWER: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_secs(45);
const CHUNKS: &str = "/hoop/chunk/";

struct Asked {
    method: String,
    path: String,
    request_id: Option<String>,
    status: StatusCode,
    /// Until the first byte of the answer's body.
    took: Duration,
}

pub struct Watch {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Watch {
    /// In front of the listener at `to`.
    pub fn start(runtime: &Runtime, to: SocketAddr) -> Self {
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = asked.clone();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let noted = noted.clone();
                let service = service_fn(move |request| note(noted.clone(), [to, address], request));
                let serving = server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(serving);
            }
        });
        Self { address, asked }
    }

    /// Every answer began in time, a chunk when it was first asked for, and no statement was sent twice.
    #[track_caller]
    pub fn check(&self, client: &str) {
        let asked = self.asked.lock().unwrap();
        let mut sent = BTreeMap::<&str, usize>::new();
        let mut chunks = 0;
        for Asked { method, path, request_id, status, took } in asked.iter() {
            let chunk = path.starts_with(CHUNKS);
            let limit = if chunk || method == "POST" { FIRST_ANSWER } else { POLL };
            assert!(*took < limit, "{client}: {method} {path} waited {took:?}");
            if chunk {
                assert_eq!(*status, StatusCode::OK, "{client} got no {path}");
                chunks += 1;
            }
            if path == "/queries/v1/query-request" {
                *sent.entry(request_id.as_deref().unwrap_or_default()).or_default() += 1;
            }
        }
        assert!(!sent.is_empty() && chunks > 0, "{client} asked for nothing here, or for no chunk");
        let again: Vec<_> = sent.into_iter().filter(|(_, times)| *times > 1).collect();
        assert!(again.is_empty(), "{client} sent statements again: {again:?}");
    }
}

async fn note(
    asked: Arc<Mutex<Vec<Asked>>>,
    [to, here]: [SocketAddr; 2],
    mut request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Box<dyn std::error::Error + Send + Sync>> {
    let query = request.uri().query().unwrap_or_default();
    let id =
        url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "requestId" || name == "request_id");
    let request_id = id.map(|(_, id)| id.into_owned());
    let (method, path) = (request.method().to_string(), request.uri().path().replace("//", "/"));
    let began = Instant::now();
    request.headers_mut().insert(HOST, to.to_string().parse()?);
    let stream = TokioIo::new(TcpStream::connect(to).await?);
    let (mut sender, connection) = client::conn::http1::handshake(stream).await?;
    tokio::spawn(connection);
    let (mut parts, mut body) = sender.send_request(request).await?.into_parts();
    let first = body.frame().await.transpose()?.and_then(|frame| frame.into_data().ok());
    let took = began.elapsed();
    let mut bytes = [first.unwrap_or_default(), body.collect().await?.to_bytes()].concat();
    // Chunks are to be had at the listener itself.
    if !path.starts_with(CHUNKS) {
        let [there, here] = [to, here].map(|address| format!("{address}{CHUNKS}"));
        bytes = String::from_utf8(bytes)?.replace(&there, &here).into_bytes();
        parts.headers.remove(CONTENT_LENGTH);
    }
    asked.lock().unwrap().push(Asked { method, path, request_id, status: parts.status, took });
    Ok(Response::from_parts(parts, Full::new(bytes.into())))
}
