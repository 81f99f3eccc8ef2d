//! OTLP logs over HTTP as JSON. A 200 acknowledges all but what its `partialSuccess` says was rejected.

use hoop_model::Secret;
use reqwest::{Client, header};
use rustls::ClientConfig;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{ClientError, SendError, Sending, Sink, Taken, client};
use crate::event::{Event, Severity};

pub struct Otlp {
    client: Client,
    url: Url,
    /// As the `Authorization` header's `Bearer`.
    token: Option<Secret<String>>,
    resource: Value,
}

impl Otlp {
    /// `url`: the whole of it, usually with `/v1/logs`.
    pub fn new(url: Url, token: Option<Secret<String>>, host: &str, tls: ClientConfig) -> Result<Self, ClientError> {
        let attributes = [attribute("service.name", "hoop-gateway"), attribute("host.name", host)];
        Ok(Self { client: client::build(tls)?, url, token, resource: json!({ "attributes": attributes }) })
    }

    fn body(&self, batch: &[Event]) -> String {
        let records: Vec<_> = batch.iter().map(record).collect();
        let logs = json!({ "scope": { "name": "hoop-siem" }, "logRecords": records });
        json!({ "resourceLogs": [{ "resource": self.resource, "scopeLogs": [logs] }] }).to_string()
    }
}

/// `rejectedLogRecords` is a 64-bit number: protobuf's JSON writes it as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Number(u64),
    Text(String),
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Partial {
    rejected_log_records: Option<Number>,
    error_message: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Outcome {
    partial_success: Option<Partial>,
}

impl Sink for Otlp {
    fn send<'a>(&'a mut self, batch: &'a [Event]) -> Sending<'a> {
        Box::pin(async move {
            let request = self.client.post(self.url.clone()).header(header::CONTENT_TYPE, "application/json");
            let request = match &self.token {
                Some(token) => request.bearer_auth(token.expose()),
                None => request,
            };
            let answer = client::ask(request.body(self.body(batch))).await?;
            if !answer.status.is_success() {
                return Err(answer.refused(""));
            }
            taken(&answer.body)
        })
    }
}

/// An empty body is an empty message: all of it was taken.
fn taken(body: &[u8]) -> Result<Taken, SendError> {
    if body.trim_ascii().is_empty() {
        return Ok(Taken::default());
    }
    let outcome: Outcome =
        serde_json::from_slice(body).map_err(|_| SendError::failed("the receiver's answer is no OTLP in JSON"))?;
    let Some(partial) = outcome.partial_success else { return Ok(Taken::default()) };
    let rejected = match partial.rejected_log_records {
        None => 0,
        Some(Number::Number(rejected)) => rejected,
        Some(Number::Text(text)) => {
            text.parse().map_err(|_| SendError::failed("the receiver does not say how many records it rejected"))?
        }
    };
    Ok(Taken { rejected, reason: partial.error_message })
}

fn record(event: &Event) -> Value {
    let at = event.at.as_nanosecond().to_string();
    // <https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber>
    let severity = match event.severity {
        Severity::Informational | Severity::Low => 9,
        Severity::Medium => 13,
        Severity::High => 17,
    };
    json!({
        "timeUnixNano": at,
        "observedTimeUnixNano": at,
        "severityNumber": severity,
        "severityText": event.severity.as_str(),
        "eventName": event.kind,
        "body": { "stringValue": event.text },
        "attributes": [attribute("log.record.uid", &event.uid)],
    })
}

fn attribute(name: &str, value: &str) -> Value {
    json!({ "key": name, "value": { "stringValue": value } })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_partial_success_is_counted_in_either_spelling() {
        let rejected = |body: &str| taken(body.as_bytes()).map(|taken| taken.rejected);
        for body in ["", " \n", "{}", "{\"partialSuccess\":{}}", "{\"partialSuccess\":{\"errorMessage\":\"slow\"}}"] {
            assert_eq!(rejected(body), Ok(0), "{body}");
        }
        assert_eq!(rejected("{\"partialSuccess\":{\"rejectedLogRecords\":\"2\",\"errorMessage\":\"no\"}}"), Ok(2));
        assert_eq!(rejected("{\"partialSuccess\":{\"rejectedLogRecords\":2}}"), Ok(2));
        for body in ["<html>", "{\"partialSuccess\":{\"rejectedLogRecords\":\"two\"}}"] {
            assert!(rejected(body).is_err(), "{body}");
        }
    }
}
