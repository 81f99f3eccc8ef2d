//! Object Lock: retention, legal hold, and what they keep from being removed.

use hoop_model::Timestamp;
use http::{HeaderName, Method};

use crate::{
    client::{Client, Request},
    error::S3Error,
    xml,
};

pub(crate) const MODE: HeaderName = HeaderName::from_static("x-amz-object-lock-mode");
pub(crate) const UNTIL: HeaderName = HeaderName::from_static("x-amz-object-lock-retain-until-date");
const BYPASS: HeaderName = HeaderName::from_static("x-amz-bypass-governance-retention");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nobody removes it or shortens its time.
    Compliance,
    /// Somebody with the permission for it does.
    Governance,
}

impl Mode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compliance => "COMPLIANCE",
            Self::Governance => "GOVERNANCE",
        }
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        [Self::Compliance, Self::Governance].into_iter().find(|mode| mode.as_str() == text)
    }
}

/// In whole seconds, which every server reads.
pub(crate) fn date(at: Timestamp) -> String {
    whole(at).to_string()
}

/// The second that `at` is in.
pub(crate) fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

impl Client {
    /// Whether objects of the bucket can be locked, which includes that it keeps versions.
    pub async fn is_lockable(&self) -> Result<bool, S3Error> {
        const WHAT: &str = "a look at the bucket's Object Lock";
        let answer = match self.ask(Request::new(WHAT, Method::GET, None).query("object-lock", "")).await {
            Ok(answer) => answer,
            Err(S3Error::Refused { status: 404, code, .. }) if code != "NoSuchBucket" => return Ok(false),
            Err(error) => return Err(error),
        };
        let read: xml::LockConfiguration = xml::read(WHAT, &answer.body)?;
        Ok(read.enabled.as_deref() == Some("Enabled"))
    }

    /// `bypass`: with the wish to pass a governance lock by.
    pub async fn retain(
        &self,
        key: &str,
        version: &str,
        mode: Mode,
        until: Timestamp,
        bypass: bool,
    ) -> Result<(), S3Error> {
        let document = xml::retention(mode.as_str(), &date(until));
        let request = Request::new("a change of retention", Method::PUT, Some(key))
            .query("retention", "")
            .version(Some(version))
            .body(document.into());
        self.ask(if bypass { request.header(BYPASS, "true") } else { request }).await.map(drop)
    }

    pub async fn hold(&self, key: &str, version: &str, on: bool) -> Result<(), S3Error> {
        let request = Request::new("a legal hold", Method::PUT, Some(key))
            .query("legal-hold", "")
            .version(Some(version))
            .body(xml::legal_hold(on).into());
        self.ask(request).await.map(drop)
    }

    /// Removes one version for good; `bypass` as in [`Self::retain`].
    pub async fn remove(&self, key: &str, version: &str, bypass: bool) -> Result<(), S3Error> {
        let request = Request::new("a removal", Method::DELETE, Some(key)).version(Some(version));
        self.ask(if bypass { request.header(BYPASS, "true") } else { request }).await.map(drop)
    }
}
