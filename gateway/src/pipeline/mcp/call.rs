//! One authorised message to the upstream, and everything that comes back for it: masked, recorded, then handed on.

use std::sync::Arc;

use ::http::StatusCode;
use hoop_masking::{Findings, Masker, Released};
use hoop_mcp::{Era, Id, Message, surface};
use hoop_model::{Action, Effect, Fault, Resource, Retry, Side};
use serde_json::Value;
use tokio::sync::mpsc;

use super::{
    answer,
    asked::Asked,
    item::{Item, Mark},
    pins,
    posted::Posted,
    resume::Unanswered,
    schema,
    session::McpSession,
    upstream::Incoming,
};
use crate::{
    Gateway, fault,
    pipeline::{Authorized, Exchange, Outcome, decide},
    session::Session,
};

/// Items ready for a client that has not taken them yet.
const READY: usize = 4;

/// What goes down to the client.
pub(super) struct Delivered {
    pub streamed: bool,
    /// Of an answer that is no stream.
    pub status: StatusCode,
    pub items: mpsc::Receiver<Item>,
}

/// Sends the message and begins to deliver its answer.
pub(super) async fn run(
    gateway: &Arc<Gateway>,
    mcp: &Arc<McpSession>,
    posted: Authorized<Posted>,
) -> Result<Delivered, Fault> {
    let asked = Asked::of(posted.request());
    let exchange = posted.exchange().clone();
    if let Err(fault) = pins::still_callable(gateway, &exchange.session, asked.tool.as_deref()) {
        exchange.end(Outcome::Blocked).await?;
        return Err(fault);
    }
    let sent = match mcp.upstream(gateway, &posted).await {
        Ok(upstream) => upstream.send(gateway, posted, mcp.revision()).await,
        Err(fault) => Err(fault),
    };
    match sent {
        Ok(incoming) => Ok(deliver(gateway.clone(), mcp.clone(), asked, incoming)),
        Err(fault) => {
            exchange.end(outcome(&exchange, &fault)).await?;
            Err(fault)
        }
    }
}

/// How the reading of an answer ended.
enum End {
    Over(Outcome),
    /// The stream ended before the answer, at a mark: the client may come back for it.
    Unanswered,
}

pub(super) fn deliver(gateway: Arc<Gateway>, mcp: Arc<McpSession>, asked: Asked, mut incoming: Incoming) -> Delivered {
    let (sender, items) = mpsc::channel(READY);
    let (streamed, status) = (incoming.streamed, incoming.status);
    tokio::spawn(async move {
        let exchange = incoming.exchange.clone();
        let mut marked = false;
        let end = tokio::select! {
            // What is over counts as that, though nobody waits for it: a notification has no answer to take.
            biased;
            end = all(&gateway, &mcp, &asked, &mut incoming, &sender, &mut marked) => end,
            // An upstream may say nothing for hours: its stream does not outlive whom it is for.
            () = sender.closed() => End::Over(Outcome::ClientGone),
            () = exchange.session.ended.cancelled() => End::Over(Outcome::ClientGone),
        };
        let outcome = match end {
            End::Unanswered => return mcp.resumption.keep(Unanswered { asked, exchange }),
            // To be gone is not to cancel, in this era: the answer is kept upstream (2025-11-25/basic/transports).
            End::Over(Outcome::ClientGone)
                if marked && asked.id.is_some() && !exchange.session.ended.is_cancelled() =>
            {
                return mcp.resumption.keep(Unanswered { asked, exchange });
            }
            End::Over(outcome) => outcome,
        };
        if let Err(fault) = exchange.end(outcome).await {
            tracing::error!(%fault, "an exchange's end could not be recorded");
        }
    });
    Delivered { streamed, status, items }
}

/// Hands on what comes until the call is answered, or cannot be. Cancel-safe. `marked` tells whether the client could
/// take the stream up again.
async fn all(
    gateway: &Gateway,
    mcp: &McpSession,
    asked: &Asked,
    incoming: &mut Incoming,
    sender: &mpsc::Sender<Item>,
    marked: &mut bool,
) -> End {
    while let Some(piece) = incoming.pieces.recv().await {
        let piece = match piece {
            Ok(piece) => piece,
            Err(fault) => {
                let _ = sender.send(Item::message(answer::failure(asked.id.as_ref(), &fault))).await;
                return End::Over(outcome(&incoming.exchange, &fault));
            }
        };
        let mark = given(gateway, mcp, asked.era, piece.mark);
        *marked |= mark.id.is_some();
        let Some(message) = piece.message else {
            if sender.send(Item::Mark(mark)).await.is_err() {
                return End::Over(Outcome::ClientGone);
            }
            continue;
        };
        // Nothing belongs to the call after its response, and a client may leave as soon as it has it.
        let answers = asked.id.is_some() && matches!(message, Message::Response { .. });
        let passed = if answers || !matches!(message, Message::Response { .. }) {
            pass(gateway, mcp, &incoming.exchange, asked, message, !incoming.streamed).await
        } else {
            match late(gateway, mcp, message).await {
                Some(passed) => passed,
                None => continue,
            }
        };
        let (bytes, end) = match passed {
            Ok(bytes) => (bytes, Outcome::Success),
            Err(fault) => (answer::failure(asked.id.as_ref(), &fault), outcome(&incoming.exchange, &fault)),
        };
        if sender.send(Item::Message { bytes, mark: mark.id }).await.is_err() {
            return End::Over(Outcome::ClientGone);
        }
        if end != Outcome::Success || answers {
            return End::Over(end);
        }
    }
    match asked.id.as_ref() {
        None => End::Over(Outcome::Success),
        Some(_) if *marked => End::Unanswered,
        Some(id) => {
            let fault = Fault::new(
                Side::Upstream,
                "no_answer",
                Retry::Unsafe,
                "the MCP server ended without answering the call; it may have run",
            );
            let _ = sender.send(Item::message(answer::failure(Some(id), &fault))).await;
            End::Over(Outcome::UpstreamError)
        }
    }
}

