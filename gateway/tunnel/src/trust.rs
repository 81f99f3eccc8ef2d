use std::sync::Arc;

use rustls::{
    RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::CryptoProvider,
};
use rustls_pki_types::CertificateDer;

use crate::pin::PinVerifier;

/// How a dialler knows that it speaks to the right gateway. The name is checked in every case.
#[derive(Clone)]
pub enum Trust {
    /// The machine's own certificate store.
    System,
    /// Only these authorities.
    Authority(Vec<CertificateDer<'static>>),
    /// [`crate::spki_sha256`] of the authority (which the gateway must show in its chain) or of the leaf.
    Pin([u8; 32]),
}

impl Trust {
    pub(crate) fn verifier(&self, provider: Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, String> {
        match self {
            Self::System => rustls_platform_verifier::Verifier::new(provider)
                .map(|verifier| Arc::new(verifier) as Arc<dyn ServerCertVerifier>)
                .map_err(|error| format!("the machine's certificate store cannot be used: {error}")),
            Self::Authority(certificates) => {
                let verifier: Arc<dyn ServerCertVerifier> = by_authority(certificates, provider)?;
                Ok(verifier)
            }
            Self::Pin(pin) => Ok(Arc::new(PinVerifier::new(*pin, provider))),
        }
    }
}

pub(crate) fn by_authority(
    certificates: &[CertificateDer<'_>],
    provider: Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots
            .add(certificate.clone())
            .map_err(|error| format!("an authority's certificate cannot be used: {error}"))?;
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| format!("the authorities cannot be used: {error}"))
}
