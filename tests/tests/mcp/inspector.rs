//! The MCP inspector's command line sees of public stdio servers the same through `hoopctl mcp connect` as directly.

use std::{net::Ipv4Addr, path::Path, process::Command};

use axum::{Router, routing::get};
use hoop_tests::{Finished, Stack, peers, program};
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime::Runtime};

/// A server's command line, and what is asked of it.
struct Case {
    server: Vec<String>,
    asks: Vec<Vec<String>>,
}

impl Case {
    fn new(server: &[&str], calls: &[(&str, &[&str])], lists: &[&str]) -> Self {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let list = |what: &&str| words(&["--method", &format!("{what}/list")]);
        let call = |(tool, arguments): &(&str, &[&str])| {
            let given = arguments.iter().flat_map(|argument| ["--tool-arg", argument]);
            words(&["--method", "tools/call", "--tool-name", tool].into_iter().chain(given).collect::<Vec<_>>())
        };
        Self { server: words(server), asks: lists.iter().map(list).chain(calls.iter().map(call)).collect() }
    }
}

/// What the inspector prints, and its exit code, which tells an error of a tool.
#[track_caller]
fn inspected(environment: &[(String, String)], server: &[String], ask: &[String]) -> (Option<i32>, String) {
    let mut inspector = Command::new(peers::node22());
    inspector.arg(peers::path("node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"));
    inspector.arg("--cli");
    for (name, value) in environment {
        inspector.args(["-e", &format!("{name}={value}")]);
    }
    let finished = Finished::of(inspector.args(server).args(ask));
    let printed = finished.json();
    assert!(printed.as_object().is_some_and(|answer| !answer.is_empty()), "{ask:?}: {printed}");
    (finished.code, printed.to_string())
}

fn python(module: &str) -> String {
    peers::path(".venv-mcp/bin").join(module).to_string_lossy().into_owned()
}

/// A repository with one commit, the same wherever and whenever it is made.
fn repository(folder: &Path) {
    std::fs::write(folder.join("a.txt"), "one\n").expect("a file");
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(folder).args(["-c", "user.name=a", "-c", "user.email=a@example.com"]).args(arguments);
        Finished::of(&mut git).ok();
    };
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "first"]);
}

/// A page for the server that fetches pages.
fn page(runtime: &Runtime) -> String {
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
    let url = format!("http://{}/page", listener.local_addr().expect("an address"));
    let router = Router::new().route("/page", get(|| async { "a page about nothing" }));
    runtime.spawn(async move { axum::serve(listener, router).await });
    url
}

#[test]
fn public_stdio_servers_are_the_same_to_the_inspector() {
    let (dir, runtime) = (TempDir::new().expect("a folder"), Runtime::new().expect("a runtime"));
    repository(dir.path());
    let folder = dir.path().to_str().expect("a path");
    let database = dir.path().join("a.sqlite").to_string_lossy().into_owned();
    let everything = peers::path("node_modules/@modelcontextprotocol/server-everything/dist/index.js");
    let url = format!("url={}", page(&runtime));
    let at = format!("repo_path={folder}");
    let cases = [
        Case::new(
            &[&python("mcp-server-sqlite"), "--db-path", &database],
            &[
                ("read_query", &["query=SELECT 1 AS one, 'zwei – 漢字' AS two"]),
                ("read_query", &["query=SELECT nonsense"]),
            ],
            &["tools", "resources", "prompts"],
        ),
        Case::new(
            &[&python("mcp-server-git"), "--repository", folder],
            &[("git_log", &[&at]), ("git_status", &["repo_path=/nowhere"])],
            &["tools"],
        ),
        Case::new(&[&python("mcp-server-fetch")], &[("fetch", &[&url])], &["tools", "prompts"]),
        Case::new(
            &[&python("mcp-server-time")],
            &[("convert_time", &["source_timezone=UTC", "time=12:30", "target_timezone=Asia/Tokyo"])],
            &["tools"],
        ),
        Case::new(
            &["node", everything.to_str().expect("a path"), "stdio"],
            &[("get-sum", &["a=2", "b=40"]), ("get-tiny-image", &[])],
            &["tools", "resources", "prompts"],
        ),
    ];
    let commands: Vec<String> = cases.iter().map(|case| case.server.join(" ")).collect();
    let options: Vec<&str> = commands.iter().flat_map(|command| ["--mcp-stdio", command]).collect();
    let stack = Stack::with(&options);
    let alice: Vec<(String, String)> =
        stack.ready.users["alice"].env.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let hoopctl = program::path("hoopctl").to_string_lossy().into_owned();
    for (number, case) in cases.iter().enumerate() {
        let name = &stack.ready.connections.iter().filter(|one| one.kind == "mcp").nth(number).expect("one each").name;
        let through = [hoopctl.clone(), "mcp".to_owned(), "connect".to_owned(), name.clone()];
        for ask in &case.asks {
            let (direct, through) = (inspected(&[], &case.server, ask), inspected(&alice, &through, ask));
            assert_eq!(through, direct, "{name} {ask:?}");
        }
    }
}
