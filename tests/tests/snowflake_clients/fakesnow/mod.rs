//! PyPI's fakesnow as the upstream: it knows nothing of ours, and is not made after the same notes. What it can serve of
//! the matrix is the same through the gateway as directly; why the rest cannot be had stands in [`rows`], and what that
//! rests on is asked of fakesnow itself.

mod lacks;
mod rows;

use std::collections::BTreeSet;

use hoop_tests::{
    Listener, Stack, cards,
    parity::{PANS, SETUP, expected, masked, nothing_in_clear, statements, without_ids},
    peers::{self, Server},
};
use rows::{Direct, Row};
use serde_json::{Value, json};

use crate::{
    all,
    client::{Case, Client, with},
    clients,
};

/// A million rows, of which a thousand hold a card number as text and a thousand as a number.
const HUGE: &str = "CREATE TABLE shop.main.huge AS SELECT seq AS id, \
     CASE WHEN seq % 1000 = 0 THEN '4111111111111111' ELSE 'order ' || seq END AS note, \
     CASE WHEN seq % 1000 = 1 THEN 5555555555554444 ELSE seq END AS number \
     FROM (SELECT UNNEST(RANGE(1000000)) AS seq)";

struct Fakesnow {
    server: Server,
    stack: Stack,
    listener: Listener,
}

fn row(row: &Row) {
    let server = Server::start(peers::python("fakesnow").arg(peers::path("fakesnow_server.py")));
    let mut seed = statements(SETUP);
    seed.push(HUGE.into());
    for event in clients::PYTHON4.run(&direct(&server), &seed) {
        assert_eq!(event["event"], "result", "{event}");
    }
    let stack = Stack::with(&["--snowflake", server.ready["url"].as_str().unwrap()]);
    let listener = Listener::open(&stack, "alice", "snowflake");
    let fakesnow = Fakesnow { server, stack, listener };
    all(row.client.name, row.asked, |case, statements| fakesnow.cell(row, case, statements));
}

/// How a client gets to fakesnow itself.
fn direct(server: &Server) -> Value {
    let mut settings = server.ready["connect"].clone();
    // Not every client has such a thing.
    settings.as_object_mut().unwrap().remove("session_parameters");
    settings
}

impl Fakesnow {
    fn settings(&self) -> Value {
        self.listener.ready["settings"]["python"].clone()
    }

    fn through(&self, client: &Client, statements: &[Value]) -> Vec<Value> {
        let events = client.run(&self.settings(), statements);
        nothing_in_clear(&events);
        events
    }

    fn direct(&self, row: &Row, statements: &[Value]) -> Vec<Value> {
        let settings = direct(&self.server);
        let client = match row.direct {
            Direct::Itself => return row.client.run(&settings, statements),
            Direct::Refused(_, client) => client,
            Direct::NotClosed(why) => {
                let (finished, mut events) = row.client.events(&settings, statements);
                assert!(finished.code == Some(1) && finished.stderr.contains(why), "{finished:?}");
                events.remove(0);
                return events;
            }
        };
        client.run(&settings, statements)
    }

    fn cell(&self, row: &Row, case: Case, statements: &[Value]) {
        match case {
            Case::Connect => self.connect(row),
            Case::Large => self.large(row, statements),
            Case::Held => row.client.held(&self.stack, &self.settings(), &statements[0], |done| {
                assert_eq!(self.holders("held") > 0, done);
            }),
            Case::Denied => {
                row.client.denied(&self.stack, &self.settings(), &statements[0]);
                assert_eq!(self.holders("denied"), 0);
            }
            Case::Types => {
                let found = self.same(row, statements);
                assert_eq!(found.len(), PANS.len(), "directly there were only {found:?}");
            }
            _ => _ = self.same(row, statements),
        }
    }

