//! The clients, how each is started, and what it is asked in each case.

use std::{fs::File, process::Command, thread, time::Duration};

use hoop_model::{Timestamp, later};
use hoop_tests::{Finished, Listener, Program, Stack, peers};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::expected::Amount;

/// How long a held statement waits for its approval.
const HELD: Duration = Duration::from_secs(5);

/// A column of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    Connect,
    Types,
    Large,
    Bindings,
    Several,
    Async,
    Cancel,
    Error,
    Held,
    Denied,
}

impl Case {
    pub const ALL: [Self; 10] = [
        Self::Connect,
        Self::Types,
        Self::Bindings,
        Self::Several,
        Self::Async,
        Self::Cancel,
        Self::Error,
        Self::Held,
        Self::Denied,
        // The longest of them: meanwhile it shows that what was cancelled never runs.
        Self::Large,
    ];
}

/// What a client is asked in one case.
pub enum Cell {
    Asks(Vec<Value>),
    /// Why the client has no such thing.
    Lacks(&'static str),
}

pub struct Client {
    pub name: &'static str,
    /// The Python environment; none for Node.
    pub environment: Option<&'static str>,
    pub script: &'static str,
    /// Beside those of the listener.
    pub settings: &'static [(&'static str, &'static str)],
    /// How it shows a NUMBER(10,2).
    pub amount: Amount,
    pub asked: fn(Case) -> Cell,
}

impl Client {
    /// The client with its settings and statements in a file.
    pub fn start(&self, settings: &Value, statements: &[Value]) -> (TempDir, Command) {
        let dir = TempDir::new().unwrap();
        let document = dir.path().join("run.json");
        let file = File::create(&document).unwrap();
        let mut settings = settings.clone();
        for (name, value) in self.settings {
            settings[name] = (*value).into();
        }
        serde_json::to_writer(file, &json!({ "connect": settings, "statements": statements })).unwrap();
        let mut command = match self.environment {
            Some(environment) => {
                let mut command = peers::python(environment);
                command.arg(peers::path(self.script));
                command
            }
            None => peers::node(self.script),
        };
        // What it leaves behind, such as logs, goes with the folder.
        command.arg(document).current_dir(dir.path());
        (dir, command)
    }

    /// How a whole run ended, and its events.
    pub fn events(&self, settings: &Value, statements: &[Value]) -> (Finished, Vec<Value>) {
        let (_dir, mut command) = self.start(settings, statements);
        let finished = Finished::of(&mut command);
        let events = finished.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (finished, events)
    }

    /// The events of a whole run, without the first and the last: it must have connected and closed.
    pub fn run(&self, settings: &Value, statements: &[Value]) -> Vec<Value> {
        let (finished, mut events) = self.events(settings, statements);
        finished.ok();
        assert_eq!(events.first().unwrap()["event"], "connected");
        assert_eq!(events.pop().unwrap()["event"], "closed");
        events.remove(0);
        events
    }

    /// It connects, and not without the listener's secret.
    pub fn connects(&self, listener: &Listener, settings: &Value) {
        assert!(self.run(settings, &[]).is_empty());
        let mut settings = settings.clone();
        settings["password"] = "not-the-secret".into();
        let (finished, _) = self.events(&settings, &[]);
        assert_eq!(finished.code, Some(1), "{finished:?}");
        assert!(finished.stdout.contains("\"refused\""), "{finished:?}");
        assert!(!finished.stdout.contains(listener.secret()), "{finished:?}");
    }

    /// A client that has connected and has a statement under way.
    pub fn waiting(&self, settings: &Value, statement: Value) -> (TempDir, Program) {
        let (dir, mut command) = self.start(settings, &[statement]);
        let mut program = Program::start(&mut command);
        let connected = program.json_line();
        assert_eq!(connected["event"], "connected", "{connected}");
        (dir, program)
    }

    /// Its statement runs once it is approved, after [`HELD`], and not before: `executed` fails if it did not run although
    /// it was to, or the other way round.
    pub fn held(&self, stack: &Stack, settings: &Value, statement: &Value, executed: impl Fn(bool)) {
        let (_dir, mut program) = self.waiting(settings, statement.clone());
        let request = stack.held();
        let since: Timestamp = request["request"]["created_at"].as_str().unwrap().parse().unwrap();
        thread::sleep(later(since, HELD).duration_since(Timestamp::now()).unsigned_abs());
        executed(false);
        let id = request["request"]["id"].as_str().unwrap();
        stack.run("bob", &["approve", id, "--reason", "ticket OPS-7"]).ok();
        let result = program.json_line();
        assert_eq!(result["event"], "result", "{result}");
        assert_eq!(program.json_line()["event"], "closed");
        executed(true);
    }

    /// Its statement fails with who said no and why.
    pub fn denied(&self, stack: &Stack, settings: &Value, statement: &Value) {
        let (_dir, mut program) = self.waiting(settings, statement.clone());
        let request = stack.held();
        let id = request["request"]["id"].as_str().unwrap();
        stack.run("bob", &["deny", id, "--reason", "not without a ticket"]).ok();
        let event = program.json_line();
        assert_eq!(event["event"], "error", "{event}");
        let text = event["error"]["msg"].as_str().unwrap();
        assert!(text.contains(id) && text.contains("not without a ticket"), "{text}");
        assert_eq!(program.json_line()["event"], "closed");
    }
}

/// The statement with options.
pub fn with(sql: &str, options: Value) -> Value {
    let mut statement = options;
    statement["sql"] = sql.into();
    statement
}
