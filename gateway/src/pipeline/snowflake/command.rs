//! From a query request to a command that policy can judge.

use hoop_masking::{Findings, Masked};
use hoop_model::{Action, Fault, Resource, Retry, Side};
use hoop_snowflake::{LoginRequest, QueryRequest};
use hoop_sql::{Classification, Judged, SessionState};
use serde_json::Value;

use super::place;
use crate::{
    Gateway,
    pipeline::{
        Command,
        mcp::{readable, statement},
    },
    session::Session,
};

/// The query as a command, judged by how its text was classified where the session stands.
pub(super) fn command(
    gateway: &Gateway,
    session: &Session,
    standing: &SessionState,
    classification: &Classification,
    own_result: impl Fn(&str) -> bool,
    request: QueryRequest,
) -> Result<Command<QueryRequest>, Fault> {
    readable(request.sql())?;
    let connection = &session.connection.name;
    let mut asks = Vec::new();
    let mut reasons = Vec::new();
    for judged in &classification.statements {
        let action = if request.describe_only() { Action::Discover } else { action(judged, &own_result) };
        reasons.extend(judged.reasons.iter().cloned());
        asks.extend(statement(connection, action, &judged.tables));
    }
    let declared = request.statement_count().unwrap_or(1);
    if declared != 0 && declared != classification.count() as u64 {
        reasons.push(format!("{} statements where the request declares {declared}", classification.count()));
        asks.push((Action::Unknown, Resource::Connection(connection.clone())));
    }
    let parameters = request.parameters();
    let unmodelled: Vec<String> = parameters.keys().filter_map(|name| hoop_sql::unmodelled_parameter(name)).collect();
    if !unmodelled.is_empty() {
        reasons.extend(unmodelled);
        asks.push((Action::Unknown, Resource::Connection(connection.clone())));
    }
    let mut findings = Findings::default();
    let mut text = gateway.masker.statement(request.sql(), request.bindings(), &mut findings);
    if !parameters.is_empty() {
        let shown = gateway.masker.arguments(Value::Object(parameters), &mut findings).map_err(|error| {
            Fault::new(Side::Client, "bad_query", Retry::Useless, format!("{error}; send plain parameters"))
        })?;
        text = Masked::join([text, Masked::constant("\n-- parameters: ").to_text(), shown.to_text()]);
    }
    let exact = request.exact();
    Ok(Command { request, text, findings, exact, state: place::bound(standing), asks, reasons })
}

/// A driver's login, with the place it wants to begin in and the session parameters it does not get. A role of its own
/// is as good as `USE ROLE`.
pub(super) fn login(gateway: &Gateway, session: &Session, request: &LoginRequest, left_out: &[String]) -> Command<()> {
    let connection = || Resource::Connection(session.connection.name.clone());
    let mut text = "log in upstream".to_owned();
    let wishes = [
        ("database", &request.database),
        ("schema", &request.schema),
        ("warehouse", &request.warehouse),
        ("role", &request.role),
    ];
    for (what, name) in wishes {
        if let Some(name) = name {
            text.push_str(&format!(", {what} {name}"));
        }
    }
    if !left_out.is_empty() {
        text.push_str(&format!("; left out: {}", left_out.join(", ")));
    }
    let mut command = plumbing(session, "log in upstream");
    command.text = gateway.masker.text(&text, &mut command.findings);
    command.exact = text.into_bytes();
    if request.role.is_some() {
        command.asks.push((Action::Unknown, connection()));
        command.reasons.push("chooses the role that its statements run as".to_owned());
    }
    command
}

/// A result of this session's own was judged when it was made, so to read it again is a read. To copy it is not: it may
/// hold rows of tables that the text does not name.
fn action(judged: &Judged, own_result: impl Fn(&str) -> bool) -> Action {
    let own = !judged.result_scan.is_empty() && judged.result_scan.iter().all(|id| own_result(id));
    if own && judged.besides_result_scan <= Action::Read { judged.besides_result_scan } else { judged.action }
}

/// A command of the protocol's own: it carries nothing of the driver's.
pub(super) fn plumbing(session: &Session, what: &'static str) -> Command<()> {
    Command {
        request: (),
        text: Masked::constant(what).to_text(),
        findings: Findings::default(),
        exact: what.as_bytes().to_vec(),
        state: Vec::new(),
        asks: vec![(Action::Session, Resource::Connection(session.connection.name.clone()))],
        reasons: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_reading_back_an_own_result_is_a_read() {
        let judged = |sql: &str| {
            let own = |id: &str| id == "01b2-aa";
            let statements = hoop_sql::classify(sql, &SessionState::default()).statements;
            statements.iter().map(|judged| action(judged, own)).max()
        };
        assert_eq!(judged("select * from table(result_scan('01b2-aa'))"), Some(Action::Read));
        assert_eq!(judged("select * from table(result_scan('01b2-bb'))"), Some(Action::Unknown));
        for copy in [
            "create table sandbox.c as select * from table(result_scan('01b2-aa'))",
            "insert into sandbox.c select * from table(result_scan('01b2-aa'))",
            "copy into @s from (select * from table(result_scan('01b2-aa')))",
        ] {
            assert_eq!(judged(copy), Some(Action::Unknown), "{copy}");
        }
    }

    #[test]
    fn a_statement_that_misleads_its_reader_is_refused() {
        let code = readable("select 1\u{0}").err().map(|fault| fault.code);
        assert_eq!(code.as_deref(), Some("bad_statement"));
        assert!(readable("select\t'Zürich'\r\n").is_ok());
    }
}
