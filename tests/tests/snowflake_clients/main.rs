//! Every client that people use with Snowflake, unmodified: what each gets through the gateway against what it gets
//! directly. The matrix, with what is in no cell and why, stands in `gateway/docs/snowflake.md`.

mod client;
mod clients;
mod expected;
mod watch;

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::Duration,
};

use client::{Case, Cell, Client};
use expected::{Digests, hex};
use hoop_model::{Timestamp, later};
use hoop_tests::{Finished, Listener, Stack, Upstream, cards::made};
use serde_json::{Value, json};
use watch::Watch;

/// What every token, chunk URL and chunk key of our double contains.
const MARKER: &str = "UPSTREAMONLY";
/// How long a held statement waits for its approval.
const HELD: Duration = Duration::from_secs(5);
/// How long [`clients`]' cancelled statement would take upstream.
const ENDLESS: Duration = Duration::from_secs(10);
/// The cards in literals, as they stand there and masked.
const CARDS: [(&str, &str); 2] =
    [("4111111111111111", "411111******1111"), ("4111-1111-1111-1111", "4111-11**-****-1111")];

struct Matrix {
    upstream: Upstream,
    stack: Stack,
    listener: Listener,
    watch: Watch,
    direct: Value,
}

/// All cells of one client; each that fails is named.
fn row(client: &Client) {
    let upstream = Upstream::start();
    let stack = Stack::with(&["--snowflake", upstream.snowflake.url()]);
    let listener = Listener::open(&stack, "alice", "snowflake");
    let direct = upstream.settings();
    let watch = Watch::start(&upstream.runtime, listener.address().parse().unwrap());
    let matrix = Matrix { upstream, stack, listener, watch, direct };
    let mut failed = Vec::new();
    for case in Case::ALL {
        let statements = match (client.asked)(case) {
            Cell::Asks(statements) => statements,
            Cell::Lacks(reason) => {
                println!("{} × {case:?}: {reason}", client.name);
                continue;
            }
        };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| matrix.cell(client, case, &statements))) {
            failed.push(format!("{} × {case:?}: {}", client.name, told(&*panic)));
        }
    }
    assert!(failed.is_empty(), "{} cells failed:\n{}", failed.len(), failed.join("\n"));
    matrix.watch.check(client.name);
    let executions = matrix.upstream.snowflake.executions_by_request();
    let again: Vec<_> = executions.into_iter().filter(|(_, times)| *times > 1).collect();
    assert!(again.is_empty(), "{}: executed more than once: {again:?}", client.name);
}

fn told(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("it panicked").chars().take(2_000).collect()
}

impl Matrix {
    fn settings(&self) -> Value {
        let mut settings = self.listener.ready["settings"]["python"].clone();
        settings["port"] = self.watch.address.port().into();
        settings
    }

    fn through(&self, client: &Client, statements: &[Value]) -> Vec<Value> {
        let events = client.run(&self.settings(), statements);
        nothing_in_clear(&events);
        events
    }

    fn cell(&self, client: &Client, case: Case, statements: &[Value]) {
        match case {
            Case::Connect => self.connect(client),
            Case::Types => self.types(client, statements),
            Case::Large => self.large(client, statements),
            Case::Bindings | Case::Several | Case::Async => self.same(client, statements, "result"),
            Case::Error => self.same(client, statements, "error"),
            Case::Cancel => self.cancel(client, statements),
            Case::Held => self.held(client, &statements[0]),
            Case::Denied => self.denied(client, &statements[0]),
        }
    }

    fn connect(&self, client: &Client) {
        assert!(self.through(client, &[]).is_empty());
        let mut settings = self.settings();
        settings["password"] = "not-the-secret".into();
        let (_dir, mut command) = client.start(&settings, &[]);
        let finished = Finished::of(&mut command);
        assert_eq!(finished.code, Some(1), "{finished:?}");
        assert!(finished.stdout.contains("\"refused\""), "{finished:?}");
        assert!(!finished.stdout.contains(self.listener.secret()), "{finished:?}");
    }

