//! The agent signs for what it does. Each stream it serves leaves a receipt; receipts are the leaves of a log of the agent's
//! own, whose heads it signs with a key that never leaves this machine. The gateway has to keep them in its trail, and gets no
//! work done while it does not.

mod book;
mod passed;
mod stream;

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use aws_lc_rs::hmac;
use hoop_audit::{Receipt, ReceiptFacts};
use hoop_model::{Clock, ConnectionName, Fault, Retry, Side};
use hoop_wire::link;
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use self::book::{Book, Keys};
pub(crate) use self::{
    passed::Counted,
    stream::{Of, Passing},
};
use crate::state::{self, StateError};

/// Before another try to write them down.
const AGAIN: Duration = Duration::from_secs(1);

#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// How long receipts are gathered before they are signed and sent together.
    gather: Duration,
    /// A stream that goes on longer leaves a receipt at that age already, not only at its end.
    long: Duration,
    /// How long the gateway may leave receipts untaken before it gets no more work done.
    untaken: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { gather: Duration::from_millis(200), long: Duration::from_secs(60), untaken: Duration::from_secs(60) }
    }
}

pub(crate) struct Receipts {
    limits: Limits,
    folder: PathBuf,
    /// Two agents would write two ends of one log.
    _lock: File,
    /// Held while the book is written: a write that nobody waits for any more may still be under way.
    writing: Mutex<()>,
    keys: Keys,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// There is something to write down.
    fresh: Notify,
    /// Nobody waits for more: the agent stops.
    hurry: Notify,
    /// How many receipts are written down, and so may be sent.
    written: watch::Sender<u64>,
}

struct State {
    book: Book,
    fresh: Vec<String>,
    long: Vec<(Instant, Weak<Passing>)>,
    /// Since when the oldest of those sent waits to be taken.
    untaken_since: Option<Instant>,
    /// They could not be written down.
    unwritable: bool,
}

