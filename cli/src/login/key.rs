use aws_lc_rs::{digest, rand};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hoop_model::Secret;
use hoop_wire::login::LoginOptions;
use rcgen::{CertificateParams, DistinguishedName, KeyPair, PublicKeyData};

use super::error::LoginError;

/// The session's P-256 key, made here and never sent: only its certificate request leaves. Bound to one login by a
/// random part that goes into the ID token's nonce.
pub struct SessionKey {
    pair: KeyPair,
    binding: String,
}

impl SessionKey {
    pub fn generate() -> Result<Self, LoginError> {
        let pair = KeyPair::generate().map_err(|error| LoginError::Key(error.to_string()))?;
        let mut random = [0; 32];
        rand::fill(&mut random).map_err(|_| LoginError::Key("no random bytes".to_owned()))?;
        Ok(Self { pair, binding: URL_SAFE_NO_PAD.encode(random) })
    }

    /// A key that was kept, and its binding.
    pub fn restore(pem: &Secret<String>, binding: &str) -> Result<Self, LoginError> {
        // Without the cause: it could quote the key.
        let pair =
            KeyPair::from_pem(pem.expose()).map_err(|_| LoginError::Key("what was kept is no key".to_owned()))?;
        Ok(Self { pair, binding: binding.to_owned() })
    }

    /// PKCS#8, PEM.
    pub fn pem(&self) -> Secret<String> {
        Secret::new(self.pair.serialize_pem())
    }

    /// PKCS#10, PEM: names nothing but the key.
    pub fn certificate_request(&self) -> Result<String, LoginError> {
        let failed = |error: rcgen::Error| LoginError::Key(error.to_string());
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.serialize_request(&self.pair).and_then(|request| request.pem()).map_err(failed)
    }

    /// Base64url.
    pub fn binding(&self) -> &str {
        &self.binding
    }

    /// What the ID token's nonce must be; see [`LoginOptions::NONCE_DOMAIN`].
    pub fn nonce(&self) -> Result<String, LoginError> {
        let random = URL_SAFE_NO_PAD
            .decode(&self.binding)
            .map_err(|_| LoginError::Key("its binding is no base64url".to_owned()))?;
        let mut context = digest::Context::new(&digest::SHA256);
        for part in [LoginOptions::NONCE_DOMAIN, &self.pair.subject_public_key_info(), &random] {
            context.update(part);
        }
        Ok(URL_SAFE_NO_PAD.encode(context.finish()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_kept_key_is_the_same_key() {
        let key = SessionKey::generate().unwrap();
        let kept = SessionKey::restore(&key.pem(), key.binding()).unwrap();
        assert_eq!(kept.nonce().unwrap(), key.nonce().unwrap());
        assert!(kept.certificate_request().unwrap().starts_with("-----BEGIN CERTIFICATE REQUEST-----"));
        let other = SessionKey::generate().unwrap();
        assert_ne!(other.nonce().unwrap(), key.nonce().unwrap());
    }

    #[test]
    fn what_is_no_key_is_not_quoted() {
        let text = SessionKey::restore(&Secret::new("4111111111111111".to_owned()), "").err().unwrap().to_string();
        assert!(!text.contains("4111"), "{text}");
    }
}
