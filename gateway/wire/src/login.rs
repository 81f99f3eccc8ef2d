//! Logging in over [`crate::alpn::LOGIN`], and renewing over a live client connection.
//!
//! A person's ID token is bound to the session key: its nonce is [`LoginOptions::NONCE_DOMAIN`], the key and a random
//! value hashed together, so a stolen token is useless with another key (`identity.md` §2.1).

use hoop_model::{Fault, Principal, Secret, Timestamp};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum LoginRequest {
    /// What must I do to log in here? Answered by [`LoginOptions`].
    Options,
    /// Answered by [`LoginAnswer`].
    Person {
        #[serde(serialize_with = "Secret::reveal")]
        id_token: Secret<String>,
        /// PKCS#10 in PEM, signed by the session key.
        certificate_request: String,
        /// Base64url: the random part of the nonce.
        binding: String,
    },
    /// Answered by [`LoginAnswer`].
    Workload {
        #[serde(serialize_with = "Secret::reveal")]
        token: Secret<String>,
        certificate_request: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginOptions {
    /// Absent: this gateway lets only workloads in.
    pub person: Option<PersonLogin>,
    /// What workload trust rules expect, in their order; a CI job asks its platform for one of the audiences.
    pub workload_audiences: Vec<WorkloadAudience>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkloadAudience {
    pub issuer: String,
    pub audience: String,
}

impl LoginOptions {
    /// `nonce = base64url(SHA-256(NONCE_DOMAIN ‖ SPKI DER ‖ binding bytes))`
    pub const NONCE_DOMAIN: &'static [u8] = b"hoop login nonce v1\0";
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonLogin {
    pub issuer: String,
    pub client_id: String,
    pub scopes: Vec<String>,
    /// Loopback ports to try for the redirect, in order; empty: any free port.
    #[serde(default)]
    pub redirect_ports: Vec<u16>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum LoginAnswer {
    Granted(Grant),
    Refused(Fault),
}

/// A session certificate, at most 15 minutes long, and who the gateway takes the caller for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// PEM, leaf first.
    pub certificate: String,
    pub principal: Principal,
    pub expires_at: Timestamp,
}
