//! What a client's message asks for.

use hoop_model::Action;
use serde_json::{Map, Value, json};

use crate::{
    Era,
    message::{Id, Message, without_counters},
};

/// A message's own action, and what it says for the record. All of it is clear: mask it before it goes anywhere.
pub struct Classified {
    pub action: Action,
    pub tool: Option<String>,
    /// SQL in one of its arguments; empty where it cannot be read.
    pub sql: Option<String>,
    /// The method, and a call's tool.
    pub what: String,
    /// A call's arguments, another message's parameters.
    pub arguments: Option<Value>,
    /// Everything else that is sent with it, but for the id and the progress token.
    pub beside: Option<Value>,
}

/// A message that may not pass: the gateway does not know what it would do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Method not found: the gateway does not know \"{method}\" and does not pass it on")]
pub struct Unclassified {
    pub method: String,
    id: Option<Id>,
}

impl Unclassified {
    /// Whether whoever sent it may be answered: a notification may not be.
    pub fn wants_answer(&self) -> bool {
        self.id.is_some()
    }

    /// The JSON-RPC error for whoever sent it.
    pub fn response(&self) -> Vec<u8> {
        let id = self.id.as_ref().map_or(Value::Null, Id::to_value);
        let text = "Method not found: the gateway does not know this method and does not pass it on";
        json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32601, "message": text } }).to_string().into_bytes()
    }
}

/// Tools known to take SQL, and the argument that holds it (`mcp-protocol.md` §9).
const SQL: &[(&str, &str)] = &[
    ("run_snowflake_query", "statement"),
    ("read_query", "query"),
    ("write_query", "query"),
    ("create_table", "query"),
];

/// Arguments that hold SQL whatever the tool is called. `query` is not one: it is also a search's free text.
const SQL_NAMES: &[&str] = &["sql", "sql_text", "sql_query", "statement", "stmt"];

/// Each era has its own methods: one that the other era left behind is as unknown as any.
pub fn classify(message: &Message, era: Era) -> Result<Classified, Unclassified> {
    let plain = |action, what: &str| {
        let arguments = message.params().cloned();
        let beside = beside(message, None);
        Ok(Classified { action, tool: None, sql: None, what: what.to_owned(), arguments, beside })
    };
    match message {
        Message::Response { .. } => plain(Action::Session, "response to the server"),
        Message::Notification { method, .. } => match method.as_str() {
            "notifications/initialized"
            | "notifications/cancelled"
            | "notifications/progress"
            | "notifications/roots/list_changed" => plain(Action::Session, method),
            other => Err(Unclassified { method: other.to_owned(), id: None }),
        },
        Message::Request { id, method, .. } => match (method.as_str(), era) {
            (
                "tools/list" | "prompts/list" | "resources/list" | "resources/templates/list" | "completion/complete",
                _,
            )
            | ("initialize" | "ping", Era::Legacy)
            | ("server/discover", Era::Modern) => plain(Action::Discover, method),
            ("prompts/get" | "resources/read", _) => plain(Action::Read, method),
            ("logging/setLevel" | "resources/subscribe" | "resources/unsubscribe", Era::Legacy)
            | ("subscriptions/listen", Era::Modern) => plain(Action::Session, method),
            ("tools/call", _) => {
                call(message).ok_or_else(|| Unclassified { method: method.clone(), id: Some(id.clone()) })
            }
            (other, _) => Err(Unclassified { method: other.to_owned(), id: Some(id.clone()) }),
        },
    }
}

/// A call's name and arguments; `None` where they are not what the protocol says.
fn call(message: &Message) -> Option<Classified> {
    let params = message.params()?;
    let tool = params.get("name")?.as_str()?.to_owned();
    let arguments = match params.get("arguments") {
        None | Some(Value::Null) => Value::Object(serde_json::Map::new()),
        Some(object @ Value::Object(_)) => object.clone(),
        Some(_) => return None,
    };
    let sql = sql_argument(&tool, &arguments);
    let mut others = params.clone();
    without_counters(&mut others);
    let others = others.as_object_mut()?;
    others.shift_remove("name");
    others.shift_remove("arguments");
    let beside = beside(message, Some(others).filter(|others| !others.is_empty()));
    let what = format!("tools/call {tool}");
    Some(Classified { action: Action::CallTool, tool: Some(tool), sql, what, arguments: Some(arguments), beside })
}

/// What a message carries besides its parameters, with what is left of those.
fn beside(message: &Message, params: Option<&mut Map<String, Value>>) -> Option<Value> {
    let mut members = Map::new();
    if let Some(params) = params {
        members.insert("params".to_owned(), Value::Object(std::mem::take(params)));
    }
    members.extend(message.rest().clone());
    (!members.is_empty()).then_some(Value::Object(members))
}

