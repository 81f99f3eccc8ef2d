//! An admin's review: what was read is what is pinned.

use hoop_model::{ConnectionName, Fault, Retry, Side};
use hoop_store::{KnownTool, PendingTool, Reviewer};
use serde::Deserialize;
use serde_json::Value;

use super::Known;
use crate::{Gateway, api::Caller, fault, trail};

/// What the reviewer says of a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Approve,
    Reject,
}

/// Takes the verdict on the definition that waits, if it is still the one with this digest.
pub(crate) async fn review(
    caller: &Caller,
    connection: &ConnectionName,
    name: &str,
    digest: &str,
    verdict: Verdict,
) -> Result<KnownTool, Fault> {
    let gateway = &caller.gateway;
    let _turn = gateway.tools.changing.lock().await;
    gateway.tools.make_sure(&gateway.store, connection).await?;
    let known = known(gateway, connection, name).await?;
    let pending = known.pending.filter(|pending| pending.definition.digest == digest).ok_or_else(|| changed(name))?;
    if verdict == Verdict::Approve && is_repeated(&pending) {
        return Err(ambiguous(name));
    }
    trail::tool_reviewed(gateway, caller, connection, name, digest, verdict).await?;
    let principal = caller.principal();
    let by = Reviewer { subject: principal.subject.clone(), name: trail::masked(gateway, principal.display_name()) };
    let (store, now) = (&gateway.store, gateway.clock.now());
    let stored = async {
        match verdict {
            Verdict::Approve => store.approve_tool(connection, name, digest, &by, now).await,
            Verdict::Reject => store.reject_tool(connection, name, digest, &by).await,
        }
    };
    let apply = |known: &mut Known, done: &bool| {
        if *done && verdict == Verdict::Approve {
            known.surface.approve(name, digest);
        }
    };
    if !gateway.tools.change(connection, stored, apply).await? {
        return Err(changed(name));
    }
    self::known(gateway, connection, name).await
}

/// All that is known of a tool.
pub(crate) async fn known(gateway: &Gateway, connection: &ConnectionName, name: &str) -> Result<KnownTool, Fault> {
    gateway.store.tool(connection, name).await.map_err(fault::store)?.ok_or_else(|| {
        let text = format!(
            "no tool of that name was listed on {connection}; `hoopctl admin tools list {connection}` names them"
        );
        Fault::new(Side::Client, "unknown_tool", Retry::Useless, text)
    })
}

/// A name that stands in the listing twice has several definitions.
fn is_repeated(pending: &PendingTool) -> bool {
    let says_so = |finding: &Value| finding.get("suspicion").and_then(Value::as_str) == Some("repeated_name");
    pending.definition.findings.as_array().is_some_and(|findings| findings.iter().any(says_so))
}

fn changed(name: &str) -> Fault {
    let text = format!("what waits of the tool {name} is no longer what you were shown; look again");
    Fault::new(Side::Client, "tool_changed", Retry::Safe, text)
}

fn ambiguous(name: &str) -> Fault {
    let text =
        format!("the server lists several tools as {name}, and a call could mean any of them; have it rename them");
    Fault::new(Side::Client, "tool_ambiguous", Retry::Useless, text)
}
