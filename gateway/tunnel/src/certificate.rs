use aws_lc_rs::digest;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use x509_parser::prelude::{FromDer, X509Certificate};

/// A certificate chain, leaf first, and the leaf's key. A gateway's chain ends with its authority's certificate: peers
/// that know only the authority's pin find it there.
pub struct Identity {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
}

impl Clone for Identity {
    fn clone(&self) -> Self {
        Self { chain: self.chain.clone(), key: self.key.clone_key() }
    }
}

impl Identity {
    /// Both parts from PEM.
    pub fn from_pem(chain: &str, key: &str) -> Result<Self, PemError> {
        Ok(Self { chain: certificates(chain)?, key: private_key(key)? })
    }
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PemError {
    #[error("no certificate in PEM form was found")]
    NoCertificate,
    #[error("a PEM certificate is damaged: {0}")]
    Certificate(rustls_pki_types::pem::Error),
    /// Without the cause: it could quote the key.
    #[error("no usable private key in PEM form was found")]
    Key,
    #[error("a certificate is damaged")]
    Der,
}

/// The certificates in a PEM text, in order; at least one.
pub fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, PemError> {
    let found: Vec<_> =
        CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(PemError::Certificate)?;
    if found.is_empty() { Err(PemError::NoCertificate) } else { Ok(found) }
}

/// The first private key in a PEM text.
pub fn private_key(pem: &str) -> Result<PrivateKeyDer<'static>, PemError> {
    PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| PemError::Key)
}

/// SHA-256 of a certificate's SubjectPublicKeyInfo: a pin that survives reissue with the same key (RFC 7469 §2.4).
pub fn spki_sha256(certificate: &CertificateDer<'_>) -> Result<[u8; 32], PemError> {
    let (_, parsed) = X509Certificate::from_der(certificate).map_err(|_| PemError::Der)?;
    let digest = digest::digest(&digest::SHA256, parsed.tbs_certificate.subject_pki.raw);
    digest.as_ref().try_into().map_err(|_| PemError::Der)
}
