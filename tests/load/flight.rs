//! Many calls in flight at a time, each on a connection of its own.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::{
    report::quantile,
    stage::{Caller, Protocol, Way},
};

/// How many.
pub const IN_FLIGHT: [usize; 2] = [64, 32];

pub struct Flight {
    pub per_second: f64,
    /// Sorted.
    pub calls: Vec<Duration>,
}

impl Flight {
    pub fn millis(&self, share: f64) -> f64 {
        quantile(&self.calls, share).as_secs_f64() * 1e3
    }
}

pub async fn measure(protocol: Protocol, way: &Way, in_flight: usize, calls: usize) -> Flight {
    let mut callers = Vec::new();
    for _ in 0..in_flight {
        let mut caller = Caller::connect(protocol, way).await;
        caller.call().await;
        callers.push(caller);
    }
    let started = Instant::now();
    let mut flying: JoinSet<(Caller, Vec<Duration>)> = JoinSet::new();
    for mut caller in callers {
        flying.spawn(async move {
            let mut took = Vec::with_capacity(calls);
            for _ in 0..calls {
                let started = Instant::now();
                caller.call().await;
                took.push(started.elapsed());
            }
            (caller, took)
        });
    }
    let landed = flying.join_all().await;
    let elapsed = started.elapsed();
    let mut calls = Vec::new();
    for (caller, took) in landed {
        calls.extend(took);
        caller.close().await;
    }
    let per_second = calls.len() as f64 / elapsed.as_secs_f64();
    calls.sort();
    Flight { per_second, calls }
}
