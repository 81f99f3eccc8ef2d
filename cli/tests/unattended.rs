//! hoopctl in a job: no terminal, nobody to ask.

#![allow(clippy::unwrap_used)]

use std::process::{Command, Output};

fn hoopctl(home: &tempfile::TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hoopctl"));
    for name in ["HOOPCTL_CONTEXT", "HOOPCTL_SECRET_STORE", "BROWSER"] {
        command.env_remove(name);
    }
    command.env("HOOPCTL_CONFIG_DIR", home.path()).args(["--output", "json"]).args(arguments);
    command
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Nothing listens at the gateway's address: it is not even asked.
#[test]
fn a_persons_login_is_refused_at_once() {
    let home = tempfile::tempdir().unwrap();
    let login = ["login", "127.0.0.1:1", "--pin", &"0".repeat(64)];
    for browser in [None, Some(""), Some(" ")] {
        let mut command = hoopctl(&home, &login);
        command.envs(browser.map(|browser| ("BROWSER", browser)));
        let output = command.output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        for words in [r#""code":"no_terminal""#, "--workload", "--no-browser"] {
            assert!(said.contains(words), "{words}: {said}");
        }
    }
}

#[test]
fn secrets_that_no_second_command_could_read_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let mut command = hoopctl(&home, &["login", "127.0.0.1:1", "--pin", &"0".repeat(64), "--workload=env:TOKEN"]);
    let output = command.env("HOOPCTL_SECRET_STORE", "memory").env("TOKEN", "a.b.c").output().unwrap();
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("secret_store") && said.contains("auto, keyring or file"), "{said}");
}
