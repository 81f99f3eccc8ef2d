//! How the archive is doing: what the status shows, and what new sessions depend on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Whether the lock holds is not known yet.
    Unproven,
    /// Archiving, or waiting for segments.
    Up,
    /// S3 or the disk refuses; it is tried again.
    Retrying,
    /// The lock does not hold, or something lies in the archive that is not this gateway's. A person decides.
    Stopped,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    pub condition: Condition,
    /// Records that are archived.
    pub archived_records: u64,
    /// Sealed, and not archived.
    pub waiting_bytes: u64,
    /// Records that the newest signed head in the archive covers, since the start.
    pub anchored_records: u64,
    /// The last failure; gone after the next success.
    pub problem: Option<String>,
}

/// Shared by an uploader and those who ask about it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct State(Arc<Mutex<Status>>);

impl State {
    pub(crate) fn new(archived_records: u64, proven: bool) -> Self {
        let condition = if proven { Condition::Up } else { Condition::Unproven };
        let (waiting_bytes, anchored_records, problem) = (0, 0, None);
        Self(Arc::new(Mutex::new(Status { condition, archived_records, waiting_bytes, anchored_records, problem })))
    }

    fn inside(&self) -> MutexGuard<'_, Status> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn status(&self) -> Status {
        self.inside().clone()
    }

    pub(crate) fn archived(&self, records: u64) {
        self.inside().archived_records = records;
    }

    pub(crate) fn waiting(&self, bytes: u64) {
        self.inside().waiting_bytes = bytes;
    }

    pub(crate) fn anchored(&self, records: u64) {
        self.inside().anchored_records = records;
    }

    pub(crate) fn up(&self) {
        let mut inside = self.inside();
        inside.condition = Condition::Up;
        inside.problem = None;
    }

    pub(crate) fn failed(&self, problem: String) {
        let mut inside = self.inside();
        if inside.condition == Condition::Up {
            inside.condition = Condition::Retrying;
        }
        inside.problem = Some(problem);
    }

    pub(crate) fn stopped(&self, problem: String) {
        let mut inside = self.inside();
        inside.condition = Condition::Stopped;
        inside.problem = Some(problem);
    }
}
