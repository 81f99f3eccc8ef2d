//! The automatic review of the trail (PCI DSS 10.4.1.1): what is found there opens an alert, which somebody answers. The
//! rules are `hoop_review`'s, the truth is the trail's, and the store can be asked for what is open.

mod answer;
mod follow;
mod record;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) use answer::{answer, known};
pub(crate) use follow::follow;

/// What others may know of the review.
#[derive(Default)]
pub(crate) struct Standing {
    /// The trail was read up to where it ended when this gateway started.
    caught_up: AtomicBool,
    /// Held while an alert is answered: what one answer is recorded from, another must not change.
    answering: tokio::sync::Mutex<()>,
}

impl Standing {
    pub(crate) fn has_caught_up(&self) -> bool {
        self.caught_up.load(Ordering::Acquire)
    }

    fn caught_up(&self) {
        self.caught_up.store(true, Ordering::Release);
    }
}
