use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use hoop_audit::{Passed, Receipt};
use hoop_model::{ConnectionName, ExchangeId, SessionId, Timestamp};

use super::Receipts;

/// Whose a stream is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Of {
    Exchange(ExchangeId),
    /// All of a session's messages.
    Session(SessionId),
}

/// A stream while it is served; dropping it leaves its receipt.
pub(crate) struct Passing {
    receipts: Arc<Receipts>,
    connection: ConnectionName,
    of: Of,
    began: Timestamp,
    sent: Way,
    received: Way,
    whole: AtomicBool,
}

/// What passes one way.
pub(crate) struct Way {
    bytes: AtomicU64,
    digest: Mutex<hmac::Context>,
}

impl Way {
    fn new(receipts: &Receipts) -> Self {
        Self { bytes: AtomicU64::new(0), digest: Mutex::new(receipts.digest()) }
    }

    pub(crate) fn pass(&self, bytes: &[u8]) {
        self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.digest.lock().unwrap_or_else(PoisonError::into_inner).update(bytes);
    }

    fn passed(&self) -> Passed {
        let digest = self.digest.lock().unwrap_or_else(PoisonError::into_inner).clone().sign();
        Passed { bytes: self.bytes.load(Ordering::Relaxed), digest: HEXLOWER.encode(digest.as_ref()) }
    }
}

impl Passing {
    pub(super) fn new(receipts: Arc<Receipts>, connection: ConnectionName, of: Of) -> Self {
        let (sent, received) = (Way::new(&receipts), Way::new(&receipts));
        let began = receipts.clock.now();
        Self { connection, of, began, sent, received, whole: AtomicBool::new(false), receipts }
    }

    /// To the upstream.
    pub(crate) fn sent(&self) -> &Way {
        &self.sent
    }

    /// From the upstream.
    pub(crate) fn received(&self) -> &Way {
        &self.received
    }

    /// The answer was passed on to its end.
    pub(crate) fn whole(&self) {
        self.whole.store(true, Ordering::Release);
    }

    pub(super) fn so_far(&self) -> Receipt {
        let (exchange, session) = match self.of {
            Of::Exchange(id) => (Some(id), None),
            Of::Session(id) => (None, Some(id)),
        };
        Receipt {
            connection: self.connection.clone(),
            exchange,
            session,
            began: self.began,
            ended: self.receipts.clock.now(),
            sent: self.sent.passed(),
            received: self.received.passed(),
            whole: self.whole.load(Ordering::Acquire),
        }
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        self.receipts.put(&self.so_far());
    }
}
