//! A time stamp authority made with OpenSSL's `ts`, under a certificate authority of its own.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::{
    fs,
    path::Path,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SignatureAlgorithm,
};
use tempfile::TempDir;

/// `extKeyUsage`.
const USAGE: &[u64] = &[2, 5, 29, 37];
/// timeStamping alone, and with serverAuth.
pub const STAMPING: &[u8] = &[0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];
pub const BOTH: &[u8] = &[
    0x30, 0x14, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05,
    0x07, 0x03, 0x08,
];
pub const SERVING: &[u8] = &[0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];

/// How its certificate is made.
pub struct How {
    pub key: &'static SignatureAlgorithm,
    pub digest: &'static str,
    /// Of the signing certificate attribute.
    pub bound_by: &'static str,
    pub usage: &'static [u8],
    pub critical: bool,
    /// Years of its validity.
    pub years: (i32, i32),
}

pub const USUAL: How = How {
    key: &rcgen::PKCS_ECDSA_P256_SHA256,
    digest: "sha256",
    bound_by: "sha256",
    usage: STAMPING,
    critical: true,
    years: (2000, 2100),
};

pub struct Tsa {
    dir: TempDir,
    count: AtomicU32,
    digest: &'static str,
    issuer: Issuer<'static, KeyPair>,
    own: CertificateParams,
    key: KeyPair,
    certificate: Vec<u8>,
}

impl Tsa {
    pub fn new(how: &How) -> Self {
        let dir = TempDir::new().unwrap();
        let put = |name: &str, text: String| fs::write(dir.path().join(name), text).unwrap();
        let ca_key = KeyPair::generate().unwrap();
        let mut ca = CertificateParams::default();
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        ca.distinguished_name.push(DnType::CommonName, "an authority's authority");
        let certificate = ca.self_signed(&ca_key).unwrap();
        put("ca.pem", certificate.pem());
        let issuer = Issuer::new(ca, ca_key);

        let key = KeyPair::generate_for(how.key).unwrap();
        let mut own = CertificateParams::default();
        own.distinguished_name.push(DnType::CommonName, "an authority");
        own.serial_number = Some(7.into());
        own.not_before = rcgen::date_time_ymd(how.years.0, 1, 1);
        own.not_after = rcgen::date_time_ymd(how.years.1, 1, 1);
        own.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let mut usage = CustomExtension::from_oid_content(USAGE, how.usage.to_vec());
        usage.set_criticality(how.critical);
        own.custom_extensions.push(usage);
        let certificate = own.signed_by(&key, &issuer).unwrap();
        put("tsa.pem", certificate.pem());
        let certificate = certificate.der().to_vec();
        put("tsa.key", key.serialize_pem());
        put(
            "tsa.cnf",
            format!(
                "[tsa]\ndefault_tsa = own\n[own]\nserial = {dir}/serial\nsigner_cert = {dir}/tsa.pem\nsigner_key = \
                 {dir}/tsa.key\nsigner_digest = {digest}\ndefault_policy = 1.2.3.4.1\ndigests = sha256, sha512\naccuracy = \
                 secs:1\nordering = yes\ntsa_name = yes\ness_cert_id_alg = {bound_by}\n",
                dir = dir.path().display(),
                digest = how.digest,
                bound_by = how.bound_by,
            ),
        );
        Self { dir, count: AtomicU32::new(0), digest: how.digest, issuer, own, key, certificate }
    }

    /// A token with another certificate in its place: of the same key, issuer and serial number, and as long.
    pub fn with_another_certificate(&self, token: &[u8]) -> Vec<u8> {
        let length = self.certificate.len();
        let at = token.windows(length).position(|part| part == self.certificate).unwrap();
        let mut other = self.own.clone();
        other.not_after = rcgen::date_time_ymd(2099, 1, 1);
        loop {
            // A signature is now and then a byte shorter.
            let made = other.signed_by(&self.key, &self.issuer).unwrap();
            if made.der().len() == length {
                let (before, rest) = token.split_at(at);
                return [before, made.der(), rest.split_at(length).1].concat();
            }
        }
    }

    pub fn authority(&self) -> String {
        fs::read_to_string(self.dir.path().join("ca.pem")).unwrap()
    }

    /// A file for one use.
    fn file(&self, bytes: &[u8]) -> std::path::PathBuf {
        let path = self.dir.path().join(self.count.fetch_add(1, Ordering::SeqCst).to_string());
        fs::write(&path, bytes).unwrap();
        path
    }

    /// What it answers to an `application/timestamp-query`.
    pub fn reply(&self, query: &[u8]) -> Vec<u8> {
        let (query, out) = (self.file(query), self.file(&[]));
        openssl(|command| {
            command.args(["ts", "-reply", "-config"]).arg(self.dir.path().join("tsa.cnf"));
            command.arg("-queryfile").arg(&query).arg("-out").arg(&out);
        });
        fs::read(out).unwrap()
    }

    /// What a good token says, signed by this one's key whatever its certificate is for.
    pub fn resigned(&self, token: &[u8]) -> Vec<u8> {
        let (token, said, out) = (self.file(token), self.file(&[]), self.file(&[]));
        openssl(|command| {
            command.args(["cms", "-verify", "-noverify", "-inform", "DER", "-in"]).arg(&token).arg("-out").arg(&said);
        });
        openssl(|command| {
            command.args(["cms", "-sign", "-binary", "-nodetach", "-cades", "-outform", "DER", "-econtent_type"]);
            command.args(["1.2.840.113549.1.9.16.1.4", "-md", self.digest, "-in"]).arg(&said).arg("-out").arg(&out);
            command.arg("-signer").arg(self.dir.path().join("tsa.pem"));
            command.arg("-inkey").arg(self.dir.path().join("tsa.key"));
        });
        fs::read(out).unwrap()
    }

    /// Whether OpenSSL itself takes the token for these bytes.
    pub fn verifies(&self, token: &Path, data: &Path) -> bool {
        let mut command = Command::new("openssl");
        command.args(["ts", "-verify", "-token_in", "-in"]).arg(token).arg("-data").arg(data);
        command.arg("-CAfile").arg(self.dir.path().join("ca.pem"));
        command.output().unwrap().status.success()
    }
}

fn openssl(arguments: impl FnOnce(&mut Command)) {
    let mut command = Command::new("openssl");
    arguments(&mut command);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
