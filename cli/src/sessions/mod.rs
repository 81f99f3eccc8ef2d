//! `hoopctl sessions`: who did what, from the trail.

mod arrow;
mod delivered;
mod document;
mod export;
mod page;
mod replay;

use serde_json::Value;

use crate::{
    args::{ListSessions, Sessions, SessionsCommand},
    exit::{Exit, Failure},
    gateway::Gateway,
    output::{Printer, human},
};

pub(crate) async fn run(gateway: &Gateway, args: Sessions, printer: Printer) -> Result<u8, Failure> {
    match args.command {
        None => list(gateway, args.list, printer).await,
        Some(SessionsCommand::Show { id }) => {
            let session: Value = gateway.get(&format!("/v1/sessions/{}", checked(&id)?)).await?;
            printer.result("session", &session, show);
            Ok(Exit::Ok as u8)
        }
        Some(SessionsCommand::Replay(args)) => replay::run(gateway, args, printer).await,
        Some(SessionsCommand::Follow(args)) => replay::follow(gateway, args, printer).await,
        Some(SessionsCommand::Export(args)) => export::run(gateway, args, printer).await,
        Some(SessionsCommand::Kill { id }) => {
            gateway.delete(&format!("/v1/sessions/{}", checked(&id)?)).await?;
            printer.result("session_killed", &serde_json::json!({ "id": id }), |_| format!("{id} has ended"));
            Ok(Exit::Ok as u8)
        }
    }
}

async fn list(gateway: &Gateway, which: ListSessions, printer: Printer) -> Result<u8, Failure> {
    let before = which.before.as_deref().map(checked).transpose()?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &which.limit.to_string());
    query.extend_pairs(which.since.map(|since| ("since", since.to_string())));
    query.extend_pairs(before.map(|before| ("before", before.to_string())));
    let answer: Value = gateway.get(&format!("/v1/sessions?{}", query.finish())).await?;
    let sessions = answer.get("sessions").and_then(Value::as_array).cloned().unwrap_or_default();
    // An older gateway lists all, and does not say.
    let more = answer.get("more") == Some(&Value::Bool(true));
    printer.page("sessions", "sessions", &sessions, more, |sessions| {
        let rows: Vec<Vec<String>> = sessions
            .iter()
            .map(|session| {
                let ended = text(session, "/ended_at");
                let live = session.get("live") == Some(&Value::Bool(true));
                vec![
                    text(session, "/id"),
                    text(session, "/subject/sub"),
                    text(session, "/connection"),
                    text(session, "/started_at"),
                    if live { "live".to_owned() } else { ended },
                    number(session, "/exchanges"),
                    number(session, "/held"),
                    number(session, "/denied"),
                    number(session, "/masked"),
                ]
            })
            .collect();
        human::table(
            &["SESSION", "SUBJECT", "CONNECTION", "STARTED", "ENDED", "RAN", "HELD", "DENIED", "MASKED"],
            &rows,
        )
    });
    if let Some(last) = sessions.last().filter(|_| more) {
        printer.say(&format!("there are more: `hoopctl sessions --before {}` lists them", text(last, "/id")));
    }
    Ok(Exit::Ok as u8)
}

fn show(session: &Value) -> String {
    let mut out = format!(
        "session     {}\nsubject     {}\nconnection  {}\nstarted     {}\nended       {}\n\n",
        text(session, "/id"),
        text(session, "/subject/sub"),
        text(session, "/connection"),
        text(session, "/started_at"),
        text(session, "/ended_at"),
    );
    let records = session.get("records").and_then(Value::as_array).cloned().unwrap_or_default();
    let rows: Vec<Vec<String>> = records
        .iter()
        .map(|record| {
            let masked = record.pointer("/counts/masked").and_then(Value::as_object);
            let masked: u64 = masked.map_or(0, |by_rule| by_rule.values().filter_map(Value::as_u64).sum());
            let what = [text(record, "/command"), text(record, "/outcome"), votes(record)];
            vec![
                number(record, "/seq"),
                text(record, "/ts"),
                text(record, "/type"),
                text(record, "/action"),
                text(record, "/decision/effect"),
                number(record, "/counts/rows"),
                masked.to_string(),
                human::short(
                    &what.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" · "),
                    100,
                ),
            ]
        })
        .collect();
    out.push_str(&human::table(&["#", "TIME", "TYPE", "ACTION", "DECISION", "ROWS", "MASKED", "WHAT"], &rows));
    out
}

fn votes(record: &Value) -> String {
    let votes = record.pointer("/approval/votes").and_then(Value::as_array).cloned().unwrap_or_default();
    let names: Vec<_> = votes.iter().map(|vote| text(vote, "/approver/sub")).collect();
    if names.is_empty() { String::new() } else { format!("approved by {}", names.join(", ")) }
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn number(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).map(ToString::to_string).unwrap_or_default()
}

pub(crate) fn checked(id: &str) -> Result<hoop_model::SessionId, Failure> {
    id.parse().map_err(|_| {
        Failure::new(Exit::Usage, "bad_session_id", format!("\"{id}\" is no session; `hoopctl sessions` lists them"))
    })
}
