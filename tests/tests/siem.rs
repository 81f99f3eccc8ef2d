//! Forwarding by the gateway as it is run: SIGKILL again and again, and no number is missing at the receiver.

use std::{collections::BTreeSet, path::Path, process::Command, time::Duration};

use hoop_tests::{Program, program::path};
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
}
