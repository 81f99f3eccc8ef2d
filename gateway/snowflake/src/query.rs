//! A query request: what runs, and what of it an approval binds (§4).

use serde_json::{Map, Value};

use crate::json;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    #[error("the query request cannot be read")]
    Unreadable,
    #[error("bindings by stage are refused: they would go round the gateway. Send them inline")]
    BindStage,
    /// What it does upstream is not known, and an approver would not see it.
    #[error(
        "the query request has a member the gateway does not know, \"{member}\", so it was refused. Send it without"
    )]
    UnknownMember { member: String },
}

impl QueryError {
    pub(crate) fn unknown(name: &str) -> Self {
        Self::UnknownMember { member: json::shown(name) }
    }
}

/// Members that are forwarded.
const KNOWN: &[&str] = &[
    "asyncExec",
    "bindings",
    "describeOnly",
    "describedJobId",
    "disableOfflineChunks",
    "parameters",
    "queryContextDTO",
    "querySubmissionTime",
    "sequenceId",
    "sqlText",
];

/// Members that only tell the server about the program that asks: a query of a driver's own and one of its user are
/// judged alike, and Snowpark's tree of the program can hold literals.
const LEFT_OUT: &[&str] = &["dataframeAst", "isInternal"];

/// Parameters of the same kind: Snowpark's number for the plan of a data frame.
const LEFT_OUT_PARAMETERS: &[&str] = &["_PLAN_UUID"];

const STATEMENT_COUNT: &str = "MULTI_STATEMENT_COUNT";

/// A query as the driver sent it, without what is not known; what is forwarded is written from it.
#[derive(Clone)]
pub struct QueryRequest {
    members: Map<String, Value>,
}

impl QueryRequest {
    pub fn parse(body: &[u8]) -> Result<Self, QueryError> {
        Self::of(json::read(body).ok_or(QueryError::Unreadable)?)
    }

