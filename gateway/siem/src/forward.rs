//! From the trail to one receiver: in order, at least once. The place moves on only with what was acknowledged, so a
//! crash repeats one batch at the most, and a receiver that is down leaves everything where it lies: in the trail.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::rand;
use hoop_model::Clock;
use tokio::{task::spawn_blocking, time::sleep};

use crate::{
    cursor::{Cursor, Place},
    event::{Event, EventError, Mapper},
    sink::{SendError, Sink, Taken},
    source::{Entry, Source},
    state::State,
};

/// How much is sent at once, and how fast.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    pub most_events: usize,
    pub most_bytes: usize,
    /// How long records may gather before a batch that is not full.
    pub linger: Duration,
    /// After the first failure; doubled with each, half of it by chance.
    pub first_pause: Duration,
    pub longest_pause: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            most_events: 500,
            most_bytes: 1024 * 1024,
            linger: Duration::from_secs(1),
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(60),
        }
    }
}

/// What a transport puts around an event, at the most.
const WRAPPING: usize = 512;

pub struct Forwarder {
    name: String,
    source: Box<dyn Source>,
    sink: Box<dyn Sink>,
    cursor: Cursor,
    mapper: Arc<Mapper>,
    clock: Arc<dyn Clock>,
    state: State,
    pace: Pace,
    failures: u32,
}

/// A batch: what is sent, and acknowledged, together.
struct Ready {
    events: Vec<Event>,
    size: usize,
}

impl Forwarder {
    /// `name`: of the receiver, for the log.
    pub fn new(
        name: &str,
        source: Box<dyn Source>,
        sink: Box<dyn Sink>,
        cursor: Cursor,
        mapper: Mapper,
        clock: Arc<dyn Clock>,
        pace: Pace,
    ) -> Self {
        let state = State::new(cursor.place().next, clock.now());
        let (name, mapper) = (name.to_owned(), Arc::new(mapper));
        Self { name, source, sink, cursor, mapper, clock, state, pace, failures: 0 }
    }

    /// How it is doing, while it runs and after.
    pub fn state(&self) -> State {
        self.state.clone()
    }

    /// Until the trail turns out not to be the one that was sent. May be dropped at any time: what was not acknowledged
    /// is sent again by who opens the cursor next.
    pub async fn run(mut self) {
        let problem = loop {
            let place = self.cursor.place().clone();
            if self.source.end() < place.next {
                break format!("the trail ends before record {}, and {} were sent", self.source.end(), place.next);
            }
            self.source.grown(place.next).await;
            let entries = match self.source.read(place.next, self.pace.most_events).await {
                Ok(entries) => entries,
                Err(error) => {
                    self.pause(error.to_string(), None).await;
                    continue;
                }
            };
            let Some(first) = entries.first() else {
                sleep(self.pace.first_pause).await;
                continue;
            };
            if let Err(problem) = follows(&place, &entries) {
                break problem;
            }
            self.state.at(first.record.ts);
            let full = entries.len() >= self.pace.most_events;
            match ready(self.mapper.clone(), entries, self.pace.most_bytes).await {
                Ok(batches) => {
                    for batch in batches {
                        self.deliver(&batch.events).await;
                    }
                }
                Err(problem) => {
                    self.pause(problem, None).await;
                    continue;
                }
            }
            if !full {
                sleep(self.pace.linger).await;
            }
        };
        tracing::error!(siem = self.name, problem, "forwarding has stopped: this is not the trail that was sent");
        self.state.diverged(problem);
    }

    /// All of it, however long that takes; in smaller parts where the receiver wants that.
    async fn deliver(&mut self, batch: &[Event]) {
        let (mut from, mut size) = (0, batch.len());
        while let Some(part) = batch.get(from..(from + size).min(batch.len())).filter(|part| !part.is_empty()) {
            if let Some(first) = part.first() {
                self.state.at(first.at);
            }
            let alone = part.len() == 1;
            match self.sink.send(part).await {
                Ok(taken) => {
                    from += part.len();
                    size = size.saturating_mul(2);
                    self.took(part, taken).await;
                }
                Err(SendError::TooLarge(_) | SendError::Unreadable(_)) if !alone => size = part.len().div_ceil(2),
                Err(SendError::Unreadable(reason)) => {
                    from += 1;
                    self.took(part, Taken { rejected: 1, reason }).await;
                }
                Err(SendError::TooLarge(problem)) => self.pause(problem, None).await,
                Err(SendError::Failed { problem, after }) => self.pause(problem, after).await,
            }
        }
    }

