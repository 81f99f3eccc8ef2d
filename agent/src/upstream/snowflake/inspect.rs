//! A look at an answer's `code`, without holding up large ones.

use std::io::Read;

use ::http::{Response, header};
use bytes::{Bytes, BytesMut};
use flate2::read::GzDecoder;
use futures_util::{StreamExt, stream};
use hoop_model::{Fault, Retry, Side};
use reqwest::Body;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::upstream::forward;

/// An answer that the session has expired is a few hundred bytes; what is larger is no such answer.
const SMALL: usize = 16 * 1024;
/// The agent's own answers: a login lists some hundred parameters.
const OWN: usize = 4 * 1024 * 1024;

pub(super) struct Answer {
    /// Of a small JSON answer.
    pub(super) code: Option<String>,
    pub(super) response: Response<Body>,
}

/// Reads so much of the answer as could be a refusal, and puts it back in front of the rest.
pub(super) async fn answer(mut response: reqwest::Response) -> Result<Answer, Fault> {
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let json = header(header::CONTENT_TYPE).is_some_and(|kind| kind.contains("json") || kind.contains("snowflake"));
    let zipped = header(header::CONTENT_ENCODING).is_some_and(|encoding| encoding.eq_ignore_ascii_case("gzip"));
    let large = response.content_length().is_some_and(|length| length > SMALL as u64);
    if !json || large {
        return Ok(Answer { code: None, response: forward::answer(response) });
    }
    let (begin, whole) = read(&mut response, SMALL).await?;
    let coded: Option<Coded> = if whole { parse(&begin, zipped) } else { None };
    let code = coded.and_then(|coded| text(&coded.code?));
    let (head, rest) = forward::answer(response).into_parts();
    let body = if whole {
        Body::from(begin)
    } else {
        let rest = http_body_util::BodyDataStream::new(rest);
        Body::wrap_stream(stream::once(async { Ok(begin) }).chain(rest))
    };
    Ok(Answer { code, response: Response::from_parts(head, body) })
}

/// One of the agent's own answers as JSON.
pub(super) async fn whole(mut response: reqwest::Response) -> Result<Value, Fault> {
    let status = response.status();
    let (bytes, whole) = read(&mut response, OWN).await?;
    let answer: Option<Value> = if whole { parse(&bytes, false) } else { None };
    answer.ok_or_else(|| {
        let text =
            "The agent got an answer from Snowflake's address that is not Snowflake's. Check the upstream's url.";
        Fault::new(Side::Upstream, "upstream_protocol", Retry::Safe, text).detail(format!("HTTP status {status}"))
    })
}

/// All that is read of an answer that is only passed on.
#[derive(Deserialize)]
struct Coded {
    code: Option<Value>,
}

/// An answer's `code`.
pub(super) fn code(answer: &Value) -> Option<String> {
    text(answer.get("code")?)
}

/// It is a string, but a number is the same to a driver.
fn text(code: &Value) -> Option<String> {
    match code {
        Value::String(code) => Some(code.clone()),
        Value::Number(code) => Some(code.to_string()),
        _ => None,
    }
}

/// The first bytes, a little over `limit` at most, and whether they are all.
async fn read(response: &mut reqwest::Response, limit: usize) -> Result<(Bytes, bool), Fault> {
    let mut begin = BytesMut::new();
    while begin.len() <= limit {
        match response.chunk().await {
            Ok(None) => return Ok((begin.freeze(), true)),
            Ok(Some(chunk)) => begin.extend_from_slice(&chunk),
            Err(error) => {
                let text = "Snowflake's answer broke off; the statement may have run. Look before you repeat it.";
                let fault = Fault::new(Side::Upstream, "upstream_broken", Retry::Unsafe, text);
                return Err(fault.detail(error.without_url()));
            }
        }
    }
    Ok((begin.freeze(), false))
}

fn parse<T: DeserializeOwned>(bytes: &[u8], zipped: bool) -> Option<T> {
    if !zipped {
        return serde_json::from_slice(bytes).ok();
    }
    let mut plain = Vec::new();
    // What inflates beyond this is no refusal either.
    GzDecoder::new(bytes).take(SMALL as u64 * 16).read_to_end(&mut plain).ok()?;
    serde_json::from_slice(&plain).ok()
}
