//! `[mcp_endpoint]`: where MCP clients come in over HTTPS, without `hoopctl`.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use hoop_tunnel::PemError;
use rustls::{crypto::aws_lc_rs, sign::CertifiedKey};
use serde::Deserialize;
use url::Url;

use super::{
    SettingsError,
    secret::{SecretError, SecretRef},
};

/// The table as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct McpEndpoint {
    pub listen: SocketAddr,
    /// The origin that clients know. Port 0 in it is the one that `listen` got.
    pub url: Url,
    /// PEM, the leaf first; relative to the configuration.
    certificate: PathBuf,
    key: SecretRef,
    /// Without it no scope is asked for.
    pub scope: Option<String>,
    /// Of pages in a browser that may call; none by default.
    #[serde(default)]
    pub origins: Vec<String>,
}

/// An endpoint that cannot be offered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum McpEndpointError {
    #[error("people come in with their tokens, and [identity.oidc] is missing; add it, or take [mcp_endpoint] out")]
    NoPeople,
    #[error("url is \"{0}\"; write what clients dial as https://HOST or https://HOST:PORT, and nothing after it")]
    Url(String),
    #[error("scope is {0:?}; write one scope as the identity provider spells it, or leave it out")]
    Scope(String),
    #[error("origins holds \"{0}\"; write each as a browser sends it, such as https://app.example.com")]
    Origin(String),
    #[error("certificate: cannot read {path}: {source}")]
    Certificate {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("certificate or key: {0}")]
    Pem(#[from] PemError),
    #[error("key: {0}")]
    Secret(#[from] SecretError),
    #[error("certificate and key cannot be used together: {0}")]
    Pair(#[from] rustls::Error),
}

impl McpEndpoint {
    /// What can be seen without reading any other file.
    pub(super) fn checked(self, path: &Path, people: bool) -> Result<Self, SettingsError> {
        let wrong = |source| Err(SettingsError::McpEndpoint { path: path.to_owned(), source });
        if !people {
            return wrong(McpEndpointError::NoPeople);
        }
        // Without a host, or with a name in it, it has another origin.
        let is_origin = self.url.as_str() == format!("{}/", self.url.origin().ascii_serialization());
        if self.url.scheme() != "https" || !is_origin {
            return wrong(McpEndpointError::Url(self.url.to_string()));
        }
        if let Some(scope) = self.scope.as_ref().filter(|scope| !is_scope(scope)) {
            return wrong(McpEndpointError::Scope(scope.clone()));
        }
        if let Some(origin) = self.origins.iter().find(|origin| !is_origin_of_a_page(origin)) {
            return wrong(McpEndpointError::Origin(origin.clone()));
        }
        Ok(self)
    }

    /// Certificate and key as they lie there now. `path`: the file that this stands in.
    pub(crate) fn certified_key(&self, path: &Path) -> Result<CertifiedKey, SettingsError> {
        self.read(path.parent().unwrap_or(Path::new("")))
            .map_err(|source| SettingsError::McpEndpoint { path: path.to_owned(), source })
    }

    fn read(&self, folder: &Path) -> Result<CertifiedKey, McpEndpointError> {
        let path = folder.join(&self.certificate);
        let chain = std::fs::read_to_string(&path).map_err(|source| McpEndpointError::Certificate { path, source })?;
        let key = self.key.resolve(folder)?;
        let key = std::str::from_utf8(key.expose()).map_err(|_| PemError::Key)?;
        let key = hoop_tunnel::private_key(key)?;
        Ok(CertifiedKey::from_der(hoop_tunnel::certificates(&chain)?, key, &aws_lc_rs::default_provider())?)
    }
}

/// A scope-token (RFC 6749 §3.3); it goes into a header between quotes.
fn is_scope(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic() && c != '"' && c != '\\')
}

fn is_origin_of_a_page(text: &str) -> bool {
    text.parse().is_ok_and(|url: Url| url.origin().is_tuple() && url.origin().ascii_serialization() == text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    const GOOD: &str = r#"
listen = "127.0.0.1:0"
url = "https://mcp.example.com"
certificate = "mcp.pem"
key = "file:mcp.key"
scope = "mcp"
origins = ["https://app.example.com", "http://localhost:6274"]
"#;

    fn checked(text: &str) -> Result<McpEndpoint, String> {
        // As the whole file is read: without the line's text.
        let endpoint: McpEndpoint =
            super::super::read_toml(Path::new("gateway.toml"), text).map_err(|error| error.to_string())?;
        endpoint.checked(Path::new("gateway.toml"), true).map_err(|error| error.to_string())
    }

    #[test]
    fn what_clients_could_not_use_is_refused() {
        checked(GOOD).unwrap();
        checked(&GOOD.replace("mcp.example.com", "[::1]:0")).unwrap();
        for (from, to, words) in [
            ("https://mcp.example.com", "http://mcp.example.com", "https://HOST"),
            ("https://mcp.example.com", "https://mcp.example.com/mcp", "nothing after it"),
            ("https://mcp.example.com", "https://mcp.example.com?a", "nothing after it"),
            ("https://mcp.example.com", "https://user@mcp.example.com", "nothing after it"),
            ("scope = \"mcp\"", "scope = \"mcp tools\"", "one scope"),
            ("scope = \"mcp\"", "scope = 'm\"cp'", "one scope"),
            ("http://localhost:6274", "*", "as a browser sends it"),
            ("http://localhost:6274", "http://localhost:6274/", "as a browser sends it"),
            ("file:mcp.key", "hunter2", "env:NAME"),
            ("scope = \"mcp\"", "scopes = []", "scopes"),
        ] {
            let text = checked(&GOOD.replace(from, to)).unwrap_err();
            assert!(text.contains(words) && !text.contains("hunter2"), "{to}: {text}");
        }
        let alone = toml::from_str::<McpEndpoint>(GOOD).unwrap().checked(Path::new("gateway.toml"), false);
        assert!(alone.unwrap_err().to_string().contains("[identity.oidc]"));
    }

    #[test]
    fn certificate_and_key_are_read_and_belong_together() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.toml");
        let endpoint = checked(GOOD).unwrap();
        let why = || endpoint.certified_key(&path).err().unwrap().to_string();
        assert!(why().contains("cannot read") && why().contains("mcp.pem"), "{}", why());
        let (own, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let certificate = CertificateParams::new(["mcp.example.com".to_owned()]).unwrap().self_signed(&own).unwrap();
        std::fs::write(folder.path().join("mcp.pem"), certificate.pem()).unwrap();
        assert!(why().contains("mcp.key cannot be read"), "{}", why());
        std::fs::write(folder.path().join("mcp.key"), other.serialize_pem()).unwrap();
        assert!(why().contains("cannot be used together"), "{}", why());
        std::fs::write(folder.path().join("mcp.key"), own.serialize_pem()).unwrap();
        assert_eq!(endpoint.certified_key(&path).unwrap().cert.len(), 1);
    }
}
