//! What the endpoint is called: the resources that tokens are made for, and the hosts that requests may name.

use std::net::SocketAddr;

use hoop_model::ConnectionName;
use http::{Request, header, uri::Authority};
use url::Url;

const METADATA: &str = "/.well-known/oauth-protected-resource";
/// Of HTTPS, which nobody writes.
const PORT: u16 = 443;

/// The origin of this endpoint as clients know it.
pub(super) struct Address {
    origin: String,
    host: String,
    port: u16,
}

/// What a path is of.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A connection's MCP endpoint.
    Mcp(ConnectionName),
    /// Its protected resource metadata (RFC 9728 §3.1: the resource's path goes after the well-known one).
    Metadata(ConnectionName),
}

impl Place {
    pub(super) fn of(path: &str) -> Option<Self> {
        let (place, path): (fn(_) -> _, _) = match path.strip_prefix(METADATA) {
            Some(rest) => (Self::Metadata, rest),
            None => (Self::Mcp, path),
        };
        path.strip_prefix("/mcp/")?.parse().ok().map(place)
    }
}

impl Address {
    /// `bound`: where the endpoint listens.
    pub(super) fn new(url: &Url, bound: SocketAddr) -> Self {
        let port = url.port().map_or(PORT, |port| if port == 0 { bound.port() } else { port });
        let host = url.host_str().unwrap_or_default().to_owned();
        let origin = if port == PORT { format!("https://{host}") } else { format!("https://{host}:{port}") };
        Self { origin, host, port }
    }

    /// The URI that a token for this connection must have as its audience (RFC 8707).
    pub(super) fn resource(&self, connection: &ConnectionName) -> String {
        format!("{}/mcp/{connection}", self.origin)
    }

    pub(super) fn metadata(&self, connection: &ConnectionName) -> String {
        format!("{}{METADATA}/mcp/{connection}", self.origin)
    }

    /// Whether the request is for this endpoint: a name that a foreign page made resolve here is not (DNS rebinding).
    pub(super) fn is_meant<B>(&self, request: &Request<B>) -> bool {
        let mut named = request.headers().get_all(header::HOST).iter();
        let (Some(host), None) = (named.next(), named.next()) else { return false };
        let host = host.to_str().ok().and_then(|host| host.parse().ok());
        host.is_some_and(|host| self.is(&host)) && request.uri().authority().is_none_or(|target| self.is(target))
    }

    fn is(&self, named: &Authority) -> bool {
        let whole = named.as_str();
        !whole.contains('@')
            && named.host().eq_ignore_ascii_case(&self.host)
            && match named.port_u16() {
                Some(port) => port == self.port,
                // A port that is none is not left out.
                None => self.port == PORT && whole.len() == named.host().len(),
            }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn address(url: &str) -> Address {
        Address::new(&url.parse().unwrap(), "127.0.0.1:4443".parse().unwrap())
    }

    fn name() -> ConnectionName {
        "tools".parse().unwrap()
    }

    #[test]
    fn resources_are_spelt_as_clients_dial_them() {
        for (url, resource) in [
            ("https://mcp.test", "https://mcp.test/mcp/tools"),
            ("https://mcp.test:8443/", "https://mcp.test:8443/mcp/tools"),
            ("https://localhost:0", "https://localhost:4443/mcp/tools"),
            ("https://[::1]:0", "https://[::1]:4443/mcp/tools"),
        ] {
            assert_eq!(address(url).resource(&name()), resource);
        }
        let metadata = address("https://mcp.test").metadata(&name());
        assert_eq!(metadata, "https://mcp.test/.well-known/oauth-protected-resource/mcp/tools");
        assert_eq!(Place::of(metadata.strip_prefix("https://mcp.test").unwrap()), Some(Place::Metadata(name())));
    }

    #[test]
    fn a_path_is_a_connections_or_nobodys() {
        assert_eq!(Place::of("/mcp/tools"), Some(Place::Mcp(name())));
        for path in ["/", "/mcp", "/mcp/", "/mcp/tools/", "/mcp/Tools", "/mcp/to%6fls", "/mcp//tools", "/v1/whoami"] {
            assert_eq!(Place::of(path), None, "{path}");
        }
    }

    #[test]
    fn a_foreign_host_is_not_meant() {
        let meant = |url: &str, hosts: &[&str]| {
            let request = hosts.iter().fold(Request::get("/mcp/tools"), |request, host| request.header("host", *host));
            address(url).is_meant(&request.body(()).unwrap())
        };
        let (usual, other) = ("https://mcp.test", "https://[::1]:8443");
        assert!(meant(usual, &["mcp.test"]) && meant(usual, &["MCP.test:443"]) && meant(other, &["[::1]:8443"]));
        for hosts in [&[] as &[_], &["mcp.test", "mcp.test"], &["evil.test"], &["mcp.test:8443"], &["mcp.test:x"]] {
            assert!(!meant(usual, hosts), "{hosts:?}");
        }
        assert!(!meant(usual, &["user@mcp.test"]) && !meant(other, &["[::1]"]) && !meant(other, &["127.0.0.1:8443"]));
        let absolute = Request::get("https://evil.test/mcp/tools").header("host", "mcp.test").body(()).unwrap();
        assert!(!address(usual).is_meant(&absolute));
    }
}