    fn connect(&self, row: &Row) {
        row.client.connects(&self.listener, &self.settings());
        if let Direct::Refused(why, _) = row.direct {
            let (finished, _) = row.client.events(&direct(&self.server), &[]);
            assert!(finished.code == Some(1) && finished.stdout.contains(why), "{finished:?}");
        }
    }

    /// What came directly came through the gateway, but for the card numbers. Those that came directly.
    fn same(&self, row: &Row, statements: &[Value]) -> BTreeSet<&'static str> {
        let (direct, through) = (self.direct(row, statements), self.through(row.client, statements));
        assert!(direct.len() >= statements.len() && direct.len() == through.len(), "{direct:?}\n{through:?}");
        let mut found = BTreeSet::new();
        for (direct, through) in direct.iter().zip(&through) {
            let asked = &statements[usize::try_from(direct["index"].as_u64().unwrap()).unwrap()];
            let mut wanted = comparable(row, direct, &mut found);
            let mut got = comparable(row, through, &mut BTreeSet::new());
            if asked["async"] == true {
                // fakesnow has run it by the time it answers, so that a driver counts rows that it has not fetched yet.
                for event in [&mut wanted, &mut got] {
                    event.as_object_mut().unwrap().remove("rowcount");
                }
            }
            assert_eq!(wanted, got, "{}", direct["sql"]);
        }
        found
    }

    /// The same rows masked by the upstream itself have the same digests.
    fn large(&self, row: &Row, asked: &[Value]) {
        let (note, number) = (masked(cards::VISA, '*'), masked(cards::MASTERCARD, '0'));
        let by_hand = format!(
            "SELECT id, REPLACE(note, '{}', '{note}') AS note, \
             CASE WHEN number = {} THEN {number} ELSE number END AS number FROM shop.main.huge ORDER BY id",
            cards::VISA,
            cards::MASTERCARD
        );
        let direct = &self.direct(row, &[with(&by_hand, asked[0].clone())])[0];
        let through = &self.through(row.client, asked)[0];
        assert_eq!(through["count"], 1_000_000, "{through}");
        for part in ["event", "count", "sha256", "types", "first", "last"] {
            assert_eq!(through[part], direct[part], "{part}");
        }
    }

    /// How many payments have this holder.
    fn holders(&self, name: &str) -> u64 {
        let count = format!("SELECT COUNT(*) FROM shop.main.payments WHERE holder = '{name}'");
        let events = clients::PYTHON4.run(&direct(&self.server), &[count.into()]);
        events[0]["rows"][0][0][1].as_str().and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("{events:?}"))
    }
}

/// Without what differs from run to run, and with the cards masked; of a client that stands in for another, only what
/// does not depend on the client.
fn comparable(row: &Row, event: &Value, found: &mut BTreeSet<&'static str>) -> Value {
    let mut event = expected(event, found);
    event.as_object_mut().unwrap().remove("sql");
    if matches!(row.direct, Direct::Refused(..)) {
        let error = event.get("error").map(|error| json!([error["errno"], error["sqlstate"]]));
        event = json!({ "event": event["event"], "rows": event["rows"], "count": event["count"], "error": error });
    }
    serde_json::from_str(&without_ids(&event.to_string())).unwrap()
}

#[test]
fn python_connector_4() {
    row(&rows::PYTHON4);
}

#[test]
fn python_connector_5() {
    row(&rows::PYTHON5);
}

#[test]
fn pandas() {
    row(&rows::PANDAS);
    row(&rows::PANDAS5);
}

#[test]
fn arrow() {
    row(&rows::ARROW);
    row(&rows::ARROW5);
}

#[test]
fn node() {
    row(&rows::NODE);
}

#[test]
fn sqlalchemy() {
    row(&rows::SQLALCHEMY);
}

#[test]
fn snowpark() {
    row(&rows::SNOWPARK);
}

#[test]
fn adbc() {
    row(&rows::ADBC);
}

#[test]
fn snow() {
    row(&rows::SNOW);
}

#[test]
fn dbt() {
    row(&rows::DBT);
}