/// The SQL that a call carries; `None` where it carries none. What cannot be read as one text is the empty text, which
/// counts as unparsed: a known tool without its argument, an argument that is no string, or several that could run.
pub fn sql_argument(tool: &str, arguments: &Value) -> Option<String> {
    let known = SQL.iter().find(|(name, _)| *name == tool).map(|(_, argument)| *argument);
    let is_sql = |name: &str| known == Some(name) || SQL_NAMES.iter().any(|sql| name.eq_ignore_ascii_case(sql));
    let mut texts = arguments.as_object().into_iter().flatten().filter(|(name, _)| is_sql(name));
    match (texts.next(), texts.next()) {
        (Some((_, text)), None) => Some(text.as_str().unwrap_or_default().to_owned()),
        (None, _) => known.map(|_| String::new()),
        (Some(_), Some(_)) => Some(String::new()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(text: &str) -> Result<Classified, Unclassified> {
        classify(&Message::parse(text.as_bytes()).unwrap(), Era::Legacy)
    }

    #[test]
    fn each_era_has_its_own_methods() {
        let known = |method: &str, era| {
            let text = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}"}}"#);
            classify(&Message::parse(text.as_bytes()).unwrap(), era).is_ok()
        };
        for method in ["initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"] {
            assert!(known(method, Era::Legacy) && !known(method, Era::Modern), "{method}");
        }
        for method in ["server/discover", "subscriptions/listen"] {
            assert!(!known(method, Era::Legacy) && known(method, Era::Modern), "{method}");
        }
        assert!(known("tools/list", Era::Legacy) && known("tools/list", Era::Modern));
    }

    #[test]
    fn a_call_names_its_tool_and_its_sql() {
        let call = of(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"write_query","arguments":{"query":"DELETE FROM t"}}}"#).unwrap_or_else(|_| unreachable!());
        assert_eq!(
            (call.action, call.tool.as_deref(), call.sql.as_deref()),
            (Action::CallTool, Some("write_query"), Some("DELETE FROM t"))
        );
        assert_eq!(call.what, "tools/call write_query");
        assert_eq!(call.arguments, Some(json!({ "query": "DELETE FROM t" })));
        assert_eq!(call.beside, None);
    }

    #[test]
    fn what_is_sent_beside_the_arguments_is_told() {
        let call = of(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pay","_meta":{"progressToken":1,"x":2},"task":{"ttl":9}},"extra":[3]}"#).unwrap_or_else(|_| unreachable!());
        assert_eq!(call.arguments, Some(json!({})));
        assert_eq!(call.beside, Some(json!({ "params": { "_meta": { "x": 2 }, "task": { "ttl": 9 } }, "extra": [3] })));
        let bare =
            of(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pay","_meta":{"progressToken":1}}}"#);
        assert!(bare.is_ok_and(|call| call.beside.is_none()));
    }

    #[test]
    fn sql_is_found_in_tools_that_are_not_known() {
        let sql = |name: &str, arguments: &str| {
            let text = format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{name}","arguments":{arguments}}}}}"#
            );
            of(&text).unwrap_or_else(|_| unreachable!()).sql
        };
        assert_eq!(sql("my_snowflake", r#"{"sql":"DROP TABLE t"}"#).as_deref(), Some("DROP TABLE t"));
        assert_eq!(sql("my_snowflake", r#"{"statement":"SELECT 1"}"#).as_deref(), Some("SELECT 1"));
        // Not a text: nothing that could be judged as a read.
        assert_eq!(sql("my_snowflake", r#"{"sql":["DROP TABLE t"]}"#).as_deref(), Some(""));
        // Either could run, and together they read as something else.
        assert_eq!(sql("x", r#"{"sql":"SELECT 1 /*","statement":"DROP TABLE t -- */"}"#).as_deref(), Some(""));
        assert_eq!(sql("read_query", r#"{"query":"SELECT 1","SQL":"DROP TABLE t"}"#).as_deref(), Some(""));
        assert_eq!(sql("read_query", "{}").as_deref(), Some(""));
        // Free text of a search is not SQL.
        assert_eq!(sql("search", r#"{"query":"lost card"}"#), None);
    }

    #[test]
    fn only_a_request_may_be_answered() {
        let error = |text: &str| of(text).err().map(|error| error.wants_answer());
        assert_eq!(error(r#"{"jsonrpc":"2.0","id":1,"method":"admin/dump"}"#), Some(true));
        assert_eq!(error(r#"{"jsonrpc":"2.0","method":"notifications/surprise"}"#), Some(false));
    }

    #[test]
    fn an_unknown_method_does_not_pass() {
        assert!(of(r#"{"jsonrpc":"2.0","id":1,"method":"admin/dump"}"#).is_err());
        assert!(of(r#"{"jsonrpc":"2.0","method":"notifications/surprise"}"#).is_err());
        assert!(of(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{}}}"#).is_err());
        assert!(
            of(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#).is_ok_and(|one| one.action == Action::Discover)
        );
    }
}
