//! MCP servers that do not do what they should, and clients that leave without a word.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::stream;
use hoop_dev::client::{ClientError, mcp::Client};
use hoop_tests::{Listener, Stack, cards::VISA, program::PATIENCE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::{
    body::{Frame, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime::Runtime};

type Body = BoxBody<Bytes, Infallible>;

/// What the server has seen.
#[derive(Default)]
struct Seen {
    sessions: AtomicUsize,
    deleted: AtomicUsize,
    streams: AtomicUsize,
    open: AtomicUsize,
}

/// An open stream, counted as long as somebody reads it.
struct Open(Arc<Seen>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

fn whole(status: StatusCode, body: String) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::from(body)).boxed());
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}

fn events(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response.headers_mut().insert("content-type", HeaderValue::from_static("text/event-stream"));
    response
}

async fn answer(seen: Arc<Seen>, request: Request<Incoming>) -> Response<Body> {
    if request.method() == Method::DELETE {
        seen.deleted.fetch_add(1, Ordering::SeqCst);
        return whole(StatusCode::OK, String::new());
    }
    if request.method() == Method::GET {
        return whole(StatusCode::METHOD_NOT_ALLOWED, String::new());
    }
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let message: Value = serde_json::from_slice(&body).unwrap();
    let say = |id: &Value, result: Value| json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string();
    match (message["method"].as_str().unwrap_or_default(), message["params"]["name"].as_str()) {
        ("initialize", _) => {
            let number = seen.sessions.fetch_add(1, Ordering::SeqCst);
            let hello = json!({
                "protocolVersion": "2025-06-18", "capabilities": { "tools": {} },
                "serverInfo": { "name": "odd", "version": "1" },
            });
            let mut response = whole(StatusCode::OK, say(&message["id"], hello));
            response.headers_mut().insert("mcp-session-id", HeaderValue::from_str(&format!("s{number}")).unwrap());
            response
        }
        (_, Some("silent")) => {
            let progress = json!({ "jsonrpc": "2.0", "method": "notifications/message",
                "params": { "level": "info", "data": "working" } });
            events(Full::new(Bytes::from(format!("data: {progress}\n\n"))).boxed())
        }
        (_, Some("stranger")) => {
            let text = json!({ "content": [{ "type": "text", "text": "x" }] });
            whole(StatusCode::OK, say(&json!(VISA), text))
        }
        (_, Some("endless")) => {
            seen.streams.fetch_add(1, Ordering::SeqCst);
            seen.open.fetch_add(1, Ordering::SeqCst);
            let open = Open(seen.clone());
            let begun = stream::once(async { Ok(Frame::data(Bytes::from_static(b": begun\n\n"))) });
            let never = stream::once(async move {
                let () = std::future::pending().await;
                drop(open);
                Ok(Frame::data(Bytes::new()))
            });
            events(StreamBody::new(futures_util::StreamExt::chain(begun, never)).boxed())
        }
        _ => whole(StatusCode::ACCEPTED, String::new()),
    }
}

struct Scene {
    runtime: Runtime,
    seen: Arc<Seen>,
    stack: Stack,
    listener: Listener,
}

impl Scene {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let seen = Arc::new(Seen::default());
        let (socket, shared) = (runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap(), seen.clone());
        let url = format!("http://{}/mcp", socket.local_addr().unwrap());
        runtime.spawn(async move {
            while let Ok((stream, _)) = socket.accept().await {
                let seen = shared.clone();
                let service = service_fn(move |request| {
                    let seen = seen.clone();
                    async move { Ok::<_, Infallible>(answer(seen, request).await) }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        let stack = Stack::with(&["--mcp", &url]);
        let listener = Listener::open(&stack, "alice", "mcp");
        Self { runtime, seen, stack, listener }
    }

    async fn connect(&self) -> Client {
        let address: SocketAddr = self.listener.address().parse().unwrap();
        Client::connect(address, self.listener.secret()).await.unwrap()
    }
}

#[track_caller]
fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A call that the server leaves open ends with an error; an answer to something else is none, and shows nothing.
#[test]
fn a_call_without_its_answer_fails() {
    let scene = Scene::new();
    scene.runtime.block_on(async {
        let mut client = scene.connect().await;
        for (tool, words) in [("silent", "without answering"), ("stranger", "cannot read")] {
            match client.call(tool, json!({})).await {
                Err(ClientError::Refused { text, .. }) => {
                    assert!(text.contains(words) && !text.contains(VISA), "{tool}: {text}");
                }
                other => panic!("{tool}: {other:?}"),
            }
        }
    });
}

/// The upstream's stream ends with the client that it was for, though the server never says another word.
#[test]
fn a_stream_ends_with_its_client() {
    let scene = Scene::new();
    scene.runtime.block_on(async {
        let mut client = scene.connect().await;
        let call = tokio::spawn(async move { client.call("endless", json!({})).await });
        let begun = scene.seen.clone();
        tokio::task::spawn_blocking(move || until("the stream", || begun.streams.load(Ordering::SeqCst) == 1))
            .await
            .unwrap();
        call.abort();
    });
    until("its end", || scene.seen.open.load(Ordering::SeqCst) == 0);
}

/// Many clients end no session: a new one opens all the same, and in the end the upstream hears of each.
#[test]
fn sessions_left_open_make_room_and_are_closed() {
    const SESSIONS: usize = 70;
    let scene = Scene::new();
    scene.runtime.block_on(async {
        for _ in 0..SESSIONS {
            drop(scene.connect().await);
        }
    });
    assert_eq!(scene.seen.sessions.load(Ordering::SeqCst), SESSIONS);
    until("the oldest to make room", || scene.seen.deleted.load(Ordering::SeqCst) >= SESSIONS - 64);
    scene.listener.program.terminate();
    until("the rest to be closed", || scene.seen.deleted.load(Ordering::SeqCst) == SESSIONS);
    // Each initialize, initialized and close went well, though nobody waited for an answer to the second.
    let ends = |outcome: &str| -> usize {
        let trail = std::fs::read_dir(scene.stack.ready.data_dir.join("gateway/trail")).unwrap();
        let segments = trail.map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
        let word = format!("\"outcome\":\"{outcome}\"");
        segments.map(|bytes| String::from_utf8_lossy(&bytes).matches(&word).count()).sum()
    };
    until("every end to be in the trail", || ends("success") >= 3 * SESSIONS);
    assert_eq!(ends("client_gone"), 0);
}
