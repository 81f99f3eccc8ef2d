//! Failures of the controls themselves (PCI DSS 10.7): each opens an incident, and its end closes it, in the trail.
//!
//! Whoever sees a failure says so and goes on; all else happens in the background.

mod book;
mod clocks;
mod control;
mod record;
mod trail;
mod watch;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

pub(crate) use book::Moment;
use book::{Book, Due};
pub(crate) use control::Control;
use hoop_model::{Clock, ConnectionName, Decision, Fault};
use hoop_store::Incident;
pub(crate) use record::read;
use tokio::sync::Notify;
pub(crate) use trail::Trail;
pub(crate) use watch::follow;

/// What fails now. Shared; nothing here waits.
pub(crate) struct Incidents {
    book: Mutex<Book>,
    /// Something is in the book: without that, to say that a control works costs one look.
    any: AtomicBool,
    changed: Notify,
    clock: Arc<dyn Clock>,
}

impl Incidents {
    pub(crate) fn new(owner: String, calm: Duration, clock: Arc<dyn Clock>) -> Self {
        Self { book: Mutex::new(Book::new(owner, calm)), any: AtomicBool::new(false), changed: Notify::new(), clock }
    }

    /// A control failed. `key`: which of several. `cause` must hold no data.
    pub(crate) fn fails(&self, control: Control, key: &str, cause: &str) {
        let first = self.book().fails(control, key, cause, self.now());
        self.any.store(true, Ordering::Release);
        if first {
            self.changed.notify_one();
        }
    }

    /// A control did its work.
    pub(crate) fn works(&self, control: Control, key: &str, why: &'static str) {
        if self.any.load(Ordering::Acquire) {
            self.book().works(control, key, why, self.now());
        }
    }

    /// An answer could not be passed on: an incident where it could not be read.
    pub(crate) fn unanswered(&self, connection: &ConnectionName, fault: &Fault) {
        if fault.code == "answer_blocked" {
            self.fails(Control::Masking, connection.as_str(), "an answer could not be read, and was blocked");
        }
    }

    /// An answer was read and masked.
    pub(crate) fn answered(&self, connection: &ConnectionName) {
        self.works(Control::Masking, connection.as_str(), "the next answer was read");
    }

    pub(crate) fn decided(&self, decision: &Decision) {
        if hoop_policy::is_unevaluated(decision) {
            self.fails(Control::Policy, "", "a policy could not be evaluated, and the request was denied");
        }
    }

    /// How many controls fail now.
    pub(crate) fn open(&self) -> usize {
        self.book().failing()
    }

    pub(crate) fn now(&self) -> Moment {
        Moment { wall: self.clock.now(), steady: self.clock.steady() }
    }

    fn resume(&self, incident: Incident, recorded: bool) {
        self.book().resume(incident, recorded, self.now());
        self.any.store(true, Ordering::Release);
    }

    fn due(&self) -> Vec<Due> {
        if self.any.load(Ordering::Acquire) { self.book().due(self.now()) } else { Vec::new() }
    }

    fn recorded(&self, due: &Due) {
        let mut book = self.book();
        book.recorded(due);
        self.any.store(!book.is_empty(), Ordering::Release);
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
