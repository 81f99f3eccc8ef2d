//! `hoopctl dev` as the stack under test: gateway, agent, issuer and upstreams in one process.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde::Deserialize;
use serde_json::Value;

use crate::{
    Folder,
    program::{Finished, PATIENCE, Program, hoopctl},
};

/// The line that `hoopctl dev --output json` prints once all is up.
#[derive(Debug, Deserialize)]
pub struct Ready {
    pub kind: String,
    pub version: u64,
    pub gateway: String,
    pub issuer: String,
    pub data_dir: PathBuf,
    pub connections: Vec<Connection>,
    pub users: BTreeMap<String, User>,
}

#[derive(Debug, Deserialize)]
pub struct Connection {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
}

#[derive(Debug, Deserialize)]
pub struct User {
    pub env: BTreeMap<String, String>,
}

pub struct Stack {
    pub ready: Ready,
    pub program: Program,
    pub dir: Folder,
}

impl Stack {
    /// With the demo upstreams.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// With further arguments of `hoopctl dev`, such as `--mcp URL`.
    pub fn with(arguments: &[&str]) -> Self {
        let dir = Folder::new();
        Self::within(dir, arguments)
    }

    pub fn within(dir: Folder, arguments: &[&str]) -> Self {
        Self::run_by(hoopctl(), dir, arguments)
    }

    /// With what the environment of `hoopctl dev` says of its upstreams.
    pub fn with_environment(environment: &[(&str, &str)], arguments: &[&str]) -> Self {
        let mut command = hoopctl();
        command.envs(environment.iter().copied());
        Self::run_by(command, Folder::new(), arguments)
    }

    fn run_by(mut command: Command, dir: Folder, arguments: &[&str]) -> Self {
        command.args(["dev", "--output", "json", "--data-dir"]).arg(dir.path().join("data")).args(arguments);
        let mut program = Program::start(&mut command);
        let ready = serde_json::from_value(program.json_line()).expect("the line of hoopctl dev");
        Self { ready, program, dir }
    }

    /// The one request that waits, as soon as there is one: as `hoopctl requests` shows it to bob.
    #[track_caller]
    pub fn held(&self) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let listed = self.run("bob", &["requests", "--output", "json"]).ok().json();
            if let Some(one) = listed.pointer("/requests/0") {
                return one.clone();
            }
            assert!(Instant::now() < deadline, "nothing is held: {listed}");
        }
    }

    /// Returns once a request has this state.
    #[track_caller]
    pub fn until(&self, request: &str, state: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let shown = self.run("alice", &["requests", "show", request, "--output", "json"]).ok().json();
            if shown.to_string().contains(&format!("\"{state}\"")) {
                return;
            }
            assert!(Instant::now() < deadline, "not {state}: {shown}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// `hoopctl` as one of the stack's users.
    pub fn hoopctl(&self, user: &str) -> Command {
        let mut command = hoopctl();
        command.envs(&self.ready.users[user].env);
        command
    }

    /// Runs `hoopctl` to its end as one of the stack's users.
    pub fn run(&self, user: &str, arguments: &[&str]) -> Finished {
        Finished::of(self.hoopctl(user).args(arguments))
    }
}
