//! The gateway's API: one HTTP exchange per stream.

use bytes::Bytes;
use hoop_model::Fault;
use hoop_wire::open::ClientOpen;
use http::{Method, Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::{Serialize, de::DeserializeOwned};

use super::Gateway;
use crate::exit::{Exit, Failure};

/// Largest API answer in bytes, the trail excepted.
const LIMIT: usize = 16 * 1024 * 1024;
/// Largest trail fetched in one piece.
const TRAIL_LIMIT: usize = 4 * 1024 * 1024 * 1024;

impl Gateway {
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.call(Method::GET, path, &()).await
    }

    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Failure> {
        self.call(Method::POST, path, body).await
    }

    pub async fn delete(&self, path: &str) -> Result<(), Failure> {
        self.call(Method::DELETE, path, &()).await
    }

    /// The trail's segments as stored, one after the other.
    pub async fn trail(&self) -> Result<Bytes, Failure> {
        self.exchange(Method::GET, "/v1/trail", Bytes::new(), TRAIL_LIMIT).await
    }

    async fn call<T: DeserializeOwned>(&self, method: Method, path: &str, body: &impl Serialize) -> Result<T, Failure> {
        let body =
            serde_json::to_vec(body).map_err(|error| Failure::new(Exit::Failed, "internal", error.to_string()))?;
        let answer = self.exchange(method, path, body.into(), LIMIT).await?;
        serde_json::from_slice(&answer).map_err(|error| self.garbled(&error))
    }

    async fn exchange(&self, method: Method, path: &str, body: Bytes, limit: usize) -> Result<Bytes, Failure> {
        let stream = self.ask(&ClientOpen::Api).await?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| self.garbled(&error))?;
        tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "gateway")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(body))
            .map_err(|error| self.garbled(&error))?;
        let answer = sender.send_request(request).await.map_err(|error| self.garbled(&error))?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), limit).collect().await;
        let body = body.map_err(|error| self.garbled(&*error))?.to_bytes();
        if status.is_success() {
            return Ok(body);
        }
        match serde_json::from_slice::<Fault>(&body) {
            Ok(fault) => Err(fault.into()),
            Err(_) => Err(Failure::new(
                Exit::Failed,
                "bad_request",
                format!("the gateway {} answered {status}: {}", self.name, String::from_utf8_lossy(&body)),
            )),
        }
    }

    fn garbled(&self, error: &(dyn std::error::Error + 'static)) -> Failure {
        Failure::unreachable(format!("the gateway {} broke off: {error}; try again", self.name))
    }
}
