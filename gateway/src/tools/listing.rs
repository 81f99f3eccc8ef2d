//! What a listing says of a connection's tools, and what of it stays.

use std::{collections::HashSet, time::Duration};

use hoop_masking::Findings;
use hoop_mcp::pin::{Change, Finding, Mode, Names, Surface, Tool, findings, listed, next_page};
use hoop_model::Fault;
use hoop_store::{ToolChanges, ToolDefinition};
use serde_json::Value;
use tokio::time::Instant;

use super::{FirstListing, Known, can_be_kept};
use crate::{Gateway, fault, session::Session, trail};

/// Tools kept of one connection; more is no tool server, but somebody filling the store.
const MOST: usize = 1000;
/// Largest definition that is kept whole, in bytes.
const LARGEST: usize = 64 * 1024;
/// Tools in one record, which has at most 1 MiB.
const RECORDED: usize = 100;
/// How long the first listing may take from page to page.
const PAGE: Duration = Duration::from_secs(60);

/// What a listing changes, and what in it is suspicious.
type Noted = (Change, Vec<Finding>);

/// The names in a page of a listing that may not be shown. What is new or changed is in trail and store when this
/// returns. `cursor`: what the page was asked for with.
pub(crate) async fn hidden(
    gateway: &Gateway,
    session: &Session,
    cursor: Option<&str>,
    result: &Value,
) -> Result<HashSet<String>, Fault> {
    let tools = listed(result);
    let (connection, mode) = (&session.connection.name, session.connection.tools);
    if !gateway.tools.with(connection, |known| known.is_current(&tools, mode, cursor)) {
        take_in(gateway, session, cursor, result, &tools).await?;
    }
    if mode == Mode::Open {
        return Ok(HashSet::new());
    }
    Ok(gateway.tools.with(connection, |known| {
        let hidden = tools.iter().filter(|tool| tool.repeated || !known.surface.admits(tool));
        hidden.map(|tool| tool.name.clone()).collect()
    }))
}

impl Known {
    /// Whether the page says nothing that is not known.
    fn is_current(&self, tools: &[Tool], mode: Mode, cursor: Option<&str>) -> bool {
        let trusted = self.trusts(mode, cursor);
        !self.unsure && tools.iter().all(|tool| self.surface.change(tool, trusted).is_none())
    }

    /// Whether what the page lists may be pinned unseen.
    fn trusts(&self, mode: Mode, cursor: Option<&str>) -> bool {
        let goes_on = |first: &FirstListing| cursor == Some(&*first.cursor) && Instant::now() < first.until;
        mode == Mode::FirstUse && (self.surface.is_untouched() || self.first.as_ref().is_some_and(goes_on))
    }
}

/// Writes what is new to the trail, then to the store, and only then acts on it.
async fn take_in(
    gateway: &Gateway,
    session: &Session,
    cursor: Option<&str>,
    result: &Value,
    tools: &[Tool],
) -> Result<(), Fault> {
    let (connection, mode) = (&session.connection.name, session.connection.tools);
    let _turn = gateway.tools.changing.lock().await;
    gateway.tools.make_sure(&gateway.store, connection).await?;
    let (surface, trusted) =
        gateway.tools.with(connection, |known| (known.surface.clone(), known.trusts(mode, cursor)));
    let changes = changes(gateway, &surface, tools, trusted);
    record(gateway, session, &changes).await?;
    let apply = |known: &mut Known, (): &()| {
        changes.iter().for_each(|(change, _)| known.surface.apply(change));
        if trusted {
            let page = |cursor: &str| FirstListing { cursor: cursor.to_owned(), until: Instant::now() + PAGE };
            known.first = next_page(result).map(page);
        }
    };
    if mode == Mode::Open || changes.is_empty() {
        gateway.tools.with(connection, |known| apply(known, &()));
        return Ok(());
    }
    let kept = kept(gateway, &changes)?;
    gateway.tools.change(connection, gateway.store.change_tools(connection, &kept, gateway.clock.now()), apply).await
}

