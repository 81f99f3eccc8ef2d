//! Snowflake's key-pair login: a short RS256 JWT that names the account, the user and the key.

use aws_lc_rs::{
    digest,
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    rsa,
    signature::{KeyPair, RSA_PKCS1_SHA256},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hoop_model::{Secret, Timestamp};
use rustls_pki_types::{PrivateKeyDer, pem::PemObject};
use serde_json::json;

/// Snowflake allows an hour; the token is used at once, so this is for clocks that differ.
const LIFETIME_SECONDS: i64 = 600;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum KeyError {
    /// Without the cause: it could quote the key.
    #[error("the private key is not an unencrypted RSA key in PEM; decrypt it with `openssl pkcs8` or give another")]
    Unusable,
    #[error("the key could not sign")]
    Sign,
}

/// The login token for `account` and `user`.
pub(crate) fn token(pem: &str, account: &str, user: &str, now: Timestamp) -> Result<Secret<String>, KeyError> {
    let key = match PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| KeyError::Unusable)? {
        PrivateKeyDer::Pkcs8(der) => rsa::KeyPair::from_pkcs8(der.secret_pkcs8_der()),
        PrivateKeyDer::Pkcs1(der) => rsa::KeyPair::from_der(der.secret_pkcs1_der()),
        _ => return Err(KeyError::Unusable),
    }
    .map_err(|_| KeyError::Unusable)?;
    let public: PublicKeyX509Der<'_> = key.public_key().as_der().map_err(|_| KeyError::Unusable)?;
    let fingerprint = STANDARD.encode(digest::digest(&digest::SHA256, public.as_ref()));
    let subject = format!("{}.{}", account_identifier(account), user.to_uppercase());
    let claims = json!({
        "iss": format!("{subject}.SHA256:{fingerprint}"),
        "sub": subject,
        "iat": now.as_second(),
        "exp": now.as_second() + LIFETIME_SECONDS,
    });
    let header = json!({ "alg": "RS256", "typ": "JWT" });
    let signed =
        format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).map_err(|_| KeyError::Sign)?;
    Ok(Secret::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))))
}

/// Upper case, without the region or cloud after the first dot (Snowflake, "Using key-pair authentication").
fn account_identifier(account: &str) -> String {
    let bare = match account.split_once(".global") {
        Some((organisation, _)) => organisation.rsplit_once('-').map_or(organisation, |(before, _)| before),
        None => account.split('.').next().unwrap_or(account),
    };
    bare.to_uppercase()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use aws_lc_rs::{encoding::Pkcs8V1Der, rsa::KeySize, signature};

    use super::*;

    #[test]
    fn a_token_verifies_and_names_account_user_and_key() {
        let key = rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
        let pem =
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref()));
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let token = token(&pem, "xy12345.eu-central-1", "svc", now).unwrap();
        let (signed, signature) = token.expose().rsplit_once('.').unwrap();
        let public = signature::UnparsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, key.public_key());
        public.verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["sub"], "XY12345.SVC");
        assert!(claims["iss"].as_str().unwrap().starts_with("XY12345.SVC.SHA256:"));
        assert_eq!(claims["exp"], 1_700_000_600);
    }

    #[test]
    fn an_unusable_key_is_not_quoted() {
        let error =
            token("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "a", "u", Timestamp::UNIX_EPOCH)
                .err()
                .unwrap();
        assert!(!error.to_string().contains("AAAA"));
    }
}
