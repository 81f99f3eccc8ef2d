//! A small issuer for the tests: keys of ours, tokens bent at will, a network that counts.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::indexing_slicing)]

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hoop_identity::fetch::{Fetch, FetchError, Fetched, Fetching};
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};
use url::Url;

pub const ISSUER: &str = "https://idp.test";
pub const CLIENT: &str = "hoopctl";
/// 2026-11-23T00:00:00Z
pub const NOW: i64 = 1_795_392_000;

pub fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub struct SigningKey {
    pub algorithm: jsonwebtoken::Algorithm,
    pub key: EncodingKey,
    pub jwk: Value,
}

fn pem(der: &[u8]) -> Vec<u8> {
    let body = STANDARD.encode(der);
    let lines: Vec<&str> = body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n")).into_bytes()
}

impl SigningKey {
    pub fn rsa(kid: &str) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let (n, e) = (pair.public_key().modulus(), pair.public_key().exponent());
        let strip = |bytes: &[u8]| b64(bytes.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<_>>());
        let jwk = json!({ "kty": "RSA", "kid": kid, "use": "sig", "alg": "RS256",
            "n": strip(n.big_endian_without_leading_zero()), "e": strip(e.big_endian_without_leading_zero()) });
        let key = EncodingKey::from_rsa_pem(&pem(der.as_ref())).unwrap();
        Self { algorithm: jsonwebtoken::Algorithm::RS256, key, jwk }
    }

    pub fn ec(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let der = pair.to_pkcs8v1().unwrap();
        let point = pair.public_key().as_ref();
        let jwk = json!({ "kty": "EC", "crv": "P-256", "kid": kid, "x": b64(&point[1..33]), "y": b64(&point[33..]) });
        let key = EncodingKey::from_ec_pem(&pem(der.as_ref())).unwrap();
        Self { algorithm: jsonwebtoken::Algorithm::ES256, key, jwk }
    }

    pub fn ed(kid: &str) -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let der = pair.to_pkcs8v1().unwrap();
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": b64(pair.public_key().as_ref()) });
        let key = EncodingKey::from_ed_pem(&pem(der.as_ref())).unwrap();
        Self { algorithm: jsonwebtoken::Algorithm::EdDSA, key, jwk }
    }

    pub fn kid(&self) -> &str {
        self.jwk["kid"].as_str().unwrap()
    }

    pub fn header(&self) -> Value {
        json!({ "alg": serde_json::to_value(self.algorithm).unwrap(), "kid": self.kid(), "typ": "JWT" })
    }

    pub fn token(&self, claims: &Value) -> String {
        self.token_with(&self.header().to_string(), &claims.to_string())
    }

    /// Header and payload as they are given, signed by this key with its own algorithm whatever the header says.
    pub fn token_with(&self, header: &str, payload: &str) -> String {
        let signed = format!("{}.{}", b64(header), b64(payload));
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &self.key, self.algorithm).unwrap();
        format!("{signed}.{signature}")
    }
}

pub fn set(keys: &[&SigningKey]) -> String {
    json!({ "keys": keys.iter().map(|key| key.jwk.clone()).collect::<Vec<_>>() }).to_string()
}

/// What an issuer puts into an ID token now.
pub fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": CLIENT, "sub": "alice", "iat": NOW, "exp": NOW + 300, "groups": ["engineers"] })
}

/// `claims` with some of them set, or taken away where the value is null.
pub fn with(mut claims: Value, changes: Value) -> Value {
    let members = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    claims
}

/// A network with these pages and no others; counts what is asked of it.
#[derive(Default)]
pub struct Pages {
    pub pages: Mutex<HashMap<String, Result<Fetched, FetchError>>>,
    pub fetches: AtomicUsize,
}

impl Pages {
    pub fn new(keys: &str) -> Arc<Self> {
        let this = Self::default();
        this.put(
            "/.well-known/openid-configuration",
            &json!({ "issuer": ISSUER, "jwks_uri": format!("{ISSUER}/keys") }).to_string(),
        );
        this.put("/keys", keys);
        Arc::new(this)
    }

    pub fn put(&self, path: &str, body: &str) {
        let fetched = Fetched { body: body.as_bytes().to_vec(), max_age: None };
        self.pages.lock().unwrap().insert(format!("{ISSUER}{path}"), Ok(fetched));
    }

    pub fn break_down(&self) {
        self.pages.lock().unwrap().clear();
    }

    pub fn fetched(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

impl Fetch for Pages {
    fn get<'a>(&'a self, url: &'a Url) -> Fetching<'a> {
        Box::pin(async move {
            if url.path() == "/keys" {
                self.fetches.fetch_add(1, Ordering::SeqCst);
            }
            tokio::task::yield_now().await;
            self.pages.lock().unwrap().get(url.as_str()).cloned().unwrap_or_else(|| Err(FetchError("down".to_owned())))
        })
    }
}
