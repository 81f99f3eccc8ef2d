//! A stand-in for Splunk's HTTP Event Collector, with the ways in which one fails.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::{Value, json};

use crate::serve;

pub const TOKEN: &str = "of-the-collector";

/// What the collector does with one post of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    Takes,
    Busy,
    /// Takes them and answers after a while.
    Slow,
    /// The connection ends before an answer.
    HangsUp,
    /// Takes them, and the connection ends before an answer.
    BreaksOff,
    /// Accepts them and loses them before they are indexed.
    Loses,
}

#[derive(Default)]
struct Inside {
    /// What was indexed, in the order of coming, by post; each with the channel it came by.
    posts: Vec<(String, Vec<u64>)>,
    plan: VecDeque<Does>,
    acks: BTreeMap<u64, bool>,
    asked: BTreeSet<u64>,
    unreadable: Option<u64>,
    channels: BTreeSet<String>,
}

#[derive(Clone)]
pub struct Splunk {
    pub address: SocketAddr,
    inside: Arc<Mutex<Inside>>,
}

impl Splunk {
    /// `acks`: whether the token has indexer acknowledgement.
    pub async fn start(acks: bool, plan: &[Does]) -> Self {
        let inside = Inside { plan: plan.iter().copied().collect(), ..Inside::default() };
        let inside = Arc::new(Mutex::new(inside));
        let router = Router::new()
            .route("/services/collector/event", post(move |state, headers, body| event(state, headers, body, acks)))
            .route("/services/collector/ack", post(ack))
            .with_state(inside.clone());
        Self { address: serve(router).await, inside }
    }

    /// One that another process has.
    pub fn at(address: SocketAddr) -> Self {
        Self { address, inside: Arc::default() }
    }

    pub fn url(&self) -> url::Url {
        format!("http://{}", self.address).parse().unwrap()
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
    }

    /// An event with this number cannot be read.
    pub fn cannot_read(&self, seq: u64) {
        self.inside().unreadable = Some(seq);
    }

    pub fn posts(&self) -> Vec<Vec<u64>> {
        self.inside().posts.iter().map(|(_, seqs)| seqs.clone()).collect()
    }

    /// The same by who sent it, in the order of their first posts: a sender has a channel of its own.
    pub fn senders(&self) -> Vec<Vec<u64>> {
        let mut senders: Vec<(String, Vec<u64>)> = Vec::new();
        for (channel, seqs) in &self.inside().posts {
            match senders.iter_mut().find(|(known, _)| known == channel) {
                Some((_, all)) => all.extend(seqs),
                None => senders.push((channel.clone(), seqs.clone())),
            }
        }
        senders.into_iter().map(|(_, seqs)| seqs).collect()
    }

    pub fn seqs(&self) -> Vec<u64> {
        self.posts().concat()
    }

    pub fn channels(&self) -> usize {
        self.inside().channels.len()
    }
}

fn answer(status: StatusCode, body: Value) -> Response {
    (status, Json(body)).into_response()
}

async fn event(State(state): State<Arc<Mutex<Inside>>>, headers: HeaderMap, body: String, acks: bool) -> Response {
    let events = serde_json::Deserializer::from_str(&body).into_iter::<Value>().map(Result::unwrap);
    let seqs: Vec<u64> =
        events.map(|event| event.pointer("/event/metadata/sequence").and_then(Value::as_u64).unwrap()).collect();
    let channel = headers["x-splunk-request-channel"].to_str().unwrap().to_owned();
    let does = {
        let mut inside = state.lock().unwrap();
        if headers["authorization"] != format!("Splunk {TOKEN}").as_str() {
            return answer(StatusCode::FORBIDDEN, json!({ "text": "Invalid token", "code": 4 }));
        }
        inside.channels.insert(channel.clone());
        inside.plan.pop_front().unwrap_or(Does::Takes)
    };
    match does {
        Does::Busy => return answer(StatusCode::SERVICE_UNAVAILABLE, json!({ "text": "Server is busy", "code": 9 })),
        Does::HangsUp => std::panic::resume_unwind(Box::new("the collector hangs up")),
        Does::Slow => tokio::time::sleep(Duration::from_millis(50)).await,
        Does::Takes | Does::BreaksOff | Does::Loses => {}
    }
    let mut inside = state.lock().unwrap();
    if inside.unreadable.is_some_and(|seq| seqs.contains(&seq)) {
        return answer(StatusCode::BAD_REQUEST, json!({ "text": "Invalid data format", "code": 6 }));
    }
    let id = inside.acks.len() as u64;
    inside.acks.insert(id, does != Does::Loses);
    if does != Does::Loses {
        inside.posts.push((channel, seqs));
    }
    if does == Does::BreaksOff {
        drop(inside);
        std::panic::resume_unwind(Box::new("the collector hangs up"));
    }
    let mut body = json!({ "text": "Success", "code": 0 });
    if acks {
        body["ackId"] = id.into();
    }
    answer(StatusCode::OK, body)
}

/// True from the second question on: indexing takes a while.
async fn ack(State(state): State<Arc<Mutex<Inside>>>, Json(question): Json<Value>) -> Json<Value> {
    let mut inside = state.lock().unwrap();
    let mut acks = serde_json::Map::new();
    for id in question["acks"].as_array().unwrap().iter().filter_map(Value::as_u64) {
        let before = !inside.asked.insert(id);
        acks.insert(id.to_string(), (before && inside.acks.get(&id) == Some(&true)).into());
    }
    Json(json!({ "acks": acks }))
}
