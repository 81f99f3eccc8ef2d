//! `x-mcp-header`: arguments that a tool wants beside the body too (2026-07-28/basic/transports/streamable-http). A client
//! over stdio sends no headers, so the gateway makes them from the arguments that were judged.

use http::{HeaderName, HeaderValue};
use serde_json::Value;

use crate::header::wrap;

/// Levels of properties that are looked into.
const DEPTH: usize = 16;
/// Mirrors of one tool.
const MOST: usize = 64;

/// An argument and the header that mirrors it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror {
    /// The members that lead to the argument.
    path: Vec<String>,
    header: HeaderName,
}

/// The mirrors that a tool's definition asks for. What is no valid annotation is none.
pub fn mirrors(tool: &Value) -> Vec<Mirror> {
    let mut found = Vec::new();
    if let Some(schema) = tool.get("inputSchema") {
        look(schema, &mut Vec::new(), &mut found);
    }
    found
}

fn look(schema: &Value, path: &mut Vec<String>, found: &mut Vec<Mirror>) {
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        path.push(name.clone());
        let header = property.get("x-mcp-header").and_then(Value::as_str);
        if let Some(header) = header.and_then(|header| format!("mcp-param-{header}").to_ascii_lowercase().parse().ok())
            && found.len() < MOST
        {
            found.push(Mirror { path: path.clone(), header });
        }
        if path.len() < DEPTH {
            look(property, path, found);
        }
        path.pop();
    }
}

/// The headers for a call with these arguments. What is absent or null has none.
pub fn headers(mirrors: &[Mirror], arguments: &Value) -> Vec<(HeaderName, HeaderValue)> {
    let header = |mirror: &Mirror| {
        let argument = mirror.path.iter().try_fold(arguments, |value, name| value.get(name))?;
        let said = match argument {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => argument.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        Some((mirror.header.clone(), wrap(&said)?))
    };
    mirrors.iter().filter_map(header).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn annotated_arguments_are_mirrored_where_they_are_given() {
        let tool = json!({ "name": "query", "inputSchema": { "type": "object", "properties": {
            "region": { "type": "string", "x-mcp-header": "Region" },
            "sql": { "type": "string" },
            "odd": { "type": "string", "x-mcp-header": "a b" },
            "limits": { "type": "object", "properties": { "rows": { "type": "integer", "x-mcp-header": "Rows" } } },
        } } });
        let mirrors = mirrors(&tool);
        assert_eq!(mirrors.len(), 2);
        let of = |arguments: Value| -> Vec<(String, String)> {
            let headers = headers(&mirrors, &arguments);
            headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
        };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            of(json!({ "region": "zürich", "sql": "SELECT 1", "limits": { "rows": 5 } })),
            [pair("mcp-param-region", "=?base64?esO8cmljaA==?="), pair("mcp-param-rows", "5")]
        );
        assert_eq!(of(json!({ "region": null, "limits": 7 })), []);
        assert_eq!(super::mirrors(&json!({ "name": "x" })), []);
    }
}
