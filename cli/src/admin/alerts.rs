//! `hoopctl admin alerts`: what the automatic review found, and what was said of it.

mod view;

use hoop_model::AlertId;
use serde_json::{Value, json};
use view::Alert;

use crate::{
    args::{Alerts, AlertsCommand, AnswerAlert},
    exit::{Exit, Failure},
    gateway::Gateway,
    output::Printer,
};

pub(crate) async fn run(gateway: &Gateway, args: Alerts, printer: Printer) -> Result<u8, Failure> {
    match args.command {
        None => list(gateway, args.all, printer).await,
        Some(AlertsCommand::Show { id }) => {
            let alert = Alert { document: gateway.get(&format!("/v1/alerts/{}", checked(&id)?)).await? };
            printer.result("alert", &alert.document, |_| alert.describe());
            Ok(Exit::Ok as u8)
        }
        Some(AlertsCommand::Ack(answer)) => answered(gateway, &answer, "acknowledge", printer).await,
        Some(AlertsCommand::Close(answer)) => answered(gateway, &answer, "close", printer).await,
    }
}

async fn list(gateway: &Gateway, all: bool, printer: Printer) -> Result<u8, Failure> {
    let answer: Value = gateway.get(if all { "/v1/alerts?all=true" } else { "/v1/alerts" }).await?;
    let documents = answer.get("alerts").and_then(Value::as_array).cloned().unwrap_or_default();
    printer.list("alerts", "alerts", &documents, view::table);
    if documents.is_empty() {
        printer.say(if all { "nothing was found so far" } else { "nothing waits for anybody" });
    }
    Ok(Exit::Ok as u8)
}

async fn answered(gateway: &Gateway, answer: &AnswerAlert, what: &str, printer: Printer) -> Result<u8, Failure> {
    let path = format!("/v1/alerts/{}/{what}", checked(&answer.id)?);
    let alert = Alert { document: gateway.post(&path, &json!({ "reason": answer.reason })).await? };
    printer.result("alert", &alert.document, |_| format!("{} is {}", alert.text("/id"), alert.text("/state")));
    Ok(Exit::Ok as u8)
}

/// The id goes into a path.
fn checked(id: &str) -> Result<AlertId, Failure> {
    id.parse().map_err(|_| {
        Failure::new(Exit::Usage, "bad_alert_id", format!("\"{id}\" is no alert; `hoopctl admin alerts` lists them"))
    })
}
