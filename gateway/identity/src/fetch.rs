//! Fetching an issuer's public documents. Behind a trait, so that a test can be the network.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use reqwest::{Client, header, redirect};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use rustls_platform_verifier::Verifier;
use url::{Host, Url};

/// Largest document in bytes.
pub const LARGEST: usize = 256 * 1024;
/// For the whole of a fetch.
pub const LIMIT: Duration = Duration::from_secs(5);

/// A document and how long it may be kept, where the server said so.
#[derive(Debug, Clone)]
pub struct Fetched {
    pub body: Vec<u8>,
    pub max_age: Option<Duration>,
}

/// Why nothing was fetched, for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FetchError(pub String);

pub type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Fetched, FetchError>> + Send + 'a>>;

/// Gets a document. Implementations follow no redirect and bound time and size.
pub trait Fetch: Send + Sync {
    fn get<'a>(&'a self, url: &'a Url) -> Fetching<'a>;
}

/// Whether documents and keys may come from there: HTTPS, or plain HTTP on loopback alone.
pub fn is_acceptable(url: &Url) -> bool {
    let clean = url.username().is_empty() && url.password().is_none();
    clean && (url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url)))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The real network, by `reqwest`.
pub struct Web(Client);

impl Web {
    /// A client for one issuer. An HTTPS issuer is verified against the machine's certificate store, and is reached
    /// through the environment's proxy where one is set; loopback is reached directly.
    pub fn for_issuer(issuer: &Url) -> Result<Self, FetchError> {
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls(issuer.scheme() == "https").map_err(FetchError)?)
            .redirect(redirect::Policy::none())
            .timeout(LIMIT);
        if is_loopback(issuer) {
            builder = builder.no_proxy();
        }
        builder.build().map(Self).map_err(|error| FetchError(format!("the HTTP client cannot be set up: {error}")))
    }
}

impl Fetch for Web {
    fn get<'a>(&'a self, url: &'a Url) -> Fetching<'a> {
        Box::pin(async move {
            let failed = |error: reqwest::Error| FetchError(format!("{url}: {}", error.without_url()));
            let mut answer = self.0.get(url.clone()).send().await.map_err(failed)?;
            if answer.status() != reqwest::StatusCode::OK {
                return Err(FetchError(format!("{url}: answered {}", answer.status())));
            }
            let max_age =
                answer.headers().get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok()).and_then(max_age);
            let mut body = Vec::new();
            while let Some(chunk) = answer.chunk().await.map_err(failed)? {
                if body.len() + chunk.len() > LARGEST {
                    return Err(FetchError(format!("{url}: larger than {LARGEST} bytes")));
                }
                body.extend_from_slice(&chunk);
            }
            Ok(Fetched { body, max_age })
        })
    }
}

fn max_age(cache_control: &str) -> Option<Duration> {
    let seconds = cache_control.split(',').find_map(|part| part.trim().strip_prefix("max-age="))?;
    seconds.parse().ok().map(Duration::from_secs)
}

fn tls(needed: bool) -> Result<ClientConfig, String> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    if !needed {
        return Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth());
    }
    let verifier = Verifier::new(provider)
        .map_err(|error| format!("the machine's certificate store cannot be used ({error}); install one"))?;
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn plain_http_is_for_loopback_alone() {
        let acceptable = |url: &str| is_acceptable(&url.parse().unwrap());
        assert!(acceptable("https://idp.test/keys"));
        assert!(
            acceptable("http://127.0.0.1:9/keys") && acceptable("http://[::1]/") && acceptable("http://localhost/")
        );
        for url in ["http://idp.test", "http://127.0.0.1.evil.test", "http://localhost.evil.test", "file:///etc/passwd"]
        {
            assert!(!acceptable(url), "{url}");
        }
        assert!(!acceptable("https://user:pass@idp.test/"));
    }

    #[test]
    fn cache_control_is_read() {
        assert_eq!(max_age("public, max-age=600, must-revalidate"), Some(Duration::from_secs(600)));
        assert_eq!(max_age("no-store"), None);
    }
}
