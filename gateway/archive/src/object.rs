//! Objects: put once, looked at, read.

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use hoop_audit::Hash;
use hoop_model::Timestamp;
use http::{HeaderName, Method, header};

use crate::{
    client::{CHECKSUM, Client, Request},
    error::S3Error,
    lock::{MODE, Mode, UNTIL, date},
};

const VERSION: HeaderName = HeaderName::from_static("x-amz-version-id");
const HOLD: HeaderName = HeaderName::from_static("x-amz-object-lock-legal-hold");

/// What came of a put that replaces nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// With its version, where the bucket keeps versions.
    Stored { version: Option<String> },
    /// There is an object of this name: perhaps this one, whose reply was lost.
    Exists,
}

/// What S3 says of one version of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub length: u64,
    /// Absent where S3 keeps none.
    pub sha256: Option<Hash>,
    pub mode: Option<Mode>,
    pub until: Option<Timestamp>,
    pub held: bool,
}

impl Client {
    /// Stores an object where there is none of its name; locked until a time, where there is one.
    pub async fn put(&self, key: &str, body: Bytes, until: Option<Timestamp>) -> Result<Put, S3Error> {
        let mut request = Request::new("a put", Method::PUT, Some(key))
            .header(header::IF_NONE_MATCH, "*")
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .body(body);
        if let Some(until) = until {
            request = request.header(MODE, Mode::Compliance.as_str()).header(UNTIL, date(until));
        }
        match self.ask(request).await {
            Ok(answer) => {
                let version = answer.headers.get(VERSION).and_then(|value| value.to_str().ok());
                Ok(Put::Stored { version: version.map(str::to_owned) })
            }
            Err(S3Error::Refused { status: 412, .. }) => Ok(Put::Exists),
            Err(error) => Err(error),
        }
    }

    /// `None`: there is no such object or version.
    pub async fn facts(&self, key: &str, version: Option<&str>) -> Result<Option<Facts>, S3Error> {
        let request = Request::new("a look at an object", Method::HEAD, Some(key))
            .version(version)
            .header(HeaderName::from_static("x-amz-checksum-mode"), "ENABLED");
        let answer = match self.ask(request).await {
            Ok(answer) => answer,
            Err(error) if error.is_absent() => return Ok(None),
            Err(error) => return Err(error),
        };
        let text = |name: HeaderName| answer.headers.get(name).and_then(|value| value.to_str().ok());
        let sha256 = text(CHECKSUM).and_then(|text| BASE64_STANDARD.decode(text).ok()?.try_into().ok());
        let length = text(header::CONTENT_LENGTH).and_then(|text| text.parse().ok());
        let problem = || "it names no length".to_owned();
        Ok(Some(Facts {
            length: length.ok_or_else(|| S3Error::Unreadable { what: "a look at an object", problem: problem() })?,
            sha256: sha256.map(Hash::from_bytes),
            mode: text(MODE).and_then(Mode::read),
            until: text(UNTIL).and_then(|text| text.parse().ok()),
            held: text(HOLD) == Some("ON"),
        }))
    }

    /// The bytes of one version, at most `largest`; of the newest where there is none.
    pub async fn get(&self, key: &str, version: Option<&str>, largest: u64) -> Result<Bytes, S3Error> {
        let mut request = Request::new("a get", Method::GET, Some(key)).version(version);
        request.object = Some(largest);
        self.ask(request).await.map(|answer| answer.body)
    }
}
