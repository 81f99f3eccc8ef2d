//! What ever lay under a name. An object that is put once has one version and no delete marker: everything else is
//! somebody's doing.

use std::collections::BTreeMap;

use http::Method;

use crate::{
    client::{Client, Request},
    error::S3Error,
    finding::Finding,
    xml,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub id: String,
    pub size: u64,
}

/// All versions of one key, the newest first, and the delete markers among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    pub versions: Vec<Version>,
    pub markers: usize,
}

impl History {
    /// The one that was there first.
    pub fn oldest(&self) -> Option<&Version> {
        self.versions.last()
    }

    pub fn findings(&self, key: &str) -> Vec<Finding> {
        let overwritten = self.versions.len() > 1;
        let overwritten =
            overwritten.then(|| Finding::Overwritten { key: key.to_owned(), versions: self.versions.len() });
        let hidden = (self.markers > 0).then(|| Finding::Hidden { key: key.to_owned() });
        overwritten.into_iter().chain(hidden).collect()
    }
}

impl Client {
    /// Everything under `prefix`, by key.
    pub async fn histories(&self, prefix: &str) -> Result<BTreeMap<String, History>, S3Error> {
        self.listed(prefix, |_| true).await
    }

    /// Page by page, as long as the next one begins with a key that is wanted.
    async fn listed(&self, prefix: &str, wanted: impl Fn(&str) -> bool) -> Result<BTreeMap<String, History>, S3Error> {
        const WHAT: &str = "a list of versions";
        let mut histories = BTreeMap::<String, History>::new();
        let mut from: Option<(String, Option<String>)> = None;
        loop {
            let mut request = Request::new(WHAT, Method::GET, None).query("versions", "").query("prefix", prefix);
            if let Some((key, version)) = from.take() {
                request = request.query("key-marker", key);
                if let Some(version) = version {
                    request = request.query("version-id-marker", version);
                }
            }
            let answer = self.ask(request).await?;
            let page: xml::Versions = xml::read(WHAT, &answer.body)?;
            for entry in page.versions {
                let version = Version { id: entry.version, size: entry.size };
                histories.entry(entry.key).or_default().versions.push(version);
            }
            for entry in page.markers {
                histories.entry(entry.key).or_default().markers += 1;
            }
            if !page.truncated {
                return Ok(histories);
            }
            let problem = || "it goes on, and does not say where".to_owned();
            let next = page.next_key.ok_or_else(|| S3Error::Unreadable { what: WHAT, problem: problem() })?;
            if !wanted(&next) {
                return Ok(histories);
            }
            from = Some((next, page.next_version));
        }
    }

    /// Of one key: in the order of keys it comes before all that begin with it.
    pub async fn history(&self, key: &str) -> Result<History, S3Error> {
        Ok(self.listed(key, |next| next == key).await?.remove(key).unwrap_or_default())
    }
}
