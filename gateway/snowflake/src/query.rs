//! A query request: what runs, and what of it an approval binds (§4).

use serde_json::{Map, Value};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    #[error("the query request cannot be read")]
    Unreadable,
    #[error("bindings by stage are refused: they would go round the gateway. Send them inline")]
    BindStage,
}

/// A query as the driver sent it; what is forwarded is written from it.
#[derive(Clone)]
pub struct QueryRequest {
    members: Map<String, Value>,
}

impl QueryRequest {
    pub fn parse(body: &[u8]) -> Result<Self, QueryError> {
        let members: Map<String, Value> = serde_json::from_slice(body).map_err(|_| QueryError::Unreadable)?;
        if !members.get("sqlText").is_some_and(Value::is_string) {
            return Err(QueryError::Unreadable);
        }
        if members.get("bindStage").is_some_and(|stage| !stage.is_null()) {
            return Err(QueryError::BindStage);
        }
        Ok(Self { members })
    }

    pub fn sql(&self) -> &str {
        self.members.get("sqlText").and_then(Value::as_str).unwrap_or_default()
    }

    /// Columns only; nothing runs.
    pub fn describe_only(&self) -> bool {
        self.members.get("describeOnly") == Some(&Value::Bool(true))
    }

    pub fn is_async(&self) -> bool {
        self.members.get("asyncExec") == Some(&Value::Bool(true))
    }

    /// How many statements the text may hold; 0: any number. 1 where the request does not say.
    pub fn statement_count(&self) -> Option<u64> {
        let count = self.members.get("parameters")?.get("MULTI_STATEMENT_COUNT")?;
        count.as_u64().or_else(|| count.as_str()?.parse().ok())
    }

    /// Values bound to placeholders, as JSON text; empty when there are none.
    pub fn bindings(&self) -> String {
        match self.members.get("bindings") {
            None | Some(Value::Null) => String::new(),
            Some(bindings) => bindings.to_string(),
        }
    }

    /// The exact bytes that an approval binds: text, values, parameters and whether it is only described. Times and
    /// counters of the driver are not part of it.
    pub fn exact(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for name in ["sqlText", "bindings", "parameters", "describeOnly"] {
            let value = self.members.get(name).unwrap_or(&Value::Null).to_string();
            bytes.extend_from_slice(&(value.len() as u64).to_be_bytes());
            bytes.extend_from_slice(value.as_bytes());
        }
        bytes
    }

    /// The body to forward. Asynchrony is the gateway's own with the driver; upstream the query simply runs.
    pub fn to_bytes(&self) -> Vec<u8> {
        let written = if self.is_async() {
            let mut members = self.members.clone();
            members.insert("asyncExec".to_owned(), Value::Bool(false));
            serde_json::to_vec(&members)
        } else {
            serde_json::to_vec(&self.members)
        };
        // Cannot fail: every key is text.
        written.unwrap_or_default()
    }
}
