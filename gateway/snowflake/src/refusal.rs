//! The gateway's own answers in the driver protocol. All of them HTTP 200: on 403 or 429 drivers retry for minutes (§5).

use hoop_model::{Fault, Side};
use serde_json::{Value, json};

/// A refusal that a driver raises at once, with our text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: &'static str,
    pub sql_state: &'static str,
    pub text: String,
}

impl Refusal {
    /// A login with something else than the listener's secret.
    pub fn wrong_credential() -> Self {
        Self {
            code: "390100",
            sql_state: "28000",
            text: "Use the password that `hoopctl connect` printed. A Snowflake password, key or token is not needed here; \
                   if you have just sent one, it was neither stored nor forwarded, but change it."
                .to_owned(),
        }
    }

    /// A token that is none of ours: the driver must log in anew.
    pub fn no_session() -> Self {
        let text = "This session is not known here; connect again through `hoopctl connect`.".to_owned();
        Self { code: "390114", sql_state: "08001", text }
    }

    /// A part of the REST API that no rule is made for.
    pub fn closed_endpoint() -> Self {
        let text = "Of Snowflake's REST API only /api/v2/statements can be had here; nothing was forwarded. A managed MCP \
                    server is reached by a connection of type mcp; for Cortex and the rest ask the gateway's admin.";
        Self { code: "003001", sql_state: "42501", text: text.to_owned() }
    }

    pub fn cancelled() -> Self {
        Self { code: "000604", sql_state: "57014", text: "SQL execution canceled".to_owned() }
    }

    pub fn unknown_query() -> Self {
        let text = "There is no such query in this session.".to_owned();
        Self { code: "000709", sql_state: "02000", text }
    }

    /// The query has run, and its answer went once; a retry gets this instead of a second run.
    pub fn forgotten() -> Self {
        let text = "This query's answer is no longer kept; run the query again if you need it.".to_owned();
        Self { code: "000709", sql_state: "02000", text }
    }

    /// The answer was kept with card numbers in it, and the time to show them is over.
    pub fn no_longer_shown() -> Self {
        let text =
            "The card numbers in this query's answer may no longer be shown; run the query again to get it without.";
        Self { code: "000709", sql_state: "02000", text: text.to_owned() }
    }

    pub fn body(&self, query_id: Option<&str>) -> Vec<u8> {
        json!({
            "data": {
                "errorCode": self.code,
                "sqlState": self.sql_state,
                "internalError": false,
                "type": "HOOP",
                "queryId": query_id,
                "pos": -1,
            },
            "code": self.code,
            "message": self.text,
            "success": false,
            "headers": null,
        })
        .to_string()
        .into_bytes()
    }
}

impl From<&Fault> for Refusal {
    fn from(fault: &Fault) -> Self {
        let (code, sql_state) = match fault.side {
            Side::Policy | Side::Client => ("003001", "42501"),
            Side::Upstream => ("000603", "58000"),
            Side::Agent | Side::Internal => ("390102", "08001"),
        };
        Self { code, sql_state, text: fault.text.clone() }
    }
}

/// "Ask again there": what holds a driver for as long as it takes.
pub fn in_progress(query_id: &str) -> Vec<u8> {
    later(query_id, "333333", "Query execution in progress. Please provide query ID and URL to poll for results.")
}

/// What a query that is asynchronous on the driver's own wish is answered with at once.
pub fn submitted(query_id: &str) -> Vec<u8> {
    later(query_id, "333334", "Asynchronous execution in progress. Use provided query ID to perform query monitoring.")
}

fn later(query_id: &str, code: &str, message: &str) -> Vec<u8> {
    json!({
        "data": {
            "queryId": query_id,
            "getResultUrl": format!("/queries/{query_id}/result"),
            "queryAbortsAfterSecs": 3600,
            "progressDesc": null,
        },
        "code": code,
        "message": message,
        "success": true,
    })
    .to_string()
    .into_bytes()
}

/// A plain yes.
pub fn done() -> Vec<u8> {
    json!({ "data": null, "code": null, "message": null, "success": true }).to_string().into_bytes()
}

/// The result of a statement that the gateway carried out itself: one text.
pub fn told(query_id: &str, column: &str, text: &str) -> Vec<u8> {
    let kind = json!({
        "name": column, "database": "", "schema": "", "table": "", "nullable": true, "type": "text",
        "length": 16_777_216, "byteLength": 16_777_216, "precision": null, "scale": null, "collation": null,
    });
    json!({
        "data": {
            "parameters": [], "rowtype": [kind], "rowset": [[text]], "total": 1, "returned": 1, "queryId": query_id,
            "databaseProvider": null, "numberOfBinds": 0, "statementTypeId": 4096, "version": 1,
            "queryResultFormat": "json",
        },
        "code": null,
        "message": null,
        "success": true,
    })
    .to_string()
    .into_bytes()
}

/// The status of an asynchronous query.
pub fn status(query_id: &str, state: &str, failure: Option<&str>) -> Vec<u8> {
    let mut query = json!({ "id": query_id, "status": state, "state": state });
    if let (Some(text), Some(query)) = (failure, query.as_object_mut()) {
        query.insert("errorCode".to_owned(), Value::from("003001"));
        query.insert("errorMessage".to_owned(), Value::from(text));
    }
    json!({ "data": { "queries": [query] }, "code": null, "message": null, "success": true }).to_string().into_bytes()
}
