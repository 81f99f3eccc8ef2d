//! Whom a receiver's certificate is held against.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use rustls_platform_verifier::Verifier;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    #[error("ca holds no certificate in PEM form")]
    NoCertificate,
    #[error("ca: {0}")]
    Certificate(#[from] rustls::Error),
    #[error("the machine's certificate store cannot be used ({0}); install one or set ca")]
    Store(rustls::Error),
}

/// Trust in `authority`, in PEM; in the machine's store where there is none.
pub fn trusting(authority: Option<&str>) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
    match authority {
        Some(pem) => {
            let mut roots = RootCertStore::empty();
            for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                roots.add(certificate.map_err(|_| TlsError::NoCertificate)?)?;
            }
            if roots.is_empty() {
                return Err(TlsError::NoCertificate);
            }
            Ok(builder.with_root_certificates(roots).with_no_client_auth())
        }
        None => {
            let verifier = Verifier::new(provider).map_err(TlsError::Store)?;
            Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
        }
    }
}
