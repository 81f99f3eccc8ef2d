//! One small call in flight, direct, through the tunnel alone and through the product by turns.

use std::time::{Duration, Instant};

use crate::{
    report::{Spread, millis, quantile},
    stage::{Caller, Protocol, Stage},
};

/// Calls before anything is counted.
const WARM_UP: usize = 50;

#[derive(Default)]
pub struct Latency {
    pub direct: Vec<Duration>,
    pub tunnel: Vec<Duration>,
    pub through: Vec<Duration>,
    /// Per call.
    pub syncs: f64,
    pub sync: Duration,
}

pub async fn measure(stage: &Stage, protocol: Protocol, calls: usize) -> Latency {
    let mut direct = Caller::connect(protocol, &stage.direct(protocol)).await;
    let mut tunnel = Caller::connect(protocol, &stage.tunnel(protocol)).await;
    let mut through = Caller::connect(protocol, &stage.through(protocol)).await;
    for _ in 0..WARM_UP {
        direct.call().await;
        tunnel.call().await;
        through.call().await;
    }
    let before = stage.syncs();
    let mut latency = Latency::default();
    for _ in 0..calls {
        latency.direct.push(timed(&mut direct).await);
        latency.tunnel.push(timed(&mut tunnel).await);
        latency.through.push(timed(&mut through).await);
    }
    let after = stage.syncs();
    direct.close().await;
    tunnel.close().await;
    through.close().await;
    latency.syncs = (after.count - before.count) / calls as f64;
    latency.sync = Duration::from_secs_f64((after.seconds - before.seconds) / calls as f64);
    latency.direct.sort();
    latency.tunnel.sort();
    latency.through.sort();
    latency
}

async fn timed(caller: &mut Caller) -> Duration {
    let started = Instant::now();
    caller.call().await;
    started.elapsed()
}

impl Latency {
    /// What the product adds at this quantile.
    pub fn added(&self, share: f64) -> Duration {
        quantile(&self.through, share).saturating_sub(quantile(&self.direct, share))
    }

    /// What it adds beside making records durable.
    pub fn added_without_sync(&self, share: f64) -> Duration {
        self.added(share).saturating_sub(self.sync)
    }
}

/// The rounds of one protocol, a line each for p50 and p99.
pub fn lines(protocol: Protocol, place: &str, rounds: &[Latency]) -> String {
    let mut text = String::new();
    for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
        let spread =
            |of: &dyn Fn(&Latency) -> Duration| Spread::of(rounds.iter().map(|round| of(round).as_secs_f64() * 1e3));
        let ratio =
            Spread::of(rounds.iter().map(|round| {
                quantile(&round.through, share).as_secs_f64() / quantile(&round.direct, share).as_secs_f64()
            }));
        text.push_str(&format!(
            "{:<16} {:<7} {name}  direct {:>6}  the tunnel alone {:>6}  through {:>6} ({:.1}x)  added {:>6}  \
             of it fsync {:>6}, the rest {}\n",
            protocol.call(),
            place,
            millis(spread(&|round| quantile(&round.direct, share)).median),
            millis(spread(&|round| quantile(&round.tunnel, share)).median),
            millis(spread(&|round| quantile(&round.through, share)).median),
            ratio.median,
            millis(spread(&|round| round.added(share)).median),
            millis(spread(&|round| round.sync).median),
            spread(&|round| round.added_without_sync(share)).in_millis(),
        ));
    }
    text
}
