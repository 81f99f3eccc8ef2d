//! One program's share of a chain: a thread with a runtime of its own, as separate programs have.

use std::{future::Future, thread};

use tokio_util::sync::CancellationToken;

/// Ends when dropped.
pub struct Party {
    stop: CancellationToken,
    thread: Option<thread::JoinHandle<()>>,
}

impl Party {
    pub fn start<F: Future<Output = ()>>(work: impl FnOnce() -> F + Send + 'static) -> Self {
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                tokio::select! {
                    () = work() => {}
                    () = stopped.cancelled() => {}
                }
            });
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Party {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
