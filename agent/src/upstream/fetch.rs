//! Result chunks: URLs that a Snowflake answer named, got here so that their rows pass the gateway.

use ::http::{HeaderMap, Method, Request, Response};
use hoop_model::{Fault, Retry, Side};
use hoop_wire::headers::FETCH_URL;
use reqwest::{Body, Client};
use url::{Host, Url};

use super::{Incoming, address::Reach, client, forward};
use crate::{SnowflakeTarget, settings::is_loopback_http};

/// Where the clouds keep result chunks: a dot first means any host below.
const CLOUDS: [&str; 4] =
    [".amazonaws.com", ".blob.core.windows.net", ".storage.googleapis.com", "storage.googleapis.com"];

pub(super) struct Fetcher {
    origin: Url,
    chunk_hosts: Vec<String>,
    /// For the upstream's own origin and configured hosts.
    configured: Client,
    /// For the clouds: the host's name is the upstream's word only.
    named: Client,
}

impl Fetcher {
    pub(super) fn build(target: &SnowflakeTarget, configured: Client) -> Result<Self, String> {
        let chunk_hosts = target.chunk_hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        let named = match Url::parse("https://storage.googleapis.com") {
            // A loopback stand-in has no business in a cloud, and its machine perhaps no certificate store.
            Ok(_) if is_loopback_http(&target.url) => configured.clone(),
            Ok(cloud) => client::build(&cloud, None, Reach::Named)?,
            Err(error) => return Err(error.to_string()),
        };
        Ok(Self { origin: target.url.clone(), chunk_hosts, configured, named })
    }

    pub(super) async fn fetch(&self, request: Request<Incoming>) -> Result<Response<Body>, Fault> {
        let (head, _) = request.into_parts();
        let url = head.headers.get(FETCH_URL).and_then(|url| url.to_str().ok()).and_then(|url| Url::parse(url).ok());
        let client = url.as_ref().and_then(|url| self.client_for(url));
        let (Some(url), Some(client), Method::GET) = (url, client, head.method) else {
            return Err(refused());
        };
        let headers: HeaderMap = forward::request_headers(head.headers);
        let response = forward::send(client, Method::GET, url, headers, None).await?;
        Ok(forward::answer(response))
    }

    /// The client that may get `url`; `None`: nobody may.
    fn client_for(&self, url: &Url) -> Option<&Client> {
        if !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        if url.origin() == self.origin.origin() {
            return Some(&self.configured);
        }
        let plain_allowed = is_loopback_http(&self.origin);
        if url.scheme() != "https" && !(plain_allowed && url.scheme() == "http") {
            return None;
        }
        let host = url.host_str()?.to_ascii_lowercase();
        let with_port = url.port_or_known_default().map(|port| format!("{host}:{port}"));
        let listed = |entry: &String| *entry == host && url.port().is_none() || Some(entry) == with_port.as_ref();
        if self.chunk_hosts.iter().any(listed) {
            return Some(&self.configured);
        }
        let in_cloud = CLOUDS.iter().any(|cloud| host == *cloud || cloud.starts_with('.') && host.ends_with(cloud));
        let plain_host = matches!(url.host(), Some(Host::Domain(_))) && url.port().is_none();
        (in_cloud && plain_host && url.scheme() == "https").then_some(&self.named)
    }
}

fn refused() -> Fault {
    let text = "The upstream named a place for its result that this agent does not fetch from. If it is legitimate, an \
                administrator can add its host to 'chunk_hosts' in the agent's settings.";
    Fault::new(Side::Agent, "fetch_refused", Retry::Useless, text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{SecretRef, SnowflakeCredential};

    fn fetcher(url: &str) -> Fetcher {
        let target = SnowflakeTarget {
            url: url.parse().unwrap(),
            account: "a".to_owned(),
            user: "u".to_owned(),
            credential: SnowflakeCredential::Password(SecretRef::Environment("X".to_owned())),
            role: None,
            warehouse: None,
            database: None,
            schema: None,
            chunk_hosts: vec!["chunks.internal".to_owned(), "127.0.0.1:7001".to_owned()],
            authority: None,
        };
        let plain = client::build(&"http://127.0.0.1".parse().unwrap(), None, Reach::Configured).unwrap();
        let (configured, named) = (plain.clone(), plain);
        Fetcher { origin: target.url, chunk_hosts: target.chunk_hosts, configured, named }
    }

    #[test]
    fn only_known_places_are_fetched_from() {
        let real = fetcher("https://acct.snowflakecomputing.com");
        for (url, allowed) in [
            ("https://acct.snowflakecomputing.com/chunk", true),
            ("http://acct.snowflakecomputing.com/chunk", false),
            ("https://sfc-x.s3.eu-west-1.amazonaws.com/a?sig", true),
            ("https://sfc.blob.core.windows.net/a", true),
            ("https://storage.googleapis.com/b/a", true),
            ("http://sfc-x.s3.amazonaws.com/a", false),
            ("https://sfc-x.s3.amazonaws.com:22/a", false),
            ("https://amazonaws.com.evil.example/a", false),
            ("https://evilamazonaws.com/a", false),
            ("https://u:p@sfc.s3.amazonaws.com/a", false),
            ("https://169.254.169.254/latest", false),
            ("https://chunks.internal/a", true),
            ("https://chunks.internal:9/a", false),
            ("http://127.0.0.1:7001/a", false),
            ("https://127.0.0.1:7001/a", true),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(real.client_for(&url.parse().unwrap()).is_some(), allowed, "{url}");
        }
        let double = fetcher("http://127.0.0.1:7000");
        for (url, allowed) in
            [("http://127.0.0.1:7000/c", true), ("http://127.0.0.1:7001/c", true), ("http://127.0.0.1:7002/c", false)]
        {
            assert_eq!(double.client_for(&url.parse().unwrap()).is_some(), allowed, "{url}");
        }
    }
}
