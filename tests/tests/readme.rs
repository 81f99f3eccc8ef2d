//! The README's commands are what the programs take, and its first one does what it says.

use clap::Parser;
use hoop_tests::{Finished, hoopctl};

const README: &str = include_str!("../../README.md");
const PAGES: [&str; 2] = [README, include_str!("../../gateway/docs/admin.md")];

/// Command lines of the pages' shell blocks, comments left out.
fn commands() -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    for page in PAGES {
        for block in page.split("```sh\n").skip(1) {
            let block = block.split("```").next().unwrap_or_default();
            for line in block.lines().map(|line| line.split(" #").next().unwrap_or_default().trim()) {
                let words = line.replace('\'', "\"");
                let mut quoted = false;
                let split = words.split(|c| {
                    quoted ^= c == '"';
                    c == ' ' && !quoted
                });
                let words: Vec<_> =
                    split.filter(|word| !word.is_empty()).map(|word| word.trim_matches('"').to_owned()).collect();
                if !words.is_empty() {
                    commands.push(words);
                }
            }
        }
    }
    commands
}

#[test]
fn every_hoopctl_command_is_one() {
    let mut seen = 0;
    for command in commands().into_iter().filter(|command| command[0] == "hoopctl") {
        hoopctl::args::Cli::try_parse_from(&command).unwrap_or_else(|error| panic!("{}: {error}", command.join(" ")));
        seen += 1;
    }
    assert!(seen >= 10, "only {seen} commands were found");
}

#[test]
fn every_other_command_is_one() {
    let commands = commands();
    for (program, word) in
        [("hoop-gateway", "check"), ("hoop-gateway", "run"), ("hoop-agent", "check"), ("hoop-agent", "run")]
    {
        assert!(commands.iter().any(|command| command[0] == program && command[1] == word), "{program} {word}");
        let help =
            Finished::of(std::process::Command::new(hoop_tests::program::path(program)).args([word, "--help"])).ok();
        assert!(help.stdout.contains("--config"));
    }
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    for script in ["tests/run", "install.sh"] {
        assert!(README.contains(script) && std::path::Path::new(root).join(script).exists(), "{script}");
    }
}

/// `cargo run --release --bin hoopctl -- dev --demo`, less the build.
#[test]
fn the_demo_holds_every_claim() {
    assert!(README.contains("cargo run --release --bin hoopctl -- dev --demo"));
    let demo = Finished::of(hoopctl().args(["dev", "--demo"])).ok();
    assert!(demo.stderr.contains("Every claim held"), "{}", demo.stderr);
    assert_eq!(demo.stderr.matches('✓').count(), 9, "{}", demo.stderr);
    assert!(!demo.stderr.contains('\u{1b}'), "colour went into a pipe");
}

/// A copy of the whole output must not hold a clear card either.
#[test]
fn the_demo_shows_no_clear_card() {
    let demo = Finished::of(hoopctl().args(["dev", "--demo"])).ok();
    for card in hoop_dev::payments::CARDS {
        assert!(!demo.stderr.contains(card) && !demo.stdout.contains(card), "{card}");
    }
}
