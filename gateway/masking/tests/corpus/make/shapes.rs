//! UUIDs and hex digests, also those that hold the digits of a valid card number.

use serde_json::json;

use super::{fill, repeat};
use crate::corpus::{
    case::{Case, Format},
    pan,
    rng::Rng,
    spelling::GROUPINGS,
};

const PLACES: &[&str] = &["{}", "id={} ok", "request {} failed", "[{}]", "GET /v1/items/{}?x=1", "'{}'"];

pub fn cases() -> Vec<Case> {
    let mut cases = written("uuid", 80, uuid);
    cases.extend(written("uuid_with_pan", 60, uuid_with_pan));
    cases.extend(written("hex_digest", 80, |rng| {
        let length = rng.pick(&[32, 40, 56, 64, 96, 128]);
        rng.hex(length)
    }));
    cases.extend(written("hex_digest_with_pan", 60, digest_with_pan));
    cases.extend(commits());
    cases.extend(wrong_groups());
    cases
}

fn written(name: &'static str, count: usize, make: impl Fn(&mut Rng) -> String) -> Vec<Case> {
    let rng = &mut Rng::of(name);
    repeat(count, |turn| {
        let value = make(rng);
        match turn % 3 {
            0 => Case::decoy(name, Format::Json, json!({"id": value, "n": turn}).to_string()),
            _ => Case::decoy(name, Format::Text, fill(rng.pick(PLACES), &value)),
        }
    })
}

fn uuid(rng: &mut Rng) -> String {
    let variant = rng.pick(&["8", "9", "a", "b"]);
    let version = rng.pick(&["1", "4", "7"]);
    format!("{}-{}-{version}{}-{variant}{}-{}", rng.hex(8), rng.hex(4), rng.hex(3), rng.hex(3), rng.hex(12))
}

/// Its three middle groups and the next four digits are a valid number in fours.
fn uuid_with_pan(rng: &mut Rng) -> String {
    loop {
        let pan = pan::of_length(rng, 16);
        if pan[4..].starts_with('4') && (pan[8..].starts_with('8') || pan[8..].starts_with('9')) {
            let (a, b, c, d) = (&pan[..4], &pan[4..8], &pan[8..12], &pan[12..]);
            let (before, after) = (rng.hex(7), rng.hex(7));
            return format!("{before}c-{a}-{b}-{c}-{d}e{after}");
        }
    }
}

/// Letters of the digest stand on both sides of a valid number.
fn digest_with_pan(rng: &mut Rng) -> String {
    let length = rng.pick(&[32, 40, 64]);
    let pan = pan::any(rng);
    let before = rng.below(length - pan.len() - 2);
    format!("{}a{pan}f{}", rng.hex(before), rng.hex(length - pan.len() - 2 - before))
}

fn commits() -> Vec<Case> {
    let name = "git_log";
    let rng = &mut Rng::of(name);
    repeat(24, |turn| {
        let text = match turn % 3 {
            0 => format!("commit {}\nAuthor: Ana\nDate:   Tue Mar 5 10:15:32 2024 +0100\n", rng.hex(40)),
            1 => format!("{} Fix the build\n{} Add tests\n", rng.hex(7), rng.hex(12)),
            _ => format!("index {}..{} 100644\n@@ -118,7 +118,9 @@\n", rng.hex(7), rng.hex(7)),
        };
        Case::decoy(name, Format::Text, text)
    })
}

/// Groups that no card bears.
fn wrong_groups() -> Vec<Case> {
    let name = "wrong_groups";
    let rng = &mut Rng::of(name);
    repeat(36, |turn| {
        let widths: &[usize] = [&[3, 3, 3, 3][..], &[1, 3, 3, 5], &[1, 2, 10], &[2, 3, 4, 3, 4]][turn % 4];
        debug_assert!(!GROUPINGS.contains(&widths));
        let pan = pan::of_length(rng, widths.iter().sum());
        let written = crate::corpus::spelling::grouped(&pan, widths, rng.pick(&["-", " "]));
        Case::decoy(name, Format::Text, format!("part {written} in stock"))
    })
}
