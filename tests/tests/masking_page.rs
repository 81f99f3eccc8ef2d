//! The commands of gateway/docs/masking.md run as they are written, and what they print is what the page says.

#![allow(clippy::unwrap_used)]

use std::{fs, process::Command};

use hoop_tests::{Finished, program};

const PAGE: &str = include_str!("../../gateway/docs/masking.md");

/// The page's blocks of code in order: what they are, and what is in them.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let fenced = PAGE.split("```").skip(1).step_by(2);
    fenced.map(|block| block.split_once('\n').unwrap()).collect()
}

#[test]
fn what_the_page_shows_is_what_happens() {
    let dir = tempfile::tempdir().unwrap();
    let programs = program::path("hoop-gateway").parent().unwrap().to_owned();
    let path = std::env::join_paths([programs, "/usr/bin".into(), "/bin".into()]).unwrap();
    let blocks = blocks();
    let mut compared = 0;
    for (at, (kind, text)) in blocks.iter().enumerate() {
        if *kind == "toml" {
            fs::write(dir.path().join("rules.toml"), text).unwrap();
        }
        if *kind != "sh" {
            continue;
        }
        let mut shell = Command::new("/bin/sh");
        shell.args(["-eu", "-c", text]).current_dir(dir.path()).env("PATH", &path).env_remove("HOOP_GATEWAY_CONFIG");
        let printed = Finished::of(&mut shell).ok().stdout;
        if let Some(("text", expected)) = blocks.get(at + 1) {
            assert_eq!(printed, *expected, "{text}");
            compared += 1;
        }
    }
    assert!(compared >= 5, "only {compared} were compared");
}
