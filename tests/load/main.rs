//! The end-to-end load driver: what the product costs, held against doing without it in the same run.
//!
//!     cargo bench --workspace --bench load             five rounds, some minutes
//!     cargo bench --workspace --bench load -- --quick  one short round: does it run at all
//!     cargo bench --workspace --bench load -- flight   one part alone: latency, flight, pace, stream, result or outage
//!
//! Every figure is a median over the rounds, with the lowest and highest beside it.

mod bulk;
mod flight;
mod latency;
mod outage;
mod pace;
mod party;
mod relays;
mod report;
mod stage;
mod tunnel;
mod wire;

use std::path::Path;

use bulk::Chains;
use latency::Latency;
use report::{Spread, bar};
use stage::{Protocol, Stage};

/// The programs' own: gateway, agent and the peers run in this process.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How much is done in a round, and how many there are.
struct Effort {
    rounds: usize,
    calls: usize,
    /// Per connection.
    flights: usize,
    /// Per connection, at a fixed rate.
    paced: u32,
    bytes: u64,
    rows: usize,
    chunks: usize,
    /// That a SIEM has missed.
    missed: u32,
}

const FULL: Effort = Effort {
    rounds: 5,
    calls: 1000,
    flights: 50,
    paced: 200,
    bytes: 1 << 30,
    rows: 14_000_000,
    chunks: 70,
    missed: 20_000,
};
const QUICK: Effort =
    Effort { rounds: 1, calls: 50, flights: 3, paced: 3, bytes: 32 << 20, rows: 50_000, chunks: 2, missed: 400 };

/// A folder in memory, where a sync costs nothing.
const MEMORY: &str = "/dev/shm";

/// What can be asked for alone.
const PARTS: [&str; 6] = ["latency", "flight", "pace", "stream", "result", "outage"];

#[tokio::main(worker_threads = 2)]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let (options, parts): (Vec<_>, Vec<_>) = arguments.iter().partition(|argument| argument.starts_with('-'));
    let effort = match options[..] {
        [] => FULL,
        [quick] if quick == "--quick" => QUICK,
        _ => usage(),
    };
    if parts.iter().any(|part| !PARTS.contains(&part.as_str())) {
        usage();
    }
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|named| *named == part);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!("{cores} cores, {} rounds; medians, in brackets the lowest and the highest round\n", effort.rounds);
    let mut bars = String::new();
    let disk = tokio::task::block_in_place(|| Stage::start(&std::env::temp_dir()));
    if wanted("latency") {
        latencies(&disk, "disk", &effort, &mut bars).await;
        if Path::new(MEMORY).is_dir() {
            let memory = tokio::task::block_in_place(|| Stage::start(Path::new(MEMORY)));
            latencies(&memory, "memory", &effort, &mut bars).await;
        }
    }
    if wanted("flight") {
        flights(&disk, &effort, &mut bars).await;
    }
    if wanted("pace") {
        paces(&disk, &effort, &mut bars).await;
    }
    if wanted("stream") {
        streams(&effort, &mut bars).await;
    }
    if wanted("result") {
        results(&disk, &effort, &mut bars).await;
    }
    if wanted("outage") {
        outages(&effort, &mut bars).await;
    }
    println!("{bars}");
}

fn usage() -> ! {
    eprintln!("usage: cargo bench --workspace --bench load [-- [--quick] [{}]…]", PARTS.join(" | "));
    std::process::exit(2)
}

async fn latencies(stage: &Stage, place: &str, effort: &Effort, bars: &mut String) {
    println!("One small call in flight, trail on {place}");
    for protocol in [Protocol::Mcp, Protocol::Snowflake] {
        let mut rounds: Vec<Latency> = Vec::new();
        for _ in 0..effort.rounds {
            rounds.push(latency::measure(stage, protocol, effort.calls).await);
        }
        print!("{}", latency::lines(protocol, place, &rounds));
        let syncs = Spread::of(rounds.iter().map(|round| round.syncs));
        println!("{:<16} {place:<7} syncs per call: {:.1}", protocol.call(), syncs.median);
        for (name, share, most) in protocol.most_added() {
            let added = Spread::of(rounds.iter().map(|round| round.added_without_sync(*share).as_secs_f64() * 1e3));
            let name = format!("{}, trail on {place}, added {name} beside fsync", protocol.call());
            bars.push_str(&bar(&name, &format!("{} of {most} ms", added.in_millis()), added.median <= *most));
        }
    }
    println!();
}

