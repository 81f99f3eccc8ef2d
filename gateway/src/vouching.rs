//! How somebody outside is doing who vouches for the trail: what the status shows, and what new sessions may depend on.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use hoop_model::Timestamp;
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Condition {
    /// It does, or there was nothing yet.
    Up,
    /// It refuses, or does not answer; it is tried again.
    Retrying,
    /// It has seen another trail than this. A person decides.
    Stopped,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Status {
    pub condition: Condition,
    /// Records under the newest head that it vouched for, and when that was.
    pub records: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The last failure; gone after the next success.
    pub problem: Option<String>,
    #[serde(skip)]
    failing: Option<Instant>,
}

/// Shared by who sends and those who ask about it. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct State(Arc<Mutex<Status>>);

impl State {
    /// `kept`: what was vouched for before the start.
    pub(crate) fn new(kept: Option<(u64, Timestamp)>) -> Self {
        let (records, at) = kept.unzip();
        let records = records.unwrap_or_default();
        let (condition, problem, failing) = (Condition::Up, None, None);
        Self(Arc::new(Mutex::new(Status { condition, records, at, problem, failing })))
    }

    pub(crate) fn status(&self) -> Status {
        self.inside().clone()
    }

    pub(crate) fn is_good(&self) -> bool {
        self.inside().condition == Condition::Up
    }

    pub(crate) fn vouched(&self, records: u64, at: Timestamp) {
        let (condition, problem, failing) = (Condition::Up, None, None);
        *self.inside() = Status { condition, records, at: Some(at), problem, failing };
    }

    pub(crate) fn failed(&self, problem: &str, for_good: bool) {
        let mut inside = self.inside();
        inside.condition = if for_good { Condition::Stopped } else { Condition::Retrying };
        inside.problem = Some(problem.to_owned());
        inside.failing.get_or_insert_with(Instant::now);
    }

    /// What is wrong, where it has been for longer than this, or for good.
    pub(crate) fn fails(&self, patience: Duration) -> Option<String> {
        let inside = self.inside();
        let long = inside.failing.is_some_and(|since| since.elapsed() >= patience);
        (long || inside.condition == Condition::Stopped).then(|| inside.problem.clone()).flatten()
    }

    fn inside(&self) -> MutexGuard<'_, Status> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fails_after_a_while_or_for_good_and_no_longer_once_it_cosigns() {
        let state = State::new(None);
        assert_eq!(state.fails(Duration::ZERO), None);
        state.failed("no answer", false);
        assert_eq!(state.fails(Duration::from_secs(3600)), None);
        assert_eq!(state.fails(Duration::ZERO).as_deref(), Some("no answer"));
        state.failed("another trail", true);
        assert_eq!(state.fails(Duration::from_secs(3600)).as_deref(), Some("another trail"));
        state.vouched(7, Timestamp::UNIX_EPOCH);
        assert_eq!((state.fails(Duration::ZERO), state.status().records), (None, 7));
    }
}
