//! A session of the legacy era: its streams, and the requests of ours that its client has not answered yet.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use serde_json::{Value, json};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::stream::Stream;

pub struct Session {
    pub id: String,
    /// Those that the client declared.
    pub capabilities: Value,
    state: Mutex<State>,
}

struct State {
    log_level: String,
    /// The first is the one that no request of the client opened.
    streams: Vec<Arc<Stream>>,
    unanswered: HashMap<u64, oneshot::Sender<Result<Value, Value>>>,
    last_request: u64,
}

impl Session {
    pub fn new(capabilities: Value) -> Self {
        let state = State {
            log_level: "debug".to_owned(),
            streams: vec![Arc::new(Stream::new(0))],
            unanswered: HashMap::new(),
            last_request: 0,
        };
        Self { id: Uuid::new_v4().to_string(), capabilities, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics while holding it")
    }

    pub fn general(&self) -> Arc<Stream> {
        self.stream(0).expect("made with the session")
    }

    pub fn stream(&self, number: usize) -> Option<Arc<Stream>> {
        self.state().streams.get(number).cloned()
    }

    pub fn open_stream(&self) -> Arc<Stream> {
        let streams = &mut self.state().streams;
        let stream = Arc::new(Stream::new(streams.len()));
        streams.push(Arc::clone(&stream));
        stream
    }

    pub fn log_level(&self) -> String {
        self.state().log_level.clone()
    }

    pub fn set_log_level(&self, level: &str) {
        level.clone_into(&mut self.state().log_level);
    }

    /// Sends a request on the stream of the client's own, and waits for what the client posts to it.
    pub async fn ask(&self, stream: &Stream, method: &Value, params: &Value) -> Result<Value, Value> {
        let (answer, answered) = oneshot::channel();
        let id = {
            let mut state = self.state();
            state.last_request += 1;
            let id = state.last_request;
            state.unanswered.insert(id, answer);
            id
        };
        stream.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        answered.await.unwrap_or_else(|_| Err(json!({ "message": "the session ended" })))
    }

    /// An answer to nothing that was asked is dropped.
    pub fn deliver(&self, id: &Value, outcome: Result<Value, Value>) {
        let asked = id.as_u64().and_then(|id| self.state().unanswered.remove(&id));
        if let Some(answer) = asked {
            // An error says that the call is gone.
            let _ = answer.send(outcome);
        }
    }

    pub fn end(&self) {
        let mut state = self.state();
        state.unanswered.clear();
        for stream in &state.streams {
            stream.end();
        }
    }
}
