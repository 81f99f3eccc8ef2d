//! The trail's writer, watched: that it could not take a record is an incident.

use std::{ops::Deref, sync::Arc};

use hoop_recording::{Entry, Receipt, RecordError, Recorder};

use super::{Control, Incidents};

/// A [`Recorder`] of which every failure is told. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Trail {
    recorder: Recorder,
    incidents: Arc<Incidents>,
}

impl Trail {
    pub(crate) fn new(recorder: Recorder, incidents: Arc<Incidents>) -> Self {
        Self { recorder, incidents }
    }

    /// As [`Recorder::append`].
    pub(crate) async fn append(&self, entry: impl Into<Entry>) -> Result<Receipt, RecordError> {
        self.seen(self.recorder.append(entry).await)
    }

    /// As [`Recorder::append_all`].
    pub(crate) async fn append_all(&self, entries: Vec<Entry>) -> Result<Vec<Receipt>, RecordError> {
        self.seen(self.recorder.append_all(entries).await)
    }

    /// The writer itself: for what is told of it.
    pub(super) fn unwatched(&self) -> &Recorder {
        &self.recorder
    }

    fn seen<T>(&self, outcome: Result<T, RecordError>) -> Result<T, RecordError> {
        match &outcome {
            Err(error @ RecordError::Full) => self.incidents.fails(Control::Audit, "disk", &error.to_string()),
            Err(error @ RecordError::Poisoned(_)) => {
                self.incidents.fails(Control::Audit, "writer", &error.to_string());
            }
            _ => {}
        }
        outcome
    }
}

impl Deref for Trail {
    type Target = Recorder;

    fn deref(&self) -> &Recorder {
        &self.recorder
    }
}
