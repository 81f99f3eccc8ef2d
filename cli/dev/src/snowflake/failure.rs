use serde_json::{Value, json};

/// A refusal as Snowflake words it: HTTP 200, `success:false`, a numeric code and an SQLSTATE.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) sql_state: &'static str,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(code: &str, sql_state: &'static str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), sql_state, message: message.into() }
    }

    pub(crate) fn syntax(message: &str) -> Self {
        Self::new("001003", "42000", format!("SQL compilation error:\n{message}"))
    }

    /// Repeats the value, as the real server does: error texts carry data.
    pub(crate) fn not_numeric(value: &str) -> Self {
        Self::new("100038", "22018", format!("Numeric value '{value}' is not recognized"))
    }

    pub(crate) fn cancelled() -> Self {
        Self::new("000604", "57014", "SQL execution canceled")
    }

    /// The codes a driver acts on by itself, with the text the server gives them.
    pub(crate) fn of_session(code: &str) -> Self {
        let message = match code {
            "390100" => "Incorrect username or password was specified.",
            "390111" => "Session no longer exists. New login required to access the service.",
            "390112" => "Authentication token has expired. The session will be renewed with the master token.",
            "390114" => "Authentication token has expired. The user must authenticate again.",
            "390144" => "JWT token is invalid.",
            _ => "The statement was refused by the test switch in its comment.",
        };
        let sql_state = if code.starts_with("3901") { "28000" } else { "42000" };
        Self::new(code, sql_state, message)
    }

    pub(crate) fn from_sqlite(error: &sqlx::Error) -> Self {
        let text = match error {
            sqlx::Error::Database(database) => database.message().to_owned(),
            other => other.to_string(),
        };
        let quoted = |prefix: &str| text.strip_prefix(prefix).map(|name| name.trim().to_uppercase());
        if let Some(name) = quoted("no such table:") {
            let message = format!("SQL compilation error:\nObject '{name}' does not exist or not authorized.");
            return Self::new("002003", "42S02", message);
        }
        if let Some(name) = quoted("no such column:") {
            return Self::new(
                "000904",
                "42000",
                format!("SQL compilation error: error line 1 at position 7\ninvalid identifier '{name}'"),
            );
        }
        if let Some(name) = quoted("no such function:") {
            return Self::new("002140", "42601", format!("SQL compilation error:\nUnknown function {name}"));
        }
        if text.contains("already exists") {
            return Self::new("002002", "42710", format!("SQL compilation error:\n{text}"));
        }
        if text.contains("constraint failed") {
            return Self::new("100072", "22000", format!("DML operation failed: {text}"));
        }
        Self::syntax(&text)
    }

    pub(crate) fn body(&self, query_id: Option<&str>) -> Value {
        json!({
            "data": {
                "internalError": false, "unredactedFromSecureObject": false, "errorCode": self.code, "age": 0,
                "sqlState": self.sql_state, "queryId": query_id, "line": -1, "pos": -1, "type": "COMPILATION",
            },
            "code": self.code,
            "message": self.message,
            "success": false,
        })
    }
}
