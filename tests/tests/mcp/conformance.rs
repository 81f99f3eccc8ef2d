//! The public MCP conformance suite, both of its revisions: our fixture passes all that is scored, and through hoopctl,
//! gateway and agent not one check comes out differently.

use std::{net::Ipv4Addr, path::Path, process::Command, sync::Arc};

use hoop_tests::{Finished, Listener, Site, Stack, conformance::Fixture, peers};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime::Runtime};

/// A server in the test's own process, so that what it ran can be counted.
struct Served {
    fixture: Arc<Fixture>,
    url: String,
    _runtime: Runtime,
}

impl Served {
    fn start() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
        let url = format!("http://{}/mcp", listener.local_addr().expect("an address"));
        let fixture = Fixture::new();
        runtime.spawn(fixture.clone().serve(listener));
        Self { fixture, url, _runtime: runtime }
    }
}

/// Scenario, check and how it came out.
type Check = (String, String, String);

/// What the suite said of a server.
#[derive(Debug, PartialEq)]
struct Report {
    /// Scenarios that count, and whether each passed.
    scored: Vec<(String, bool)>,
    /// Of all scenarios, in order.
    checks: Vec<Check>,
}

impl Report {
    #[track_caller]
    fn of(url: &str, revision: &str) -> Self {
        let out = TempDir::new().expect("a temporary folder");
        let mut suite = Command::new(peers::node22());
        suite.arg(peers::path("node_modules/@modelcontextprotocol/conformance/dist/index.js"));
        suite.args(["server", "--url", url, "--requirements", revision, "-o"]).arg(out.path());
        let said = Finished::of(&mut suite).stdout;
        let (summary, unscored) = said.split_once("Not scored for").expect("a summary and what is not scored");
        let (_, summary) = summary.split_once("=== SUMMARY ===").expect("a summary");
        let scored = summary.lines().filter_map(|line| {
            let (name, _) = line.split_once(": ")?;
            let (mark, name) = name.split_once(' ')?;
            let counts = !unscored.contains(&format!(" {name} ("));
            (["✓", "✗"].contains(&mark) && counts).then(|| (name.to_owned(), mark == "✓"))
        });
        Self { scored: scored.collect(), checks: checks(out.path()) }
    }

    fn passed(&self) -> usize {
        self.scored.iter().filter(|(_, passed)| *passed).count()
    }
}

fn checks(out: &Path) -> Vec<Check> {
    let mut checks = Vec::new();
    for folder in std::fs::read_dir(out).expect("the suite's results") {
        let folder = folder.expect("a scenario's folder");
        let name = folder.file_name().into_string().expect("a name");
        // What follows is when it ran: `-2026-11-29T09-47-36-728Z`.
        let scenario = &name[..name.len() - 25];
        // A scenario that broke off has none.
        let Ok(results) = std::fs::read(folder.path().join("checks.json")) else {
            checks.push((scenario.to_owned(), "broke off".to_owned(), "FAILURE".to_owned()));
            continue;
        };
        let results: Vec<Value> = serde_json::from_slice(&results).expect("checks");
        checks.extend(results.iter().map(|check| {
            let text = |member: &str| check[member].as_str().expect("a text").to_owned();
            (scenario.to_owned(), text("id"), text("status"))
        }));
    }
    checks.sort();
    checks
}

#[track_caller]
fn same(through: &[Check], direct: &[Check]) {
    let without = |one: &[Check], other: &[Check]| -> Vec<Check> {
        one.iter().filter(|check| !other.contains(check)).cloned().collect()
    };
    let (lost, new) = (without(direct, through), without(through, direct));
    assert!(lost.is_empty() && new.is_empty() && through == direct, "directly {lost:#?}\nthrough {new:#?}");
}

/// Holds the suite's results through the gateway against those without it.
fn the_same_through_the_gateway(revision: &str, scenarios: usize) {
    let served = Served::start();
    let direct = Report::of(&served.url, revision);
    assert_eq!((direct.passed(), direct.scored.len()), (scenarios, scenarios), "{:?}", direct.scored);
    let calls = served.fixture.calls();
    assert!(calls > 0, "tools ran");

    let stack = Stack::with(&["--mcp", &served.url]);
    let listener = Listener::open(&stack, "alice", "mcp");
    let through = Report::of(listener.url(), revision);
    same(&through.checks, &direct.checks);
    assert_eq!(through, direct);
    assert_eq!(served.fixture.calls(), 2 * calls, "each tool ran as often");
}

/// What the gateway answers itself, and server-everything answers wrongly: it lets a foreign `Host` in, and takes a
/// session that has ended for one that has not begun.
const OURS: [&str; 2] = ["localhost-host-rebinding-rejected", "server-session-terminated-returns-404"];

/// server-everything lacks the suite's tools, so most of its checks fail, and they fail in the same way. With `open`, since
/// otherwise the gateway answers calls of tools that no list has.
#[test]
fn no_check_of_server_everything_differs() {
    let server = peers::Server::start(&mut peers::node("mcp-everything.mjs"));
    let url = server.ready["url"].as_str().expect("a URL");
    let mut site = Site::with("tools = \"open\"\n");
    site.tools = Some(url.to_owned());
    site.let_agent_in();
    site.login("alice").ok();
    let listener = Listener::start(&mut site.hoopctl("alice"), "tools");
    let (direct, through) = (Report::of(url, "2025-11-25"), Report::of(listener.url(), "2025-11-25"));
    let (ours, same_as_direct): (Vec<_>, Vec<_>) =
        through.checks.into_iter().partition(|(_, check, _)| OURS.contains(&check.as_str()));
    let direct: Vec<_> = direct.checks.into_iter().filter(|(_, check, _)| !OURS.contains(&check.as_str())).collect();
    same(&same_as_direct, &direct);
    assert!(ours.len() == OURS.len() && ours.iter().all(|(.., status)| status == "SUCCESS"), "{ours:?}");
}

/// It knows nothing of the new revision, which the gateway says for it: what passes directly passes, and more.
#[test]
fn a_server_of_the_old_era_fails_nothing_more_through_the_gateway() {
    let server = peers::Server::start(&mut peers::node("mcp-everything.mjs"));
    let url = server.ready["url"].as_str().expect("a URL");
    let stack = Stack::with(&["--mcp", url]);
    let listener = Listener::open(&stack, "alice", "mcp");
    let (direct, through) = (Report::of(url, "2026-07-28"), Report::of(listener.url(), "2026-07-28"));
    let passes = |report: &Report| -> Vec<Check> {
        report.checks.iter().filter(|(.., status)| status == "SUCCESS").cloned().collect()
    };
    let (direct, through) = (passes(&direct), passes(&through));
    let lost: Vec<_> = direct.iter().filter(|check| !through.contains(check)).collect();
    assert!(lost.is_empty() && through.len() > direct.len(), "{lost:#?}");
}

#[test]
fn no_check_of_2025_11_25_differs() {
    the_same_through_the_gateway("2025-11-25", 30);
}

#[test]
fn no_check_of_2026_07_28_differs() {
    the_same_through_the_gateway("2026-07-28", 37);
}