fn changes(gateway: &Gateway, surface: &Surface, tools: &[Tool], trusted: bool) -> Vec<Noted> {
    let names: Names<'_> = surface.names().chain(tools.iter().map(|tool| tool.name.as_str())).collect();
    let mut room = MOST.saturating_sub(surface.len());
    let (mut changes, mut beyond) = (Vec::new(), 0_usize);
    for tool in tools {
        if surface.change(tool, trusted).is_none() || !can_be_kept(gateway, &tool.name) {
            continue;
        }
        if !surface.knows(&tool.name) {
            let Some(left) = room.checked_sub(1) else {
                beyond += 1;
                continue;
            };
            room = left;
        }
        let found = findings(tool, &names);
        // A name that could be another's is never trusted unseen.
        let trusted = trusted && !found.iter().any(|finding| finding.suspicion.is_of_name());
        changes.extend(surface.change(tool, trusted).map(|change| (change, found)));
    }
    if beyond > 0 {
        tracing::warn!(beyond, "a server lists more tools than are kept; those stay hidden");
    }
    changes
}

/// One record for all that happened alike, or some where they are many.
async fn record(gateway: &Gateway, session: &Session, changes: &[Noted]) -> Result<(), Fault> {
    for event in [PINNED, HIDDEN, SUSPICIOUS, RESTORED] {
        let alike = changes.iter().filter(|(change, found)| of(session.connection.tools, change, found) == Some(event));
        let tools: Vec<_> = alike.map(|(change, found)| trail::ListedTool::of(gateway, change, found)).collect();
        for tools in tools.chunks(RECORDED) {
            trail::tools_listed(gateway, session, event, tools).await?;
        }
    }
    Ok(())
}

const PINNED: &str = "tools_pinned_at_first_use";
const HIDDEN: &str = "tools_hidden";
const SUSPICIOUS: &str = "tools_suspicious";
const RESTORED: &str = "tools_restored";

/// What the trail calls it. Where everything may be used, only what is suspicious is worth a word.
fn of(mode: Mode, change: &Change, found: &[Finding]) -> Option<&'static str> {
    match change {
        _ if mode == Mode::Open => (!found.is_empty()).then_some(SUSPICIOUS),
        Change::Trusted(_) => Some(PINNED),
        Change::Hidden(_) => Some(HIDDEN),
        Change::Restored(_) => Some(RESTORED),
    }
}

/// The changes as the store keeps them.
fn kept(gateway: &Gateway, changes: &[Noted]) -> Result<ToolChanges, Fault> {
    let mut kept = ToolChanges::default();
    for (change, found) in changes {
        match change {
            Change::Trusted(tool) => kept.trusted.push((tool.name.clone(), definition(gateway, tool, found)?)),
            Change::Hidden(tool) => kept.hidden.push((tool.name.clone(), definition(gateway, tool, found)?)),
            Change::Restored(name) => kept.restored.push(name.clone()),
        }
    }
    Ok(kept)
}

/// A definition as it is kept and shown: masked, for it is the server's, and says what it likes.
fn definition(gateway: &Gateway, tool: &Tool, found: &[Finding]) -> Result<ToolDefinition, Fault> {
    let whole = tool.definition.to_string().len() <= LARGEST;
    let masked = if whole { masked(gateway, tool.definition.clone())? } else { "[over 64 KiB, not kept]".into() };
    let found = serde_json::to_value(found).map_err(fault::internal)?;
    Ok(ToolDefinition { digest: tool.digest.clone(), masked, findings: self::masked(gateway, found)? })
}

fn masked(gateway: &Gateway, value: Value) -> Result<Value, Fault> {
    let released = gateway.masker.json(value, &mut Findings::default()).map_err(fault::unreadable)?;
    let masked = released.masked().ok_or_else(|| fault::internal("the gateway's own masker shows card numbers"))?;
    Ok(masked.into_inner().clone())
}
