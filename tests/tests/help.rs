//! What others rely on of the gateway's program stays as it is until somebody changes it on purpose: its help texts.
//! `UPDATE_GOLDEN=1` writes them anew.

#![allow(clippy::unwrap_used)]

use std::{fs, path::Path, process::Command};

use hoop_tests::{Finished, program};

#[test]
fn help_is_current() {
    let mut text = String::new();
    for command in [&[][..], &["run"], &["check"], &["mask"], &["archive", "fetch"]] {
        let mut gateway = Command::new(program::path("hoop-gateway"));
        gateway.args(command).arg("--help").env("COLUMNS", "100").env_remove("HOOP_GATEWAY_CONFIG");
        let words = [&["hoop-gateway"], command, &["--help"]].concat().join(" ");
        text.push_str(&format!("$ {words}\n{}\n", Finished::of(&mut gateway).ok().stdout));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hoop-gateway.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "{} is not current: run UPDATE_GOLDEN=1 cargo test --workspace --test help", path.display());
}
