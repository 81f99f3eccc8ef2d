//! `hoopctl connections`.

use serde_json::Value;

use crate::{
    exit::{Exit, Failure},
    gateway::Gateway,
    output::{Printer, human},
};

pub(crate) async fn list(gateway: &Gateway, printer: Printer) -> Result<u8, Failure> {
    let answer: Value = gateway.get("/v1/connections").await?;
    let connections = answer.get("connections").and_then(Value::as_array).cloned().unwrap_or_default();
    printer.list("connections", "connections", &connections, |connections| {
        let rows: Vec<Vec<String>> = connections
            .iter()
            .map(|connection| {
                let text = |field: &str| connection.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
                let sentences = |field: &str| {
                    let list = connection.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                    list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; ")
                };
                let upstream = match connection.get("upstream").and_then(Value::as_str) {
                    Some(upstream) => upstream.to_owned(),
                    None => format!("agent \"{}\" is not connected", text("agent")),
                };
                vec![text("name"), text("type"), upstream, sentences("held"), sentences("shown")]
            })
            .collect();
        human::table(&["NAME", "TYPE", "UPSTREAM", "HELD FOR APPROVAL", "SHOWN IN CLEAR"], &rows)
    });
    if connections.is_empty() {
        printer.say("no connection is open to you; ask the gateway's admin which group you need");
    }
    Ok(Exit::Ok as u8)
}
