use std::time::Duration;

/// Doubling delays with jitter: a gateway that comes back is not met by all its agents at once.
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
    /// Evenly spread in 0..1.
    chance: Box<dyn FnMut() -> f64 + Send>,
}

impl Backoff {
    pub(crate) fn new(first: Duration, longest: Duration, chance: Box<dyn FnMut() -> f64 + Send>) -> Self {
        Self { first, longest, failures: 0, chance }
    }

    /// Between half and all of `first · 2ⁿ`, at most `longest`.
    pub(crate) fn next(&mut self) -> Duration {
        let whole = self.first.saturating_mul(1 << self.failures.min(20)).min(self.longest);
        self.failures = self.failures.saturating_add(1);
        whole.mul_f64(0.5 + 0.5 * (self.chance)().clamp(0.0, 1.0))
    }

    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// From the provider's generator.
pub(crate) fn chance() -> f64 {
    let mut bytes = [0; 4];
    // Without randomness the agents only lose their spread.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_to_the_cap_and_spread_over_half() {
        let seconds = Duration::from_secs;
        for (chance, scale) in [(0.0, 0.5), (1.0, 1.0)] {
            let mut backoff = Backoff::new(seconds(1), seconds(30), Box::new(move || chance));
            for whole in [1, 2, 4, 8, 16, 30, 30] {
                assert_eq!(backoff.next(), seconds(whole).mul_f64(scale));
            }
            backoff.reset();
            assert_eq!(backoff.next(), seconds(1).mul_f64(scale));
        }
        let mut long = Backoff::new(seconds(1), seconds(30), Box::new(chance));
        for _ in 0..100 {
            assert!(long.next() <= seconds(30));
        }
    }
}
