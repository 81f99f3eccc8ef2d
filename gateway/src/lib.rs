//! The gateway: knows who asks, reads the protocol, decides, holds, masks and records. This crate composes; the
//! ideas live in the crates beside it. `gateway/docs/path.md` draws the path of an exchange.

mod anew;
mod api;
mod approvals;
mod archive;
mod authority;
mod clock;
mod digest;
mod expiry;
mod fault;
mod incidents;
mod link;
mod listener;
mod mask;
mod pipeline;
mod retention;
mod review;
mod revocations;
mod server_certificate;
mod session;
mod settings;
mod siem;
#[cfg(test)]
mod site;
mod start;
mod timestamp;
mod tools;
mod trail;
mod trail_key;
mod vouching;
mod witness;

use std::sync::Arc;

pub use anew::{AnewError, SetAside, Trail as TrailCommand, begin_anew};
pub use archive::{ArchiveCommand, ArchiveError, ArchiveFailure, run_archive};
pub use clock::ClockError;
use hoop_identity::{PersonVerifier, WorkloadVerifier};
use hoop_masking::Masker;
use hoop_model::Clock;
use hoop_policy::Policies;
pub use hoop_recording::{Failpoint, Failpoints};
use hoop_store::Store;
pub use mask::{Format, LeftOut, MaskFailure, MaskOptions, mask};
pub use settings::{
    ArchiveSettingsError, ClockSettingsError, MaskingError, McpEndpointError, ReviewError, SecretError, Settings,
    SettingsError, SiemError, TimestampError, TrailError, WitnessError,
};
pub use start::{Running, StartError, runtime, start, start_with};

/// Everything an exchange may need, shared by all of them.
pub struct Gateway {
    settings: Settings,
    clock: Arc<dyn Clock>,
    /// The same, for how it stands.
    watched_clock: Arc<clock::Watched>,
    store: Store,
    recorder: incidents::Trail,
    incidents: Arc<incidents::Incidents>,
    review: review::Standing,
    policies: Policies,
    tools: tools::Tools,
    masker: Masker,
    people: Option<PersonVerifier>,
    workloads: WorkloadVerifier,
    authority: authority::Authority,
    links: link::Links,
    sessions: session::Sessions,
    holds: pipeline::Holds,
    /// Held while a request for approval changes: what one decision is recorded from, another must not change.
    deciding: tokio::sync::Mutex<()>,
    legal_holds: retention::Holds,
    _purging: retention::Purging,
    /// Held while the trail's key is changed.
    rotating: tokio::sync::Mutex<()>,
    traffic: listener::Traffic,
    revocations: revocations::Revocations,
    siem: siem::Forwarding,
    archive: archive::Archiving,
    witnesses: witness::Witnessing,
    stamping: timestamp::Stamping,
    /// Large answers that are read and masked at a time.
    large_work: Arc<tokio::sync::Semaphore>,
    digest_key: aws_lc_rs::hmac::Key,
    binding_key: hoop_approval::BindingKey,
}

impl Gateway {
    fn approvals(&self) -> approvals::Approvals<'_> {
        approvals::Approvals(self)
    }

    /// A keyed digest of a command as it was sent: equal commands can be found, a card number in one cannot be guessed.
    fn keyed_digest(&self, bytes: &[u8]) -> String {
        digest::hex(aws_lc_rs::hmac::sign(&self.digest_key, bytes).as_ref())
    }
}
