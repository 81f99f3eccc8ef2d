//! `hoopctl admin tools`: what MCP servers say of their tools, and whether people and models are to hear it.

mod diff;
mod view;

use std::io::{IsTerminal, Write};

use serde_json::{Value, json};
use url::form_urlencoded::Serializer;
use view::Tool;

use crate::{
    args::{ReviewTools, Tools},
    connect::connection_name,
    exit::{Exit, Failure},
    gateway::Gateway,
    output::{Printer, human},
};

pub(crate) async fn run(gateway: &Gateway, command: Tools, printer: Printer) -> Result<u8, Failure> {
    match command {
        Tools::List { connection } => list(gateway, connection.as_deref(), printer).await,
        Tools::Review(args) => review(gateway, &args, printer).await,
    }
}

async fn list(gateway: &Gateway, connection: Option<&str>, printer: Printer) -> Result<u8, Failure> {
    let tools = fetch_all(gateway, connection).await?;
    let documents: Vec<&Value> = tools.iter().map(|tool| &tool.document).collect();
    printer.list("tools", "tools", &documents, |_| view::table(&tools));
    if tools.is_empty() {
        printer.say("nothing is pinned yet: no client has listed the tools of an MCP server that is to be pinned");
    }
    Ok(Exit::Ok as u8)
}

async fn review(gateway: &Gateway, args: &ReviewTools, printer: Printer) -> Result<u8, Failure> {
    connection_name(&args.connection)?;
    let names = match &args.tool {
        Some(name) => vec![name.clone()],
        None => waiting(gateway, &args.connection).await?,
    };
    let mut reviewed = Vec::new();
    for name in &names {
        let mut tool = fetch(gateway, &args.connection, name).await?;
        if !printer.is_json() {
            printer.result("tool", &tool.document, |_| tool.describe());
        }
        if let Some(digest) = tool.waits()
            && let Some(verdict) = verdict(args, printer).await?
        {
            let body = json!({ "connection": args.connection, "tool": name, "digest": digest, "verdict": verdict });
            tool = Tool { document: gateway.post("/v1/tools/review", &body).await? };
            printer.say(&format!("{} is {}", human::plain(name), tool.state()));
        }
        reviewed.push(tool.document);
    }
    if printer.is_json() {
        printer.list("tool_reviews", "tools", &reviewed, |_| String::new());
    } else if names.is_empty() {
        printer.say("nothing waits for a review");
    }
    Ok(Exit::Ok as u8)
}

/// What is to be done with the tool that was shown; nothing where nobody says.
async fn verdict(args: &ReviewTools, printer: Printer) -> Result<Option<&'static str>, Failure> {
    let attended = std::io::stdin().is_terminal() && std::io::stderr().is_terminal() && !printer.is_json();
    match (args.approve, args.reject) {
        (true, _) => Ok(Some("approve")),
        (_, true) => Ok(Some("reject")),
        _ if attended => ask().await,
        _ => Ok(None),
    }
}

/// Asks whoever sits there. Only a plain yes lets a tool in.
async fn ask() -> Result<Option<&'static str>, Failure> {
    let mut err = anstream::stderr();
    write!(err, "let it in? [y]es, [n]o, anything else: later  ")?;
    err.flush()?;
    let read = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map(|_| line)
    });
    let line = read.await.map_err(|error| Failure::new(Exit::Failed, "internal", error.to_string()))??;
    Ok(match line.trim() {
        "y" | "yes" => Some("approve"),
        "n" | "no" => Some("reject"),
        _ => None,
    })
}

/// Those that nobody has decided about.
async fn waiting(gateway: &Gateway, connection: &str) -> Result<Vec<String>, Failure> {
    let tools = fetch_all(gateway, Some(connection)).await?;
    Ok(tools.iter().filter(|tool| tool.is_undecided()).map(|tool| tool.text("/tool")).collect())
}

async fn fetch_all(gateway: &Gateway, connection: Option<&str>) -> Result<Vec<Tool>, Failure> {
    let path = match connection {
        Some(connection) => format!("/v1/tools?connection={}", connection_name(connection)?),
        None => "/v1/tools".to_owned(),
    };
    let answer: Value = gateway.get(&path).await?;
    let documents = answer.get("tools").and_then(Value::as_array).cloned().unwrap_or_default();
    Ok(documents.into_iter().map(|document| Tool { document }).collect())
}

async fn fetch(gateway: &Gateway, connection: &str, tool: &str) -> Result<Tool, Failure> {
    let query = Serializer::new(String::new()).extend_pairs([("connection", connection), ("tool", tool)]).finish();
    Ok(Tool { document: gateway.get(&format!("/v1/tools/definition?{query}")).await? })
}
