//! The token: CMS SignedData (RFC 5652) over a TSTInfo (RFC 3161 §2.4.2).

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};
use hoop_model::Timestamp;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use webpki::{EndEntityCert, aws_lc_rs as algorithms};
use x509_parser::{asn1_rs::Tag, certificate::X509Certificate, extensions::ParsedExtension, prelude::FromDer};

use super::{Authority, Nonce, StampError, der::Reader};
use crate::digest::Hash;

const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const SIGNING_CERTIFICATE: &str = "1.2.840.113549.1.9.16.2.12";
const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";

/// What a time stamp says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// When the authority was shown the digest.
    pub at: Timestamp,
}

/// Holds a token against the SHA-256 digest that it has to be of, and its signer against the authority at the time that it
/// says. `nonce`: of the request that it answers, where that was just sent.
pub fn check(token: &[u8], of: &Hash, authority: &Authority, nonce: Option<Nonce>) -> Result<Stamp, StampError> {
    let signed = Signed::read(token)?;
    let info = Info::read(signed.content)?;
    if info.imprint != of.as_bytes() {
        return Err(StampError::OtherImprint);
    }
    if nonce.is_some_and(|nonce| !info.nonce.is_some_and(|integer| nonce.is(integer))) {
        return Err(StampError::OtherNonce);
    }
    let signer = signed.signer()?;
    let (_, parsed) = X509Certificate::from_der(signer).map_err(|_| StampError::Der("its certificate"))?;
    for_time_stamps(&parsed)?;
    signed.attributes(signer)?;
    let certificate = CertificateDer::from(signer);
    let certificate = EndEntityCert::try_from(&certificate).map_err(|_| StampError::Der("its certificate"))?;
    signed.verifies(&certificate)?;
    let others: Vec<_> = signed.certificates.iter().map(|other| CertificateDer::from(*other)).collect();
    authority.holds(&certificate, &others, info.at)?;
    Ok(Stamp { at: info.at })
}

/// The one usage, and nobody may overlook it (RFC 3161 §2.3).
fn for_time_stamps(certificate: &X509Certificate<'_>) -> Result<(), StampError> {
    let mut usages = certificate.extensions().iter().filter_map(|extension| match extension.parsed_extension() {
        ParsedExtension::ExtendedKeyUsage(usage) => Some((extension.critical, usage)),
        _ => None,
    });
    let (Some((true, usage)), None) = (usages.next(), usages.next()) else { return Err(StampError::Usage) };
    let others = usage.any
        || usage.server_auth
        || usage.client_auth
        || usage.code_signing
        || usage.email_protection
        || usage.ocsp_signing
        || !usage.other.is_empty();
    if usage.time_stamping && !others { Ok(()) } else { Err(StampError::Usage) }
}

/// The parts of a SignedData with one signer.
struct Signed<'a> {
    /// The bytes of the TSTInfo.
    content: &'a [u8],
    certificates: Vec<&'a [u8]>,
    issuer: &'a [u8],
    serial: &'a [u8],
    digest: Digest,
    /// Attributes as they are signed: with the tag of a SET.
    attributes: Vec<u8>,
    algorithm: String,
    signature: &'a [u8],
}

impl<'a> Signed<'a> {
    fn read(token: &'a [u8]) -> Result<Self, StampError> {
        let mut outer = Reader(token);
        let mut info = outer.sequence()?;
        outer.end()?;
        if info.oid()? != SIGNED_DATA {
            return Err(StampError::Der("it is no signed data"));
        }
        let data = info.context(0)?.ok_or(StampError::Der("no signed data"))?;
        info.end()?;
        let mut outer = Reader(data.content);
        let mut data = outer.sequence()?;
        outer.end()?;
        data.of(Tag::Integer)?;
        data.of(Tag::Set)?;
        let mut encapsulated = data.sequence()?;
        if encapsulated.oid()? != TST_INFO {
            return Err(StampError::Der("what is signed is no time stamp"));
        }
        let explicit = encapsulated.context(0)?.ok_or(StampError::Der("what is signed is not in it"))?;
        encapsulated.end()?;
        let mut explicit = Reader(explicit.content);
        let content = explicit.of(Tag::OctetString)?;
        explicit.end()?;
        let mut certificates = Vec::new();
        if let Some(set) = data.context(0)? {
            let mut set = Reader(set.content);
            while !set.is_empty() {
                let one = set.next()?;
                // Of other kinds of certificates there may be some; they sign nothing.
                if one.is(Tag::Sequence) {
                    certificates.push(one.raw);
                }
            }
        }
        // Lists of revoked ones.
        data.context(1)?;
        let mut signers = Reader(data.of(Tag::Set)?);
        data.end()?;
        let mut signer = signers.sequence()?;
        signers.end()?;
        signer.of(Tag::Integer)?;
        let id = signer.next()?;
        if !id.is(Tag::Sequence) {
            return Err(StampError::Unsupported("its signer is named by a key's identifier".to_owned()));
        }
        let mut id = Reader(id.content);
        let issuer = id.next()?.raw;
        let serial = id.of(Tag::Integer)?;
        id.end()?;
        let digest = Digest::of(&signer.sequence()?.oid()?)?;
        let attributes = signer.context(0)?.ok_or(StampError::Der("no signed attributes"))?;
        let (_, behind) = attributes.raw.split_first().ok_or(StampError::Der("no signed attributes"))?;
        let attributes = [&[0x31], behind].concat();
        let algorithm = signer.sequence()?.oid()?;
        let signature = signer.of(Tag::OctetString)?;
        signer.context(1)?;
        signer.end()?;
        Ok(Self { content, certificates, issuer, serial, digest, attributes, algorithm, signature })
    }

