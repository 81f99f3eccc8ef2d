use std::time::Duration;

use hoop_model::Timestamp;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime, pem::PemObject};
use webpki::{EndEntityCert, Error, KeyUsage, anchor_from_trusted_cert, aws_lc_rs as algorithms};

use super::StampError;

/// `id-kp-timeStamping` (RFC 3161 §2.3), as DER has it.
const TIME_STAMPING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];

/// What a certificate may be signed by.
static ALL: &[&dyn SignatureVerificationAlgorithm] = &[
    algorithms::RSA_PKCS1_2048_8192_SHA256,
    algorithms::RSA_PKCS1_2048_8192_SHA384,
    algorithms::RSA_PKCS1_2048_8192_SHA512,
    algorithms::ECDSA_P256_SHA256,
    algorithms::ECDSA_P256_SHA384,
    algorithms::ECDSA_P256_SHA512,
    algorithms::ECDSA_P384_SHA256,
    algorithms::ECDSA_P384_SHA384,
    algorithms::ECDSA_P384_SHA512,
    algorithms::ECDSA_P521_SHA256,
    algorithms::ECDSA_P521_SHA384,
    algorithms::ECDSA_P521_SHA512,
];

/// Whose time stamps are believed: the certificates at the top of their chains.
#[derive(Clone)]
pub struct Authority(Vec<TrustAnchor<'static>>);

impl Authority {
    /// Certificates in PEM form; at least one.
    pub fn from_pem(pem: &str) -> Result<Self, StampError> {
        let mut anchors = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|_| StampError::NoAuthority)?;
            let anchor = anchor_from_trusted_cert(&certificate);
            anchors.push(anchor.map_err(|error| StampError::BadAuthority(words(&error)))?.to_owned());
        }
        if anchors.is_empty() { Err(StampError::NoAuthority) } else { Ok(Self(anchors)) }
    }

    /// Holds the chain of a certificate, which may use the others, at a time. Whether one was revoked is not asked: the
    /// time stamp is looked at offline.
    pub(super) fn holds(
        &self,
        certificate: &EndEntityCert<'_>,
        others: &[CertificateDer<'_>],
        at: Timestamp,
    ) -> Result<(), StampError> {
        let chain = |why: String| StampError::Chain { at, why };
        let seconds = u64::try_from(at.as_second()).map_err(|_| chain("it is before 1970".to_owned()))?;
        let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let usage = KeyUsage::required(TIME_STAMPING);
        let held = certificate.verify_for_usage(ALL, &self.0, others, time, usage, None, None);
        held.map(drop).map_err(|error| chain(words(&error)))
    }
}

fn words(error: &Error) -> String {
    match error {
        Error::CertExpired { .. } => "a certificate had expired".to_owned(),
        Error::CertNotValidYet { .. } => "a certificate was not valid yet".to_owned(),
        Error::UnknownIssuer => "none of the given certificates signed it, nor one that came with it".to_owned(),
        other => format!("{other:?}"),
    }
}
