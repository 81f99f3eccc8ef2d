//! One bucket: requests to it, signed and bounded.
//!
//! `object_store` signs; its own store knows nothing of Object Lock, versions or legal holds, so what is sent is ours.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::{Bytes, BytesMut};
use hoop_audit::Hash;
use hoop_model::Secret;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use object_store::{
    aws::{AwsAuthorizer, AwsCredential},
    client::HttpRequestBody,
};
use reqwest::{redirect, retry};
use rustls::ClientConfig;
use url::Url;

use crate::{error::S3Error, xml};

const CONNECT: Duration = Duration::from_secs(10);
/// For a request with its answer; and more for what is large: S3 may be slow, but not slower than this.
const LIMIT: Duration = Duration::from_secs(30);
const SLOWEST_BYTES_PER_SECOND: u64 = 256 * 1024;
/// Largest answer that is a document, in bytes: a list of 1 000 versions has half a megabyte.
const DOCUMENT: u64 = 8 * 1024 * 1024;

pub(crate) const CHECKSUM: HeaderName = HeaderName::from_static("x-amz-checksum-sha256");

/// Where the trail goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Scheme, host and port; the bucket is the first part of the path.
    pub endpoint: Url,
    pub name: String,
    pub region: String,
}

/// Who the gateway is to S3.
#[derive(Debug, Clone)]
pub struct Keys {
    pub id: Secret<String>,
    pub secret: Secret<String>,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    #[error("the HTTP client cannot be set up: {0}")]
    Http(#[from] reqwest::Error),
    /// They go into headers and paths.
    #[error("{0} has a character that has no place there")]
    Word(&'static str),
}

pub struct Client {
    http: reqwest::Client,
    bucket: Bucket,
    credential: AwsCredential,
}

/// One request: an object's, or without a key the bucket's.
pub(crate) struct Request<'a> {
    /// For errors.
    pub what: &'static str,
    pub method: Method,
    pub key: Option<&'a str>,
    pub query: Vec<(&'static str, String)>,
    pub headers: Vec<(HeaderName, String)>,
    pub body: Bytes,
    /// Bytes of the object that is asked for; a document is shorter than its limit.
    pub object: Option<u64>,
}

impl<'a> Request<'a> {
    pub(crate) fn new(what: &'static str, method: Method, key: Option<&'a str>) -> Self {
        let (query, headers) = (Vec::new(), Vec::new());
        Self { what, method, key, query, headers, body: Bytes::new(), object: None }
    }

    pub(crate) fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// Of one version; of the newest where there is none.
    pub(crate) fn version(self, version: Option<&str>) -> Self {
        match version {
            Some(version) => self.query("versionId", version),
            None => self,
        }
    }

    pub(crate) fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With the checksum that Object Lock asks for.
    pub(crate) fn body(mut self, body: Bytes) -> Self {
        self.body = body;
        let checksum = BASE64_STANDARD.encode(Hash::of(&self.body).as_bytes());
        self.header(CHECKSUM, checksum).header(HeaderName::from_static("x-amz-sdk-checksum-algorithm"), "SHA256")
    }
}

pub(crate) struct Answer {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Client {
    /// No redirects, no retries of its own, no proxy of the environment's: the trail goes where the settings say.
    pub fn new(bucket: Bucket, keys: &Keys, tls: ClientConfig) -> Result<Self, ClientError> {
        let words = [
            ("the access key's id", keys.id.expose()),
            ("the region", &bucket.region),
            ("the bucket's name", &bucket.name),
        ];
        for (what, word) in words {
            // The signer takes for granted that they fit into a header.
            if word.is_empty() || !word.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '/' | ',' | '=')) {
                return Err(ClientError::Word(what));
            }
        }
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .connect_timeout(CONNECT)
            .build()?;
        let credential =
            AwsCredential { key_id: keys.id.expose().clone(), secret_key: keys.secret.expose().clone(), token: None };
        Ok(Self { http, bucket, credential })
    }

    pub fn bucket(&self) -> &Bucket {
        &self.bucket
    }

    fn url(&self, request: &Request<'_>) -> Result<Url, S3Error> {
        let mut url = self.bucket.endpoint.clone();
        let parts = url.path_segments_mut().map(|mut path| {
            path.pop_if_empty().push(&self.bucket.name).extend(request.key.iter().flat_map(|key| key.split('/')));
        });
        parts.map_err(|()| S3Error::Unsendable("the endpoint is no URL of a server".to_owned()))?;
        for (name, value) in &request.query {
            url.query_pairs_mut().append_pair(name, value);
        }
        Ok(url)
    }

    /// What S3 did; everything but a success is an error.
    pub(crate) async fn ask(&self, request: Request<'_>) -> Result<Answer, S3Error> {
        let (what, largest) = (request.what, request.object.unwrap_or(DOCUMENT));
        let url = self.url(&request)?;
        let headers = self.signed(&request, &url)?;
        let moved = (request.body.len() as u64).saturating_add(request.object.unwrap_or_default());
        let allowed = LIMIT + Duration::from_secs(moved / SLOWEST_BYTES_PER_SECOND);
        let sent = self.http.request(request.method, url).headers(headers).timeout(allowed).body(request.body);
        let mut answer = sent.send().await.map_err(|error| unreachable(&error))?;
        let status = answer.status();
        let longest = if status.is_success() { largest } else { DOCUMENT };
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| unreachable(&error))? {
            if (body.len() + chunk.len()) as u64 > longest {
                return Err(S3Error::Unreadable { what, problem: format!("it is longer than {longest} bytes") });
            }
            body.extend_from_slice(&chunk);
        }
        if status.is_success() {
            return Ok(Answer { headers: answer.headers().clone(), body: body.freeze() });
        }
        Err(refused(what, status, &body))
    }

    /// The request's headers with its signature. Signed for the machine's time: S3 holds it against its own.
    fn signed(&self, request: &Request<'_>, url: &Url) -> Result<HeaderMap, S3Error> {
        let unsendable = |error: &dyn std::fmt::Display| S3Error::Unsendable(error.to_string());
        let mut signed = http::Request::builder()
            .method(request.method.clone())
            .uri(url.as_str())
            .body(HttpRequestBody::empty())
            .map_err(|error| unsendable(&error))?;
        for (name, value) in &request.headers {
            let value = HeaderValue::from_str(value).map_err(|error| unsendable(&error))?;
            signed.headers_mut().insert(name.clone(), value);
        }
        let digest = Hash::of(&request.body);
        AwsAuthorizer::new(&self.credential, "s3", &self.bucket.region)
            .try_authorize(&mut signed, Some(digest.as_bytes()))
            .map_err(|error| unsendable(&error))?;
        Ok(std::mem::take(signed.headers_mut()))
    }
}

/// With the causes, which say what went wrong, and without the URL.
fn unreachable(error: &reqwest::Error) -> S3Error {
    let mut text = if error.is_timeout() { "not in time".to_owned() } else { "the connection failed".to_owned() };
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    S3Error::Unreachable(text)
}

/// Characters of a message that is repeated.
const MESSAGE: usize = 200;

fn refused(what: &'static str, status: StatusCode, body: &[u8]) -> S3Error {
    let fault: xml::Fault = xml::read(what, body).unwrap_or_default();
    let plain = |text: &str| text.chars().filter(|c| !c.is_control()).take(MESSAGE).collect::<String>();
    let message = plain(&fault.message);
    let message = if message.is_empty() { message } else { format!(": {message}") };
    S3Error::Refused { what, status: status.as_u16(), code: plain(&fault.code), message }
}
