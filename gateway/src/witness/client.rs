//! `add-checkpoint` of C2SP tlog-witness.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use hoop_audit::{Hash, Note, WitnessKey};
use hoop_model::Timestamp;
use reqwest::{StatusCode, redirect, retry};
use rustls::ClientConfig;
use url::Url;

const CONNECT: Duration = Duration::from_secs(10);
/// For one request whole.
const LIMIT: Duration = Duration::from_secs(30);
/// Largest answer in bytes: a few lines.
const LARGEST: usize = 64 * 1024;

pub(crate) struct Client {
    http: reqwest::Client,
    url: Url,
    key: WitnessKey,
}

/// What a witness made of a head.
#[derive(Debug)]
pub(super) enum Answer {
    /// The head as a note with the cosignature under it.
    Cosigned { note: String, at: Timestamp },
    /// It has seen so many records, not as many as it was told.
    Knows(u64),
}

#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// What it has seen is not what the trail continues. It will not change its mind.
    #[error(
        "the witness has cosigned other records than the trail begins with; the trail was changed, or another gateway has \
         its key: keep all as it is, and look"
    )]
    OtherLog,
    #[error("the witness does not know this log; give its operator the key that `hoopctl admin keys show` prints")]
    UnknownLog,
    #[error(
        "the witness does not know the key that signs the trail now; give its operator the key that `hoopctl admin keys \
         show` prints"
    )]
    UnknownKey,
    #[error("the witness answered {0}")]
    Status(StatusCode),
    #[error("the witness's answer is none: {0}")]
    Garbled(&'static str),
    #[error("{0}")]
    NoAnswer(String),
}

impl Client {
    /// No redirects, no retries of its own, no proxy of the environment's: heads go where the settings say.
    pub(crate) fn new(url: Url, key: WitnessKey, tls: ClientConfig) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(LIMIT)
            .build()?;
        Ok(Self { http, url, key })
    }

    pub(super) fn key(&self) -> &WitnessKey {
        &self.key
    }

    /// Sends a signed head, and how it continues the first `old` records.
    pub(super) async fn add(&self, old: u64, proof: &[Hash], head: &str) -> Result<Answer, Refusal> {
        let proof: String = proof.iter().map(|hash| format!("{}\n", BASE64_STANDARD.encode(hash.as_bytes()))).collect();
        let request = self.http.post(self.url.clone()).body(format!("old {old}\n{proof}\n{head}"));
        let mut answer = request.send().await.map_err(|error| Refusal::NoAnswer(told(&error)))?;
        let status = answer.status();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| Refusal::NoAnswer(told(&error)))? {
            if body.len() + chunk.len() > LARGEST {
                return Err(Refusal::Garbled("it is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        self.read(status, &body, head)
    }

    fn read(&self, status: StatusCode, body: &[u8], head: &str) -> Result<Answer, Refusal> {
        let text = std::str::from_utf8(body).map_err(|_| Refusal::Garbled("it is no text"))?;
        match status {
            StatusCode::OK => self.cosigned(text, head),
            StatusCode::CONFLICT => {
                let size = text.trim_end().parse().map_err(|_| Refusal::Garbled("it names no size"))?;
                Ok(Answer::Knows(size))
            }
            StatusCode::UNPROCESSABLE_ENTITY => Err(Refusal::OtherLog),
            StatusCode::NOT_FOUND => Err(Refusal::UnknownLog),
            StatusCode::FORBIDDEN => Err(Refusal::UnknownKey),
            other => Err(Refusal::Status(other)),
        }
    }

    /// Only the line that the witness's key made is kept; there may be others.
    fn cosigned(&self, lines: &str, head: &str) -> Result<Answer, Refusal> {
        for line in lines.split_inclusive('\n') {
            let cosigned = format!("{head}{line}");
            if let Ok(note) = Note::parse(&cosigned)
                && let Some(at) = self.key.cosigned(&note)
            {
                return Ok(Answer::Cosigned { note: cosigned, at });
            }
        }
        Err(Refusal::Garbled("none of its lines is a cosignature by the key that the settings name"))
    }
}

/// With the causes, which say what went wrong.
pub(crate) fn told(error: &reqwest::Error) -> String {
    let mut text = if error.is_timeout() { "no answer in time".to_owned() } else { "no answer".to_owned() };
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}
