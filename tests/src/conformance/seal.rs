//! `requestState`: what the server is to remember goes to the client and comes back, and must not have changed there.

use aws_lc_rs::{
    hmac::{self, HMAC_SHA256, Key},
    rand::SystemRandom,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde_json::Value;

pub struct Seal(Key);

impl Seal {
    pub fn generate() -> Self {
        Self(Key::generate(HMAC_SHA256, &SystemRandom::new()).expect("a random key"))
    }

    pub fn close(&self, state: &Value) -> String {
        let state = state.to_string();
        let tag = hmac::sign(&self.0, state.as_bytes());
        format!("{}.{}", BASE64.encode(state), BASE64.encode(tag))
    }

    /// Nothing, if it is not as it was closed.
    pub fn open(&self, sealed: &str) -> Option<Value> {
        let (state, tag) = sealed.split_once('.')?;
        let (state, tag) = (BASE64.decode(state).ok()?, BASE64.decode(tag).ok()?);
        hmac::verify(&self.0, &state, &tag).ok()?;
        serde_json::from_slice(&state).ok()
    }
}
