//! The gateway's API: one HTTP exchange per stream.

use bytes::Bytes;
use hoop_model::Fault;
use hoop_wire::open::ClientOpen;
use http::{Method, Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde::{Serialize, de::DeserializeOwned};

use super::Gateway;
use crate::exit::{Exit, Failure};

/// Largest API answer in bytes, the trail excepted.
const LIMIT: usize = 16 * 1024 * 1024;

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

    /// The trail's segments as stored, one after the other, piece by piece as they come.
    pub async fn trail(&self, mut take: impl FnMut(&[u8]) -> Result<(), Failure>) -> Result<(), Failure> {
        self.stream("/v1/trail", async |piece| take(piece)).await
    }

    /// An answer's body, piece by piece as it comes, however long it is. While a piece is looked at, no more is read.
    pub async fn stream(
        &self,
        path: &str,
        mut take: impl AsyncFnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut body = self.answered(Method::GET, path, Bytes::new()).await?;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| self.garbled(&error))?;
            if let Some(piece) = frame.data_ref() {
                take(piece).await?;
            }
        }
        Ok(())
    }

    async fn call<T: DeserializeOwned>(&self, method: Method, path: &str, body: &impl Serialize) -> Result<T, Failure> {
        let body =
            serde_json::to_vec(body).map_err(|error| Failure::new(Exit::Failed, "internal", error.to_string()))?;
        let answer = self.exchange(method, path, body.into()).await?;
        serde_json::from_slice(&answer).map_err(|error| self.garbled(&error))
    }

    async fn exchange(&self, method: Method, path: &str, body: Bytes) -> Result<Bytes, Failure> {
        let body = self.answered(method, path, body).await?;
        let body = Limited::new(body, LIMIT).collect().await;
        Ok(body.map_err(|error| self.garbled(&*error))?.to_bytes())
    }

    /// The body of an answer that is no refusal.
    async fn answered(&self, method: Method, path: &str, body: Bytes) -> Result<Incoming, Failure> {
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
        if status.is_success() {
            return Ok(answer.into_body());
        }
        let body = Limited::new(answer.into_body(), LIMIT).collect().await;
        let body = body.map_err(|error| self.garbled(&*error))?.to_bytes();
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