    /// Cell by cell and type by type; a cell with a card number shows its first six digits.
    fn types(&self, client: &Client, statements: &[Value]) {
        let (direct, through) = (client.run(&self.direct, statements), self.through(client, statements));
        assert_eq!(direct.len(), statements.len());
        for (direct, through) in direct.iter().zip(&through) {
            assert_eq!(direct["event"], "result", "{direct}");
            assert_eq!(through["event"], "result", "{through}");
            for facts in ["columns", "arrow", "pandas", "count", "rowcount"] {
                assert_eq!(direct[facts], through[facts], "{facts}");
            }
            let (rows, masked) = (direct["rows"].as_array().unwrap(), through["rows"].as_array().unwrap());
            let (mut same, mut hidden) = (0, 0);
            for (index, (row, masked)) in rows.iter().zip(masked).enumerate() {
                for (cell, masked) in row.as_array().unwrap().iter().zip(masked.as_array().unwrap()) {
                    assert_eq!(cell[0], masked[0], "the type changed: {cell} {masked}");
                    if has_card(cell, index) {
                        let (plain, packed) = (&made(index)[..6], hex(&made(index).as_bytes()[..6]));
                        let shown = masked.to_string().to_ascii_lowercase();
                        assert!(!has_card(masked, index), "row {index} shows a card number: {masked}");
                        assert!(shown.contains(plain) || shown.contains(&packed), "{cell} became {masked}");
                        hidden += 1;
                    } else {
                        assert_eq!(cell, masked, "row {index}");
                        same += 1;
                    }
                }
            }
            assert!(same > rows.len() * 10 && hidden > rows.len() * 5, "{same} cells the same, {hidden} masked");
        }
    }

    /// The same directly and through the gateway, but for the columns with card numbers.
    fn large(&self, client: &Client, statements: &[Value]) {
        let (direct, through) = (client.run(&self.direct, statements), self.through(client, statements));
        let (direct, through) = (&direct[0], &through[0]);
        assert_eq!((&through["event"], &through["count"]), (&"result".into(), &expected::ROWS.into()), "{through}");
        for facts in ["event", "count", "rowcount", "columns", "types", "arrow", "pandas"] {
            assert_eq!(direct[facts], through[facts], "{facts}");
        }
        let amounts = expected::amounts(client.amount);
        let Digests { id, clear, masked } = expected::digests();
        for (event, [card, number, note]) in [(direct, clear), (through, masked)] {
            assert_eq!(event["sha256"], json!([id, card, number, amounts, note]), "{event}");
        }
        // Directly and through the gateway by themselves, whatever the double was to make up.
        for column in [0, 3] {
            for part in ["sha256", "first", "last"] {
                assert_eq!(direct[part][column], through[part][column], "{part} of column {column}");
            }
        }
    }

    /// What came directly came through the gateway, but for the card numbers.
    fn same(&self, client: &Client, statements: &[Value], first: &str) {
        let (direct, through) = (client.run(&self.direct, statements), self.through(client, statements));
        assert_eq!(direct[0]["event"], first, "{}", direct[0]);
        let direct: Vec<_> = direct.iter().map(|event| comparable(event, true)).collect();
        let through: Vec<_> = through.iter().map(|event| comparable(event, false)).collect();
        assert_eq!(direct, through);
    }

    /// The client hears of the end at once, the upstream never runs the statement, and the session goes on.
    fn cancel(&self, client: &Client, statements: &[Value]) {
        let events = self.through(client, statements);
        assert_eq!(events[0]["event"], "error", "{}", events[0]);
        assert_eq!(events[1]["event"], "result", "{}", events[1]);
        thread::sleep(ENDLESS);
        assert_eq!(self.executed(&statements[0]), 0, "it ran although it was cancelled");
    }

    fn held(&self, client: &Client, statement: &Value) {
        let (_dir, mut program) = client.waiting(&self.settings(), statement.clone());
        let request = self.stack.held();
        let since: Timestamp = request["request"]["created_at"].as_str().unwrap().parse().unwrap();
        thread::sleep(later(since, HELD).duration_since(Timestamp::now()).unsigned_abs());
        assert_eq!(self.executed(statement), 0, "it ran before it was approved");
        let id = request["request"]["id"].as_str().unwrap();
        self.stack.run("bob", &["approve", id, "--reason", "ticket OPS-7"]).ok();
        let result = program.json_line();
        assert_eq!(result["event"], "result", "{result}");
        assert_eq!(program.json_line()["event"], "closed");
        assert_eq!(self.executed(statement), 1);
    }

