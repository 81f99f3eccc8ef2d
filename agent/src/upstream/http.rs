use ::http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use hoop_model::{Fault, Retry, Side};
use hoop_wire::headers::MCP_ENDPOINT;
use hyper::body::Body as _;
use reqwest::{Body, Client};
use url::Url;

use super::{Incoming, address::Reach, client, forward};
use crate::HttpTarget;

/// An MCP server over HTTP.
pub(super) struct HttpUpstream {
    client: Client,
    url: Url,
    credentials: Vec<(HeaderName, HeaderValue)>,
}

impl HttpUpstream {
    pub(super) async fn build(target: &HttpTarget) -> Result<Self, String> {
        let mut credentials = Vec::new();
        for (name, reference) in &target.headers {
            let secret = reference.resolve().await.map_err(|error| format!("header {name}: {error}"))?;
            let mut value = HeaderValue::try_from(secret.expose().as_str())
                .map_err(|_| format!("header {name}: the secret has characters that a header cannot carry"))?;
            value.set_sensitive(true);
            credentials.push((name.clone(), value));
        }
        let client = client::build(&target.url, target.authority.as_deref(), Reach::Configured)?;
        Ok(Self { client, url: target.url.clone(), credentials })
    }

    pub(super) async fn exchange(&self, request: Request<Incoming>) -> Result<Response<Body>, Fault> {
        let (head, body) = request.into_parts();
        let url = match head.headers.get(MCP_ENDPOINT) {
            Some(named) => endpoint(&self.url, named).ok_or_else(elsewhere)?,
            None => target(&self.url, head.uri.path(), head.uri.query()),
        };
        let mut headers: HeaderMap = forward::request_headers(head.headers);
        for (name, value) in &self.credentials {
            headers.insert(name.clone(), value.clone());
        }
        let body = (!body.is_end_stream()).then(|| Body::wrap(body));
        let response = forward::send(&self.client, head.method, url, headers, body).await?;
        Ok(forward::answer(response))
    }
}

/// `/` is the configured URL as it stands (an MCP endpoint); any other path is below it.
fn target(base: &Url, path: &str, query: Option<&str>) -> Url {
    let mut url = base.clone();
    if path != "/" {
        url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    }
    if query.is_some() {
        url.set_query(query);
    }
    url
}

/// Where an MCP server of 2024-11-05 takes messages: at its own origin, whatever it names.
fn endpoint(base: &Url, named: &HeaderValue) -> Option<Url> {
    let url = base.join(named.to_str().ok()?).ok()?;
    (url.origin() == base.origin()).then_some(url)
}

fn elsewhere() -> Fault {
    let text = "The MCP server names another host as the place for its messages; nothing was sent there.";
    Fault::new(Side::Upstream, "no_endpoint", Retry::Useless, text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_configured_url_is_where_requests_go() {
        let base: Url = "http://127.0.0.1:9000/mcp?key=1".parse().unwrap();
        assert_eq!(target(&base, "/", None).as_str(), base.as_str());
        assert_eq!(target(&base, "/x/y", Some("a=b")).as_str(), "http://127.0.0.1:9000/mcp/x/y?a=b");
        // Nothing in a path leaves the host.
        assert_eq!(target(&base, "//evil.example/x", None).host_str(), Some("127.0.0.1"));
        assert_eq!(target(&base, "/../../x", None).host_str(), Some("127.0.0.1"));
    }

    #[test]
    fn messages_go_to_the_servers_own_origin() {
        let base: Url = "https://mcp.example/a/sse".parse().unwrap();
        let of = |named: &'static str| endpoint(&base, &HeaderValue::from_static(named)).map(String::from);
        assert_eq!(of("/messages?id=1").as_deref(), Some("https://mcp.example/messages?id=1"));
        assert_eq!(of("messages").as_deref(), Some("https://mcp.example/a/messages"));
        assert_eq!(of("https://mcp.example/m").as_deref(), Some("https://mcp.example/m"));
        for other in [
            "https://evil.example/m",
            "//evil.example/m",
            "http://mcp.example/m",
            "https://mcp.example:8443/m",
            "file:///etc/passwd",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