    /// The certificate that the signer is named by.
    fn signer(&self) -> Result<&'a [u8], StampError> {
        let named = |der: &&&[u8]| {
            X509Certificate::from_der(der).is_ok_and(|(rest, certificate)| {
                rest.is_empty()
                    && certificate.issuer().as_raw() == self.issuer
                    && certificate.raw_serial() == self.serial
            })
        };
        self.certificates.iter().find(named).copied().ok_or(StampError::NoCertificate)
    }

    /// What is signed is this content, and by this certificate (RFC 2634 §5.4, RFC 5035).
    fn attributes(&self, signer: &[u8]) -> Result<(), StampError> {
        let mut outer = Reader(&self.attributes);
        let mut attributes = Reader(outer.of(Tag::Set)?);
        outer.end()?;
        let (mut kind, mut message) = (None, None);
        let (mut bound, mut bound_v2) = (None, None);
        while !attributes.is_empty() {
            let mut attribute = attributes.sequence()?;
            let name = attribute.oid()?;
            let mut values = Reader(attribute.of(Tag::Set)?);
            attribute.end()?;
            let twice = match name.as_str() {
                CONTENT_TYPE => kind.replace(values.oid()?).is_some(),
                MESSAGE_DIGEST => message.replace(values.of(Tag::OctetString)?).is_some(),
                SIGNING_CERTIFICATE => bound.replace(names(&mut values, Digest::Sha1, signer)?).is_some(),
                SIGNING_CERTIFICATE_V2 => bound_v2.replace(names(&mut values, Digest::Sha256, signer)?).is_some(),
                _ => continue,
            };
            values.end()?;
            if twice {
                return Err(StampError::Der("an attribute is there twice"));
            }
        }
        if kind.as_deref() != Some(TST_INFO) || message != Some(self.digest.hash(self.content).as_ref()) {
            return Err(StampError::Signature);
        }
        match (bound, bound_v2) {
            (None, None) => Err(StampError::Der("no signing certificate attribute")),
            (Some(false), _) | (_, Some(false)) => Err(StampError::OtherCertificate),
            _ => Ok(()),
        }
    }

    fn verifies(&self, certificate: &EndEntityCert<'_>) -> Result<(), StampError> {
        let unsupported = || StampError::Unsupported(format!("it is signed by algorithm {}", self.algorithm));
        let fitting = candidates(&self.algorithm, self.digest).ok_or_else(unsupported)?;
        let holds = |algorithm: &&dyn SignatureVerificationAlgorithm| {
            certificate.verify_signature(*algorithm, &self.attributes, self.signature).is_ok()
        };
        if fitting.iter().any(holds) { Ok(()) } else { Err(StampError::Signature) }
    }
}

