//! A client's message with what its transport says beside it.

use ::http::{HeaderName, HeaderValue};
use hoop_mcp::{Era, Message, header};
use serde_json::{Map, Value};

#[derive(Clone)]
pub(super) struct Posted {
    pub era: Era,
    pub message: Message,
    /// `Mcp-Param-*`: mirrors of arguments, which only the server can hold against its schema.
    mirrored: Vec<(HeaderName, HeaderValue)>,
}

impl Posted {
    pub(super) fn new(era: Era, message: Message, mut mirrored: Vec<(HeaderName, HeaderValue)>) -> Self {
        // A client that sends them in another order sends the same call.
        mirrored.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
        Self { era, message, mirrored }
    }

    /// Of a transport that has no headers.
    pub(super) fn alone(era: Era, message: Message) -> Self {
        Self { era, message, mirrored: Vec::new() }
    }

    pub(super) fn mirrored(&self) -> &[(HeaderName, HeaderValue)] {
        &self.mirrored
    }

    /// What an approval binds.
    pub(super) fn bound(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bound = self.message.bound()?;
        for (name, value) in &self.mirrored {
            for part in [b"\n", name.as_str().as_bytes(), b":", value.as_bytes()] {
                bound.extend_from_slice(part);
            }
        }
        Ok(bound)
    }

    /// The headers as people may read them once they are masked.
    pub(super) fn headers(&self) -> Option<Value> {
        let readable = |value: &HeaderValue| {
            let value = value.to_str().unwrap_or_default();
            Value::from(header::unwrap(value).unwrap_or_else(|| value.to_owned()))
        };
        let headers: Map<_, _> =
            self.mirrored.iter().map(|(name, value)| (name.as_str().to_owned(), readable(value))).collect();
        (!headers.is_empty()).then_some(Value::Object(headers))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn posted(mirrored: &[(&'static str, &'static str)]) -> Posted {
        let message = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pay"}}"#;
        let mirrored = mirrored
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        Posted::new(Era::Modern, Message::parse(message).unwrap(), mirrored)
    }

    #[test]
    fn an_approval_binds_the_headers_too() {
        let one = posted(&[("mcp-param-a", "1"), ("mcp-param-b", "2")]).bound().unwrap();
        assert_eq!(one, posted(&[("mcp-param-b", "2"), ("mcp-param-a", "1")]).bound().unwrap());
        assert_ne!(one, posted(&[("mcp-param-a", "1"), ("mcp-param-b", "3")]).bound().unwrap());
        assert_ne!(one, posted(&[]).bound().unwrap());
    }

    #[test]
    fn a_wrapped_header_is_read() {
        let headers = posted(&[("mcp-param-card", "=?base64?NDExMTExMTExMTExMTExMQ==?=")]).headers().unwrap();
        assert_eq!(headers["mcp-param-card"], "4111111111111111");
        assert_eq!(posted(&[]).headers(), None);
    }
}
