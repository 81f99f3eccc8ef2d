use std::{
    sync::{Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// A UTC instant with nanoseconds; serialises as RFC 3339.
pub type Timestamp = jiff::Timestamp;

/// `by` after `from`; the last representable instant when there is none so late.
pub fn later(from: Timestamp, by: Duration) -> Timestamp {
    from.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// A point in time moved into the past by `by`, at most to its beginning.
pub fn earlier(from: Timestamp, by: Duration) -> Timestamp {
    from.saturating_sub(by).unwrap_or(Timestamp::MIN)
}

/// Where time comes from. Expiry, approvals and records ask it, so a test can stop or turn it.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;

    /// Time since some beginning; never goes back, and whoever sets the wall clock does not move it.
    fn steady(&self) -> Duration;

    /// How far the wall clock is known to be from what it is held against.
    fn state(&self) -> ClockState {
        ClockState::Unmeasured
    }
}

/// What is known of a wall clock (PCI DSS 10.6).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// It is held against nothing.
    #[default]
    Unmeasured,
    /// No further from its source than it may be.
    Within,
    /// Further.
    Off,
    /// No source has answered for too long.
    Lost,
}

impl ClockState {
    pub fn is_unmeasured(&self) -> bool {
        *self == Self::Unmeasured
    }
}

/// The machine's wall clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn steady(&self) -> Duration {
        static BEGAN: OnceLock<Instant> = OnceLock::new();
        BEGAN.get_or_init(Instant::now).elapsed()
    }
}

/// A clock that moves only when told to.
#[derive(Debug)]
pub struct ManualClock(Mutex<Hands>);

#[derive(Debug, Clone, Copy)]
struct Hands {
    wall: Timestamp,
    steady: Duration,
}

impl ManualClock {
    pub fn new(start: Timestamp) -> Self {
        Self(Mutex::new(Hands { wall: start, steady: Duration::ZERO }))
    }

    /// Time passes; saturates at the end of the representable range. Backwards only the wall clock moves.
    pub fn advance(&self, by: SignedDuration) {
        self.set(by);
        let mut hands = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hands.steady = hands.steady.saturating_add(by.try_into().unwrap_or_default());
    }

    /// Somebody sets the wall clock, by so much.
    pub fn set(&self, by: SignedDuration) {
        let mut hands = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hands.wall = hands.wall.saturating_add(by).unwrap_or(hands.wall);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).wall
    }

    fn steady(&self) -> Duration {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).steady
    }
}
