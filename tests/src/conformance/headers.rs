//! The headers of a 2026-07-28 request repeat parts of its body, and must say the same.

use axum::http::HeaderMap;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::{
    modern::VERSION_KEY,
    rpc::{Error, HEADER_MISMATCH, Request},
    tools,
};

pub const PROTOCOL_VERSION: &str = "mcp-protocol-version";

pub fn check(headers: &HeaderMap, request: &Request) -> Result<(), Error> {
    same(headers, PROTOCOL_VERSION, request.meta(VERSION_KEY).as_str())?;
    same(headers, "mcp-method", Some(&request.method))?;
    if matches!(request.method.as_str(), "tools/call" | "prompts/get" | "resources/read") {
        same(headers, "mcp-name", Some(request.name()))?;
    }
    if request.method == "tools/call" {
        check_arguments(headers, request)?;
    }
    Ok(())
}

/// A tool's schema may name a header for an argument.
fn check_arguments(headers: &HeaderMap, request: &Request) -> Result<(), Error> {
    let schema = tools::input_schema(request.name()).unwrap_or_default();
    for (argument, property) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(suffix) = property["x-mcp-header"].as_str() {
            let expected = match &request.param("arguments")[argument] {
                Value::Null => None,
                Value::String(text) => Some(text.clone()),
                value => Some(value.to_string()),
            };
            same(headers, &format!("mcp-param-{suffix}"), expected.as_deref())?;
        }
    }
    Ok(())
}

fn same(headers: &HeaderMap, name: &str, body: Option<&str>) -> Result<(), Error> {
    let mismatch = || Error::new(HEADER_MISMATCH, format!("the header {name} does not say what the body says"));
    let header = match headers.get(name) {
        None => None,
        Some(value) => Some(value.to_str().ok().and_then(decode).ok_or_else(mismatch)?),
    };
    if header.as_deref() == body { Ok(()) } else { Err(mismatch()) }
}

/// What a header cannot hold as it is stands in it as `=?base64?…?=`.
fn decode(value: &str) -> Option<String> {
    match value.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) {
        Some(encoded) => String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok(),
        None => Some(value.to_owned()),
    }
}
