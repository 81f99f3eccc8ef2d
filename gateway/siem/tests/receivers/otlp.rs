//! OTLP logs over HTTP.

use std::sync::{Arc, Mutex};

use axum::{Json, Router, http::HeaderMap, routing::post};
use hoop_model::Secret;
use hoop_siem::sink::Otlp;
use serde_json::{Value, json};

use crate::{forward_all, forwarder, no_tls, serve, trail::Trail};

#[tokio::test]
async fn a_partial_success_is_counted_and_nothing_is_sent_twice() {
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let got = bodies.clone();
    let collector = move |headers: HeaderMap, Json(body): Json<Value>| async move {
        assert_eq!(headers["authorization"], "Bearer of-the-collector");
        let mut bodies = got.lock().unwrap();
        bodies.push(body);
        let rejected = if bodies.len() == 1 { "2" } else { "0" };
        Json(json!({ "partialSuccess": { "rejectedLogRecords": rejected, "errorMessage": "too old" } }))
    };
    let address = serve(Router::new().route("/v1/logs", post(collector))).await;
    let url = format!("http://{address}/v1/logs").parse().unwrap();
    let token = Some(Secret::new("of-the-collector".to_owned()));
    let (dir, trail) = (tempfile::tempdir().unwrap(), Trail::of(600));
    let otlp = Otlp::new(url, token, "gateway.test", no_tls()).unwrap();
    let forwarder = forwarder(dir.path(), trail.clone(), otlp);
    let state = forwarder.state();
    forward_all(forwarder, &trail).await;

    let bodies = bodies.lock().unwrap();
    let records: Vec<Value> = bodies
        .iter()
        .flat_map(|body| body["resourceLogs"][0]["scopeLogs"][0]["logRecords"].as_array().unwrap().clone())
        .collect();
    let uids: Vec<_> = records.iter().map(|record| record["attributes"][0]["value"]["stringValue"].clone()).collect();
    assert_eq!(uids, (0..600).map(|seq| Value::from(format!("o:{seq}"))).collect::<Vec<_>>());
    assert_eq!(records[0]["timeUnixNano"], "1772366400000000000");
    let event: Value = serde_json::from_str(records[0]["body"]["stringValue"].as_str().unwrap()).unwrap();
    assert_eq!(event["class_uid"], 6005);
    let status = state.status(600, hoop_model::Timestamp::now());
    assert_eq!((status.delivered, status.rejected, status.lag_records), (598, 2, 0));
}
