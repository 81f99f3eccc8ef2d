//! A webhook: a JSON array of events, signed. A 2xx acknowledges it.

use std::sync::Arc;

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use hoop_model::{Clock, Secret};
use reqwest::{Client, header};
use rustls::ClientConfig;
use url::Url;

use super::{ClientError, Sending, Sink, Taken, client};
use crate::event::{Event, Format};

/// Seconds since 1970, signed with the body: an old delivery cannot be taken for a new one.
const TIMESTAMP: &str = "x-hoop-timestamp";
/// `v1=` and the hex HMAC-SHA256 of `TIMESTAMP.BODY`.
const SIGNATURE: &str = "x-hoop-signature";

pub struct Webhook {
    client: Client,
    url: Url,
    key: hmac::Key,
    clock: Arc<dyn Clock>,
}

impl Webhook {
    pub fn new(url: Url, key: &Secret<Vec<u8>>, clock: Arc<dyn Clock>, tls: ClientConfig) -> Result<Self, ClientError> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose());
        Ok(Self { client: client::build(tls)?, url, key, clock })
    }
}

impl Sink for Webhook {
    fn send<'a>(&'a mut self, batch: &'a [Event]) -> Sending<'a> {
        Box::pin(async move {
            let body = array(batch);
            let timestamp = self.clock.now().as_second().to_string();
            let signature = signature(&self.key, &timestamp, &body);
            let request = self
                .client
                .post(self.url.clone())
                .header(header::CONTENT_TYPE, "application/json")
                .header(TIMESTAMP, timestamp)
                .header(SIGNATURE, signature)
                .body(body);
            let answer = client::ask(request).await?;
            if answer.status.is_success() { Ok(Taken::default()) } else { Err(answer.refused("")) }
        })
    }
}

fn signature(key: &hmac::Key, timestamp: &str, body: &str) -> String {
    let mut context = hmac::Context::with_key(key);
    context.update(timestamp.as_bytes());
    context.update(b".");
    context.update(body.as_bytes());
    format!("v1={}", HEXLOWER.encode(context.sign().as_ref()))
}

/// OCSF events as they are, CEF lines as text.
fn array(batch: &[Event]) -> String {
    let one = |event: &Event| match event.format {
        Format::Ocsf => event.text.clone(),
        Format::Cef => serde_json::Value::from(event.text.as_str()).to_string(),
    };
    format!("[{}]", batch.iter().map(one).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same as `printf '1700000000.[]' | openssl dgst -sha256 -hmac key`.
    #[test]
    fn the_signature_is_one_that_others_compute_too() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"key");
        let expected = "v1=2afce10b4f37880815b715635811bcfa4d5334e7213eea5bc2e130e1008055c3";
        assert_eq!(signature(&key, "1700000000", "[]"), expected);
    }
}