    fn denied(&self, client: &Client, statement: &Value) {
        let (_dir, mut program) = client.waiting(&self.settings(), statement.clone());
        let request = self.stack.held();
        let id = request["request"]["id"].as_str().unwrap();
        self.stack.run("bob", &["deny", id, "--reason", "not without a ticket"]).ok();
        let event = program.json_line();
        assert_eq!(event["event"], "error", "{event}");
        let text = event["error"]["msg"].as_str().unwrap();
        assert!(text.contains(id) && text.contains("not without a ticket"), "{text}");
        assert_eq!(program.json_line()["event"], "closed");
        assert_eq!(self.executed(statement), 0);
    }

    /// How often the statement ran upstream, also where a client adds a comment to it.
    fn executed(&self, statement: &Value) -> usize {
        let sql = statement["sql"].as_str().or(statement.as_str()).unwrap();
        self.upstream.snowflake.statements().iter().filter(|one| one.sql.contains(sql)).count()
    }
}

fn has_card(cell: &Value, index: usize) -> bool {
    let (pan, text) = (made(index), cell.to_string().to_ascii_lowercase());
    text.contains(&pan) || text.contains(&hex(pan.as_bytes()))
}

/// Without what differs from run to run, and with the cards masked.
fn comparable(event: &Value, mask: bool) -> Value {
    let mut event = event.clone();
    let fields = event.as_object_mut().unwrap();
    let sql = fields.remove("sql");
    for part in ["sfqid", "ms"] {
        fields.remove(part);
    }
    if let Some(error) = fields.get_mut("error").and_then(Value::as_object_mut) {
        error.remove("sfqid");
    }
    let mut text = without_ids(&event.to_string());
    if mask {
        for (card, masked) in CARDS {
            text = text.replace(card, masked);
        }
    }
    json!({ "sql": sql, "event": serde_json::from_str::<Value>(&text).unwrap() })
}

/// Query and request ids stand in some clients' messages.
fn without_ids(text: &str) -> String {
    let id = |piece: &str| {
        piece.len() == 36
            && piece.split('-').map(str::len).eq([8, 4, 4, 4, 12])
            && !piece.contains(|c: char| !c.is_ascii_hexdigit() && c != '-')
    };
    let edge = |c: char| !c.is_ascii_alphanumeric() && c != '-';
    text.split_inclusive(edge)
        .map(|piece| {
            let word = piece.trim_end_matches(edge);
            if id(word) { piece.replace(word, "ID") } else { piece.to_owned() }
        })
        .collect()
}

#[track_caller]
fn nothing_in_clear(events: &[Value]) {
    for event in events {
        let mut event = event.clone();
        event.as_object_mut().unwrap().remove("sql");
        let text = event.to_string();
        for (card, _) in CARDS {
            assert!(!text.contains(card), "{card} in {text}");
        }
        assert!(!text.contains(MARKER), "{text}");
    }
}

#[test]
fn python_connector_4() {
    row(&clients::PYTHON4);
}

#[test]
fn python_connector_5() {
    row(&clients::PYTHON5);
}

#[test]
fn node() {
    row(&clients::NODE);
}

#[test]
fn pandas() {
    row(&clients::PANDAS);
    row(&clients::PANDAS5);
}

#[test]
fn arrow() {
    row(&clients::ARROW);
    row(&clients::ARROW5);
}

#[test]
fn sqlalchemy() {
    row(&clients::SQLALCHEMY);
}

#[test]
fn snowpark() {
    row(&clients::SNOWPARK);
}

#[test]
fn adbc() {
    row(&clients::ADBC);
}

#[test]
fn snow() {
    row(&clients::SNOW);
}

#[test]
fn dbt() {
    row(&clients::DBT);
}
