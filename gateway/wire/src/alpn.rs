//! One ALPN protocol per role and version, so that an agent's certificate is useless on a person's door.

/// Log in: no client certificate yet; one bidirectional stream.
pub const LOGIN: &[u8] = b"hoop-login/1";
/// A logged-in person or workload: mutual TLS with the session certificate.
pub const CLIENT: &[u8] = b"hoop-client/1";
/// An agent without a certificate brings its join token.
pub const ENROL: &[u8] = b"hoop-enrol/1";
/// An enrolled agent: mutual TLS with the agent certificate.
pub const AGENT: &[u8] = b"hoop-agent/1";
