use std::time::Duration;

use aws_lc_rs::rand;
use hoop_audit::{
    Hash,
    timestamp::{Authority, Nonce, Reply, Stamp, StampError, check, request},
};
use reqwest::{StatusCode, header, redirect, retry};
use rustls::ClientConfig;
use url::Url;

use crate::witness::told;

const CONNECT: Duration = Duration::from_secs(10);
/// For one request whole.
const LIMIT: Duration = Duration::from_secs(30);
/// Largest answer in bytes: a token with a chain of certificates has some thousand.
const LARGEST: usize = 64 * 1024;

/// Asks one authority (RFC 3161 §3.4).
pub(crate) struct Client {
    http: reqwest::Client,
    url: Url,
    authority: Authority,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("{0}")]
    NoAnswer(String),
    #[error("the authority answered {0}")]
    Status(StatusCode),
    #[error("the authority's answer is too long")]
    TooLong,
    #[error("the authority's time stamp is not taken: {0}")]
    Stamp(#[from] StampError),
    #[error("the system gave no random bytes")]
    Random,
}

impl Client {
    pub(crate) fn new(url: Url, authority: Authority, tls: ClientConfig) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(LIMIT)
            .build()?;
        Ok(Self { http, url, authority })
    }

    /// A time stamp of these bytes, and what it says: it holds, and is new.
    pub(super) async fn stamp(&self, bytes: &[u8]) -> Result<(Vec<u8>, Stamp), Refusal> {
        let mut random = [0; 8];
        rand::fill(&mut random).map_err(|_| Refusal::Random)?;
        let (digest, nonce) = (Hash::of(bytes), Nonce::of(random));
        let asked = self.http.post(self.url.clone()).header(header::CONTENT_TYPE, "application/timestamp-query");
        let answer = asked.body(request(&digest, nonce)).send().await;
        let mut answer = answer.map_err(|error| Refusal::NoAnswer(told(&error)))?;
        if answer.status() != StatusCode::OK {
            return Err(Refusal::Status(answer.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| Refusal::NoAnswer(told(&error)))? {
            if body.len() + chunk.len() > LARGEST {
                return Err(Refusal::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let reply = Reply::read(&body)?;
        let stamp = check(reply.token, &digest, &self.authority, Some(nonce))?;
        Ok((reply.token.to_vec(), stamp))
    }

    /// What a token that was kept says.
    pub(super) fn kept(&self, token: &[u8], bytes: &[u8]) -> Option<Stamp> {
        check(token, &Hash::of(bytes), &self.authority, None).ok()
    }
}