async fn flights(stage: &Stage, effort: &Effort, bars: &mut String) {
    for (protocol, in_flight) in
        flight::IN_FLIGHT.into_iter().flat_map(|many| [Protocol::Mcp, Protocol::Snowflake].map(|one| (one, many)))
    {
        let (mut direct, mut tunnel, mut through) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..effort.rounds {
            direct.push(flight::measure(protocol, &stage.direct(protocol), in_flight, effort.flights).await);
            tunnel.push(flight::measure(protocol, &stage.tunnel(protocol), in_flight, effort.flights).await);
            through.push(flight::measure(protocol, &stage.through(protocol), in_flight, effort.flights).await);
        }
        let ratio =
            Spread::of(through.iter().zip(&direct).map(|(through, direct)| through.per_second / direct.per_second));
        println!("{in_flight} calls in flight, trail on disk");
        for (name, flights) in [("direct", &direct), ("tunnel alone", &tunnel), ("through", &through)] {
            println!(
                "{:<16} {name:<12} {} calls/s   p50 {}   p99 {}",
                protocol.call(),
                Spread::of(flights.iter().map(|flight| flight.per_second)).rounded(),
                Spread::of(flights.iter().map(|flight| flight.millis(0.5))).in_millis(),
                Spread::of(flights.iter().map(|flight| flight.millis(0.99))).in_millis(),
            );
        }
        println!("{:<16} through/direct {}", protocol.call(), ratio.in_percent());
        if let Some(least) = protocol.least_per_second(in_flight) {
            let rate = Spread::of(through.iter().map(|flight| flight.per_second));
            let demand = format!("{} a second, at least {least}", rate.rounded());
            bars.push_str(&bar(&format!("{}, {in_flight} in flight", protocol.call()), &demand, rate.median >= least));
        }
    }
    println!();
}

async fn paces(stage: &Stage, effort: &Effort, bars: &mut String) {
    let (connections, rate) = (pace::CONNECTIONS, pace::PER_SECOND);
    println!("{rate} calls a second over {connections} connections, trail on disk");
    for protocol in [Protocol::Mcp, Protocol::Snowflake] {
        let (mut direct, mut tunnel, mut through) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..effort.rounds {
            direct.push(pace::measure(protocol, &stage.direct(protocol), effort.paced).await);
            tunnel.push(pace::measure(protocol, &stage.tunnel(protocol), effort.paced).await);
            through.push(pace::measure(protocol, &stage.through(protocol), effort.paced).await);
        }
        let at = |rounds: &[Vec<_>], share| {
            Spread::of(rounds.iter().map(|calls| report::quantile(calls, share).as_secs_f64() * 1e3))
        };
        for (name, calls) in [("direct", &direct), ("tunnel alone", &tunnel), ("through", &through)] {
            println!(
                "{:<16} {name:<12} p50 {}   p99 {}",
                protocol.call(),
                at(calls, 0.5).in_millis(),
                at(calls, 0.99).in_millis()
            );
        }
        if protocol == Protocol::Mcp {
            let (p99, most) = (at(&through, 0.99), pace::MOST_P99);
            let demand = format!("{} of {most} ms", p99.in_millis());
            bars.push_str(&bar(&format!("MCP at {rate} a second, p99"), &demand, p99.median <= most));
        }
    }
    println!();
}