    pub(crate) fn of(mut members: Map<String, Value>) -> Result<Self, QueryError> {
        if !members.get("sqlText").is_some_and(Value::is_string) {
            return Err(QueryError::Unreadable);
        }
        if members.get("bindStage").is_some_and(|stage| !stage.is_null()) {
            return Err(QueryError::BindStage);
        }
        members.retain(|name, value| !value.is_null() && !LEFT_OUT.contains(&name.as_str()));
        if let Some(name) = members.keys().find(|name| !KNOWN.contains(&name.as_str())) {
            return Err(QueryError::unknown(name));
        }
        match members.get_mut("parameters") {
            Some(Value::Object(parameters)) => {
                parameters.retain(|name, _| !LEFT_OUT_PARAMETERS.contains(&name.as_str()));
                if parameters.get(STATEMENT_COUNT).is_some_and(|count| !count.is_null() && whole(count).is_none()) {
                    return Err(QueryError::Unreadable);
                }
            }
            Some(_) => return Err(QueryError::Unreadable),
            None => {}
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
        whole(self.members.get("parameters")?.get(STATEMENT_COUNT)?)
    }

    /// Session parameters for this query alone, besides the count of statements.
    pub fn parameters(&self) -> Map<String, Value> {
        let mut parameters = self.members.get("parameters").and_then(Value::as_object).cloned().unwrap_or_default();
        parameters.shift_remove(STATEMENT_COUNT);
        parameters
    }

    /// Values bound to placeholders.
    pub fn bindings(&self) -> Option<&Value> {
        self.members.get("bindings")
    }

    /// Puts the upstream's id in place of each id that only the gateway knows, in the text and among the bound values: of
    /// a query that it answered for, drivers ask by the id they were told (`RESULT_SCAN('…')`, §5).
    pub fn translate_ids(&mut self, upstream_id: impl Fn(&str) -> Option<String>) {
        if let Some(Value::String(sql)) = self.members.get_mut("sqlText")
            && let Some(translated) = translated(sql, &upstream_id)
        {
            *sql = translated;
        }
        let bindings = self.members.get_mut("bindings").and_then(Value::as_object_mut);
        for bound in bindings.into_iter().flat_map(|bindings| bindings.values_mut()) {
            if let Some(Value::String(value)) = bound.get_mut("value")
                && let Some(translated) = translated(value, &upstream_id)
            {
                *value = translated;
            }
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

/// A count, as a number or as text.
fn whole(count: &Value) -> Option<u64> {
    count.as_u64().or_else(|| count.as_str()?.parse().ok())
}

/// Characters of an id of the gateway's, a UUID as it is written.
const ID: usize = 36;

/// `text` with other ids in it. `None`: there is none.
fn translated(text: &str, upstream_id: impl Fn(&str) -> Option<String>) -> Option<String> {
    let (mut out, mut at) = (String::new(), 0);
    let dashes = text.match_indices('-').map(|(dash, _)| dash);
    // An id begins eight characters in front of its first dash.
    for start in dashes.filter_map(|dash| dash.checked_sub(8)) {
        let Some(id) = text.get(start..start + ID).filter(|_| start >= at) else { continue };
        if let Some(other) = upstream_id(id) {
            out.push_str(text.get(at..start)?);
            out.push_str(&other);
            at = start + ID;
        }
    }
    (at > 0).then(|| out + text.get(at..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn forwarded(members: &str) -> Result<String, QueryError> {
        let body = format!(r#"{{"sqlText":"select 1",{members}}}"#);
        QueryRequest::parse(body.as_bytes()).map(|request| String::from_utf8(request.to_bytes()).unwrap())
    }

    #[test]
    fn what_drivers_send_is_forwarded_and_nothing_else() {
        for members in [
            r#""asyncExec":false,"sequenceId":1,"querySubmissionTime":1795563926275,"parameters":{},"queryContextDTO":{"entries":[{"id":0,"timestamp":1,"priority":0,"context":{"base64Data":"x"}}]}"#,
            r#""disableOfflineChunks":false,"bindings":{"1":{"type":"TEXT","value":"x"}},"describeOnly":true"#,
            r#""parameters":{"MULTI_STATEMENT_COUNT":2},"describedJobId":"01b2-aa""#,
        ] {
            assert_eq!(forwarded(members).unwrap(), format!(r#"{{"sqlText":"select 1",{members}}}"#));
        }
        let left_out = forwarded(r#""isInternal":true,"dataframeAst":"CgQ=","newThing":null,"bindings":null"#).unwrap();
        assert_eq!(left_out, r#"{"sqlText":"select 1"}"#);
        let snowpark = forwarded(r#""parameters":{"_PLAN_UUID":"ada6c5a3","TIMEZONE":"UTC"}"#).unwrap();
        assert_eq!(snowpark, r#"{"sqlText":"select 1","parameters":{"TIMEZONE":"UTC"}}"#);
    }

    #[test]
    fn an_unknown_member_is_refused_by_name() {
        let unknown = |member: &str| Some(QueryError::UnknownMember { member: member.to_owned() });
        assert_eq!(forwarded(r#""dispatchedSql":"drop table payments""#).err(), unknown("dispatchedSql"));
        assert_eq!(forwarded(r#""SQLTEXT":"drop table payments""#).err(), unknown("SQLTEXT"));
        assert_eq!(forwarded(r#""x4111111111111111":1"#).err(), unknown("(a name not shown)"));
        assert_eq!(forwarded(r#""parameters":[1]"#).err(), Some(QueryError::Unreadable));
    }

    #[test]
    fn parameters_besides_the_count_are_told() {
        let body = br#"{"sqlText":"x","parameters":{"MULTI_STATEMENT_COUNT":"3","QUERY_TAG":"q"}}"#;
        let request = QueryRequest::parse(body).unwrap();
        assert_eq!(request.statement_count(), Some(3));
        assert_eq!(Value::Object(request.parameters()).to_string(), r#"{"QUERY_TAG":"q"}"#);
        let count = |count: &str| {
            let body = format!(r#"{{"sqlText":"x","parameters":{{"MULTI_STATEMENT_COUNT":{count}}}}}"#);
            QueryRequest::parse(body.as_bytes()).map(|request| request.statement_count())
        };
        assert_eq!((count("0"), count("null")), (Ok(Some(0)), Ok(None)));
        for unreadable in ["2.0", "-1", "1e1", "\" 2\"", "[2]", "true"] {
            assert_eq!(count(unreadable), Err(QueryError::Unreadable), "{unreadable}");
        }
    }

    #[test]
    fn ids_of_the_gateway_become_the_upstreams() {
        const OURS: &str = "019ac2f0-4b1e-7d03-9a51-0c4b6a7b8c9d";
        let known = |id: &str| (id == OURS).then(|| "01b2-upstream".to_owned());
        let sql = format!("select * from table(result_scan('{OURS}')) where a-b > 1 -- é {OURS}");
        let body = serde_json::json!({
            "sqlText": sql, "bindings": { "1": { "type": "TEXT", "value": OURS }, "2": { "type": "TEXT", "value": ["x"] } },
        });
        let mut request = QueryRequest::parse(body.to_string().as_bytes()).unwrap();
        let before = request.exact();
        request.translate_ids(|_| None);
        assert_eq!(request.exact(), before);
        request.translate_ids(known);
        assert_eq!(request.sql(), sql.replace(OURS, "01b2-upstream"));
        let bound = |pointer: &str| request.bindings().unwrap().pointer(pointer).cloned().unwrap();
        assert_eq!(bound("/1/value"), "01b2-upstream");
        assert_eq!(bound("/2/value"), serde_json::json!(["x"]));
    }
}
