//! Server-sent events. Those of axum cannot have empty data, and with such a one a stream begins that can be resumed.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::Body,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use futures_util::{Stream, StreamExt};
use serde_json::Value;

pub fn priming(id: &str, retry: Duration) -> String {
    format!("id: {id}\nretry: {}\ndata:\n\n", retry.as_millis())
}

pub fn resumable(id: &str, message: &Value) -> String {
    format!("id: {id}\n{}", event(message))
}

pub fn event(message: &Value) -> String {
    format!("event: message\ndata: {message}\n\n")
}

pub fn answer(events: impl Stream<Item = String> + Send + 'static) -> Response {
    // Without the last one a proxy may hold events back.
    let headers = [
        (CONTENT_TYPE.as_str(), "text/event-stream"),
        (CACHE_CONTROL.as_str(), "no-cache"),
        ("x-accel-buffering", "no"),
    ];
    (headers, Body::from_stream(events.map(Ok::<_, Infallible>))).into_response()
}
