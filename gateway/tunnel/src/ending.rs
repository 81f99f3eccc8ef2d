//! Ends that tell the peer nothing: that of a request whose answer has come. They leave with the next stream's first
//! bytes instead of a datagram of their own, which would wake the peer, and its acknowledgement us, between two
//! exchanges.

use std::{
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// An end waits no longer for company: a direction that is not ended counts against the peer's 1024.
const LONGEST: Duration = Duration::from_millis(20);

/// The directions of one connection that are over on our side and not ended yet.
#[derive(Default)]
pub(crate) struct Endings {
    waiting: Mutex<Vec<quinn::SendStream>>,
}

impl Endings {
    /// Ends `direction` with whatever is sent next.
    pub(crate) fn put(self: &Arc<Self>, direction: quinn::SendStream) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(direction);
        // Whoever is not the first has a task before it that lets go of all.
        if waiting.len() == 1 {
            let endings = self.clone();
            tokio::spawn(async move {
                tokio::time::sleep(LONGEST).await;
                endings.let_go();
            });
        }
    }

    /// Ends them now.
    pub(crate) fn let_go(&self) {
        // Dropped outside the lock: each takes the connection's own.
        let waiting = mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        drop(waiting);
    }
}
