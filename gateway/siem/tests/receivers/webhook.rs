//! A signed webhook.

use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use axum::{
    Router,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use hoop_model::{ManualClock, Secret};
use hoop_siem::sink::Webhook;
use serde_json::Value;

use crate::{forward_all, forwarder, no_tls, serve, trail::Trail};

const KEY: &[u8] = b"shared with the receiver";

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[tokio::test]
async fn a_receiver_can_tell_that_it_was_us_and_when() {
    let seqs = Arc::new(Mutex::new(Vec::new()));
    let (got, mut first) = (seqs.clone(), Some(StatusCode::BAD_GATEWAY));
    let answers = Arc::new(Mutex::new(move || first.take().unwrap_or(StatusCode::NO_CONTENT)));
    let receiver = move |headers: HeaderMap, body: String| async move {
        let timestamp = headers["x-hoop-timestamp"].to_str().unwrap();
        assert_eq!(timestamp, "1772366400");
        let tag = headers["x-hoop-signature"].to_str().unwrap().strip_prefix("v1=").unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, KEY);
        hmac::verify(&key, format!("{timestamp}.{body}").as_bytes(), &unhex(tag)).unwrap();
        let status = answers.lock().unwrap()();
        if status.is_success() {
            let events: Vec<Value> = serde_json::from_str(&body).unwrap();
            got.lock().unwrap().extend(events.iter().map(|event| event["metadata"]["sequence"].as_u64().unwrap()));
        }
        status
    };
    let address = serve(Router::new().route("/hook", post(receiver))).await;
    let url = format!("http://{address}/hook").parse().unwrap();
    let clock = Arc::new(ManualClock::new("2026-03-01T12:00:00Z".parse().unwrap()));
    let webhook = Webhook::new(url, &Secret::new(KEY.to_vec()), clock, no_tls()).unwrap();
    let (dir, trail) = (tempfile::tempdir().unwrap(), Trail::of(501));
    forward_all(forwarder(dir.path(), trail.clone(), webhook), &trail).await;
    assert_eq!(*seqs.lock().unwrap(), (0..501).collect::<Vec<_>>());
}
