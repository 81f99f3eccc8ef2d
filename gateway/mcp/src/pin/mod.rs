//! Tool definitions, pinned: a model does what a description says, so one that changed behind everybody's back is an
//! attack until somebody has read it (`mcp-protocol.md` §7).
//!
//! ```text
//! listing.rs (what a server lists) → surface.rs (what of it is pinned, new or changed)
//!                                  → finding.rs (what in it is suspicious)
//! ```

mod canonical;
mod finding;
mod hidden;
mod listing;
mod number;
mod surface;
mod words;

pub use canonical::{canonical, digest};
pub use finding::{Finding, Names, Suspicion, findings};
pub use listing::{Tool, listed, next_page};
use serde::Deserialize;
pub use surface::{Change, Surface};

/// Which of a connection's tools may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Those that were there at first; what is new or changed since then waits for a review.
    #[default]
    FirstUse,
    /// Those that were reviewed.
    Pinned,
    /// All of them; what is suspicious is only reported.
    Open,
}
