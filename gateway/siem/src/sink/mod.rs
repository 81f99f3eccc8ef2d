//! Receivers of events, each with what its transport calls an acknowledgement.

mod client;
mod file;
mod hec;
mod otlp;
mod syslog;
mod tls;
mod webhook;

use std::{future::Future, pin::Pin, time::Duration};

pub use client::ClientError;
pub use file::File;
pub use hec::{Acknowledged, Hec};
pub use otlp::Otlp;
pub use syslog::{Security, Syslog};
pub use tls::{TlsError, trusting};
pub use webhook::Webhook;

use crate::event::Event;

/// What came of a batch that was taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// Events in it that the receiver will not have, and why, where it says so.
    pub rejected: u64,
    pub reason: String,
}

/// Why a batch was not taken. No text here holds a secret or an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// It may be there in part or whole, or not. To be sent again, not before `after`.
    #[error("{problem}")]
    Failed { problem: String, after: Option<Duration> },
    /// Too much at once: to be sent in halves.
    #[error("{0}")]
    TooLarge(String),
    /// The receiver cannot read one of the events: to be sent in halves until it is found.
    #[error("{0}")]
    Unreadable(String),
}

impl SendError {
    pub(crate) fn failed(problem: impl Into<String>) -> Self {
        Self::Failed { problem: problem.into(), after: None }
    }
}

pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Taken, SendError>> + Send + 'a>>;

/// One receiver.
pub trait Sink: Send {
    /// Completes once the receiver has acknowledged all of the batch. May be dropped at any time: the batch is sent
    /// again then.
    fn send<'a>(&'a mut self, batch: &'a [Event]) -> Sending<'a>;
}