async fn streams(effort: &Effort, bars: &mut String) {
    println!("Bytes down one stream, {} MB a round", effort.bytes / 1_000_000);
    let chains = Chains::start().await;
    let mut rounds = Vec::new();
    for _ in 0..effort.rounds {
        rounds.push(chains.measure(effort.bytes).await);
    }
    let rate = |of: &dyn Fn(&bulk::Bulk) -> f64| Spread::of(rounds.iter().map(of));
    println!("TCP, nothing between        {} MB/s", rate(&|round| round.tcp).rounded());
    println!("three TCP relays            {} MB/s", rate(&|round| round.relays).rounded());
    println!("the same, TLS on inner legs {} MB/s", rate(&|round| round.tls_relays).rounded());
    println!("the tunnel's two hops       {} MB/s", rate(&|round| round.tunnel).rounded());
    let (direct, tunnel) = chains.pings(effort.calls).await;
    let p50 = |sorted: &[_]| report::quantile(sorted, 0.5).as_secs_f64() * 1e3;
    println!(
        "1 KiB, one in flight, p50: TCP {}, tunnel {}",
        report::millis(p50(&direct)),
        report::millis(p50(&tunnel))
    );
    println!("tunnel/relays               {}", rate(&|round| round.tunnel / round.relays).in_percent());
    let share = rate(&|round| round.tunnel / round.tls_relays);
    println!("tunnel/relays with TLS      {}\n", share.in_percent());
    let demand = format!("{} of three TCP relays with TLS on the inner legs, at least 45 %", share.in_percent());
    bars.push_str(&bar("bulk through both hops", &demand, share.median >= 0.45));
}

async fn results(stage: &Stage, effort: &Effort, bars: &mut String) {
    println!("A result of {} rows in {} chunks, everything on", effort.rows, effort.chunks);
    let chains = Chains::start().await;
    for format in ["json", "arrow"] {
        let (mut direct, mut through, mut tunnel, mut grown) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        // The first download makes the stand-in prepare its chunks.
        let protocol = Protocol::Snowflake;
        let (bytes, _) = bulk::result(&stage.direct(protocol), effort.rows, effort.chunks, format).await;
        for _ in 0..effort.rounds {
            tunnel.push(chains.tunnel(bytes as u64).await);
            let memory = stage.memory();
            for (way, rates) in [(stage.direct(protocol), &mut direct), (stage.through(protocol), &mut through)] {
                let (_, took) = bulk::result(&way, effort.rows, effort.chunks, format).await;
                rates.push(bytes as f64 / 1e6 / took.as_secs_f64());
            }
            grown.push(memory.grown_mib());
        }
        let share = |of: &[f64]| Spread::of(through.iter().zip(of).map(|(through, of)| through / of));
        let (of_tunnel, of_direct) = (share(&tunnel), share(&direct));
        let grown = Spread::of(grown.into_iter());
        println!(
            "{format:<6} {:.0} MB  direct {} MB/s  the tunnel alone {} MB/s  through {} MB/s  \
             through/tunnel {}  through/direct {}  gateway and agent grew by {} MiB",
            bytes as f64 / 1e6,
            Spread::of(direct.iter().copied()).rounded(),
            Spread::of(tunnel.iter().copied()).rounded(),
            Spread::of(through.iter().copied()).rounded(),
            of_tunnel.in_percent(),
            of_direct.in_percent(),
            grown.rounded(),
        );
        let demand = format!("{} of the tunnel alone, at least 50 %", of_tunnel.in_percent());
        bars.push_str(&bar(&format!("a {format} result"), &demand, of_tunnel.median >= 0.5));
        let demand = format!("{} MiB for gateway and agent together, at most 128", grown.rounded());
        bars.push_str(&bar(&format!("memory for a {format} result"), &demand, grown.high <= 128.0));
    }
    println!();
}

async fn outages(effort: &Effort, bars: &mut String) {
    println!("A SIEM that missed {} calls, trail on disk", effort.missed);
    let mut rounds = Vec::new();
    for _ in 0..effort.rounds {
        rounds.push(outage::measure(effort.calls as u32, effort.missed).await);
    }
    let (live, sent) =
        (Spread::of(rounds.iter().map(|round| round.live)), Spread::of(rounds.iter().map(|round| round.sent)));
    println!("one client {} records/s  sent {} records/s\n", live.rounded(), sent.rounded());
    let times = Spread::of(rounds.iter().map(|round| round.sent / outage::GROWTH));
    let demand = format!("{} of what 1000 calls a second let the trail grow by, at least 500 %", times.in_percent());
    bars.push_str(&bar("sent after an outage", &demand, times.median >= outage::LEAST_TIMES));
}
