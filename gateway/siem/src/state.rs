//! How a receiver is doing: what the status shows, and what new sessions may depend on.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hoop_model::Timestamp;
use serde::Serialize;

/// What the forwarder of one receiver is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Sending, or waiting for records.
    Up,
    /// The receiver, the trail or the cursor's disk refuses; it is tried again.
    Retrying,
    /// The trail is not the one that was sent: records were taken out of it, or another lies there. A person decides.
    Diverged,
}

/// How far a receiver is, and why no further.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    pub condition: Condition,
    /// The next record to send.
    pub next: u64,
    pub lag_records: u64,
    /// The age of the oldest record that the receiver has not.
    pub lag_seconds: f64,
    /// Since the start, repetitions with them.
    pub delivered: u64,
    /// Events that the receiver will not have, since the start. Each is in the log with its number.
    pub rejected: u64,
    /// The last failure; gone after the next success.
    pub problem: Option<String>,
}

#[derive(Debug)]
struct Inside {
    condition: Condition,
    next: u64,
    oldest: Timestamp,
    delivered: u64,
    rejected: u64,
    problem: Option<String>,
}

/// Shared by a forwarder and those who ask about it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct State(Arc<Mutex<Inside>>);

impl State {
    pub fn new(next: u64, now: Timestamp) -> Self {
        let inside = Inside { condition: Condition::Up, next, oldest: now, delivered: 0, rejected: 0, problem: None };
        Self(Arc::new(Mutex::new(inside)))
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `end`: the number that the trail's next record will have.
    pub fn status(&self, end: u64, now: Timestamp) -> Status {
        let inside = self.inside();
        let lag_records = match inside.condition {
            Condition::Diverged => end.max(1),
            _ => end.saturating_sub(inside.next),
        };
        let age = Duration::try_from(now.duration_since(inside.oldest)).unwrap_or_default();
        Status {
            condition: inside.condition,
            next: inside.next,
            lag_records,
            lag_seconds: if lag_records == 0 { 0.0 } else { age.as_secs_f64() },
            delivered: inside.delivered,
            rejected: inside.rejected,
            problem: inside.problem.clone(),
        }
    }

    /// The oldest record that is still to be sent is of this time.
    pub(crate) fn at(&self, oldest: Timestamp) {
        self.inside().oldest = oldest;
    }

    pub(crate) fn took(&self, next: u64, delivered: u64, rejected: u64, now: Timestamp) {
        let mut inside = self.inside();
        inside.next = next;
        inside.oldest = now;
        inside.delivered = inside.delivered.saturating_add(delivered);
        inside.rejected = inside.rejected.saturating_add(rejected);
        inside.condition = Condition::Up;
        inside.problem = None;
    }

    pub(crate) fn failed(&self, problem: String) {
        let mut inside = self.inside();
        inside.condition = Condition::Retrying;
        inside.problem = Some(problem);
    }

    pub(crate) fn diverged(&self, problem: String) {
        let mut inside = self.inside();
        inside.condition = Condition::Diverged;
        inside.problem = Some(problem);
    }
}