/// Whether the first certificate that a signing certificate attribute names is this one.
fn names(values: &mut Reader<'_>, default: Digest, certificate: &[u8]) -> Result<bool, StampError> {
    let mut attribute = values.sequence()?;
    let mut certificates = attribute.sequence()?;
    let mut first = certificates.sequence()?;
    let mut next = first.next()?;
    let mut by = default;
    // Only the second version may name another digest.
    if next.is(Tag::Sequence) && default != Digest::Sha1 {
        by = Digest::of(&Reader(next.content).oid()?)?;
        next = first.next()?;
    }
    if !next.is(Tag::OctetString) {
        return Err(StampError::Der("a signing certificate attribute"));
    }
    Ok(by.hash(certificate).as_ref() == next.content)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Digest {
    /// Only to name a certificate, never signed by.
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Digest {
    fn of(oid: &str) -> Result<Self, StampError> {
        match oid {
            "2.16.840.1.101.3.4.2.1" => Ok(Self::Sha256),
            "2.16.840.1.101.3.4.2.2" => Ok(Self::Sha384),
            "2.16.840.1.101.3.4.2.3" => Ok(Self::Sha512),
            other => Err(StampError::Unsupported(format!("it has a digest by algorithm {other}"))),
        }
    }

    fn hash(self, bytes: &[u8]) -> digest::Digest {
        let algorithm = match self {
            Self::Sha1 => &SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &SHA256,
            Self::Sha384 => &SHA384,
            Self::Sha512 => &SHA512,
        };
        digest::digest(algorithm, bytes)
    }
}

/// What a signature of this name over this digest may be, by the kind of key.
fn candidates(name: &str, digest: Digest) -> Option<Vec<&'static dyn SignatureVerificationAlgorithm>> {
    use Digest::{Sha256, Sha384, Sha512};
    Some(match (name, digest) {
        ("1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.11", Sha256) => vec![algorithms::RSA_PKCS1_2048_8192_SHA256],
        ("1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.12", Sha384) => vec![algorithms::RSA_PKCS1_2048_8192_SHA384],
        ("1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.13", Sha512) => vec![algorithms::RSA_PKCS1_2048_8192_SHA512],
        ("1.2.840.10045.4.3.2", Sha256) => {
            vec![algorithms::ECDSA_P256_SHA256, algorithms::ECDSA_P384_SHA256, algorithms::ECDSA_P521_SHA256]
        }
        ("1.2.840.10045.4.3.3", Sha384) => {
            vec![algorithms::ECDSA_P256_SHA384, algorithms::ECDSA_P384_SHA384, algorithms::ECDSA_P521_SHA384]
        }
        ("1.2.840.10045.4.3.4", Sha512) => {
            vec![algorithms::ECDSA_P256_SHA512, algorithms::ECDSA_P384_SHA512, algorithms::ECDSA_P521_SHA512]
        }
        _ => return None,
    })
}

/// What the authority signed.
struct Info<'a> {
    imprint: &'a [u8],
    at: Timestamp,
    nonce: Option<&'a [u8]>,
}

impl<'a> Info<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, StampError> {
        let mut outer = Reader(bytes);
        let mut info = outer.sequence()?;
        outer.end()?;
        if info.of(Tag::Integer)? != [1] {
            return Err(StampError::Unsupported("it is of another version".to_owned()));
        }
        // The authority's policy.
        info.oid()?;
        let mut imprint = info.sequence()?;
        let digest = Digest::of(&imprint.sequence()?.oid()?)?;
        let hashed = imprint.of(Tag::OctetString)?;
        imprint.end()?;
        if digest != Digest::Sha256 {
            return Err(StampError::OtherImprint);
        }
        info.of(Tag::Integer)?;
        let at = time(info.of(Tag::GeneralizedTime)?).ok_or(StampError::Der("its time"))?;
        // Accuracy, ordering, nonce, the authority's name, extensions: each may be missing.
        let mut nonce = None;
        while !info.is_empty() {
            let element = info.next()?;
            if element.is(Tag::Integer) {
                nonce = Some(element.content);
            }
        }
        Ok(Self { imprint: hashed, at, nonce })
    }
}

/// `YYYYMMDDhhmmss[.f…]Z`.
fn time(bytes: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(bytes).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_at_checked(14)?;
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| whole.get(from..to);
    let [year, month, day] = [part(0, 4)?, part(4, 6)?, part(6, 8)?];
    let [hour, minute, second] = [part(8, 10)?, part(10, 12)?, part(12, 14)?];
    format!("{year}-{month}-{day}T{hour}:{minute}:{second}{fraction}Z").parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn times_are_read_as_the_rfc_writes_them() {
        for (text, at) in [
            ("20260331120000Z", Some("2026-03-31T12:00:00Z")),
            ("19990609001326.34352Z", Some("1999-06-09T00:13:26.34352Z")),
            ("20260331120000", None),
            ("202603311200Z", None),
            ("20261331120000Z", None),
            ("2026033112000-Z", None),
            ("20260331120000+0100", None),
            ("é0260331120000Z", None),
        ] {
            assert_eq!(time(text.as_bytes()), at.map(|at| at.parse().unwrap()), "{text}");
        }
    }
}
