//! What others rely on stays as it is until somebody changes it on purpose: help texts and completion scripts.
//! `UPDATE_GOLDEN=1` writes them anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{fs, path::PathBuf};

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use hoopctl::{args::Cli, shell};

fn golden(path: PathBuf, current: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, current).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == current,
        "{} is not current: run UPDATE_GOLDEN=1 cargo test -p hoopctl --test contracts",
        path.display()
    );
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn completions_are_current() {
    for (shell, file) in [
        (Shell::Bash, "hoopctl.bash"),
        (Shell::Zsh, "_hoopctl"),
        (Shell::Fish, "hoopctl.fish"),
        (Shell::PowerShell, "_hoopctl.ps1"),
    ] {
        let script = String::from_utf8(shell::completions(shell)).unwrap();
        golden(root().join("../completions").join(file), &script);
    }
}

#[test]
fn help_is_current() {
    let mut text = String::new();
    collect(Cli::command().term_width(100), "hoopctl", &mut text);
    golden(root().join("tests/help.txt"), &text);
}

fn collect(mut command: Command, name: &str, text: &mut String) {
    command = command.bin_name(name);
    text.push_str(&format!("$ {name} --help\n{}\n", command.render_long_help()));
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        collect(sub.clone().term_width(100), &format!("{name} {}", sub.get_name()), text);
    }
}
