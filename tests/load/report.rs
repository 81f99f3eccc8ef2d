//! Figures as people read them: a median, and how far the rounds lie apart.

use std::time::Duration;

/// Of a sorted list.
pub fn quantile(sorted: &[Duration], share: f64) -> Duration {
    let place = ((sorted.len() as f64 - 1.0) * share).round() as usize;
    sorted.get(place).copied().unwrap_or_default()
}

/// One figure over the rounds.
#[derive(Clone, Copy)]
pub struct Spread {
    pub low: f64,
    pub median: f64,
    pub high: f64,
}

impl Spread {
    pub fn of(figures: impl Iterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = figures.collect();
        sorted.sort_by(f64::total_cmp);
        let at = |place: usize| sorted.get(place).copied().unwrap_or(f64::NAN);
        Self { low: at(0), median: at(sorted.len() / 2), high: at(sorted.len().saturating_sub(1)) }
    }

    pub fn in_millis(self) -> String {
        format!("{} ({} to {})", millis(self.median), millis(self.low), millis(self.high))
    }

    /// As a share of something measured in the same round.
    pub fn in_percent(self) -> String {
        format!("{:.0} % ({:.0} to {:.0})", self.median * 100.0, self.low * 100.0, self.high * 100.0)
    }

    pub fn rounded(self) -> String {
        format!("{:.0} ({:.0} to {:.0})", self.median, self.low, self.high)
    }
}

pub fn millis(figure: f64) -> String {
    format!("{figure:.2} ms")
}

/// A bar, and whether the median of the rounds is over it.
pub fn bar(name: &str, demand: &str, held: bool) -> String {
    format!("{} {name}: {demand}\n", if held { "held    " } else { "NOT HELD" })
}
