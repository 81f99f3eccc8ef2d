//! An agent's first contact, over [`crate::alpn::ENROL`]: one stream, one request, one answer.

use hoop_model::{AgentId, Fault, Secret, Timestamp};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// One-time join token, as `hoopctl admin agents add` printed it, without the pin.
    #[serde(serialize_with = "Secret::reveal")]
    pub token: Secret<String>,
    /// PKCS#10 in PEM, signed by the agent's key.
    pub certificate_request: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum EnrolAnswer {
    Enrolled(AgentCertificate),
    Refused(Fault),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentCertificate {
    pub agent: AgentId,
    /// The name the admin gave it; connections refer to it.
    pub name: String,
    /// PEM, leaf first; valid 24 h.
    pub certificate: String,
    /// PEM of the CA to trust from now on.
    pub authority: String,
    pub expires_at: Timestamp,
}
