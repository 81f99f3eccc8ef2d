//! Where records come from. Behind a trait: how a trail lies on disk is not this crate's matter.

use std::{future::Future, pin::Pin, sync::Arc};

use hoop_audit::{Hash, Record};

/// A durable record and its leaf hash: what `hoopctl audit verify --siem` holds the trail against.
#[derive(Debug, Clone)]
pub struct Entry {
    pub record: Arc<Record>,
    pub hash: Hash,
}

/// Why records could not be read, for the log.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct SourceError(pub String);

pub type Reading<'a> = Pin<Box<dyn Future<Output = Result<Vec<Entry>, SourceError>> + Send + 'a>>;
pub type Waiting<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// One reader's view of a trail. Only durable records are in it.
pub trait Source: Send {
    /// The records from `from` on, in order and without gaps, at most `most`; none where there is none yet.
    fn read(&mut self, from: u64, most: usize) -> Reading<'_>;

    /// The number that the next record will have.
    fn end(&self) -> u64;

    /// Completes once [`Source::end`] is above `from`. May be dropped at any time.
    fn grown(&self, from: u64) -> Waiting<'_>;
}
