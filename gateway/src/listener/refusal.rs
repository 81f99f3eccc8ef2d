//! A stream that is not served is told why, in the shape that its opener reads.

use std::convert::Infallible;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use hoop_model::Fault;
use hoop_tunnel::{Stream, StreamError};
use hoop_wire::{
    login::LoginAnswer,
    open::{ClientOpen, SessionAnswer},
};
use hyper::service::service_fn;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::client;
use crate::api::Refusal;

pub(super) async fn answer(mut stream: Stream, open: &ClientOpen, fault: Fault) -> Result<(), StreamError> {
    match open {
        ClientOpen::Session(_) => super::answer(stream, &SessionAnswer::Refused(fault)).await,
        ClientOpen::Renew(_) => super::answer(stream, &LoginAnswer::Refused(fault)).await,
        ClientOpen::Api => http(stream, move || Refusal(fault.clone()).into_response()).await,
        ClientOpen::Exchange { .. } => http(stream, move || plain(&fault)).await,
        ClientOpen::Stdio { .. } => {
            let error = json!({ "code": -32000, "message": fault.text, "data": { "code": fault.code } });
            let message = json!({ "jsonrpc": "2.0", "id": Value::Null, "error": error });
            stream.write_all(format!("{message}\n").as_bytes()).await.map_err(StreamError::Lost)?;
            stream.finish().await.map_err(StreamError::Lost)
        }
    }
}

/// For an application that knows nothing of faults: the status and the words.
pub(super) fn plain(fault: &Fault) -> Response {
    let mut response = Response::new(Body::from(format!("{}\n", fault.text)));
    *response.status_mut() = Refusal::status(fault);
    response
}

/// Answers whatever is asked on the stream.
async fn http(stream: Stream, refusal: impl Fn() -> Response + Send + 'static) -> Result<(), StreamError> {
    let service = service_fn(move |_| std::future::ready(Ok::<_, Infallible>(refusal())));
    client::serve_http(stream, service).await;
    Ok(())
}
