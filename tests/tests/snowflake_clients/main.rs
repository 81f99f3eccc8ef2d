//! Every client that people use with Snowflake, unmodified: what each gets through the gateway against what it gets
//! directly. The matrix, with what is in no cell and why, stands in `gateway/docs/snowflake.md`.

mod client;
mod clients;
mod expected;
mod fakesnow;
mod watch;

use std::{
    any::Any,
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use client::{Case, Cell, Client, with};
use expected::{DIRECT_ROWS, ROWS, hex};
use hoop_tests::{
    Listener, Stack, Upstream,
    cards::made,
    parity::{MARKER, without_ids},
};
use serde_json::{Value, json};
use watch::Watch;

/// How long [`clients`]' cancelled statement would take upstream.
const ENDLESS: Duration = Duration::from_secs(20);
/// The cards in literals, as they stand there and masked.
const CARDS: [(&str, &str); 2] =
    [("4111111111111111", "411111******1111"), ("4111-1111-1111-1111", "4111-11**-****-1111")];

struct Matrix {
    upstream: Upstream,
    stack: Stack,
    listener: Listener,
    watch: Watch,
    direct: Value,
    /// When a statement was cancelled, and which.
    cancelled: RefCell<Option<(Instant, Value)>>,
}

/// All cells of one client.
fn row(client: &Client) {
    let upstream = Upstream::start();
    let stack = Stack::with(&["--snowflake", upstream.snowflake.url()]);
    let listener = Listener::open(&stack, "alice", "snowflake");
    let direct = upstream.settings();
    let watch = Watch::start(&upstream.runtime, listener.address().parse().unwrap());
    let matrix = Matrix { upstream, stack, listener, watch, direct, cancelled: RefCell::default() };
    all(client.name, client.asked, |case, statements| matrix.cell(client, case, statements));
    matrix.never_ran();
    matrix.watch.check(client.name);
    let executions = matrix.upstream.snowflake.executions_by_request();
    let again: Vec<_> = executions.into_iter().filter(|(_, times)| *times > 1).collect();
    assert!(again.is_empty(), "{}: executed more than once: {again:?}", client.name);
}

/// A million rows keep a core or two busy: one client's at a time, or the others' answers come late.
static LARGE: Mutex<()> = Mutex::new(());

/// Every cell of a row; each that fails is named.
fn all(name: &str, asked: fn(Case) -> Cell, cell: impl Fn(Case, &[Value])) {
    let mut failed = Vec::new();
    for case in Case::ALL {
        let statements = match asked(case) {
            Cell::Asks(statements) => statements,
            Cell::Lacks(reason) => {
                println!("{name} × {case:?}: {reason}");
                continue;
            }
        };
        let _alone = (case == Case::Large).then(|| LARGE.lock().unwrap_or_else(PoisonError::into_inner));
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| cell(case, &statements))) {
            failed.push(format!("{name} × {case:?}: {}", told(&*panic)));
        }
    }
    assert!(failed.is_empty(), "{} cells failed:\n{}", failed.len(), failed.join("\n"));
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
            Case::Connect => client.connects(&self.listener, &self.settings()),
            Case::Types => self.types(client, statements),
            Case::Large => self.large(client, statements),
            Case::Bindings | Case::Several | Case::Async => self.same(client, statements, "result"),
            Case::Error => self.same(client, statements, "error"),
            Case::Cancel => self.cancel(client, statements),
            Case::Held => client.held(&self.stack, &self.settings(), &statements[0], |done| {
                assert_eq!(self.executed(&statements[0]), usize::from(done));
            }),
            Case::Denied => {
                client.denied(&self.stack, &self.settings(), &statements[0]);
                assert_eq!(self.executed(&statements[0]), 0);
            }
        }
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

    /// Every row through the gateway, shown as directly but for the columns with card numbers.
    fn large(&self, client: &Client, statements: &[Value]) {
        let fewer = |statement: &Value| {
            let (all, fewer) = (format!("rows={ROWS} "), format!("rows={DIRECT_ROWS} "));
            let sql = statement["sql"].as_str().unwrap();
            assert!(sql.contains(&all), "{sql}");
            with(&sql.replace(&all, &fewer), statement.clone())
        };
        let direct = client.run(&self.direct, &statements.iter().map(fewer).collect::<Vec<_>>());
        let through = self.through(client, statements);
        let (direct, through) = (&direct[0], &through[0]);
        for facts in ["event", "columns", "types", "arrow", "pandas"] {
            assert_eq!(direct[facts], through[facts], "{facts}");
        }
        let cases =
            [(direct, DIRECT_ROWS, expected::clear(client.amount)), (through, ROWS, expected::hidden(client.amount))];
        for (event, rows, digests) in cases {
            assert_eq!((&event["event"], &event["count"]), (&"result".into(), &rows.into()), "{event}");
            assert_eq!(event["sha256"], json!(digests), "{event}");
        }
        for column in [0, 3] {
            assert_eq!(direct["first"][column], through["first"][column], "the first of column {column}");
        }
        // All of them, or what a client says that does not count.
        let rowcount = |event: &Value| (event["rowcount"] != event["count"]).then(|| event["rowcount"].clone());
        assert_eq!(rowcount(direct), rowcount(through));
    }

    /// What came directly came through the gateway, but for the card numbers.
    fn same(&self, client: &Client, statements: &[Value], first: &str) {
        let (direct, through) = (client.run(&self.direct, statements), self.through(client, statements));
        assert_eq!(direct[0]["event"], first, "{}", direct[0]);
        let direct: Vec<_> = direct.iter().map(|event| comparable(event, true)).collect();
        let through: Vec<_> = through.iter().map(|event| comparable(event, false)).collect();
        assert_eq!(direct, through);
    }

    /// The client hears of the end at once, and the session goes on.
    fn cancel(&self, client: &Client, statements: &[Value]) {
        let events = self.through(client, statements);
        assert_eq!(events[0]["event"], "error", "{}", events[0]);
        assert_eq!(events[1]["event"], "result", "{}", events[1]);
        *self.cancelled.borrow_mut() = Some((Instant::now(), statements[0].clone()));
    }

    /// The upstream never runs what was cancelled.
    fn never_ran(&self) {
        if let Some((since, statement)) = self.cancelled.take() {
            thread::sleep(ENDLESS.saturating_sub(since.elapsed()));
            assert_eq!(self.executed(&statement), 0, "it ran although it was cancelled");
        }
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
