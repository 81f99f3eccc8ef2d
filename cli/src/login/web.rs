//! HTTP to identity providers and CI platforms: HTTPS or loopback, no redirects, small answers, not for long.

use std::{sync::Arc, time::Duration};

use hoop_model::Secret;
use openidconnect::{HttpRequest, HttpResponse};
use reqwest::{Client, redirect};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use rustls_platform_verifier::Verifier;
use url::{Host, Url};

const LARGEST: usize = 256 * 1024;
const LIMIT: Duration = Duration::from_secs(10);

/// Holds neither request nor answer: both can carry tokens.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct WebError(String);

#[derive(Clone)]
pub(super) struct Web {
    outside: Client,
    loopback: Client,
}

/// Whether tokens may be sent there.
pub(super) fn is_acceptable(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

impl Web {
    /// Towards one provider. The environment's proxy is used, loopback excepted; the machine's certificate store is
    /// opened only for a provider that needs it.
    pub(super) fn towards(provider: &Url) -> Result<Self, WebError> {
        let build = |builder: reqwest::ClientBuilder| {
            let builder = builder.redirect(redirect::Policy::none()).timeout(LIMIT);
            builder.build().map_err(|error| WebError(format!("the HTTP client cannot be set up: {error}")))
        };
        let tls = tls(provider.scheme() == "https").map_err(WebError)?;
        Ok(Self {
            outside: build(Client::builder().tls_backend_preconfigured(tls.clone()))?,
            loopback: build(Client::builder().tls_backend_preconfigured(tls).no_proxy())?,
        })
    }

    /// One exchange for `openidconnect`.
    pub(super) async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, WebError> {
        let (parts, body) = request.into_parts();
        let url: Url = parts.uri.to_string().parse().map_err(|_| WebError("an address cannot be read".to_owned()))?;
        let answer = self.send(parts.method, &url, |builder| builder.headers(parts.headers).body(body)).await?;
        let mut response = http::Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            headers.clone_from(answer.headers());
        }
        let body = whole(answer, &url).await?;
        response.body(body).map_err(|error| WebError(error.to_string()))
    }

    /// A JSON document, asked for with a bearer token.
    pub(super) async fn get_json(&self, url: &Url, bearer: &Secret<String>) -> Result<serde_json::Value, WebError> {
        let answer = self.send(http::Method::GET, url, |builder| builder.bearer_auth(bearer.expose())).await?;
        let status = answer.status();
        if !status.is_success() {
            return Err(WebError(format!("{} answered {status}", host(url))));
        }
        let body = whole(answer, url).await?;
        serde_json::from_slice(&body).map_err(|_| WebError(format!("{} answered with no JSON", host(url))))
    }

    /// A form whose answer says nothing but whether it was taken.
    pub(super) async fn post_form(&self, url: &Url, form: &[(&str, &str)]) -> Result<(), WebError> {
        let status = self.send(http::Method::POST, url, |builder| builder.form(form)).await?.status();
        if status.is_success() { Ok(()) } else { Err(WebError(format!("{} answered {status}", host(url)))) }
    }

    async fn send(
        &self,
        method: http::Method,
        url: &Url,
        fill: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Result<reqwest::Response, WebError> {
        if !is_acceptable(url) {
            return Err(WebError(format!("{} is not reached over HTTPS", host(url))));
        }
        let client = if is_loopback(url) { &self.loopback } else { &self.outside };
        fill(client.request(method, url.clone())).send().await.map_err(|error| failed(&error, url))
    }
}

async fn whole(mut answer: reqwest::Response, url: &Url) -> Result<Vec<u8>, WebError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| failed(&error, url))? {
        if body.len() + chunk.len() > LARGEST {
            return Err(WebError(format!("{} answered with more than {LARGEST} bytes", host(url))));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Without the address: its query may hold a secret.
fn failed(error: &reqwest::Error, url: &Url) -> WebError {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    let why = if error.is_timeout() { format!("no answer within {} s", LIMIT.as_secs()) } else { cause.to_string() };
    WebError(format!("{}: {why}", host(url)))
}

fn host(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}", url.host_str().unwrap_or_default())
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
