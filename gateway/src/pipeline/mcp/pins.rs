//! Pinned tools on the data path: what is hidden is not listed, and answers a call as if it were not there.

use hoop_mcp::{Classified, Id, Message};
use hoop_model::{Fault, Retry, Side};
use serde_json::{Value, json};

use super::{answer, instead::Instead, posted::Posted};
use crate::{Gateway, pipeline::Exchange, session::Session, tools, trail};

/// Which page of a listing a request asks for.
pub(super) fn page(message: &Message) -> Option<String> {
    message.params()?.get("cursor")?.as_str().map(str::to_owned)
}

/// Takes the tools out of a listing that nobody has let in.
pub(super) async fn retain(
    gateway: &Gateway,
    exchange: &Exchange,
    page: Option<&str>,
    result: &mut Value,
) -> Result<(), Fault> {
    let hidden = tools::hidden(gateway, &exchange.session, page, result).await?;
    hoop_mcp::surface::retain_tools(result, |tool| !hidden.contains(tool));
    Ok(())
}

/// What a message asks for, unless it calls a hidden tool: that is answered as a call of a tool that there never was
/// (`mcp-protocol.md` §3).
pub(super) async fn listed(
    gateway: &Gateway,
    session: &Session,
    posted: &Posted,
    classified: Classified,
) -> Result<Classified, Option<Instead>> {
    let Some(tool) = classified.tool.as_deref().filter(|tool| !gateway.tools.callable(&session.connection, tool))
    else {
        return Ok(classified);
    };
    Err(Some(Instead::said(match trail::hidden_tool_called(gateway, session, tool).await {
        Ok(()) => unknown(posted.message.id(), &trail::masked(gateway, tool)),
        Err(fault) => answer::refusal(posted, &fault),
    })))
}

/// Whether a call may still be sent: its tool may have changed while the call was held.
pub(super) fn still_callable(gateway: &Gateway, session: &Session, called: Option<&str>) -> Result<(), Fault> {
    match called {
        Some(tool) if !gateway.tools.callable(&session.connection, tool) => Err(Fault::new(
            Side::Policy,
            "tool_hidden",
            Retry::Useless,
            "the tool changed while the call waited, and nobody has reviewed it; nothing was run",
        )),
        _ => Ok(()),
    }
}

fn unknown(id: Option<&Id>, tool: &str) -> Vec<u8> {
    let error = json!({ "code": -32602, "message": format!("Unknown tool: {tool}") });
    json!({ "jsonrpc": "2.0", "id": id.map_or(Value::Null, Id::to_value), "error": error }).to_string().into_bytes()
}
