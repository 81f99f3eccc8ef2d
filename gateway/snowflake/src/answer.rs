//! An upstream's answer, read before anything of it is shown. What the gateway does not know and could hold rows, a URL
//! or a credential is refused (§4, §6).

use serde_json::{Map, Value};

use crate::json;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    #[error("the upstream's answer is no JSON of the driver protocol")]
    Unreadable,
    /// PUT and GET: the answer would hand out credentials to the stage.
    #[error("the answer opens a stage, which would go round the gateway")]
    Stage,
    #[error("the answer holds a field that the gateway does not know: {field}")]
    UnknownField { field: String },
    #[error("the answer's {field} holds something that is no id of a query")]
    NoId { field: &'static str },
    #[error("the answer's {field} is no single value")]
    NoScalar { field: String },
    #[error("the rows cannot be read: {reason}")]
    Rows { reason: String },
}

/// Members of `data` that the gateway understands, or that are known to hold nothing but a scalar.
fn is_known(name: &str) -> bool {
    matches!(
        name,
        "arrayBindSupported"
            | "binds"
            | "chunkHeaders"
            | "chunks"
            | "databaseProvider"
            | "errorCode"
            | "errorMessage"
            | "finalDatabaseName"
            | "finalRoleName"
            | "finalSchemaName"
            | "finalWarehouseName"
            | "getResultUrl"
            | "internalError"
            | "line"
            | "metaDataOfBinds"
            | "numberOfBinds"
            | "parameters"
            | "pos"
            | "progressDesc"
            | "qrmk"
            | "queryAbortsAfterSecs"
            | "queryAbortTimeout"
            | "queryContext"
            | "queryId"
            | "queryResultFormat"
            | "resultIds"
            | "resultTypes"
            | "returned"
            | "rowset"
            | "rowsetBase64"
            | "rowtype"
            | "sendResultTime"
            | "sqlState"
            | "statementTypeId"
            | "total"
            | "type"
            | "version"
    )
}

/// Members that are lists or objects; the others are single values.
const STRUCTURED: &[&str] =
    &["binds", "chunkHeaders", "chunks", "metaDataOfBinds", "parameters", "queryContext", "rowset", "rowtype"];

/// Members that come with stage transfers only.
const STAGE: &[&str] =
    &["command", "encryptionMaterial", "localLocation", "presignedUrls", "src_locations", "stageInfo", "uploadInfo"];

/// An answer whose every member is known.
pub struct Answer {
    pub success: bool,
    pub code: Option<String>,
    pub message: Option<String>,
    pub(crate) data: Map<String, Value>,
    size: usize,
}

impl Answer {
    pub fn parse(body: &[u8]) -> Result<Self, AnswerError> {
        let mut members: Map<String, Value> = json::read(body).ok_or(AnswerError::Unreadable)?;
        let data = match members.shift_remove("data") {
            Some(Value::Object(data)) => data,
            Some(Value::Null) | None => Map::new(),
            Some(_) => return Err(AnswerError::Unreadable),
        };
        let code = match members.shift_remove("code") {
            Some(Value::String(code)) => Some(code),
            Some(Value::Number(code)) => Some(code.to_string()),
            _ => None,
        };
        let message = members.shift_remove("message").and_then(|message| message.as_str().map(str::to_owned));
        let success = members.shift_remove("success") == Some(Value::Bool(true));
        let data = known(data)?;
        let named = |field: &str| data.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
        if named("queryId").is_some_and(|id| !json::is_id(id)) {
            return Err(AnswerError::NoId { field: "queryId" });
        }
        if named("resultIds").is_some_and(|ids| !ids.split(',').all(json::is_id)) {
            return Err(AnswerError::NoId { field: "resultIds" });
        }
        Ok(Self { success, code, message, data, size: body.len() })
    }

    /// Bytes of the body it was read from.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether to ask again for it.
    pub fn is_in_progress(&self) -> bool {
        matches!(self.code.as_deref(), Some("333333" | "333334"))
    }

    /// Where the upstream wants to be asked again: the path of a result.
    pub fn result_path(&self) -> Option<&str> {
        let url = self.data.get("getResultUrl")?.as_str()?;
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let id = path.strip_prefix("/queries/")?.strip_suffix("/result")?;
        (json::is_id(id) && query.bytes().all(|byte| byte.is_ascii_graphic())).then_some(url)
    }

