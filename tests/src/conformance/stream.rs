//! One SSE stream of a session. What was sent on it stays, so that a client can come back with `Last-Event-ID`.

use std::time::Duration;

use futures_util::{Stream as Events, StreamExt, stream};
use serde_json::Value;
use tokio::sync::watch;

use super::sse;

const RETRY: Duration = Duration::from_millis(100);

pub struct Stream {
    number: usize,
    log: watch::Sender<Log>,
}

#[derive(Default)]
struct Log {
    messages: Vec<Value>,
    ended: bool,
    /// Which reader is the present one: a message never goes to two.
    reader: u64,
}

impl Stream {
    pub fn new(number: usize) -> Self {
        Self { number, log: watch::Sender::default() }
    }

    pub fn send(&self, message: Value) {
        self.log.send_modify(|log| log.messages.push(message));
    }

    /// There is nothing more to come.
    pub fn end(&self) {
        self.log.send_modify(|log| log.ended = true);
    }

    /// Hangs up on the reader, who is to come back for the rest. Gives the number of the next one.
    pub fn disconnect(&self) -> u64 {
        let mut next = 0;
        self.log.send_modify(|log| {
            log.reader += 1;
            next = log.reader;
        });
        next
    }

    /// From here on, after an event without data that tells the client where to resume.
    pub fn connect(&self) -> impl Events<Item = String> + Send + use<> {
        let next = self.log.borrow().messages.len();
        let priming = sse::priming(&event_id(self.number, next), RETRY);
        stream::iter([priming]).chain(self.resume(next))
    }

    /// From message `next` on, for the one who got all before.
    pub fn resume(&self, next: usize) -> impl Events<Item = String> + Send + use<> {
        let reader = self.disconnect();
        let log = self.log.subscribe();
        let number = self.number;
        stream::unfold((log, next), move |(mut log, next)| async move {
            let event = {
                let news = |log: &Log| log.reader != reader || log.messages.len() > next || log.ended;
                let log = log.wait_for(|log| news(log)).await.ok()?;
                if log.reader != reader {
                    return None;
                }
                let message = log.messages.get(next)?;
                sse::resumable(&event_id(number, next + 1), message)
            };
            Some((event, (log, next + 1)))
        })
    }
}

/// Names the stream, and how many of its messages the one who has this event got.
fn event_id(stream: usize, next: usize) -> String {
    format!("{stream}-{next}")
}

pub fn parse_event_id(id: &str) -> Option<(usize, usize)> {
    let (stream, next) = id.split_once('-')?;
    Some((stream.parse().ok()?, next.parse().ok()?))
}
