//! What an answer is an answer to: it decides how the answer is filtered and masked.

use hoop_mcp::{Era, Id, Message, era::named};
use serde_json::Value;

use super::{pins, posted::Posted};

#[derive(Clone)]
pub(super) struct Asked {
    pub era: Era,
    pub id: Option<Id>,
    pub lists_tools: bool,
    /// The page of the list.
    pub page: Option<String>,
    pub discovers: bool,
    pub initializes: bool,
    /// The revision it asks for: of itself, or with `initialize` of the session.
    pub revision: Option<String>,
    /// The tool that is called.
    pub tool: Option<String>,
}

impl Asked {
    pub(super) fn of(posted: &Posted) -> Self {
        let Posted { era, message, .. } = posted;
        let id = match message {
            Message::Request { id, .. } => Some(id.clone()),
            _ => None,
        };
        let is = |method: &str| message.method() == Some(method);
        let tool = message.params().filter(|_| is("tools/call")).and_then(|params| params.get("name")?.as_str());
        Self {
            era: *era,
            id,
            lists_tools: is("tools/list"),
            page: pins::page(message),
            discovers: is("server/discover"),
            initializes: is("initialize"),
            revision: named(message).or_else(|| message.params()?.get("protocolVersion")?.as_str()).map(str::to_owned),
            tool: tool.map(str::to_owned),
        }
    }

    /// Nothing: for the stream of messages that answer no call.
    pub(super) fn nothing() -> Self {
        Self {
            era: Era::Legacy,
            id: None,
            lists_tools: false,
            page: None,
            discovers: false,
            initializes: false,
            revision: None,
            tool: None,
        }
    }

    pub(super) fn is_answered_by(&self, message: &Message) -> bool {
        self.id.as_ref().is_some_and(|id| message.answers(id))
    }
}

/// The value at a call's `_meta.progressToken`.
pub(super) fn progress_token(message: &Message) -> Option<Value> {
    message.params()?.pointer("/_meta/progressToken").cloned()
}
