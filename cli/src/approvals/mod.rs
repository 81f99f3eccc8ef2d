//! `hoopctl requests`, `approve`, `deny`: the second person's side of a held command.

mod view;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use view::Request;

use crate::{
    args::{Approve, Deny, Requests, RequestsCommand},
    exit::{Exit, Failure},
    gateway::Gateway,
    output::{Printer, waiting},
};

/// How often `wait` looks again.
const POLL: Duration = Duration::from_millis(500);

pub(crate) async fn requests(gateway: &Gateway, args: Requests, printer: Printer) -> Result<u8, Failure> {
    match args.command {
        None => list(gateway, args.all, printer).await,
        Some(RequestsCommand::Show { id }) => {
            let request = fetch(gateway, &id).await?;
            printer.result("request", &request.document, |_| request.describe());
            Ok(Exit::Ok as u8)
        }
        Some(RequestsCommand::Wait { id, timeout }) => wait(gateway, &id, Duration::from_secs(timeout), printer).await,
        Some(RequestsCommand::Withdraw { id }) => {
            let request = decide(gateway, &id, "withdraw", &json!({})).await?;
            printer.result("request", &request.document, |_| format!("{} is withdrawn", request.id()));
            Ok(Exit::Ok as u8)
        }
    }
}

pub(crate) async fn approve(gateway: &Gateway, args: Approve, printer: Printer) -> Result<u8, Failure> {
    let id = match args.id {
        Some(id) => id,
        None => oldest(gateway).await?,
    };
    let request = decide(gateway, &id, "approve", &json!({ "reason": args.reason })).await?;
    printer.result("request", &request.document, |_| {
        format!("{} is {}: {}", request.id(), request.state(), request.command())
    });
    Ok(Exit::Ok as u8)
}

pub(crate) async fn deny(gateway: &Gateway, args: Deny, printer: Printer) -> Result<u8, Failure> {
    let request = decide(gateway, &args.id, "deny", &json!({ "reason": args.reason })).await?;
    printer.result("request", &request.document, |_| format!("{} is denied", request.id()));
    Ok(Exit::Ok as u8)
}

async fn list(gateway: &Gateway, all: bool, printer: Printer) -> Result<u8, Failure> {
    let requests = pending(gateway, all).await?;
    let documents: Vec<&Value> = requests.iter().map(|request| &request.document).collect();
    printer.list("requests", "requests", &documents, |_| view::table(&requests));
    if requests.is_empty() {
        printer.say("nothing waits");
    }
    Ok(Exit::Ok as u8)
}

async fn pending(gateway: &Gateway, all: bool) -> Result<Vec<Request>, Failure> {
    let answer: Value = gateway.get(if all { "/v1/requests?all=true" } else { "/v1/requests" }).await?;
    let documents = answer.get("requests").and_then(Value::as_array).cloned().unwrap_or_default();
    Ok(documents.into_iter().map(|document| Request { document }).collect())
}

/// The longest-waiting request of somebody else.
async fn oldest(gateway: &Gateway) -> Result<String, Failure> {
    let whoami: Value = gateway.get("/v1/whoami").await?;
    let me = whoami.pointer("/principal/subject").cloned().unwrap_or_default();
    let mut requests = pending(gateway, false).await?;
    requests.retain(|request| request.document.pointer("/request/requester") != Some(&me));
    requests.sort_by_key(|request| request.text("/request/created_at"));
    requests
        .first()
        .map(Request::id)
        .ok_or_else(|| Failure::new(Exit::Failed, "nothing_waits", "no request of somebody else waits for you"))
}

async fn fetch(gateway: &Gateway, id: &str) -> Result<Request, Failure> {
    let document = gateway.get(&format!("/v1/requests/{}", checked(id)?)).await?;
    Ok(Request { document })
}

async fn decide(gateway: &Gateway, id: &str, what: &str, words: &Value) -> Result<Request, Failure> {
    let document = gateway.post(&format!("/v1/requests/{}/{what}", checked(id)?), words).await?;
    Ok(Request { document })
}

/// The id goes into a path.
fn checked(id: &str) -> Result<hoop_model::ApprovalId, Failure> {
    id.parse().map_err(|_| {
        Failure::new(Exit::Usage, "bad_request_id", format!("\"{id}\" is no request; `hoopctl requests` lists them"))
    })
}

async fn wait(gateway: &Gateway, id: &str, limit: Duration, printer: Printer) -> Result<u8, Failure> {
    let started = Instant::now();
    let decided = async {
        loop {
            let request = fetch(gateway, id).await?;
            match request.state().as_str() {
                "pending" if started.elapsed() < limit => tokio::time::sleep(POLL).await,
                "approved" | "consumed" => return Ok::<_, Failure>((request, Exit::Ok)),
                "denied" => return Ok((request, Exit::ApprovalDenied)),
                _ => return Ok((request, Exit::ApprovalPending)),
            }
        }
    };
    let (request, exit) = waiting(&format!("waiting for a decision on {id}"), decided).await?;
    printer.result("request", &request.document, |_| format!("{} is {}", request.id(), request.state()));
    Ok(exit as u8)
}
