//! Days and hours of the place where the review is read.

use std::fmt;

use hoop_model::Timestamp;
use jiff::{
    civil::{Date, DateTime},
    tz::Offset,
};
use serde::{Deserialize, Serialize};

const MINUTE: i32 = 60;

/// How far the place's clocks are from UTC. It has no summer time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(Offset);

/// A day there; as text, `2026-03-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(Date);

impl Zone {
    /// `None`: no place on earth is so far from UTC.
    pub fn of_minutes(minutes: i32) -> Option<Self> {
        Offset::from_seconds(minutes.checked_mul(MINUTE)?).ok().filter(|_| minutes.abs() <= 14 * 60).map(Self)
    }

    pub fn day(self, at: Timestamp) -> Day {
        Day(self.time(at).date())
    }

    pub(crate) fn time(self, at: Timestamp) -> DateTime {
        self.0.to_datetime(at)
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self(Offset::UTC)
    }
}

impl Day {
    /// The day before; the first of all days has none and gives itself.
    #[must_use]
    pub fn before(self) -> Self {
        Self(self.0.yesterday().unwrap_or(self.0))
    }

    #[must_use]
    pub fn after(self) -> Self {
        Self(self.0.tomorrow().unwrap_or(self.0))
    }

    /// Days since `earlier`; 0 where that is no earlier.
    pub(crate) fn since(self, earlier: Self) -> u32 {
        self.0.since(earlier.0).map_or(0, |span| u32::try_from(span.get_days()).unwrap_or(0))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl std::str::FromStr for Day {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_day_begins_where_people_are() {
        let at: Timestamp = "2026-03-01T23:30:00Z".parse().unwrap();
        assert_eq!(Zone::default().day(at).to_string(), "2026-03-01");
        let east = Zone::of_minutes(60).unwrap().day(at);
        assert_eq!(east.to_string(), "2026-03-02");
        assert_eq!((east.before().after(), east.since("2026-01-01".parse().unwrap())), (east, 60));
        assert_eq!(east.before().since(east), 0);
        assert_eq!(Zone::of_minutes(15 * 60), None);
    }
}