    async fn took(&mut self, part: &[Event], taken: Taken) {
        let (Some(first), Some(last)) = (part.first(), part.last()) else { return };
        if taken.rejected > 0 {
            let (siem, rejected, reason) = (&self.name, taken.rejected, &taken.reason);
            tracing::error!(siem, rejected, first = first.seq, last = last.seq, reason, "events were rejected");
        }
        let place = Place { next: last.seq + 1, last: Some(last.hash) };
        // Not sent again when only the place cannot be kept.
        loop {
            let (mut cursor, place) = (self.cursor.clone(), place.clone());
            let moved = spawn_blocking(move || cursor.advance(place).map(|()| cursor)).await;
            match moved {
                Ok(Ok(cursor)) => {
                    self.cursor = cursor;
                    break;
                }
                Ok(Err(error)) => self.pause(error.to_string(), None).await,
                Err(_) => self.pause("the cursor's writer ended".to_owned(), None).await,
            }
        }
        self.failures = 0;
        let delivered = (part.len() as u64).saturating_sub(taken.rejected);
        self.state.took(last.seq + 1, delivered, taken.rejected, self.clock.now());
    }

    async fn pause(&mut self, problem: String, after: Option<Duration>) {
        let whole = self.pace.first_pause.saturating_mul(1 << self.failures.min(16)).min(self.pace.longest_pause);
        self.failures = self.failures.saturating_add(1);
        let pause = (whole / 2 + whole.mul_f64(chance() / 2.0)).max(after.unwrap_or_default());
        tracing::warn!(siem = self.name, problem, failures = self.failures, ?pause, "the trail is not forwarded");
        self.state.failed(problem);
        sleep(pause).await;
    }
}

/// Whether these are the records behind the place: the numbers without gaps, each with the hash of the one before.
fn follows(place: &Place, entries: &[Entry]) -> Result<(), String> {
    let (mut next, mut last) = (place.next, place.last);
    for entry in entries {
        let record = &entry.record;
        if record.seq != next {
            return Err(format!("record {next} is missing from the trail"));
        }
        if last.is_some_and(|last| last != record.prev) {
            return Err(format!("record {next} does not follow the one that was sent before it"));
        }
        (next, last) = (next + 1, Some(entry.hash));
    }
    Ok(())
}

/// Apart from the threads that serve exchanges: a full batch takes milliseconds.
async fn ready(mapper: Arc<Mapper>, entries: Vec<Entry>, most: usize) -> Result<Vec<Ready>, String> {
    let mapped = spawn_blocking(move || batches(&mapper, &entries, most)).await;
    mapped.map_err(|_| "events could not be made".to_owned())?.map_err(|error| error.to_string())
}

fn batches(mapper: &Mapper, entries: &[Entry], most: usize) -> Result<Vec<Ready>, EventError> {
    let mut batches: Vec<Ready> = Vec::new();
    for entry in entries {
        let event = mapper.event(entry)?;
        let size = event.text.len() + WRAPPING;
        match batches.last_mut().filter(|batch| batch.size + size <= most) {
            Some(batch) => {
                batch.size += size;
                batch.events.push(event);
            }
            None => batches.push(Ready { events: vec![event], size }),
        }
    }
    Ok(batches)
}

/// Between 0 and 1: receivers that come back are not asked by everybody at once.
fn chance() -> f64 {
    let mut bytes = [0; 2];
    match rand::fill(&mut bytes) {
        Ok(()) => f64::from(u16::from_be_bytes(bytes)) / 65536.0,
        Err(_) => 0.5,
    }
}
