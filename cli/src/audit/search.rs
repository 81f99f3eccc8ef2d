//! `hoopctl audit search`: which exchanges hid or showed a given card. One person asks, another lets it happen.

use std::io::{IsTerminal, Read};

use hoop_model::SearchId;
use serde_json::{Value, json};

use crate::{
    args::{SearchCommand, SearchTrail},
    exit::{Exit, Failure},
    gateway::Gateway,
    output::{Printer, human, waiting},
};

/// Longest input that is looked at for a card number, in bytes.
const LONGEST: u64 = 256;

pub(super) async fn run(gateway: &Gateway, args: SearchTrail, printer: Printer) -> Result<u8, Failure> {
    match args.command {
        None => ask(gateway, args.reason.as_deref().unwrap_or_default(), printer).await,
        Some(SearchCommand::List) => {
            let answer: Value = gateway.get("/v1/searches").await?;
            let searches = answer.get("searches").and_then(Value::as_array).cloned().unwrap_or_default();
            printer.list("searches", "searches", &searches, |searches| {
                let rows: Vec<_> = searches.iter().map(row).collect();
                human::table(&["SEARCH", "BY", "UNTIL", "APPROVED BY", "REASON"], &rows)
            });
            Ok(Exit::Ok as u8)
        }
        Some(SearchCommand::Approve { id, reason }) => {
            let path = format!("/v1/searches/{}/approve", checked(&id)?);
            let search: Value = gateway.post(&path, &json!({ "reason": reason })).await?;
            printer.result("search", &search, |search| format!("{} may happen now", text(search, "/id")));
            Ok(Exit::Ok as u8)
        }
        Some(SearchCommand::Show { id }) => {
            let path = format!("/v1/searches/{}", checked(&id)?);
            let found: Value = waiting("searching the trail", gateway.get(&path)).await?;
            printer.result("search_result", &found, exchanges);
            Ok(Exit::Ok as u8)
        }
    }
}

async fn ask(gateway: &Gateway, reason: &str, printer: Printer) -> Result<u8, Failure> {
    let input = std::io::stdin();
    if input.is_terminal() {
        return Err(Failure::new(
            Exit::Usage,
            "card_on_terminal",
            "a card number neither belongs on the screen nor among the arguments; give it on standard input: \
             hoopctl audit search --pan --reason … < FILE",
        ));
    }
    let mut card = String::new();
    input.take(LONGEST).read_to_string(&mut card)?;
    let search: Value = gateway.post("/v1/searches", &json!({ "card": card.trim(), "reason": reason })).await?;
    printer.result("search", &search, |search| text(search, "/id"));
    let id = text(&search, "/id");
    printer.say(&format!(
        "somebody else lets it happen by `hoopctl audit search approve {id}`; then `hoopctl audit search show {id}`"
    ));
    Ok(Exit::Ok as u8)
}

fn exchanges(found: &Value) -> String {
    let hits = found.get("exchanges").and_then(Value::as_array).cloned().unwrap_or_default();
    if hits.is_empty() {
        return "no record speaks of that card".to_owned();
    }
    let rows: Vec<_> = hits
        .iter()
        .map(|hit| {
            let shown = if hit.get("shown") == Some(&Value::Bool(true)) { "shown" } else { "hidden" };
            let number = hit.get("record").and_then(Value::as_u64).unwrap_or_default().to_string();
            let (at, session, exchange) = (text(hit, "/at"), text(hit, "/session"), text(hit, "/exchange"));
            vec![number, at, text(hit, "/subject/sub"), text(hit, "/connection"), shown.to_owned(), session, exchange]
        })
        .collect();
    let mut table = human::table(&["RECORD", "AT", "SUBJECT", "CONNECTION", "CARD", "SESSION", "EXCHANGE"], &rows);
    if let Some(further) = found.get("further").and_then(Value::as_u64).filter(|further| *further > 0) {
        table.push_str(&format!("\n… and {further} more"));
    }
    table
}

fn row(search: &Value) -> Vec<String> {
    ["/id", "/by/name", "/ends", "/approved/by/name", "/reason"].map(|at| text(search, at)).to_vec()
}

fn text(document: &Value, at: &str) -> String {
    human::plain(document.pointer(at).and_then(Value::as_str).unwrap_or_default())
}

/// The id goes into a path.
fn checked(id: &str) -> Result<SearchId, Failure> {
    id.parse().map_err(|_| {
        Failure::new(
            Exit::Usage,
            "bad_search_id",
            format!("\"{id}\" is no search; `hoopctl audit search list` names them"),
        )
    })
}
