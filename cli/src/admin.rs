//! `hoopctl admin`: what the gateway's admins set.

mod alerts;
mod holds;
mod keys;
mod tools;

pub(crate) use alerts::run as alerts;
pub(crate) use holds::run as holds;
use hoop_model::AgentId;
pub(crate) use keys::run as keys;
use serde_json::{Value, json};
pub(crate) use tools::run as tools;

use crate::{
    args::Agents,
    exit::{Exit, Failure},
    gateway::Gateway,
    output::{Printer, human},
};

pub(crate) async fn agents(gateway: &Gateway, command: Agents, printer: Printer) -> Result<u8, Failure> {
    match command {
        Agents::List => {
            let answer: Value = gateway.get("/v1/agents").await?;
            let agents = answer.get("agents").and_then(Value::as_array).cloned().unwrap_or_default();
            printer.list("agents", "agents", &agents, |agents| {
                let rows: Vec<Vec<String>> = agents
                    .iter()
                    .map(|agent| {
                        let text =
                            |field: &str| agent.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
                        let connected = agent.get("connected") == Some(&Value::Bool(true));
                        vec![text("name"), if connected { "connected" } else { "away" }.to_owned(), text("id")]
                    })
                    .collect();
                human::table(&["AGENT", "STATE", "ID"], &rows)
            });
        }
        Agents::Add { name } => {
            let added: Value = gateway.post("/v1/agents", &json!({ "name": name })).await?;
            printer.result("join_token", &added, |added| {
                added.get("token").and_then(Value::as_str).unwrap_or_default().to_owned()
            });
            printer.say("works once, for an hour; give it to hoop-agent as join_token (env:, file: or command:)");
        }
        Agents::Remove { id } => {
            let id: AgentId = id.parse().map_err(|_| {
                Failure::new(Exit::Usage, "bad_agent_id", "an agent's id is listed by `hoopctl admin agents list`")
            })?;
            gateway.delete(&format!("/v1/agents/{id}")).await?;
            printer.result("agent_removed", &json!({ "id": id }), |_| format!("{id} is removed"));
        }
    }
    Ok(Exit::Ok as u8)
}
