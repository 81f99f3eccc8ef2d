//! Runs a fuzz target over its seeds and over mutations of them, always the same ones. The root has the `Rng`.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use super::Rng;

/// The committed seeds of a target, by name.
fn seeds_of(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Where a target's seeds are.
pub fn folder(target: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "fuzz", "corpus", target].iter().collect()
}

/// Writes seeds anew: target, file name, content.
pub fn write(seeds: impl IntoIterator<Item = (&'static str, String, Vec<u8>)>) {
    for (target, name, bytes) in seeds {
        fs::create_dir_all(folder(target)).unwrap();
        fs::write(folder(target).join(name), bytes).unwrap();
    }
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

pub fn run(name: &str, target: fn(&[u8]), mutations: usize) {
    let seeds = seeds_of(&folder(name));
    assert!(seeds.len() >= 10, "{name}: {} seeds", seeds.len());
    let mut rng = Rng::of(name);
    let mutations: Vec<_> = (0..mutations).map(|_| mutated(&seeds, &mut rng)).collect();
    let failed = |input: &&Vec<u8>| catch_unwind(AssertUnwindSafe(|| target(input))).is_err();
    let failed: Vec<_> = seeds.iter().chain(&mutations).filter(failed).map(|input| input.escape_ascii()).collect();
    let shown: Vec<String> = failed.iter().take(5).map(ToString::to_string).collect();
    assert!(failed.is_empty(), "{} inputs, among them {shown:#?}", failed.len());
}
