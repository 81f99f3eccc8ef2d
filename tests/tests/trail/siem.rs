//! Forwarding by the gateway as it is run: SIGKILL again and again, and no number is missing at the receiver.

use std::{collections::BTreeSet, fs, path::Path, process::Command, time::Duration};

use hoop_audit::segment::{Frame, Frames};
use hoop_tests::{Finished, Program, hoopctl, program::path};
use serde_json::Value;
use tempfile::TempDir;

const ROUNDS: u64 = 100;

fn settings(dir: &Path) -> String {
    format!(
        r#"data_dir = "{dir}/data"
[listen]
quic = "127.0.0.1:0"
names = ["gateway.test"]
[identity.oidc]
issuer = "https://idp.test"
client_id = "hoopctl"
[policy]
file = "none.cedar"
[[siem]]
name = "lines"
kind = "file"
path = "siem.jsonl"
"#,
        dir = dir.display()
    )
}

fn start(dir: &Path) -> Program {
    let mut program =
        Program::start(Command::new(path("hoop-gateway")).args(["run", "--config"]).arg(dir.join("gateway.toml")));
    program.json_line();
    program
}

/// The numbers in the file; a line that a kill cut off has none.
fn seqs(dir: &Path) -> Vec<u64> {
    let text = std::fs::read_to_string(dir.join("siem.jsonl")).unwrap_or_default();
    let event = |line: &str| serde_json::from_str::<Value>(line).ok()?.pointer("/metadata/sequence")?.as_u64();
    text.lines().filter_map(event).collect()
}

#[test]
fn a_gateway_that_is_killed_a_hundred_times_leaves_no_record_out() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("gateway.toml"), settings(dir.path())).unwrap();
    std::fs::write(dir.path().join("none.cedar"), "").unwrap();
    let (mut random, mut before, mut most) = (4711_u64, 0, 0);
    for _ in 0..ROUNDS {
        let mut program = start(dir.path());
        random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        // Anywhere from before the first batch to after its acknowledgement.
        std::thread::sleep(Duration::from_micros((random >> 33) % 40_000));
        program.kill();
        let seqs = seqs(dir.path());
        let known: BTreeSet<_> = seqs.iter().take(before).collect();
        most = most.max(seqs.iter().skip(before).filter(|seq| known.contains(seq)).count());
        before = seqs.len();
    }
    let program = start(dir.path());
    program.terminate();
    program.finish().ok();
    let seqs = seqs(dir.path());
    let distinct: BTreeSet<_> = seqs.iter().copied().collect();
    let all = *distinct.last().unwrap() + 1;
    eprintln!("{ROUNDS} kills, {all} records: {} repeated, at most {most} after one", seqs.len() - distinct.len());
    assert_eq!(distinct, (0..all).collect());
    // Each start writes at least two, and the last one its stop.
    assert!(all > 2 * ROUNDS, "{all}");
    assert!(most <= 500, "{most}");
    held_against_the_siem(dir.path());
}

/// The copy is an anchor: a trail cut back to an earlier head, validly signed, is found out by it.
fn held_against_the_siem(dir: &Path) {
    let text = fs::read_to_string(dir.join("siem.jsonl")).unwrap();
    let whole = text.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok());
    let events = dir.join("events.jsonl");
    fs::write(&events, whole.collect::<Vec<_>>().join("\n")).unwrap();
    let trail = dir.join("data/trail");
    let verify = || Finished::of(hoopctl().args(["audit", "verify"]).arg(&trail).arg("--siem").arg(&events));
    let verified = verify();
    assert_eq!(verified.code, Some(0), "{}{}", verified.stdout, verified.stderr);
    let segment = trail.join("segment-00000000000000000000.log");
    let bytes = fs::read(&segment).unwrap();
    let checkpoints = Frames::new(&bytes).map(|frame| frame.unwrap());
    let (at, Frame::Checkpoint(note)) =
        checkpoints.filter(|(_, frame)| matches!(frame, Frame::Checkpoint(_))).nth(20).unwrap()
    else {
        unreachable!()
    };
    // The frame's length, checksum and type before it.
    fs::write(&segment, &bytes[..at + 9 + note.len()]).unwrap();
    let cut = verify();
    assert_eq!(cut.code, Some(9), "{}{}", cut.stdout, cut.stderr);
    assert!(cut.stdout.contains("the log ends before record"), "{}", cut.stdout);
}