impl Receipts {
    /// Goes on where the state folder left off; the key is made at the first start.
    pub(crate) fn open(folder: &Path, limits: Limits, clock: Arc<dyn Clock>) -> Result<Arc<Self>, StateError> {
        let lock = state::lock(folder)?;
        let keys = Keys::load_or_make(folder)?;
        let book = Book::load(folder)?;
        let written = watch::Sender::new(book.size());
        let state = State { book, fresh: Vec::new(), long: Vec::new(), untaken_since: None, unwritable: false };
        Ok(Arc::new(Self {
            limits,
            folder: folder.to_owned(),
            _lock: lock,
            writing: Mutex::new(()),
            keys,
            clock,
            state: Mutex::new(state),
            fresh: Notify::new(),
            hurry: Notify::new(),
            written,
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Before anything of a stream goes upstream.
    ///
    /// # Errors
    /// While the agent cannot sign for it: nothing may be done then.
    pub(crate) fn begin(self: &Arc<Self>, connection: &ConnectionName, of: Of) -> Result<Arc<Passing>, Fault> {
        let mut state = self.state();
        if state.unwritable {
            return Err(unwritable());
        }
        if state.untaken_since.is_some_and(|since| since.elapsed() > self.limits.untaken) {
            return Err(untaken());
        }
        let passing = Arc::new(Passing::new(self.clone(), connection.clone(), of));
        state.long.retain(|(_, stream)| stream.strong_count() > 0);
        state.long.push((Instant::now() + self.limits.long, Arc::downgrade(&passing)));
        Ok(passing)
    }

    fn digest(&self) -> hmac::Context {
        hmac::Context::with_key(&self.keys.digest)
    }

    fn put(&self, receipt: &Receipt) {
        // It always can be written: names, numbers and times.
        let Ok(text) = serde_json::to_string(receipt) else { return };
        self.state().fresh.push(text);
        self.fresh.notify_one();
    }

    /// Writes down what comes, for as long as it is polled.
    pub(crate) async fn keep(self: Arc<Self>) {
        loop {
            let long = self.state().long.iter().map(|(due, _)| *due).min();
            let long = long.unwrap_or_else(|| Instant::now() + self.limits.long.max(AGAIN));
            tokio::select! {
                () = self.fresh.notified() => {
                    tokio::select! {
                        () = tokio::time::sleep(self.limits.gather) => {}
                        () = self.hurry.notified() => {}
                    }
                }
                () = tokio::time::sleep_until(long) => {
                    self.tell_long();
                    continue;
                }
            }
            while !self.write().await {
                tokio::time::sleep(AGAIN).await;
            }
        }
    }

    /// Receipts of streams that go on and on.
    fn tell_long(&self) {
        let now = Instant::now();
        let mut due = Vec::new();
        self.state().long.retain(|(at, stream)| {
            let over = *at <= now;
            due.extend(stream.upgrade().filter(|_| over));
            !over
        });
        due.iter().for_each(|stream| self.put(&stream.so_far()));
    }

    /// Signs what has come since, and makes it durable. Whether that went well.
    async fn write(self: &Arc<Self>) -> bool {
        let this = self.clone();
        let written = tokio::task::spawn_blocking(move || {
            let _held = this.writing.lock().unwrap_or_else(PoisonError::into_inner);
            let (text, size) = {
                let mut state = this.state();
                let fresh = std::mem::take(&mut state.fresh);
                state.book.sign(fresh, &this.keys.signing);
                (state.book.to_json(), state.book.size())
            };
            book::store(&this.folder, &text).map(|()| size)
        });
        let written = written.await.map_err(|error| error.to_string()).and_then(|size| size.map_err(|e| e.to_string()));
        let mut state = self.state();
        state.unwritable = written.is_err();
        match written {
            Ok(size) => {
                if state.book.has_pending() {
                    state.untaken_since.get_or_insert_with(Instant::now);
                }
                drop(state);
                self.written.send_replace(size);
                true
            }
            Err(error) => {
                tracing::error!(error, "receipts cannot be written down; nothing is done until they can");
                false
            }
        }
    }

    /// The next receipts behind the first `sent`. Cancel-safe.
    pub(crate) async fn next(&self, sent: u64) -> ReceiptFacts {
        let mut written = self.written.subscribe();
        loop {
            let size = *written.borrow_and_update();
            if let Some(facts) = self.state().book.pending(sent, size) {
                return facts;
            }
            if written.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    /// The gateway has so many of them in its trail.
    pub(crate) fn taken(&self, size: u64) {
        let mut state = self.state();
        state.book.taken(size);
        state.untaken_since = state.book.has_pending().then(Instant::now);
        self.fresh.notify_one();
    }

    /// Whether all there were are in the gateway's trail.
    pub(crate) fn is_settled(&self) -> bool {
        let state = self.state();
        state.fresh.is_empty() && !state.book.has_pending()
    }

    /// Nothing more is to come: what there is need not wait for company.
    pub(crate) fn hurry(&self) {
        self.hurry.notify_one();
    }

    /// Writes down the last of them, and which were taken.
    pub(crate) async fn close(self: Arc<Self>) {
        self.write().await;
    }
}

/// As the gateway is told them.
pub(crate) fn message(facts: ReceiptFacts) -> link::FromAgent {
    let ReceiptFacts { key, first, receipts, checkpoint } = facts;
    link::FromAgent::Receipts(link::Receipts { key: key.to_string(), first, receipts, checkpoint })
}

/// This agent's key and its newest head that the gateway has taken, as `hoopctl audit verify --agent` reads them.
pub(crate) fn head(folder: &Path) -> Result<String, StateError> {
    let keys = Keys::load(folder)?;
    let book = Book::load(folder)?;
    Ok(format!("{}\n{}", keys.signing.verifying(), book.taken_head().unwrap_or_default()))
}

fn unwritable() -> Fault {
    let text = "The agent cannot write down what it does, so it does nothing. An administrator must look at its state \
                folder; it goes on by itself once there is room.";
    Fault::new(Side::Agent, "receipts_unwritable", Retry::Safe, text)
}

fn untaken() -> Fault {
    let text = "The gateway has not taken the agent's receipts into its trail for a minute, so the agent does nothing \
                more. It goes on by itself once the trail can be written to.";
    Fault::new(Side::Agent, "receipts_untaken", Retry::Safe, text)
}

#[cfg(test)]
mod tests;
