use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use hoop_model::{Fault, Retry, Side};
use http_body_util::{BodyDataStream, BodyExt};
use hyper::body::Body as _;
use reqwest::Body;

use super::super::Incoming;

/// Statements up to this size can be sent again after their session was renewed.
const KEPT: usize = 8 * 1024 * 1024;

/// A request's body, whole where it is small enough to be repeated.
pub(super) enum RequestBody {
    None,
    Whole(Bytes),
    Once { begin: Bytes, rest: Incoming },
}

impl RequestBody {
    pub(super) async fn gather(mut body: Incoming) -> Result<Self, Fault> {
        if body.is_end_stream() {
            return Ok(Self::None);
        }
        let mut begin = BytesMut::new();
        while begin.len() <= KEPT {
            match body.frame().await {
                None => return Ok(Self::Whole(begin.freeze())),
                Some(Ok(frame)) => begin.extend_from_slice(&frame.into_data().unwrap_or_default()),
                Some(Err(error)) => {
                    let text = "The request did not reach the agent whole. Nothing was sent; try again.";
                    return Err(Fault::new(Side::Agent, "request_cut", Retry::Safe, text).detail(error));
                }
            }
        }
        Ok(Self::Once { begin: begin.freeze(), rest: body })
    }

    /// The body to send now, and what is left to send it again.
    pub(super) fn take(self) -> (Option<Body>, Option<Self>) {
        match self {
            Self::None => (None, Some(Self::None)),
            Self::Whole(bytes) => (Some(bytes.clone().into()), Some(Self::Whole(bytes))),
            Self::Once { begin, rest } => {
                let all = stream::once(async { Ok(begin) }).chain(BodyDataStream::new(rest));
                (Some(Body::wrap_stream(all)), None)
            }
        }
    }
}
