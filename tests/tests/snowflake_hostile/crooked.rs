//! A Snowflake that lets everybody in and answers a statement with whatever its text is a name of.

use std::{
    collections::HashMap,
    convert::Infallible,
    io::Write,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::{Request, Response, body::Frame, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime::Runtime};

type Body = BoxBody<Bytes, std::io::Error>;

/// One answer as it is sent, right or wrong.
#[derive(Clone, Default)]
pub struct Said {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// Breaks off after the body, which promised more.
    pub breaks_off: bool,
}

impl Said {
    pub fn json(body: &Value) -> Self {
        Self::bytes(body.to_string())
    }

    pub fn bytes(body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { status: 200, headers, body: body.into(), breaks_off: false }
    }

    pub fn gzip(plain: &[u8]) -> Self {
        let mut said = Self::bytes(gzip(plain));
        said.headers.push(("content-encoding", "gzip".to_owned()));
        said
    }

    pub fn status(status: u16, body: &str) -> Self {
        Self { status, ..Self::bytes(body) }
    }

    pub fn redirect(to: &str) -> Self {
        let mut said = Self::status(302, "");
        said.headers.push(("location", to.to_owned()));
        said
    }
}

pub fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

/// What is said to a statement, by its text, and at a path.
#[derive(Default)]
pub struct Script {
    pub answers: HashMap<String, Said>,
    pub paths: HashMap<String, Said>,
}

pub struct Crooked {
    pub address: SocketAddr,
    script: Arc<Mutex<Script>>,
    /// Path of every request.
    seen: Arc<Mutex<Vec<String>>>,
}

impl Crooked {
    pub fn start(runtime: &Runtime) -> Self {
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (script, seen) = (Arc::new(Mutex::new(Script::default())), Arc::new(Mutex::new(Vec::new())));
        let (scripted, noted) = (script.clone(), seen.clone());
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, seen) = (scripted.clone(), noted.clone());
                let service = service_fn(move |request| answer(script.clone(), seen.clone(), request));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { address, script, seen }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn says(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.script.lock().unwrap());
    }

    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

async fn answer(
    script: Arc<Mutex<Script>>,
    seen: Arc<Mutex<Vec<String>>>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let path = request.uri().path().to_owned();
    seen.lock().unwrap().push(path.clone());
    let body = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let said = match path.as_str() {
        "/session/v1/login-request" => Said::json(&json!({
            "success": true,
            "data": {
                "token": "UPSTREAMONLY-session", "masterToken": "UPSTREAMONLY-master", "parameters": [],
                "sessionInfo": { "databaseName": "D", "schemaName": "S", "warehouseName": "W", "roleName": "R" },
            },
        })),
        "/queries/v1/query-request" => {
            let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
            let known = script.lock().unwrap().answers.get(asked["sqlText"].as_str().unwrap_or_default()).cloned();
            known.unwrap_or_else(|| Said::json(&json!({ "success": true, "data": rows("[[\"fine\"]]") })))
        }
        path => {
            let known = script.lock().unwrap().paths.get(path).cloned();
            known.unwrap_or_else(|| Said::json(&json!({ "success": true, "data": null })))
        }
    };
    let mut response = Response::builder().status(said.status);
    for (name, value) in &said.headers {
        response = response.header(*name, value);
    }
    let body = if said.breaks_off {
        response = response.header("content-length", said.body.len() + 1000);
        let frame = Ok(Frame::data(Bytes::from(said.body)));
        let broken = Err(std::io::Error::other("the upstream breaks off"));
        BodyExt::boxed(StreamBody::new(futures_util::stream::iter([frame, broken])))
    } else {
        Full::new(Bytes::from(said.body)).map_err(|never| match never {}).boxed()
    };
    Ok(response.body(body).unwrap())
}

/// The data of an answer with one text column; `rowset` as it is written.
pub fn rows(rowset: &str) -> Value {
    let rowset: Value = serde_json::from_str(rowset).unwrap();
    json!({
        "rowtype": [{ "name": "A", "type": "text", "nullable": true }], "rowset": rowset, "total": 1, "returned": 1,
        "queryResultFormat": "json", "queryId": "01b0-up", "finalDatabaseName": "D", "finalSchemaName": "S",
    })
}
