//! Decisions already made. One follows from its question and the policies alone, so it holds as long as they do.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use hoop_model::{Action, ConnectionName, Decision, Principal, Resource};

use crate::Request;

/// Decisions kept; a gateway's users ask the same few of their sessions again and again.
const MOST: usize = 4096;

/// Everything that a decision depends on.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Question {
    principal: Principal,
    connection: ConnectionName,
    asks: Vec<(Action, Resource)>,
    reason: Option<String>,
    client_ip: IpAddr,
}

impl Question {
    pub(crate) fn of(principal: &Principal, request: &Request<'_>) -> Self {
        Self {
            principal: principal.clone(),
            connection: request.connection.clone(),
            asks: request.asks.clone(),
            reason: request.reason.map(str::to_owned),
            client_ip: request.client_ip,
        }
    }
}

#[derive(Default)]
pub(crate) struct Memo(Mutex<HashMap<Question, Decision>>);

impl Memo {
    /// The decision on `question`: the one made before, or what `decide` says.
    pub(crate) fn recall(&self, question: Question, decide: impl FnOnce() -> Decision) -> Decision {
        if let Some(known) = self.map().get(&question) {
            return known.clone();
        }
        let decision = decide();
        let mut map = self.map();
        if map.len() >= MOST {
            map.clear();
        }
        map.insert(question, decision.clone());
        decision
    }

    fn map(&self) -> std::sync::MutexGuard<'_, HashMap<Question, Decision>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
