use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hoop_wire::login::LoginOptions;

/// The nonce that binds an ID token to a session key: its SubjectPublicKeyInfo in DER, and the random part.
pub fn nonce(spki: &[u8], binding: &[u8]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in [LoginOptions::NONCE_DOMAIN, spki, binding] {
        context.update(part);
    }
    URL_SAFE_NO_PAD.encode(context.finish())
}
