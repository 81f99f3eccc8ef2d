//! One authorised message to the upstream, and everything that comes back for it: masked, recorded, then handed on.

use std::sync::Arc;

use hoop_masking::{Findings, Masker, Released};
use hoop_mcp::{Id, Message, surface};
use hoop_model::{Action, Effect, Fault, Resource, Retry, Side};
use serde_json::Value;
use tokio::sync::mpsc;

use super::{answer, pins, session::McpSession, upstream::Incoming};
use crate::{
    Gateway, fault,
    pipeline::{Authorized, Exchange, Outcome, decide},
    session::Session,
};

/// Messages ready for a client that has not taken them yet.
const READY: usize = 4;

/// What goes down to the client: each message is masked and its record durable.
pub(super) struct Delivered {
    pub streamed: bool,
    pub messages: mpsc::Receiver<Vec<u8>>,
}

/// Sends the message and begins to deliver its answer.
pub(super) async fn run(
    gateway: &Arc<Gateway>,
    mcp: &McpSession,
    message: Authorized<Message>,
) -> Result<Delivered, Fault> {
    let asked = Asked::of(message.request());
    let exchange = message.exchange().clone();
    if let Err(fault) = pins::still_callable(gateway, &exchange.session, message.request()) {
        exchange.end(Outcome::Blocked).await?;
        return Err(fault);
    }
    match mcp.upstream.send(gateway, message).await {
        Ok(incoming) => Ok(deliver(gateway.clone(), asked, incoming)),
        Err(fault) => {
            exchange.end(outcome(&fault)).await?;
            Err(fault)
        }
    }
}

/// What the answer is an answer to.
pub(super) struct Asked {
    id: Option<Id>,
    lists_tools: bool,
    /// The page of the listing.
    page: Option<String>,
    /// The tool that is called.
    tool: Option<String>,
}

impl Asked {
    pub(super) fn of(message: &Message) -> Self {
        let id = match message {
            Message::Request { id, .. } => Some(id.clone()),
            _ => None,
        };
        let tool = match message.method() {
            Some("tools/call") => message.params().and_then(|params| params.get("name")?.as_str()).map(str::to_owned),
            _ => None,
        };
        Self { id, lists_tools: message.method() == Some("tools/list"), page: pins::page(message), tool }
    }

    /// Nothing: for the stream of messages that answer no call.
    pub(super) fn nothing() -> Self {
        Self { id: None, lists_tools: false, page: None, tool: None }
    }
}

pub(super) fn deliver(gateway: Arc<Gateway>, asked: Asked, mut incoming: Incoming) -> Delivered {
    let (sender, messages) = mpsc::channel(READY);
    let streamed = incoming.streamed;
    tokio::spawn(async move {
        let exchange = incoming.exchange.clone();
        let delivered = tokio::select! {
            // What is over counts as that, though nobody waits for it: a notification has no answer to take.
            biased;
            end = all(&gateway, &asked, &mut incoming, &sender) => end,
            // An upstream may say nothing for hours: its stream does not outlive whom it is for.
            () = sender.closed() => Outcome::ClientGone,
            () = exchange.session.ended.cancelled() => Outcome::ClientGone,
        };
        if let Err(fault) = exchange.end(delivered).await {
            tracing::error!(%fault, "an exchange's end could not be recorded");
        }
    });
    Delivered { streamed, messages }
}

/// Hands on what comes until the call is answered, or cannot be; how it ended. Cancel-safe.
async fn all(gateway: &Gateway, asked: &Asked, incoming: &mut Incoming, sender: &mpsc::Sender<Vec<u8>>) -> Outcome {
    while let Some(message) = incoming.messages.recv().await {
        let answers = matches!(message, Ok(Message::Response { .. }));
        let passed = match message {
            Ok(message) => pass(gateway, &incoming.exchange, asked, message, !incoming.streamed).await,
            Err(fault) => Err(fault),
        };
        let (bytes, end) = match passed {
            Ok(bytes) => (bytes, Outcome::Success),
            Err(fault) => (answer::failure(asked.id.as_ref(), &fault), outcome(&fault)),
        };
        if sender.send(bytes).await.is_err() {
            return Outcome::ClientGone;
        }
        if end != Outcome::Success {
            return end;
        }
        // Nothing belongs to the call after its response, and a client may leave as soon as it has it.
        if answers {
            return Outcome::Success;
        }
    }
    if asked.id.is_none() {
        return Outcome::Success;
    }
    let fault = Fault::new(
        Side::Upstream,
        "no_answer",
        Retry::Unsafe,
        "the MCP server ended without answering the call; it may have run",
    );
    let _ = sender.send(answer::failure(asked.id.as_ref(), &fault)).await;
    Outcome::UpstreamError
}

/// Filters, masks, records; the only message of an answer with the exchange's end.
async fn pass(
    gateway: &Gateway,
    exchange: &Exchange,
    asked: &Asked,
    mut message: Message,
    only: bool,
) -> Result<Vec<u8>, Fault> {
    if asked.lists_tools
        && let Some(result) = message.result_mut()
    {
        pins::retain(gateway, exchange, asked.page.as_deref(), result).await?;
        surface::retain_tools(result, |tool| may_call(gateway, &exchange.session, tool));
    }
    let mut findings = Findings::default();
    for blocked in surface::prepare(&mut message) {
        tracing::info!(exchange = %exchange.id, ?blocked, "content that cannot be masked was blocked");
    }
    // What else an upstream says meanwhile may be of other calls, which nothing permits to show.
    let masker = match message {
        Message::Response { .. } => exchange.masker(),
        _ => exchange.session.masker(gateway),
    };
    let masked = mask(&masker, asked, message, &mut findings)?;
    if only {
        exchange.deliver_last(masked, 0, findings, Outcome::Success).await
    } else {
        exchange.deliver(masked, 0, findings).await
    }
}

fn mask(masker: &Masker, asked: &Asked, message: Message, findings: &mut Findings) -> Result<Released<Vec<u8>>, Fault> {
    let id = asked.id.as_ref().map(Id::to_value);
    let masker = asked.tool.as_deref().map_or_else(|| masker.clone(), |tool| masker.for_tool(tool));
    let masked = masker.reply(message.into_value(), id.as_ref(), findings).map_err(fault::unreadable)?;
    Ok(masked.to_bytes())
}

/// A tool that would be refused is not shown.
fn may_call(gateway: &Gateway, session: &Session, tool: &str) -> bool {
    let resource = Resource::Tool { connection: session.connection.name.clone(), tool: tool.to_owned() };
    decide(gateway, session, &[(Action::CallTool, resource)]).effect != Effect::Deny
}

pub(super) fn outcome(fault: &Fault) -> Outcome {
    match (fault.side, fault.code.as_ref()) {
        (_, "answer_blocked") => Outcome::Blocked,
        (Side::Agent, _) => Outcome::AgentLost,
        _ => Outcome::UpstreamError,
    }
}

/// The value at a call's `_meta.progressToken`.
pub(super) fn progress_token(message: &Message) -> Option<Value> {
    message.params()?.pointer("/_meta/progressToken").cloned()
}
