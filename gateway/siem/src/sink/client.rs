//! What the receivers that speak HTTP share: one request, a bounded answer, and what its status means.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode, header, redirect, retry};
use rustls::ClientConfig;

use super::SendError;

const CONNECT: Duration = Duration::from_secs(10);
/// For one request whole.
const LIMIT: Duration = Duration::from_secs(60);
/// Largest answer in bytes.
const LARGEST: usize = 256 * 1024;
/// What a receiver may ask us to wait at the most.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up: {0}")]
pub struct ClientError(#[from] reqwest::Error);

/// No redirects, no retries of its own, no proxy of the environment's: the events go where the settings say.
pub(super) fn build(tls: ClientConfig) -> Result<Client, ClientError> {
    let client = Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .connect_timeout(CONNECT)
        .timeout(LIMIT)
        .build()?;
    Ok(client)
}

pub(super) struct Answer {
    pub status: StatusCode,
    pub body: Vec<u8>,
    after: Option<Duration>,
}

pub(super) async fn ask(request: RequestBuilder) -> Result<Answer, SendError> {
    let failed = |error: reqwest::Error| SendError::failed(told(&error));
    let mut answer = request.send().await.map_err(failed)?;
    let after = answer.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let after = after.map(|seconds| Duration::from_secs(seconds).min(LONGEST_WAIT));
    let (status, mut body) = (answer.status(), Vec::new());
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > LARGEST {
            return Err(SendError::failed(format!("the answer is larger than {LARGEST} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, body, after })
}

impl Answer {
    /// As an error: what the receiver answered with, and when it may be asked again.
    pub(super) fn refused(&self, words: &str) -> SendError {
        let problem = format!("the receiver answered {}{words}", self.status);
        match self.status {
            StatusCode::PAYLOAD_TOO_LARGE => SendError::TooLarge(problem),
            _ => SendError::Failed { problem, after: self.after },
        }
    }
}

/// With the causes, which say what went wrong, and without the URL, which may hold a secret.
fn told(error: &reqwest::Error) -> String {
    let mut text = if error.is_timeout() { "no answer in time".to_owned() } else { "no answer".to_owned() };
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}
