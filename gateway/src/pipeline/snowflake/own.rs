//! Statements that stop queries of the listener's own drivers. Their numbers are the gateway's, so the gateway carries
//! them out: upstream they would be about somebody else's. Snowpark sends one whenever it closes, dbt when it is
//! interrupted.

use std::sync::Arc;

use ::http::Response;
use axum::body::Body;
use hoop_model::Fault;
use hoop_snowflake::{QueryRequest, Refusal};

use super::{
    Ask, command, json,
    memory::{Driver, Memory},
    queries::Query,
    refuse,
};
use crate::pipeline::{Outcome, permitted};

/// The queries that a statement stops.
pub(super) enum Stop {
    /// Of this driver.
    All(Arc<Driver>),
    One(Arc<Query>),
}

/// What the request stops, if that is all it does and the session's own. Anything else is judged as it is.
pub(super) fn stops(memory: &Memory, driver: &Driver, request: &QueryRequest) -> Option<Stop> {
    if request.describe_only() || request.bindings().is_some() {
        return None;
    }
    let (function, argument) = call(request.sql())?;
    match function.as_str() {
        // dbt asks over another connection than the one that is to stop.
        "SYSTEM$CANCEL_ALL_QUERIES" => memory.by_session_id(argument.parse().ok()?).map(Stop::All),
        "SYSTEM$CANCEL_QUERY" => driver.queries.by_id(&argument).map(Stop::One),
        _ => None,
    }
}

/// Stops them at once, recorded like every command of the protocol's own.
pub(super) async fn stop(ask: &Ask, stop: Stop, request_id: Option<&str>) -> Response<Body> {
    match stopped(ask, stop, request_id).await {
        Ok(body) => json(body),
        Err(fault) => refuse(&Refusal::from(&fault)),
    }
}

async fn stopped(ask: &Ask, stop: Stop, request_id: Option<&str>) -> Result<Vec<u8>, Fault> {
    let command = command::plumbing(&ask.session, "stop this session's queries");
    permitted(&ask.gateway, &ask.session, command).await?.exchange().clone().end(Outcome::Success).await?;
    match stop {
        Stop::All(driver) => driver.queries.cancel_all(),
        Stop::One(query) => query.cancelled.cancel(),
    }
    let id = request_id.map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned);
    Ok(hoop_snowflake::told(&id, "RESULT", "query cancelled."))
}

/// `SELECT FUNCTION(argument)` and nothing else, but for a comment behind it: the function in upper case, the argument
/// without quotes.
fn call(sql: &str) -> Option<(String, String)> {
    let sql = sql.trim();
    let sql = match sql.strip_suffix("*/").and_then(|rest| rest.rsplit_once("/*")) {
        Some((before, _)) => before,
        None => sql,
    };
    let (select, rest) =
        sql.trim_end_matches(|c: char| c == ';' || c.is_whitespace()).split_once(char::is_whitespace)?;
    let (function, argument) = rest.trim().strip_suffix(')')?.split_once('(')?;
    let argument = argument.trim();
    let argument = argument.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(argument);
    let plain = argument.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (select.eq_ignore_ascii_case("select") && plain).then(|| (function.to_ascii_uppercase(), argument.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_bare_call_is_one() {
        let called = |function: &str, argument: &str| Some((function.to_owned(), argument.to_owned()));
        let all = called("SYSTEM$CANCEL_ALL_QUERIES", "71");
        assert_eq!(call("select system$cancel_all_queries(71)"), all);
        assert_eq!(call("SELECT  SYSTEM$CANCEL_ALL_QUERIES( 71 );\n/* {\"app\": \"dbt\"} */"), all);
        assert_eq!(call("select SYSTEM$CANCEL_QUERY('01a2-ff')"), called("SYSTEM$CANCEL_QUERY", "01a2-ff"));
        for more in [
            "select system$cancel_all_queries(71), 1",
            "select system$cancel_all_queries(71); drop table t /* x */",
            "select system$cancel_all_queries((select 1))",
            "call system$cancel_all_queries(71)",
        ] {
            assert_eq!(call(more), None, "{more}");
        }
    }
}
