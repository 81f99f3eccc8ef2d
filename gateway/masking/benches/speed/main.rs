//! How fast the masker is, beside a plain scan with the `regex` crate, and Presidio where it is installed.
//!
//!     cargo bench -p masking
//!
//! One core, in memory, everything in one run, in time of the processor. Each line is the median of five rounds, with the
//! slowest and the fastest.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

mod payments;
mod peers;
mod samples;

use std::{hint::black_box, time::Duration};

use hoop_masking::{Findings, Form, Masker, Released};

/// A name, and what makes it.
type Sample = (&'static str, fn() -> Vec<u8>);

const ROUNDS: usize = 5;
/// Bytes a stream gets at a time.
const PIECE: usize = 64 * 1024;

/// What this thread has had of a processor so far: others on the machine do not count.
fn worked() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

struct Rounds(Vec<Duration>);

impl Rounds {
    fn of(mut run: impl FnMut()) -> Self {
        run();
        let timed = |_| {
            let start = worked();
            run();
            worked() - start
        };
        let mut rounds: Vec<_> = (0..ROUNDS).map(timed).collect();
        rounds.sort();
        Self(rounds)
    }

    fn median(&self) -> Duration {
        self.0[ROUNDS / 2]
    }

    /// `what` in the median round, and in the slowest and the fastest.
    fn rates(&self, count: usize) -> [f64; 3] {
        [self.median(), self.0[ROUNDS - 1], self.0[0]].map(|time| count as f64 / time.as_secs_f64())
    }
}

/// `cargo bench -p masking -- NAME` measures only what has NAME in its name; with `--alone`, without its peers, for a
/// profiler.
fn is_asked_for(name: &str) -> bool {
    let mut asked = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).peekable();
    asked.peek().is_none() || asked.any(|asked| name.contains(&asked))
}

fn main() {
    texts();
    arrow();
    chunks();
    if is_asked_for("message") {
        message();
    }
}

fn texts() {
    println!("text                 GB/s (slowest to fastest)   x regex scan   x Presidio");
    let texts: [Sample; 3] = [
        ("clean JSON rowset", samples::clean_rowset),
        ("dense JSON rowset", samples::dense_rowset),
        ("prose", samples::prose),
    ];
    for (name, text) in texts.into_iter().filter(|(name, _)| is_asked_for(name)) {
        let text = text();
        let ours = Rounds::of(|| masked(&text));
        let [median, slowest, fastest] = ours.rates(text.len()).map(|rate| rate / 1e9);
        if std::env::args().any(|arg| arg == "--alone") {
            println!("{name:20} {median:5.2}");
            continue;
        }
        let regex = Rounds::of(|| {
            black_box(peers::regex_scan(&text));
        });
        let beside = regex.median().as_secs_f64() / ours.median().as_secs_f64();
        let presidio = peers::presidio(&text).map(|rate| format!("{:.0}", median * 1e9 / rate));
        let presidio = presidio.unwrap_or_else(|| "not installed".to_owned());
        println!("{name:20} {median:5.2} ({slowest:.2} to {fastest:.2}){beside:20.1} {presidio:>12}");
    }
}

/// The text through a stream.
fn masked(text: &[u8]) {
    let mut stream = Masker::default().stream(Form::Auto);
    for piece in text.chunks(PIECE) {
        black_box(stream.write(piece).unwrap());
    }
    black_box(stream.finish().unwrap().0);
}

fn arrow() {
    println!("\nArrow                million rows/s (slowest to fastest)");
    let streams: [Sample; 3] = [
        ("Utf8, every row a PAN", || samples::arrow_text(true)),
        ("Utf8, clean", || samples::arrow_text(false)),
        ("Int64, clean", samples::arrow_numbers),
    ];
    for (name, ipc) in streams.into_iter().filter(|(name, _)| is_asked_for(name)) {
        let ipc = ipc();
        let rounds = Rounds::of(|| {
            black_box(Masker::default().arrow_stream(&ipc, None, &mut Findings::default()).unwrap());
        });
        let [median, slowest, fastest] = rounds.rates(samples::ROWS).map(|rate| rate / 1e6);
        println!("{name:22} {median:5.1} ({slowest:.1} to {fastest:.1})");
    }
}

/// Chunks of a large result, as the gateway gets them.
fn chunks() {
    println!("\nchunk of payments      GB/s (slowest to fastest)   ns per row");
    let (columns, masker) = (payments::columns(), Masker::default());
    let json = |body: &[u8]| {
        let mut chunk = masker.rowset_chunk(&columns);
        let mut masked = Released::within(Vec::with_capacity(body.len()));
        body.chunks(2 * PIECE).for_each(|piece| chunk.write(piece, &mut masked).unwrap());
        chunk.finish(&mut masked, &mut Findings::default()).unwrap();
        black_box(masked);
    };
    let arrow = |ipc: &[u8]| {
        black_box(masker.arrow_stream(ipc, Some(&columns), &mut Findings::default()).unwrap());
    };
    type Mask<'m> = &'m dyn Fn(&[u8]);
    let chunks: [(Sample, Mask<'_>); 3] = [
        (("payments, JSON", payments::json), &json),
        (("payments, Int64", || payments::arrow(false)), &arrow),
        (("payments, Decimal128", || payments::arrow(true)), &arrow),
    ];
    for ((name, chunk), mask) in chunks.into_iter().filter(|((name, _), _)| is_asked_for(name)) {
        let chunk = chunk();
        let rounds = Rounds::of(|| mask(&chunk));
        let [median, slowest, fastest] = rounds.rates(chunk.len()).map(|rate| rate / 1e9);
        let row = rounds.median().as_nanos() as f64 / payments::ROWS as f64;
        println!("{name:22} {median:5.2} ({slowest:.2} to {fastest:.2}){row:19.1}");
    }
}

/// One message at a time, as the gateway masks an answer that has been read.
fn message() {
    const TIMES: usize = 20_000;
    let text = samples::tool_result();
    let masker = Masker::default();
    let message: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut times: Vec<Duration> = (0..TIMES)
        .map(|_| {
            let message = message.clone();
            let start = worked();
            let mut findings = Findings::default();
            black_box(masker.reply(message, Some(&7.into()), &mut findings).unwrap().to_bytes());
            worked() - start
        })
        .collect();
    times.sort();
    let at = |share: f64| times[(TIMES as f64 * share) as usize].as_nanos() as f64 / 1e3;
    println!(
        "\nMCP result of {:.1} KiB: {:.1} µs p50, {:.1} µs p99, written out",
        text.len() as f64 / 1024.0,
        at(0.5),
        at(0.99)
    );
}
