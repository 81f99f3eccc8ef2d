//! `hoopctl connect` as an application's author starts it.

use serde_json::Value;

use crate::{Program, Stack};

pub struct Listener {
    pub ready: Value,
    pub program: Program,
}

impl Listener {
    #[track_caller]
    pub fn open(stack: &Stack, user: &str, connection: &str) -> Self {
        Self::start(&mut stack.hoopctl(user), connection)
    }

    /// With a `hoopctl` that is somebody already.
    #[track_caller]
    pub fn start(hoopctl: &mut std::process::Command, connection: &str) -> Self {
        let mut program = Program::start(hoopctl.args(["connect", connection, "--output", "json"]));
        let ready = program.json_line();
        assert_eq!(ready["kind"], "connect", "{ready}");
        Self { ready, program }
    }

    pub fn url(&self) -> &str {
        self.ready["url"].as_str().expect("a URL")
    }

    pub fn secret(&self) -> &str {
        self.ready["secret"].as_str().expect("a secret")
    }

    pub fn address(&self) -> &str {
        self.ready["address"].as_str().expect("an address")
    }
}
