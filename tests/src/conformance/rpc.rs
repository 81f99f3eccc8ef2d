//! JSON-RPC 2.0 messages, kept as the plain JSON that they are.

use serde_json::{Map, Value, json};

pub const RESOURCE_NOT_FOUND: i64 = -32002;
pub const SESSION_NOT_FOUND: i64 = -32001;
pub const PARSE_ERROR: i64 = -32700;
pub const INVALID_REQUEST: i64 = -32600;
pub const METHOD_NOT_FOUND: i64 = -32601;
pub const INVALID_PARAMS: i64 = -32602;
pub const HEADER_MISMATCH: i64 = -32020;
pub const MISSING_REQUIRED_CLIENT_CAPABILITY: i64 = -32021;
pub const UNSUPPORTED_PROTOCOL_VERSION: i64 = -32022;

pub struct Request {
    pub id: Value,
    pub method: String,
    pub params: Map<String, Value>,
}

impl Request {
    pub fn param(&self, name: &str) -> &Value {
        self.params.get(name).unwrap_or(&Value::Null)
    }

    pub fn meta(&self, name: &str) -> &Value {
        &self.param("_meta")[name]
    }

    /// What is called, got or read.
    pub fn name(&self) -> &str {
        let name = if self.method == "resources/read" { "uri" } else { "name" };
        self.param(name).as_str().unwrap_or_default()
    }
}

pub enum Message {
    Request(Request),
    Notification,
    /// To a request of ours: its `result`, or its `error`.
    Response {
        id: Value,
        outcome: Result<Value, Value>,
    },
}

impl Message {
    pub fn read(body: &[u8]) -> Result<Self, Error> {
        let message: Value =
            serde_json::from_slice(body).map_err(|error| Error::new(PARSE_ERROR, error.to_string()))?;
        let Value::Object(mut message) = message else {
            return Err(Error::new(INVALID_REQUEST, "a message is one object"));
        };
        let id = message.remove("id");
        match (message.remove("method"), id) {
            (Some(Value::String(_)), None) => Ok(Self::Notification),
            (Some(Value::String(method)), Some(id @ (Value::String(_) | Value::Number(_)))) => {
                let params = match message.remove("params") {
                    Some(Value::Object(params)) => params,
                    _ => Map::new(),
                };
                Ok(Self::Request(Request { id, method, params }))
            }
            (None, Some(id)) => match (message.remove("result"), message.remove("error")) {
                (Some(result), None) => Ok(Self::Response { id, outcome: Ok(result) }),
                (None, Some(error)) => Ok(Self::Response { id, outcome: Err(error) }),
                _ => Err(Error::new(INVALID_REQUEST, "a response has a result or an error")),
            },
            _ => Err(Error::new(INVALID_REQUEST, "neither a request, a notification nor a response")),
        }
    }
}

pub struct Error {
    pub code: i64,
    message: String,
    data: Option<Value>,
}

impl Error {
    pub fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    pub fn with(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }

    fn into_json(self) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some(data) = self.data {
            error["data"] = data;
        }
        error
    }
}

pub fn response(id: &Value, outcome: Result<Value, Error>) -> Value {
    match outcome {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(error) => json!({ "jsonrpc": "2.0", "id": id, "error": error.into_json() }),
    }
}
