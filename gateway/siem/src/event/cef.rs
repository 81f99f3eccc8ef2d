//! A record as a line of CEF (ArcSight Common Event Format, revision 0).

use serde_json::{Map, Value, json};

use super::{
    Mapper, Severity,
    class::Class,
    limit,
    ocsf::{PRODUCT, VENDOR},
    parts::Parts,
};
use crate::source::Entry;

pub(super) fn line(
    mapper: &Mapper,
    entry: &Entry,
    class: &Class,
    mut parts: Parts,
    uid: &str,
    longest: usize,
) -> Result<String, serde_json::Error> {
    let kind = parts.kind.clone();
    let head = format!(
        "CEF:0|{VENDOR}|{PRODUCT}|{}|{}|{}|{}|",
        header(&mapper.version),
        header(&kind),
        header(class.title),
        grade(class.severity)
    );
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    put("rt", entry.record.ts.as_millisecond().into());
    put("externalId", uid.into());
    put("dvchost", mapper.host.as_str().into());
    put("cat", class.uid.name().into());
    put("act", class.activity.1.into());
    if let Some(Value::Object(mut origin)) = parts.take("origin") {
        if let Some(Value::Object(mut subject)) = origin.remove("subject") {
            put("suid", subject.remove("sub").unwrap_or_default());
            put("sntdom", subject.remove("issuer").unwrap_or_default());
        }
        match origin.remove("client_ip") {
            Some(Value::String(ip)) if ip.contains(':') => {
                put("c6a2", ip.into());
                put("c6a2Label", "Source IPv6 Address".into());
            }
            Some(ip) => put("src", ip),
            None => {}
        }
        if let Some(email) = origin.remove("email") {
            put("suser", email);
        }
        if let Some(kind) = origin.remove("kind") {
            put("spriv", kind);
        }
        if let Some(groups) = origin.remove("groups") {
            put("groups", groups);
        }
    }
    if let Some(outcome) = parts.take("outcome") {
        put("outcome", outcome);
    }
    for (at, field) in ["session_id", "exchange_id", "connection", "upstream_id"].into_iter().enumerate() {
        if let Some(value) = parts.take(field) {
            put(&format!("cs{}Label", at + 1), field.into());
            put(&format!("cs{}", at + 1), value);
        }
    }
    put("cs5Label", "record_hash".into());
    put("cs5", entry.hash.to_string().into());
    put("cn1Label", "seq".into());
    put("cn1", parts.take("seq").unwrap_or_default());
    if let Some(command) = parts.take("command") {
        put("msg", command);
    }
    let _ = parts.take("ts");
    put("unmapped", json!(parts.rest()));
    limit::fitted(Value::Object(fields), longest, |fields| Ok(format!("{head}{}", extension(fields)?)))
}

/// CEF counts from 0 to 10.
fn grade(severity: Severity) -> u32 {
    match severity {
        Severity::Informational => 1,
        Severity::Low => 3,
        Severity::Medium => 6,
        Severity::High => 8,
    }
}

fn extension(fields: &Value) -> Result<String, serde_json::Error> {
    let mut pairs = Vec::new();
    for (name, value) in fields.as_object().into_iter().flatten() {
        let text = match value {
            Value::String(text) => text.clone(),
            other => serde_json::to_string(other)?,
        };
        match name.as_str() {
            "unmapped" => pairs.push(format!("cs6Label=unmapped cs6={}", escaped(&text))),
            "groups" => pairs.push(format!("ad.groups={}", escaped(&text))),
            _ => pairs.push(format!("{name}={}", escaped(&text))),
        }
    }
    Ok(pairs.join(" "))
}

/// A field of the header: `\` and `|` are escaped, and it has no line breaks.
fn header(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '|' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A value of the extension: `\`, `=` and line breaks are escaped.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\\' | '=' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
