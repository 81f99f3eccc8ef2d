//! `subscriptions/listen` of 2026-07-28: a stream that stays open and carries what the client asked to be told.

use axum::response::Response;
use futures_util::{StreamExt, stream};
use serde_json::{Map, Value, json};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{rpc::Request, sse};

pub fn listen(request: &Request, changes: Receiver<&'static str>) -> Response {
    let wanted = request.param("notifications").as_object().cloned().unwrap_or_default();
    let kept =
        |name: &String| ["toolsListChanged", "promptsListChanged", "resourceSubscriptions"].contains(&name.as_str());
    let honored: Map<_, _> = wanted.into_iter().filter(|(name, _)| kept(name)).collect();

    let id = request.id.clone();
    let acknowledged =
        event("notifications/subscriptions/acknowledged", json!({ "_meta": tag(&id), "notifications": honored }));
    let later = stream::unfold((changes, honored, id), |(mut changes, honored, id)| async move {
        loop {
            match changes.recv().await {
                Ok(change) if is_wanted(&honored, change) => {
                    return Some((event(change, json!({ "_meta": tag(&id) })), (changes, honored, id)));
                }
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    });
    sse::answer(stream::iter([acknowledged]).chain(later))
}

fn is_wanted(honored: &Map<String, Value>, change: &str) -> bool {
    let filter = match change {
        "notifications/tools/list_changed" => "toolsListChanged",
        _ => "promptsListChanged",
    };
    honored.get(filter).is_some_and(|wanted| wanted == true)
}

fn tag(id: &Value) -> Value {
    json!({ "io.modelcontextprotocol/subscriptionId": id })
}

fn event(method: &str, params: Value) -> String {
    sse::event(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
}
