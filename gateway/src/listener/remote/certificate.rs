//! The endpoint's certificate, read again as it is renewed on disk.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use crate::{Gateway, Settings, SettingsError, settings::McpEndpoint};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(60);

pub(super) struct Certificate(RwLock<Arc<CertifiedKey>>);

impl Certificate {
    pub(super) fn open(endpoint: &McpEndpoint, settings: &Settings) -> Result<Arc<Self>, SettingsError> {
        Ok(Arc::new(Self(RwLock::new(Arc::new(endpoint.certified_key(&settings.file)?)))))
    }

    /// TLS with it, as it is at each handshake.
    pub(super) fn tls(self: &Arc<Self>) -> Result<ServerConfig, rustls::Error> {
        let mut tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(self.clone());
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(tls)
    }

    /// Never returns. What cannot be used leaves the one that is there.
    pub(super) async fn keep_fresh(&self, endpoint: &McpEndpoint, gateway: &Gateway) {
        loop {
            tokio::time::sleep(LOOK).await;
            match endpoint.certified_key(&gateway.settings.file) {
                Ok(fresh) if fresh.cert != self.current().cert => {
                    *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
                    tracing::info!("the MCP endpoint has a new certificate");
                }
                Ok(_) => {}
                Err(error) => tracing::error!(%error, "the MCP endpoint keeps its certificate"),
            }
        }
    }

    fn current(&self) -> Arc<CertifiedKey> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[certificate and key]")
    }
}
