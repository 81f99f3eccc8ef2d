//! `hoopctl admin holds`: recordings that are kept whatever their age.

use serde_json::{Value, json};

use crate::{
    args::{AddHold, Holds},
    connect::connection_name,
    exit::{Exit, Failure},
    gateway::Gateway,
    output::{Printer, human},
    sessions,
};

pub(crate) async fn run(gateway: &Gateway, command: Holds, printer: Printer) -> Result<u8, Failure> {
    match command {
        Holds::List => {
            let answer: Value = gateway.get("/v1/holds").await?;
            let holds = answer.get("holds").and_then(Value::as_array).cloned().unwrap_or_default();
            printer.list("holds", "holds", &holds, |holds| {
                let rows: Vec<_> = holds.iter().map(row).collect();
                human::table(&["HOLD", "OF", "BY", "SINCE", "REASON"], &rows)
            });
        }
        Holds::Add(AddHold { session, connection, reason }) => {
            let of = match (session, connection) {
                (Some(id), _) => json!({ "session": sessions::checked(&id)? }),
                (None, name) => json!({ "connection": connection_name(&name.unwrap_or_default())? }),
            };
            let hold: Value = gateway.post("/v1/holds", &json!({ "of": of, "reason": reason })).await?;
            printer.result("hold", &hold, |hold| text(hold, "/id"));
            printer.say("in force: nothing that it covers is purged until it is released");
        }
        Holds::Release { id, reason } => {
            let id: hoop_model::HoldId = id.parse().map_err(|_| {
                Failure::new(Exit::Usage, "bad_hold_id", "a hold's id is listed by `hoopctl admin holds list`")
            })?;
            let hold: Value = gateway.post(&format!("/v1/holds/{id}/release"), &json!({ "reason": reason })).await?;
            printer.result("hold_released", &hold, |hold| format!("{} is released", text(hold, "/id")));
        }
    }
    Ok(Exit::Ok as u8)
}

fn row(hold: &Value) -> Vec<String> {
    let of = match hold.pointer("/of/session") {
        Some(_) => format!("session {}", text(hold, "/of/session")),
        None => format!("connection {}", text(hold, "/of/connection")),
    };
    vec![text(hold, "/id"), of, text(hold, "/by/name"), text(hold, "/at"), text(hold, "/reason")]
}

fn text(hold: &Value, at: &str) -> String {
    human::plain(hold.pointer(at).and_then(Value::as_str).unwrap_or_default())
}
