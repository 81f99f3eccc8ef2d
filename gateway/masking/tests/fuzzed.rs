//! The fuzz targets over their seeds and over some thousands of mutations of them, always the same ones.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[allow(dead_code)]
mod corpus;
#[path = "fuzzed/mod.rs"]
mod fuzzed;
#[path = "fuzzed/seeds.rs"]
mod seeds;

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
};

use corpus::rng::Rng;

/// The committed seeds of a target, by name.
fn seeds_of(target: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder(target)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

fn folder(target: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "fuzz", "corpus", target].iter().collect()
}

/// Cuts, doubles, splices and changes bytes of one of the seeds.
fn mutated(seeds: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = seeds[rng.below(seeds.len())].clone();
    for _ in 0..=rng.below(4) {
        let (a, b) = (rng.below(bytes.len() + 1), rng.below(bytes.len() + 1));
        let (from, to) = (a.min(b), a.max(b));
        match rng.below(8) {
            0 => bytes.truncate(a),
            1 => bytes.extend_from_within(from..to),
            2 => drop(bytes.drain(from..to.min(from + 8))),
            3 => {
                let other = &seeds[rng.below(seeds.len())];
                let at = rng.below(other.len() + 1);
                bytes.truncate(a);
                bytes.extend_from_slice(&other[at..]);
            }
            4 if from < bytes.len() => bytes[from] ^= 1 << rng.below(8),
            5 => bytes.insert(from, rng.pick(b"0419* -.\n\"\\{}[],:%&;+=eE\xc3")),
            6 => {
                let piece = bytes[from..to.min(from + 24)].to_vec();
                bytes.splice(a..a, piece);
            }
            _ if from < bytes.len() => bytes[from] = b'0' + rng.below(10) as u8,
            _ => {}
        }
    }
    bytes
}

fn run(name: &str, target: fn(&[u8]), mutations: usize) {
    let seeds = seeds_of(name);
    assert!(seeds.len() >= 10, "{name}: {} seeds", seeds.len());
    let mut rng = Rng::of(name);
    let mutations: Vec<_> = (0..mutations).map(|_| mutated(&seeds, &mut rng)).collect();
    let failed = |input: &&Vec<u8>| catch_unwind(AssertUnwindSafe(|| target(input))).is_err();
    let failed: Vec<_> = seeds.iter().chain(&mutations).filter(failed).map(|input| input.escape_ascii()).collect();
    let shown: Vec<String> = failed.iter().take(5).map(ToString::to_string).collect();
    assert!(failed.is_empty(), "{} inputs, among them {shown:#?}", failed.len());
}

#[test]
fn text() {
    run("text", fuzzed::text, 16_000);
}

#[test]
fn json_bytes() {
    run("json_bytes", fuzzed::json_bytes, 24_000);
}

#[test]
fn json_tree() {
    run("json_tree", fuzzed::json_tree, 24_000);
}

#[test]
fn sse() {
    run("sse", fuzzed::sse, 12_000);
}

#[test]
fn rowset() {
    run("rowset", fuzzed::rowset, 48_000);
}

#[test]
fn arrow() {
    run("arrow", fuzzed::arrow, 800);
}

#[test]
fn command() {
    run("command", fuzzed::command, 12_000);
}

/// Writes the seeds anew: `cargo test -p masking --test fuzzed -- --ignored`.
#[test]
#[ignore = "it writes into the source tree"]
fn write_seeds() {
    for (target, name, bytes) in seeds::all() {
        fs::create_dir_all(folder(target)).unwrap();
        fs::write(folder(target).join(name), bytes).unwrap();
    }
}
