//! Calls at a fixed rate, over some connections. A call counts from when it was due: one that had to wait for the one before
//! it waited for the product too.

use std::time::Duration;

use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use crate::stage::{Caller, Protocol, Way};

pub const CONNECTIONS: u32 = 16;
pub const PER_SECOND: u32 = 1000;
/// What a call may take at p99, in milliseconds.
pub const MOST_P99: f64 = 4.0;

/// How long each call took, sorted; `calls` on each connection.
pub async fn measure(protocol: Protocol, way: &Way, calls: u32) -> Vec<Duration> {
    let mut callers = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut caller = Caller::connect(protocol, way).await;
        caller.call().await;
        callers.push(caller);
    }
    let between = Duration::from_secs(1) * CONNECTIONS / PER_SECOND;
    let begin = Instant::now() + between;
    let mut paced: JoinSet<(Caller, Vec<Duration>)> = JoinSet::new();
    for (place, mut caller) in (0..).zip(callers) {
        let first = begin + between * place / CONNECTIONS;
        paced.spawn(async move {
            let mut took = Vec::new();
            for call in 0..calls {
                let due = first + between * call;
                sleep_until(due).await;
                caller.call().await;
                took.push(due.elapsed());
            }
            (caller, took)
        });
    }
    let mut all = Vec::new();
    for (caller, took) in paced.join_all().await {
        all.extend(took);
        caller.close().await;
    }
    all.sort();
    all
}
