//! The wall clock against one that cannot be set (PCI DSS 10.6).

use std::time::Duration;

use hoop_model::Timestamp;

use super::Moment;

/// Looks at both clocks now and then.
#[derive(Debug)]
pub(crate) struct Jumps {
    bound: Duration,
    before: Option<Moment>,
}

impl Jumps {
    pub(crate) fn new(bound: Duration) -> Self {
        Self { bound, before: None }
    }

    /// Seconds by which the wall clock was moved since the last look, if that is over the bound.
    pub(crate) fn look(&mut self, now: Moment) -> Option<f64> {
        let before = self.before.replace(now)?;
        let moved = seconds(before.wall, now.wall) - now.steady.saturating_sub(before.steady).as_secs_f64();
        (moved.abs() > self.bound.as_secs_f64()).then_some(moved)
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_is_seen_in_both_directions_and_one_that_is_slewed_is_not() {
        let mut jumps = Jumps::new(Duration::from_secs(5));
        let mut at = |steady: u64, wall: i64| {
            let wall = Timestamp::from_second(wall).unwrap_or(Timestamp::MIN);
            jumps.look(Moment { wall, steady: Duration::from_secs(steady) }).map(|moved| moved as i64)
        };
        assert_eq!(at(0, 1000), None);
        assert_eq!(at(1, 1001), None);
        assert_eq!(at(2, 4602), Some(3600));
        assert_eq!(at(3, 4603), None, "told once");
        assert_eq!(at(4, 1004), Some(-3600));
        assert_eq!(at(64, 1064), None, "a machine that was busy for a minute");
        assert_eq!(at(65, 1067), None, "slewed");
    }
}