    pub fn query_id(&self) -> Option<&str> {
        self.data.get("queryId")?.as_str()
    }

    /// Ids of a multi-statement's results.
    pub fn result_ids(&self) -> Vec<String> {
        let ids = self.data.get("resultIds").and_then(Value::as_str).unwrap_or_default();
        ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect()
    }

    pub fn final_database(&self) -> Option<&str> {
        self.data.get("finalDatabaseName")?.as_str()
    }

    pub fn final_role(&self) -> Option<&str> {
        self.data.get("finalRoleName")?.as_str()
    }

    pub fn final_schema(&self) -> Option<&str> {
        self.data.get("finalSchemaName")?.as_str()
    }
}

fn known(mut data: Map<String, Value>) -> Result<Map<String, Value>, AnswerError> {
    let mut refused = None;
    data.retain(|name, value| {
        if is_known(name) {
            let is_structure = value.is_array() || value.is_object();
            if is_structure && !is_empty(value) && !STRUCTURED.contains(&name.as_str()) {
                refused.get_or_insert_with(|| AnswerError::NoScalar { field: name.clone() });
            }
            return true;
        }
        if STAGE.contains(&name.as_str()) && !is_empty(value) {
            refused.get_or_insert(AnswerError::Stage);
        } else if could_hold_data(value) {
            refused.get_or_insert_with(|| AnswerError::UnknownField { field: json::shown(name) });
        }
        // An unknown flag or number is left out: no driver demands one.
        false
    });
    refused.map_or(Ok(data), Err)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

fn could_hold_data(value: &Value) -> bool {
    match value {
        Value::Array(_) | Value::Object(_) => !is_empty(value),
        Value::String(text) => text.contains("://") || text.len() > 64,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn refused(data: &str) -> Option<AnswerError> {
        Answer::parse(format!(r#"{{"success":true,"data":{data}}}"#).as_bytes()).err()
    }

    #[test]
    fn what_is_not_known_and_could_hold_data_is_refused() {
        assert_eq!(refused(r#"{"stageInfo":{"creds":{"AWS_KEY_ID":"x"}}}"#), Some(AnswerError::Stage));
        assert_eq!(refused(r#"{"command":"UPLOAD"}"#), Some(AnswerError::Stage));
        assert!(matches!(refused(r#"{"newRows":[["1"]]}"#), Some(AnswerError::UnknownField { .. })));
        assert!(matches!(refused(r#"{"where":"https://x"}"#), Some(AnswerError::UnknownField { .. })));
        assert_eq!(refused(r#"{"queryId":"../x"}"#), Some(AnswerError::NoId { field: "queryId" }));
        assert_eq!(refused(r#"{"resultIds":"a,../b"}"#), Some(AnswerError::NoId { field: "resultIds" }));
        assert_eq!(refused(r#"{"resultIds":"01b2-a,01b2-b","queryId":""}"#), None);
        let no_scalar = Some(AnswerError::NoScalar { field: "version".to_owned() });
        assert_eq!(refused(r#"{"version":[["123"]]}"#), no_scalar);
        let name = refused(r#"{"x4111111111111111":[["1"]]}"#).unwrap().to_string();
        assert!(name.ends_with("does not know: (a name not shown)"), "{name}");
        assert_eq!(refused(r#"{"newFlag":true,"stageInfo":null,"rowset":[]}"#), None);
    }

    #[test]
    fn only_the_path_of_a_result_is_asked_again() {
        let path = |url: &str| {
            let body = format!(r#"{{"code":"333333","data":{{"getResultUrl":"{url}"}}}}"#);
            Answer::parse(body.as_bytes()).unwrap().result_path().map(str::to_owned)
        };
        for url in ["/queries/01b2-aa/result", "/queries/01b2-aa/result?disableOfflineChunks=false"] {
            assert_eq!(path(url).as_deref(), Some(url));
        }
        for url in
            ["/queries/../session/result", "/queries/a/../../session", "https://x/queries/a/result", "/queries//result"]
        {
            assert_eq!(path(url), None, "{url}");
        }
    }
}
