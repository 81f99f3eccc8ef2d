//! The documents that S3 answers with, and those it is asked with.

use serde::Deserialize;

use crate::error::S3Error;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Fault {
    #[serde(default, rename = "Code")]
    pub code: String,
    #[serde(default, rename = "Message")]
    pub message: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct LockConfiguration {
    #[serde(rename = "ObjectLockEnabled")]
    pub enabled: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Versions {
    #[serde(default, rename = "IsTruncated")]
    pub truncated: bool,
    #[serde(rename = "NextKeyMarker")]
    pub next_key: Option<String>,
    #[serde(rename = "NextVersionIdMarker")]
    pub next_version: Option<String>,
    /// Of one key the newest first.
    #[serde(default, rename = "Version")]
    pub versions: Vec<Entry>,
    #[serde(default, rename = "DeleteMarker")]
    pub markers: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Entry {
    #[serde(rename = "Key")]
    pub key: String,
    #[serde(rename = "VersionId")]
    pub version: String,
    /// Of a delete marker none.
    #[serde(default, rename = "Size")]
    pub size: u64,
}

pub(crate) fn read<'a, T: Deserialize<'a>>(what: &'static str, body: &'a [u8]) -> Result<T, S3Error> {
    let unreadable = |problem: String| S3Error::Unreadable { what, problem };
    let text = std::str::from_utf8(body).map_err(|error| unreadable(error.to_string()))?;
    quick_xml::de::from_str(text).map_err(|error| unreadable(error.to_string()))
}

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

pub(crate) fn retention(mode: &str, until: &str) -> String {
    format!(
        "<Retention xmlns=\"{NAMESPACE}\"><Mode>{mode}</Mode><RetainUntilDate>{until}</RetainUntilDate></Retention>"
    )
}

pub(crate) fn legal_hold(on: bool) -> String {
    let status = if on { "ON" } else { "OFF" };
    format!("<LegalHold xmlns=\"{NAMESPACE}\"><Status>{status}</Status></LegalHold>")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn versions_and_markers_may_come_in_any_order() {
        let text = r#"<?xml version="1.0" encoding="UTF-8"?>
<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><IsTruncated>true</IsTruncated>
<NextKeyMarker>k</NextKeyMarker><NextVersionIdMarker>v</NextVersionIdMarker>
<Version><Key>a</Key><VersionId>2</VersionId><IsLatest>true</IsLatest><Size>7</Size></Version>
<DeleteMarker><Key>a</Key><VersionId>1</VersionId></DeleteMarker>
<Version><Key>b&amp;c</Key><VersionId>null</VersionId><Size>0</Size></Version></ListVersionsResult>"#;
        let read: Versions = read("it", text.as_bytes()).unwrap();
        assert!(read.truncated);
        let versions: Vec<_> = read.versions.iter().map(|entry| (entry.key.as_str(), entry.size)).collect();
        assert_eq!(versions, [("a", 7), ("b&c", 0)]);
        assert_eq!(read.markers.len(), 1);
    }

    #[test]
    fn what_is_no_answer_of_s3_is_an_error() {
        for text in ["", "<html>", "{}", "<ListVersionsResult><IsTruncated>7"] {
            assert!(read::<Versions>("it", text.as_bytes()).is_err(), "{text}");
        }
    }
}
