//! The end of a certificate's time, which a renewal moves.

use std::time::Duration;

use hoop_model::{Clock, Timestamp};
use tokio::sync::watch;

/// A machine that slept, or whose clock was set, has its timers wrong: the clock is asked at least so often.
const LOOK: Duration = Duration::from_secs(60);

/// Completes once the time that `end` reads off what is watched is over. Cancel-safe.
pub(crate) async fn over<T>(clock: &dyn Clock, mut watched: watch::Receiver<T>, end: impl Fn(&T) -> Timestamp) {
    loop {
        let left = end(&watched.borrow_and_update()).duration_since(clock.now());
        if !left.is_positive() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(left.unsigned_abs().min(LOOK)) => {}
            Ok(()) = watched.changed() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::pin::pin;

    use futures_util::FutureExt;
    use hoop_model::{ManualClock, later};

    use super::*;

    #[tokio::test]
    async fn a_renewal_moves_the_end() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let pass = |time: Duration| clock.advance(time.try_into().unwrap());
        let at = |minutes| later(Timestamp::UNIX_EPOCH, LOOK * minutes);
        let ends = watch::Sender::new(at(1));
        let mut waiting = pin!(over(&clock, ends.subscribe(), |end| *end));
        assert!(waiting.as_mut().now_or_never().is_none());
        pass(LOOK * 2);
        ends.send_replace(at(3));
        assert!(waiting.as_mut().now_or_never().is_none(), "it was renewed");
        pass(LOOK);
        // Wakes it without waiting for its timer.
        ends.send_replace(at(3));
        assert!(waiting.as_mut().now_or_never().is_some());
    }
}
