//! HTTP exchanges through an agent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod fake;

use std::sync::Arc;

use bytes::Bytes;
use fake::{Agent, Gateway, HttpUpstream, body, fault, whole};
use futures_util::stream;
use hoop_agent::{HttpTarget, SecretRef, Target};
use hoop_model::{ExchangeId, Retry, Secret, SessionId, Side};
use hoop_wire::open::UpstreamOpen;
use http::{Request, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use tokio::sync::{Semaphore, mpsc};
use url::Url;

fn web(url: &Url) -> Target {
    let secret = SecretRef::Held(Secret::new("Bearer upstream".to_owned()));
    let headers = vec![(http::header::AUTHORIZATION, secret)];
    Target::McpHttp(HttpTarget { url: url.clone(), headers, authority: None })
}

#[tokio::test]
async fn bodies_stream_both_ways() {
    // Answers each piece of the request's body as it comes.
    let upstream = HttpUpstream::start(|request: Request<hyper::body::Incoming>| async {
        let pieces = request.into_body().map_err(std::io::Error::other);
        Response::builder().header("content-type", "text/event-stream").body(pieces.boxed()).unwrap()
    })
    .await;
    let mut gateway = Gateway::start().await;
    let _agent = Agent::start(&gateway, vec![("web", web(&upstream.url))]);
    let link = gateway.link().await;
    let (send, mut pieces) = mpsc::channel::<&'static [u8]>(1);
    let pieces = stream::poll_fn(move |context| {
        pieces.poll_recv(context).map(|piece| Some(Ok(Frame::data(Bytes::from_static(piece?)))))
    });
    let request = Request::post("/").body(BodyExt::boxed(StreamBody::new(pieces))).unwrap();
    let response = link.http("web", SessionId::new(), request).await;
    let mut answer = response.into_body();
    for piece in ["one", "two", "three"] {
        send.send(piece.as_bytes()).await.unwrap();
        assert_eq!(answer.frame().await.unwrap().unwrap().into_data().unwrap(), piece);
    }
    drop(send);
    assert!(answer.frame().await.is_none());
}

#[tokio::test]
async fn the_upstream_sees_the_agents_credential_and_nothing_of_ours() {
    let upstream = HttpUpstream::start(|_| async {
        Response::builder().header("hoop-fault", "{}").header("x-kept", "1").body(body("ok")).unwrap()
    })
    .await;
    let mut gateway = Gateway::start().await;
    let _agent = Agent::start(&gateway, vec![("web", web(&upstream.url))]);
    let link = gateway.link().await;
    let request = Request::post("/?a=b")
        .header("authorization", "Bearer user")
        .header("hoop-snowflake-login", "{}")
        .header("content-length", "5")
        .header("mcp-session-id", "m1")
        .body(body("12345"))
        .unwrap();
    let response = link.http("web", SessionId::new(), request).await;
    assert_eq!(response.headers()["x-kept"], "1");
    assert!(!response.headers().contains_key("hoop-fault"), "an upstream can feign a fault of the agent's");
    assert_eq!(whole(response).await, "ok");
    let request = Request::get("/").body(body("")).unwrap();
    link.http("web", SessionId::new(), request).await;

    let [post, get] = &upstream.seen()[..] else { panic!("not two requests") };
    assert_eq!(post.target, "/mcp?a=b");
    assert_eq!(post.headers["authorization"], "Bearer upstream");
    assert_eq!(post.headers["mcp-session-id"], "m1");
    assert_eq!(post.headers["content-length"], "5");
    assert_eq!(post.headers["host"], upstream.url.authority());
    assert!(post.headers.keys().all(|name| !name.as_str().starts_with("hoop-")));
    assert_eq!(get.target, "/mcp");
    assert!(!get.headers.contains_key("transfer-encoding"));
}

#[tokio::test]
async fn a_failure_says_whether_the_request_may_have_run() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody: Url = format!("http://{}/", free.local_addr().unwrap()).parse().unwrap();
    drop(free);
    let rude = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hangs_up: Url = format!("http://{}/", rude.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = rude.accept().await {
            let mut some = [0; 16];
            let _ = tokio::io::AsyncReadExt::read(&mut socket, &mut some).await;
        }
    });
    let mut gateway = Gateway::start().await;
    let _agent = Agent::start(&gateway, vec![("nobody", web(&nobody)), ("hangs-up", web(&hangs_up))]);
    let link = gateway.link().await;
    for (name, code, retry) in
        [("nobody", "upstream_unreachable", Retry::Safe), ("hangs-up", "upstream_broken", Retry::Unsafe)]
    {
        let response = link.http(name, SessionId::new(), Request::post("/").body(body("x")).unwrap()).await;
        let fault = fault(&response);
        assert_eq!((fault.side, fault.code.as_ref(), fault.retry), (Side::Upstream, code, retry));
    }
    let open = |connection: &str| UpstreamOpen::Http {
        connection: connection.parse().unwrap(),
        session: SessionId::new(),
        exchange: ExchangeId::new(),
    };
    assert_eq!(link.open(open("unheard-of")).await.err().unwrap().code, "upstream_unknown");
    assert_eq!(link.stdio("nobody").await.err().unwrap().code, "upstream_mismatch");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let upstream = HttpUpstream::start(|_| async {
        Response::builder().status(307).header("location", "http://169.254.169.254/").body(body("")).unwrap()
    })
    .await;
    let mut gateway = Gateway::start().await;
    let _agent = Agent::start(&gateway, vec![("web", web(&upstream.url))]);
    let link = gateway.link().await;
    let response = link.http("web", SessionId::new(), Request::new(body(""))).await;
    assert_eq!(response.status(), 307);
}

#[tokio::test]
async fn a_stream_that_the_gateway_drops_ends_the_request_upstream() {
    let (begun, ended) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (begin, end) = (begun.clone(), ended.clone());
    let upstream = HttpUpstream::start(move |_| {
        let (begin, end) = (begin.clone(), end.clone());
        async move {
            let _end = Ended(end);
            begin.add_permits(1);
            std::future::pending().await
        }
    })
    .await;
    let mut gateway = Gateway::start().await;
    let _agent = Agent::start(&gateway, vec![("web", web(&upstream.url))]);
    let link = gateway.link().await;
    let waiting = link.http("web", SessionId::new(), Request::new(body("")));
    tokio::select! {
        _ = waiting => panic!("an answer"),
        permit = begun.acquire() => permit.unwrap().forget(),
    }
    ended.acquire().await.unwrap().forget();
}

struct Ended(Arc<Semaphore>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}
