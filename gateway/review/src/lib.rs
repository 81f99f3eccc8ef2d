//! The automatic review of the trail (PCI DSS 10.4.1.1): records go in, in order, and what somebody should look at comes
//! out.
//!
//! There is no clock here and nothing random: the same records, under the same settings, give the same findings with the
//! same keys. What is remembered has caps ([`rules`] says each), and survives as a [`State`].

mod continuity;
mod day;
mod finding;
mod memory;
mod review;
pub mod rules;
pub mod settings;
mod tally;

pub use continuity::Interruption;
pub use day::{Day, Zone};
pub use finding::{Finding, Rule};
pub use review::{Review, Seen, State};
pub use settings::{Settings, SettingsError};
pub use tally::{Reviewed, Tally};