/// A response on a stream that answers no call of its own: that of a call whose stream ended early. It is filtered,
/// masked and recorded as that call's; `None` if there is no such call.
async fn late(gateway: &Gateway, mcp: &McpSession, message: Message) -> Option<Result<Vec<u8>, Fault>> {
    let Some(Unanswered { asked, exchange }) = message.id().and_then(|id| mcp.resumption.take(id)) else {
        tracing::warn!("a response to a call that nobody made was dropped");
        return None;
    };
    let passed = pass(gateway, mcp, &exchange, &asked, message, true).await;
    if let Err(fault) = &passed
        && let Err(unrecorded) = exchange.end(outcome(&exchange, fault)).await
    {
        return Some(Err(unrecorded));
    }
    Some(passed.or_else(|fault| Ok(answer::failure(asked.id.as_ref(), &fault))))
}

/// A mark as the client gets it. One that looks like card data is not shown: the stream then ends where it ends.
fn given(gateway: &Gateway, mcp: &McpSession, era: Era, mark: Mark) -> Mark {
    let shown = |id: &String| gateway.masker.text(id, &mut Findings::default()).into_inner() == *id;
    let id = mark.id.filter(|id| era == Era::Legacy && shown(id)).and_then(|id| mcp.resumption.give(id));
    Mark { id, retry: mark.retry }
}

/// Filters, masks, records; the only message of an answer with the exchange's end.
async fn pass(
    gateway: &Gateway,
    mcp: &McpSession,
    exchange: &Exchange,
    asked: &Asked,
    mut message: Message,
    only: bool,
) -> Result<Vec<u8>, Fault> {
    if let Message::Request { id, .. } = &message {
        if asked.era == Era::Modern {
            return Err(fault::unreadable("a request of the server's own, which this revision does not have"));
        }
        if !mcp.ask(id) {
            return Err(fault::unreadable("more requests of the server's own than anybody would answer"));
        }
    }
    if asked.is_answered_by(&message)
        && let Some(result) = message.result_mut()
    {
        if asked.lists_tools {
            pins::retain(gateway, exchange, asked.page.as_deref(), result).await?;
        }
        fit(gateway, mcp, exchange, asked, result);
    }
    // What else an upstream says meanwhile may be of other calls, which nothing permits to show.
    let masker = match message {
        Message::Response { .. } => exchange.masker(),
        _ => exchange.session.masker(gateway),
    };
    let masker = asked.tool.as_deref().map_or_else(|| masker.clone(), |tool| masker.for_tool(tool));
    let mut findings = Findings::default();
    for blocked in surface::prepare(&mut message, &mut |text| masker.text(&text, &mut findings).into_inner()) {
        tracing::info!(exchange = %exchange.id, ?blocked, "content that cannot be masked was blocked");
    }
    let promised = asked.tool.as_deref().and_then(|tool| mcp.schemas.of(tool));
    let clear = promised.and_then(|promise| Some((promise, schema::checked(&message)?.clone())));
    let mut masked = mask(&masker, asked, message, &mut findings)?;
    if let (Some((promise, clear)), Some(id)) = (clear, asked.id.clone())
        && let Some(content) = masked.as_ref().pointer("/result/structuredContent")
        && promise.is_broken(&clear, content)
    {
        masked = mask(&masker, asked, schema::instead(id, asked.era), &mut findings)?;
    }
    let masked = masked.to_bytes();
    if only {
        exchange.deliver_last(masked, 0, findings, Outcome::Success).await
    } else {
        exchange.deliver(masked, 0, findings).await
    }
}

/// A result as this client may have it, and what the gateway learns from it.
fn fit(gateway: &Gateway, mcp: &McpSession, exchange: &Exchange, asked: &Asked, result: &mut Value) {
    if asked.lists_tools {
        surface::retain_tools(result, |tool| may_call(gateway, &exchange.session, tool));
        if let Some(tools) = result.get("tools") {
            mcp.schemas.listed(tools);
            if asked.era == Era::Modern {
                mcp.listed(tools);
            }
        }
    }
    if asked.discovers {
        surface::retain_revisions(result);
    }
    if asked.initializes
        && let Some(revision) = result.get("protocolVersion").and_then(Value::as_str)
    {
        mcp.agree(revision);
    }
    surface::keep_private(result);
}

fn mask(masker: &Masker, asked: &Asked, message: Message, findings: &mut Findings) -> Result<Released<Value>, Fault> {
    let id = asked.id.as_ref().map(Id::to_value);
    masker.reply(message.into_value(), id.as_ref(), findings).map_err(fault::unreadable)
}

/// A tool that would be refused is not shown.
fn may_call(gateway: &Gateway, session: &Session, tool: &str) -> bool {
    let resource = Resource::Tool { connection: session.connection.name.clone(), tool: tool.to_owned() };
    decide(gateway, session, &[(Action::CallTool, resource)]).effect != Effect::Deny
}

pub(super) fn outcome(exchange: &Exchange, fault: &Fault) -> Outcome {
    exchange.unanswered(fault);
    match (fault.side, fault.code.as_ref()) {
        (_, "answer_blocked") => Outcome::Blocked,
        (Side::Agent, _) => Outcome::AgentLost,
        _ => Outcome::UpstreamError,
    }
}
