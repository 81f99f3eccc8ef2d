//! From a message to a command that policy can judge.

use std::sync::Arc;

use hoop_masking::{Findings, MaskError, Masked, Masker};
use hoop_mcp::Classified;
use hoop_model::{Action, Fault, Resource, Retry, Side};
use hoop_sql::SessionState;
use serde_json::Value;

use super::{answer, instead::Instead, pins, posted::Posted};
use crate::{
    Gateway, fault,
    pipeline::{Command, Judgement, judge},
    session::Session,
};

/// What the message asks for; else what to say instead, if anything: a method that is not listed goes nowhere, and
/// the trail hears of it.
pub(super) async fn listed(
    gateway: &Gateway,
    session: &Session,
    posted: &Posted,
) -> Result<Classified, Option<Instead>> {
    let unlisted = match hoop_mcp::classify(&posted.message, posted.era) {
        Ok(classified) => return pins::listed(gateway, session, posted, classified).await,
        Err(unlisted) => unlisted,
    };
    let recorded = crate::trail::turned_away(gateway, session, "unknown_method").await;
    // A notification is never answered (JSON-RPC 2.0 §4.1).
    Err(posted.message.id().map(|_| match recorded {
        Ok(()) => Instead::no_such_method(unlisted.response()),
        Err(fault) => Instead::said(answer::refusal(posted, &fault)),
    }))
}

/// Judges the message as a command.
pub(super) async fn judged(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    posted: Posted,
    classified: &Classified,
) -> Result<Judgement<Posted>, Fault> {
    match command(gateway, session, posted, classified) {
        Ok(command) => judge(gateway, session, command).await,
        Err(fault) => {
            crate::trail::turned_away(gateway, session, &fault.code).await?;
            Err(fault)
        }
    }
}

/// The message as a command: its own action, and those of the SQL it carries.
fn command(
    gateway: &Gateway,
    session: &Session,
    posted: Posted,
    classified: &Classified,
) -> Result<Command<Posted>, Fault> {
    let connection = &session.connection.name;
    let resource = match &classified.tool {
        Some(tool) => Resource::Tool { connection: connection.clone(), tool: tool.clone() },
        None => Resource::Connection(connection.clone()),
    };
    let mut asks = vec![(classified.action, resource)];
    let mut reasons = Vec::new();
    if let Some(sql) = &classified.sql {
        carried(connection, sql, &mut asks, &mut reasons)?;
    }
    let mut findings = Findings::default();
    let text = shown(&gateway.masker, classified, posted.headers(), &mut findings).map_err(|error| {
        let text = format!("{error}; send the message with less in it");
        Fault::new(Side::Client, "bad_request", Retry::Useless, text)
    })?;
    let exact = posted.bound().map_err(fault::internal)?;
    Ok(Command { request: posted, text, findings, exact, state: Vec::new(), asks, reasons })
}

/// All that an approval binds, as people may see it.
fn shown(
    masker: &Masker,
    classified: &Classified,
    headers: Option<Value>,
    findings: &mut Findings,
) -> Result<Masked<String>, MaskError> {
    let mut parts = vec![masker.text(&classified.what, findings)];
    for (label, value) in [(" ", &classified.arguments), (" beside ", &classified.beside), (" with headers ", &headers)]
    {
        if let Some(value) = value {
            parts.push(Masked::constant(label).to_text());
            parts.push(masker.arguments(value.clone(), findings)?.to_text());
        }
    }
    Ok(Masked::join(parts))
}

/// What the SQL in a call asks for. Nobody knows which dialect the server speaks, so what they read differently is
/// unknown.
fn carried(
    connection: &hoop_model::ConnectionName,
    sql: &str,
    asks: &mut Vec<(Action, Resource)>,
    reasons: &mut Vec<String>,
) -> Result<(), Fault> {
    readable(sql)?;
    for judged in hoop_sql::classify(sql, &SessionState::default()).statements {
        asks.extend(statement(connection, judged.action, &judged.tables));
        reasons.extend(judged.reasons);
    }
    if let Some(reason) = hoop_sql::depends_on_dialect(sql) {
        asks.push((Action::Unknown, Resource::Connection(connection.clone())));
        reasons.push(format!("the SQL {reason}"));
    }
    Ok(())
}

/// Refuses SQL that reads otherwise than it runs: no approver could judge it.
pub(in crate::pipeline) fn readable(sql: &str) -> Result<(), Fault> {
    match hoop_sql::refused(sql) {
        None => Ok(()),
        Some(reason) => {
            let text = format!("{reason}, so people could read another statement than would run; send it without");
            Err(Fault::new(Side::Client, "bad_statement", Retry::Useless, text))
        }
    }
}

/// What one statement asks for: its action on each table, or on the connection where it names none.
pub(in crate::pipeline) fn statement(
    connection: &hoop_model::ConnectionName,
    action: Action,
    tables: &[hoop_model::TableName],
) -> Vec<(Action, Resource)> {
    if tables.is_empty() {
        return vec![(action, Resource::Connection(connection.clone()))];
    }
    tables
        .iter()
        .map(|table| (action, Resource::Table { connection: connection.clone(), table: table.clone() }))
        .collect()
}

/// A command of the transport's own: it carries nothing of the client's.
pub(super) fn plumbing(session: &Session, what: &'static str) -> Command<()> {
    Command {
        request: (),
        text: Masked::constant(what).to_text(),
        findings: Findings::default(),
        exact: what.as_bytes().to_vec(),
        state: Vec::new(),
        asks: vec![(Action::Discover, Resource::Connection(session.connection.name.clone()))],
        reasons: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use hoop_mcp::{Era, Message};

    use super::*;

    #[test]
    fn sql_that_dialects_read_differently_is_unknown() {
        let riskiest = |sql: &str| -> Result<Action, std::borrow::Cow<'static, str>> {
            let (mut asks, mut reasons) = (Vec::new(), Vec::new());
            carried(&"sqlite".parse().unwrap(), sql, &mut asks, &mut reasons).map_err(|fault| fault.code)?;
            Ok(asks.into_iter().map(|(action, _)| action).max().unwrap())
        };
        assert_eq!(riskiest(r"SELECT 'a\'; DELETE FROM payments; --'"), Ok(Action::Unknown));
        assert_eq!(riskiest("SELECT 'a''b' FROM payments -- all"), Ok(Action::Read));
        assert_eq!(riskiest("DELETE FROM payments"), Ok(Action::Write));
        assert_eq!(riskiest("SELECT 1 -- \u{202e}"), Err("bad_statement".into()));
    }

    #[test]
    fn a_call_is_shown_whole_and_without_card_data() {
        let call = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"charge","arguments":
            {"cvv":"123","amount":1500,"sql":"update payments set cvv = '456'"},"_meta":{"progressToken":5,
            "card":"4111111111111111"},"task":{"ttl":9000}}}"#;
        let classified = hoop_mcp::classify(&Message::parse(call).unwrap(), Era::Legacy).ok().unwrap();
        let headers = serde_json::json!({ "mcp-param-card": "4111111111111111" });
        let text = shown(&Masker::default(), &classified, Some(headers), &mut Findings::default()).unwrap();
        assert_eq!(
            text.into_inner(),
            "tools/call charge {\"cvv\":\"***\",\"amount\":\"***\",\"sql\":\"update payments set cvv = '***'\"} beside \
             {\"params\":{\"_meta\":{\"card\":\"411111******1111\"},\"task\":{\"ttl\":9000}}} with headers \
             {\"mcp-param-card\":\"411111******1111\"}"
        );
    }
}
