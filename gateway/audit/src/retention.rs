//! How long what lies beside the log is kept. The records themselves stay for good.

use hoop_model::Timestamp;

/// Days that a payload is kept at the least (PCI DSS 10.5.1: twelve months).
pub const SHORTEST: u16 = 365;

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// The day that a time lies in, counted from the epoch, in UTC.
pub fn day(at: Timestamp) -> i64 {
    at.as_second().div_euclid(SECONDS_A_DAY)
}

/// Whether what was recorded at one time may be purged at another, having been kept for `days` whole days.
pub fn is_over(recorded: Timestamp, days: u16, now: Timestamp) -> bool {
    day(recorded) + i64::from(days) < day(now)
}
