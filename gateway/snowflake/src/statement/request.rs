use serde_json::{Map, Value, json};

use crate::{QueryError, QueryRequest, json, login::LONGEST_NAME};

/// What of the URL's query counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatementQuery {
    pub request_id: Option<String>,
    /// Answered with a handle at once.
    pub asynchronous: bool,
    /// Which part of the result is asked for; the first where none is named, and `None` where what is named is no number.
    pub partition: Option<usize>,
    /// Nulls as the text `null`.
    pub null_as_text: bool,
}

impl StatementQuery {
    pub fn parse(query: Option<&str>) -> Self {
        let value = |name: &str| {
            let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
            pairs.filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).last()
        };
        Self {
            request_id: crate::request_id(query),
            asynchronous: value("async").is_some_and(|value| value.eq_ignore_ascii_case("true")),
            partition: value("partition").map_or(Some(0), |value| value.parse().ok()),
            null_as_text: value("nullable").is_some_and(|value| value.eq_ignore_ascii_case("false")),
        }
    }
}

/// Where a statement is to run. Every one has a session of its own, as far as it can tell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct StatementPlace {
    pub database: Option<String>,
    pub schema: Option<String>,
    pub warehouse: Option<String>,
    pub role: Option<String>,
}

/// A statement as the client sent it, every member known.
pub struct StatementRequest {
    pub place: StatementPlace,
    /// The same over the driver protocol.
    pub query: QueryRequest,
}

/// The parameter that limits how long a statement may run, in seconds.
const TIMEOUT: &str = "STATEMENT_TIMEOUT_IN_SECONDS";

impl StatementRequest {
    pub fn parse(body: &[u8]) -> Result<Self, QueryError> {
        let mut members: Map<String, Value> = json::read(body).ok_or(QueryError::Unreadable)?;
        members.retain(|_, value| !value.is_null());
        let mut text = |name: &str| match members.shift_remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(QueryError::Unreadable),
        };
        let statement = text("statement")?.ok_or(QueryError::Unreadable)?;
        let mut name = |of: &str| match text(of)? {
            Some(name) if name.len() > LONGEST_NAME => Err(QueryError::Unreadable),
            name => Ok(name),
        };
        let place = StatementPlace {
            database: name("database")?,
            schema: name("schema")?,
            warehouse: name("warehouse")?,
            role: name("role")?,
        };
        let mut parameters = match members.shift_remove("parameters") {
            None => Map::new(),
            Some(Value::Object(parameters)) => parameters,
            Some(_) => return Err(QueryError::Unreadable),
        };
        match members.shift_remove("timeout") {
            None => {}
            // Zero is the longest that Snowflake allows, for the parameter as here.
            Some(seconds) if seconds.is_u64() => {
                parameters.insert(TIMEOUT.to_owned(), seconds);
            }
            Some(_) => return Err(QueryError::Unreadable),
        }
        if members.shift_remove("resultSetMetaData").is_some_and(|form| form != json!({ "format": "jsonv2" })) {
            return Err(QueryError::Unreadable);
        }
        let mut query = Map::from_iter([("sqlText".to_owned(), Value::from(statement))]);
        if !parameters.is_empty() {
            query.insert("parameters".to_owned(), Value::Object(parameters));
        }
        match members.shift_remove("bindings") {
            None => {}
            Some(bindings @ Value::Object(_)) => {
                query.insert("bindings".to_owned(), bindings);
            }
            Some(_) => return Err(QueryError::Unreadable),
        }
        if let Some(name) = members.keys().next() {
            return Err(QueryError::unknown(name));
        }
        Ok(Self { place, query: QueryRequest::of(query)? })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn forwarded(body: &Value) -> Result<(StatementPlace, Value), QueryError> {
        let request = StatementRequest::parse(body.to_string().as_bytes())?;
        Ok((request.place, serde_json::from_slice(&request.query.to_bytes()).unwrap()))
    }

    #[test]
    fn a_statement_is_a_query_in_its_place() {
        let (place, query) = forwarded(&json!({
            "statement": "select ?", "timeout": 60, "database": "D", "schema": "S", "warehouse": "W", "role": null,
            "bindings": { "1": { "type": "FIXED", "value": "1" } }, "parameters": { "MULTI_STATEMENT_COUNT": "2" },
            "resultSetMetaData": { "format": "jsonv2" },
        }))
        .unwrap();
        let named = |name: &str| Some(name.to_owned());
        let wanted = StatementPlace { database: named("D"), schema: named("S"), warehouse: named("W"), role: None };
        assert_eq!(place, wanted);
        assert_eq!(
            query,
            json!({
                "sqlText": "select ?", "parameters": { "MULTI_STATEMENT_COUNT": "2", "STATEMENT_TIMEOUT_IN_SECONDS": 60 },
                "bindings": { "1": { "type": "FIXED", "value": "1" } },
            })
        );
    }

    #[test]
    fn what_is_not_known_is_refused() {
        let unknown = forwarded(&json!({ "statement": "select 1", "describeOnly": true })).err();
        assert_eq!(unknown, Some(QueryError::UnknownMember { member: "describeOnly".to_owned() }));
        for body in [
            json!({}),
            json!({ "statement": 1 }),
            json!({ "statement": "select 1", "role": ["ADMIN"] }),
            json!({ "statement": "select 1", "role": "x".repeat(LONGEST_NAME + 1) }),
            json!({ "statement": "select 1", "timeout": -1 }),
            json!({ "statement": "select 1", "timeout": "60" }),
            json!({ "statement": "select 1", "bindings": "?" }),
            json!({ "statement": "select 1", "parameters": [] }),
            json!({ "statement": "select 1", "resultSetMetaData": { "format": "json" } }),
        ] {
            assert_eq!(forwarded(&body).err(), Some(QueryError::Unreadable), "{body}");
        }
    }

    #[test]
    fn the_url_says_how_the_answer_comes() {
        let query = StatementQuery::parse(Some("async=true&nullable=false&requestId=7b-3&partition=2"));
        let request_id = Some("7b-3".to_owned());
        assert_eq!(query, StatementQuery { request_id, asynchronous: true, partition: Some(2), null_as_text: true });
        assert_eq!(StatementQuery::parse(None).partition, Some(0));
        assert_eq!(StatementQuery::parse(Some("partition=-1")).partition, None);
    }
}
