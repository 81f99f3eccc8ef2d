//! The two clocks that records hold, against each other: whoever sets the wall clock does not move the steady one.

use hoop_model::{ClockState, Timestamp};

use super::report::{ClockMove, ClockReport as Found};

/// They part by so many seconds at the most while nobody sets the wall clock. One that is slewed gains or loses 0.03 s in
/// [`STRETCH`].
const APART: f64 = 1.0;
/// They are held against each other over so many nanoseconds at the most.
const STRETCH: u64 = 60_000_000_000;

/// Takes records in order.
#[derive(Debug, Default, Clone)]
pub(super) struct Clocks {
    since: Option<Reading>,
    latest: u64,
}

#[derive(Debug, Clone, Copy)]
struct Reading {
    wall: Timestamp,
    steady: u64,
}

impl Clocks {
    /// `begins`: the record is a writer's first. False when the steady clock went back, which no writer does.
    pub fn take(&mut self, seq: u64, wall: Timestamp, mono_ns: Option<u64>, begins: bool, found: &mut Found) -> bool {
        let Some(steady) = mono_ns else {
            *self = Self::default();
            return true;
        };
        if begins {
            *self = Self::default();
        }
        if steady < self.latest {
            return false;
        }
        self.latest = steady;
        let now = Reading { wall, steady };
        let since = *self.since.get_or_insert(now);
        let passed = steady.saturating_sub(since.steady);
        let seconds =
            wall.duration_since(since.wall).as_secs_f64() - std::time::Duration::from_nanos(passed).as_secs_f64();
        if seconds.abs() > APART {
            found.moves += 1;
            found.first_move.get_or_insert(ClockMove { seq, seconds });
        }
        if seconds.abs() > APART || passed > STRETCH {
            self.since = Some(now);
        }
        true
    }
}

impl Found {
    pub(super) fn state(&mut self, state: ClockState) {
        self.unsure += u64::from(matches!(state, ClockState::Off | ClockState::Lost));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hoop_model::later;

    use super::*;

    const NANOS: u64 = 1_000_000_000;

    /// Wall and steady seconds of each record of one writer; the seconds it was first moved by, and how often.
    fn moved(records: impl IntoIterator<Item = (u64, u64)>) -> (i64, u64) {
        let (mut clocks, mut found) = (Clocks::default(), Found::default());
        for (seq, (wall, steady)) in records.into_iter().enumerate() {
            let wall = later(Timestamp::UNIX_EPOCH, Duration::from_secs(wall));
            assert!(clocks.take(seq as u64, wall, Some(steady * NANOS), seq == 0, &mut found));
        }
        (found.first_move.map_or(0, |first| first.seconds as i64), found.moves)
    }

    #[test]
    fn a_clock_that_is_set_is_seen_in_both_directions_however_dense_the_records_are() {
        assert_eq!(moved((0..500).map(|second| (1000 + second, second))), (0, 0));
        assert_eq!(moved([(1000, 0), (1001, 1), (4602, 2), (4603, 3)]), (3600, 1));
        // Set back: no record is older than the one before it, so the time stands still.
        let back = (0..10).map(|second| (1000 + second, second)).chain((10..16).map(|second| (1009, second)));
        assert_eq!(moved(back), (-2, 3));
        // A day of a clock that is slewed by 500 millionths.
        assert_eq!(moved((0..1440).map(|minute| (minute * 60 + minute * 60 / 2000, minute * 60))), (0, 0));
    }

    #[test]
    fn each_writer_has_a_steady_clock_of_its_own_and_none_goes_back() {
        let (mut clocks, mut found) = (Clocks::default(), Found::default());
        let mut take = |wall: u64, mono_ns: Option<u64>, begins: bool| {
            clocks.take(0, later(Timestamp::UNIX_EPOCH, Duration::from_secs(wall)), mono_ns, begins, &mut found)
        };
        assert!(take(10, Some(5), true) && take(10, Some(5), false));
        assert!(!take(10, Some(4), false));
        assert!(take(900, None, false), "before a writer's start there is none");
        assert!(take(900, Some(0), true) && take(5000, Some(1), true));
        assert_eq!(found.moves, 0);
    }
}
