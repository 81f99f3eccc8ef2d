//! The gateway's own certificate authority: it signs the gateway's certificate, session certificates for people and
//! workloads (at most 15 min) and agent certificates (24 h). Its key never leaves the data folder.

use std::{
    io::{self, Write},
    path::Path,
    time::{Duration, SystemTime},
};

use hoop_model::{AgentId, LoginId, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
};

/// How far a certificate's start lies in the past: clocks of laptops and gateways differ.
const BACKDATE: Duration = Duration::from_secs(60);
/// Life of the authority itself.
const AUTHORITY_LIFE: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// Life of the gateway's own certificate.
pub const SERVER_CERTIFICATE_LIFE: Duration = Duration::from_secs(90 * 24 * 3600);

/// Signs with the gateway's private CA.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

/// Whom a certificate names, as a URI in its subject alternative names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder {
    Login(LoginId),
    Agent(AgentId),
}

impl Holder {
    fn uri(self) -> String {
        match self {
            Self::Login(id) => format!("hoop:{id}"),
            Self::Agent(id) => format!("hoop:{id}"),
        }
    }

    /// The holder a presented certificate names; `None` when it names none or several.
    pub fn of(certificate: &[u8]) -> Option<Self> {
        use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};
        let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
        let names = parsed.subject_alternative_name().ok()??;
        let [GeneralName::URI(uri)] = names.value.general_names.as_slice() else { return None };
        let id = uri.strip_prefix("hoop:")?;
        id.parse().map(Self::Login).or_else(|_| id.parse().map(Self::Agent)).ok()
    }
}

/// When a presented certificate's time is over; `None` when it cannot be read.
pub fn end_of(certificate: &[u8]) -> Option<Timestamp> {
    use x509_parser::prelude::{FromDer, X509Certificate};
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    Timestamp::from_second(parsed.validity().not_after.timestamp()).ok()
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    #[error("the certificate request is not one: {0}")]
    Request(#[source] rcgen::Error),
    #[error("signing a certificate failed: {0}")]
    Sign(#[source] rcgen::Error),
    #[error("the authority's key or certificate under {path} cannot be used: {source}")]
    Stored {
        path: String,
        #[source]
        source: io::Error,
    },
}

impl Authority {
    /// Loads the authority from `dir`, or makes one there (key file mode 0600).
    pub fn open(dir: &Path, now: Timestamp) -> Result<Self, AuthorityError> {
        let stored = |source| AuthorityError::Stored { path: dir.display().to_string(), source };
        let (key_path, certificate_path) = (dir.join("ca.key"), dir.join("ca.pem"));
        if !certificate_path.exists() {
            std::fs::create_dir_all(dir).map_err(stored)?;
            let key = KeyPair::generate().map_err(AuthorityError::Sign)?;
            let certificate = authority_params(now).self_signed(&key).map_err(AuthorityError::Sign)?;
            write_private(&key_path, key.serialize_pem().as_bytes()).map_err(stored)?;
            std::fs::write(&certificate_path, certificate.pem()).map_err(stored)?;
        }
        let key_pem = std::fs::read_to_string(&key_path).map_err(stored)?;
        let certificate = std::fs::read_to_string(&certificate_path).map_err(stored)?;
        let invalid = |error: rcgen::Error| stored(io::Error::new(io::ErrorKind::InvalidData, error.to_string()));
        let key = KeyPair::from_pem(&key_pem).map_err(invalid)?;
        let issuer = Issuer::from_ca_cert_pem(&certificate, key).map_err(invalid)?;
        Ok(Self { issuer, certificate })
    }

    /// PEM of the CA certificate.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Hex SHA-256 of the CA's public key: what join tokens and `--pin` carry.
    pub fn pin(&self) -> Result<String, hoop_tunnel::PemError> {
        pin(&self.certificate)
    }

    /// A server certificate and its key, both PEM, for the names given (DNS names or addresses).
    pub fn server(&self, names: &[String], now: Timestamp) -> Result<(String, String), AuthorityError> {
        let key = KeyPair::generate().map_err(AuthorityError::Sign)?;
        let mut params = CertificateParams::new(names.to_vec()).map_err(AuthorityError::Sign)?;
        lasting(&mut params, now, SERVER_CERTIFICATE_LIFE);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.signed_by(&key, &self.issuer).map_err(AuthorityError::Sign)?;
        Ok((format!("{}{}", certificate.pem(), self.certificate), key.serialize_pem()))
    }

    /// A client certificate for the key of `request` (PKCS#10, PEM). Nothing else of the request is taken over.
    pub fn client(
        &self,
        request: &Request,
        holder: Holder,
        now: Timestamp,
        life: Duration,
    ) -> Result<String, AuthorityError> {
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![SanType::URI(holder.uri().try_into().map_err(AuthorityError::Sign)?)];
        lasting(&mut params, now, life);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(&request.0.public_key, &self.issuer).map_err(AuthorityError::Sign)?;
        Ok(certificate.pem())
    }
}

/// [`Authority::pin`] of a CA certificate, PEM.
pub fn pin(certificate: &str) -> Result<String, hoop_tunnel::PemError> {
    let chain = hoop_tunnel::certificates(certificate)?;
    chain.first().map_or(Ok(String::new()), |ca| Ok(crate::digest::hex(&hoop_tunnel::spki_sha256(ca)?)))
}

/// A certificate request whose signature by its own key was checked.
pub struct Request(CertificateSigningRequestParams);

impl Request {
    pub fn parse(pem: &str) -> Result<Self, AuthorityError> {
        CertificateSigningRequestParams::from_pem(pem).map(Self).map_err(AuthorityError::Request)
    }

    /// SubjectPublicKeyInfo, DER.
    pub fn spki(&self) -> Vec<u8> {
        rcgen::PublicKeyData::subject_public_key_info(&self.0.public_key)
    }
}

fn authority_params(now: Timestamp) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    lasting(&mut params, now, AUTHORITY_LIFE);
    params.distinguished_name.push(DnType::CommonName, "hoop gateway authority");
    params
}

fn lasting(params: &mut CertificateParams, now: Timestamp, life: Duration) {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(now.as_second()).unwrap_or(0));
    params.not_before = (start - BACKDATE).into();
    params.not_after = (start + life).into();
    params.distinguished_name = DistinguishedName::new();
    params.use_authority_key_identifier_extension = true;
}

pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
