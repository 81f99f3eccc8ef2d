//! Where the errors of the gateway's parts become [`Fault`]s: one text for the user, the rest for the log.

use hoop_model::{Fault, Retry, Side};

/// The store does not answer: no new work (promise 9).
pub(crate) fn store(error: impl std::fmt::Display) -> Fault {
    tracing::error!(%error, "the store failed");
    Fault::new(
        Side::Internal,
        "store_down",
        Retry::Safe,
        "the gateway's store is down, so nothing was run. Try again shortly; if it lasts, tell the gateway's admin.",
    )
    .detail(error)
}

/// The trail cannot be written: no new work (promise 9).
pub(crate) fn record(error: impl std::fmt::Display) -> Fault {
    tracing::error!(%error, "the trail cannot be written");
    Fault::new(
        Side::Internal,
        "recording_unavailable",
        Retry::Safe,
        "the gateway cannot write its trail, so nothing may pass. Tell the gateway's admin.",
    )
    .detail(error)
}

/// A receiver that new sessions depend on has too little of the trail.
pub(crate) fn siem(detail: impl std::fmt::Display) -> Fault {
    Fault::new(
        Side::Internal,
        "siem_behind",
        Retry::Safe,
        "the SIEM is too far behind the gateway's trail, so no new session begins; those that are open go on. Try again \
         shortly; if it lasts, tell the gateway's admin.",
    )
    .detail(detail)
}

/// The archive has too little of the trail.
pub(crate) fn archive(detail: impl std::fmt::Display) -> Fault {
    Fault::new(
        Side::Internal,
        "archive_behind",
        Retry::Safe,
        "the archive in S3 is too far behind the gateway's trail, so no new session begins; those that are open go on. \
         Try again shortly; if it lasts, tell the gateway's admin.",
    )
    .detail(detail)
}

/// A witness that new sessions depend on does not cosign the trail.
pub(crate) fn witness(detail: impl std::fmt::Display) -> Fault {
    Fault::new(
        Side::Internal,
        "witness_behind",
        Retry::Safe,
        "a witness of the gateway's trail does not cosign it, so no new session begins; those that are open go on. Try \
         again shortly; if it lasts, tell the gateway's admin.",
    )
    .detail(detail)
}

/// The gateway is on its way down: no new work.
pub(crate) fn stopping() -> Fault {
    let text = "the gateway is stopping, so nothing was run. Try again once it is back.";
    Fault::new(Side::Internal, "gateway_stopping", Retry::Safe, text)
}

/// A token that is not accepted.
pub(crate) fn identity(error: hoop_identity::IdentityError) -> Fault {
    let detail = error.detail();
    error.into_fault().detail(detail)
}

pub(crate) fn internal(error: impl std::fmt::Display) -> Fault {
    tracing::error!(%error, "internal failure");
    Fault::new(
        Side::Internal,
        "internal",
        Retry::Unsafe,
        "the gateway failed on its own; tell the gateway's admin to look at its log",
    )
    .detail(error)
}

/// The masker could not read something: it is not passed on (promise 1).
pub(crate) fn unreadable(error: impl std::fmt::Display) -> Fault {
    Fault::new(
        Side::Upstream,
        "answer_blocked",
        Retry::Useless,
        "the upstream's answer holds something the gateway cannot read, so it was blocked. The command has run; \
         tell the gateway's admin.",
    )
    .detail(error)
}

/// Our own client said something that has no place there.
pub(crate) fn protocol(text: &'static str) -> Fault {
    Fault::new(Side::Client, "protocol", Retry::Useless, format!("{text}; update hoopctl if this goes on"))
}
