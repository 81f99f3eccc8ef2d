//! What the rounds of questions come to.

use std::time::Duration;

use hoop_model::ClockState;
use serde::Serialize;

use super::Measured;

/// Rounds in a row without an answer after which nothing is known any more.
const PATIENCE: u32 = 4;
/// Without a change, what is measured is said again after this.
const SAID_AGAIN: Duration = Duration::from_secs(3600);

/// How the clock stands, for an admin.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Standing {
    pub state: ClockState,
    #[serde(flatten)]
    pub newest: Option<Measured>,
    /// Why the newest round had no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    #[serde(skip)]
    unanswered: u32,
    /// What was last said in the trail, and when.
    #[serde(skip)]
    said: Option<(ClockState, Duration)>,
}

impl Standing {
    /// Held against nothing so far: lost where it is to be held against something.
    pub(super) fn new(state: ClockState) -> Self {
        Self { state, newest: None, problem: None, unanswered: 0, said: None }
    }

    /// Takes a round's outcome.
    pub(super) fn take(&mut self, round: Result<Measured, String>, bound: f64) {
        match round {
            Ok(measured) => {
                self.state = if is_off(&measured, bound) { ClockState::Off } else { ClockState::Within };
                (self.newest, self.problem, self.unanswered) = (Some(measured), None, 0);
            }
            Err(problem) => {
                (self.problem, self.unanswered) = (Some(problem), self.unanswered.saturating_add(1));
                if self.unanswered >= PATIENCE {
                    (self.state, self.newest) = (ClockState::Lost, None);
                }
            }
        }
    }

    /// Whether it is worth a record at `now`, by the steady clock.
    pub(super) fn is_worth_saying(&self, now: Duration) -> bool {
        let known = self.problem.is_none() || self.state == ClockState::Lost;
        known && self.said.is_none_or(|(state, at)| state != self.state || now.saturating_sub(at) >= SAID_AGAIN)
    }

    /// The trail has it.
    pub(super) fn said(&mut self, now: Duration) {
        self.said = Some((self.state, now));
    }
}

/// Surely: half the round trip may be on one of its legs alone.
pub(super) fn is_off(measured: &Measured, bound: f64) -> bool {
    measured.offset.abs() - measured.round_trip / 2.0 > bound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_said_at_once_and_the_rest_each_hour() {
        let mut standing = Standing::new(ClockState::Lost);
        let mut at = |seconds: u64, offset: Option<f64>| {
            let measured = offset.map(|offset| Measured { source: "s".to_owned(), offset, round_trip: 0.02 });
            let now = Duration::from_secs(seconds);
            standing.take(measured.ok_or_else(|| "no answer".to_owned()), 1.0);
            let worth = standing.is_worth_saying(now);
            if worth {
                standing.said(now);
            }
            (standing.state, worth)
        };
        use ClockState::{Lost, Off, Within};
        assert_eq!((at(0, None), at(1, None)), ((Lost, true), (Lost, false)), "nothing is known yet");
        assert_eq!(at(1, Some(0.1)), (Within, true));
        assert_eq!(at(2, Some(1.009)), (Within, false), "the round trip may account for it");
        assert_eq!(at(3, Some(-1.02)), (Off, true));
        assert_eq!((at(4, None), at(5, None), at(6, None)), ((Off, false), (Off, false), (Off, false)));
        assert_eq!(at(7, None), (Lost, true));
        assert_eq!(at(8, Some(0.0)), (Within, true));
        assert_eq!(at(3607, Some(0.0)), (Within, false));
        assert_eq!(at(3608, Some(0.0)), (Within, true));
        assert_eq!(at(9000, None), (Within, false), "there is nothing to say yet");
    }

    #[test]
    fn what_the_trail_did_not_take_is_said_again() {
        let mut standing = Standing::new(ClockState::Lost);
        let mut take = |offset: f64, said: bool| {
            standing.take(Ok(Measured { source: "s".to_owned(), offset, round_trip: 0.0 }), 1.0);
            let worth = standing.is_worth_saying(Duration::ZERO);
            if said {
                standing.said(Duration::ZERO);
            }
            worth
        };
        assert!(take(0.0, true) && !take(0.0, true));
        assert!(take(5.0, false) && take(5.0, false) && take(5.0, true) && !take(5.0, true));
    }
}
