//! Streams that a client may take up again: the marks it was given, and the calls whose answer is still to come.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hoop_mcp::Id;

use super::asked::Asked;
use crate::pipeline::Exchange;

/// Marks remembered of one session: a client goes on from the last that it has.
const MARKS: usize = 1024;
/// Longest mark in bytes.
const LENGTH: usize = 1024;
/// Calls of one session that wait to be taken up again.
const CALLS: usize = 64;

#[derive(Default)]
pub(super) struct Resumption(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    marks: VecDeque<Box<str>>,
    calls: VecDeque<Unanswered>,
}

/// A call whose stream ended before its answer.
pub(super) struct Unanswered {
    pub asked: Asked,
    pub exchange: Arc<Exchange>,
}

impl Resumption {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a mark that goes to the client; `None` for one that no header could bring back.
    pub(super) fn give(&self, mark: String) -> Option<String> {
        let visible = mark.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
        if mark.is_empty() || mark.len() > LENGTH || !visible {
            return None;
        }
        let mut inner = self.inner();
        if inner.marks.len() >= MARKS {
            inner.marks.pop_front();
        }
        inner.marks.push_back(mark.as_str().into());
        Some(mark)
    }

    /// Whether a mark was given out in this session.
    pub(super) fn gave(&self, mark: &str) -> bool {
        self.inner().marks.iter().any(|given| **given == *mark)
    }

    /// The answer may come on another stream. The oldest of too many is given up: its exchange ends.
    pub(super) fn keep(&self, call: Unanswered) {
        let mut inner = self.inner();
        let gone = (inner.calls.len() >= CALLS).then(|| inner.calls.pop_front()).flatten();
        inner.calls.push_back(call);
        drop(inner);
        drop(gone);
    }

    /// The call that a response on another stream answers.
    pub(super) fn take(&self, id: &Id) -> Option<Unanswered> {
        let mut inner = self.inner();
        let place = inner.calls.iter().position(|call| call.asked.id.as_ref() == Some(id))?;
        inner.calls.remove(place)
    }

    pub(super) fn awaits(&self, id: &Id) -> bool {
        self.inner().calls.iter().any(|call| call.asked.id.as_ref() == Some(id))
    }

    /// Nobody will take them up.
    pub(super) fn forget(&self) {
        let gone = std::mem::take(&mut *self.inner());
        drop(gone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_mark_that_was_given_is_known() {
        let resumption = Resumption::default();
        assert_eq!(resumption.give("s-1".to_owned()).as_deref(), Some("s-1"));
        assert!(resumption.gave("s-1") && !resumption.gave("s-2"));
        for odd in [String::new(), "a\u{7f}".to_owned(), "ä".to_owned(), "x".repeat(LENGTH + 1)] {
            assert_eq!(resumption.give(odd), None);
        }
        for n in 0..MARKS {
            resumption.give(n.to_string());
        }
        assert!(!resumption.gave("s-1") && resumption.gave("0"));
    }
}
