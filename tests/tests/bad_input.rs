//! What people get wrong, and what breaks: a clear error each time, the right exit code, nothing lost.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{fs, net::TcpListener, path::Path, process::Command, time::Instant};

use hoop_dev::client;
use hoop_tests::{Finished, Listener, Site, Stack, hoopctl, program, site};
use serde_json::json;
use tokio::runtime::Runtime;

/// A refusal in words on stderr and, beside them, as a document for scripts.
#[track_caller]
fn refused(finished: &Finished, exit: i32, code: &str, words: &[&str]) {
    let all = format!("stdout: {}\nstderr: {}", finished.stdout, finished.stderr);
    assert_eq!(finished.code, Some(exit), "{all}");
    let document = finished.json();
    assert_eq!((&document["kind"], &document["version"]), (&json!("error"), &json!(1)), "{all}");
    assert_eq!((&document["code"], &document["exit"]), (&json!(code), &json!(exit)), "{all}");
    for word in words {
        assert!(finished.stderr.contains(word), "{word:?} is missing\n{all}");
    }
}

/// Asserts that a program ended with a failure that says all of `words`.
#[track_caller]
fn failed(finished: &Finished, words: &[&str]) {
    assert_eq!(finished.code, Some(1), "{}{}", finished.stdout, finished.stderr);
    for word in words {
        assert!(finished.stderr.contains(word), "{word:?} is missing: {}", finished.stderr);
    }
}

/// `hoopctl` as a user of the stack, for scripts.
fn run(stack: &Stack, user: &str, arguments: &[&str]) -> Finished {
    let mut all = vec!["--output", "json"];
    all.extend(arguments);
    stack.run(user, &all)
}

#[test]
fn a_connection_one_may_not_reach_is_named_with_what_to_do() {
    let stack = Stack::start();
    let words = ["no connection \"warehose\"", "hoopctl connections"];
    refused(&run(&stack, "alice", &["connect", "warehose"]), 3, "unknown_connection", &words);
    // Carol's group appears in no policy: what she may not reach looks as if it were not there.
    let words = ["no connection \"snowflake\"", "which group"];
    refused(&run(&stack, "carol", &["connect", "snowflake"]), 3, "unknown_connection", &words);
    refused(&run(&stack, "carol", &["mcp", "connect", "mcp"]), 3, "unknown_connection", &["no connection \"mcp\""]);
    refused(&run(&stack, "alice", &["connect", "no such name"]), 2, "bad_name", &["cannot be a connection"]);
    refused(&run(&stack, "alice", &["admin", "agents", "list"]), 3, "not_permitted", &["admin"]);
}

#[test]
fn a_listener_stays_on_this_machine_and_says_when_its_port_is_taken() {
    let stack = Stack::start();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let port = format!("port {} is taken", address.port());
    let connect = |listen: &str| run(&stack, "alice", &["connect", "snowflake", "--listen", listen]);
    refused(&connect(&address.to_string()), 1, "port_in_use", &[&port, "leave --listen away"]);
    refused(&connect("0.0.0.0:0"), 2, "listener_not_loopback", &["other machines", "127.0.0.1"]);
    refused(&connect("[::]:0"), 2, "listener_not_loopback", &["other machines"]);
}

#[test]
fn without_a_usable_login_one_is_told_to_log_in() {
    let stack = Stack::start();
    let nobody = tempfile::tempdir().unwrap();
    let stranger = Finished::of(
        hoopctl().args(["--output", "json", "whoami"]).env("HOOPCTL_CONFIG_DIR", nobody.path().join("config")),
    );
    refused(&stranger, 4, "not_logged_in", &["not logged in", "hoopctl login"]);

    let home = stack.ready.users["alice"].env["HOOPCTL_CONFIG_DIR"].clone();
    let state = site::login_state(Path::new(&home));
    let good = fs::read(&state).unwrap();
    for garbled in [&b"{\"certificate\": 1"[..], b"", b"\xff\xfe", &good[..good.len() / 2]] {
        fs::write(&state, garbled).unwrap();
        let words = [state.to_str().unwrap(), "hoopctl login"];
        refused(&run(&stack, "alice", &["whoami"]), 4, "login_unusable", &words);
        refused(&run(&stack, "alice", &["connect", "snowflake"]), 4, "login_unusable", &words);
    }
    fs::write(&state, &good).unwrap();
    run(&stack, "alice", &["whoami"]).ok();

    // A certificate that is none, in a state that reads well.
    let mut login: serde_json::Value = serde_json::from_slice(&good).unwrap();
    login["certificate"] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".into();
    fs::write(&state, login.to_string()).unwrap();
    refused(&run(&stack, "alice", &["whoami"]), 4, "not_logged_in", &["hoopctl login"]);

    // Out of date, and nothing to renew it with.
    let mut login: serde_json::Value = serde_json::from_slice(&good).unwrap();
    login["granted_at"] = "2020-01-01T00:00:00Z".into();
    login["expires_at"] = "2020-01-01T00:15:00Z".into();
    fs::write(&state, login.to_string()).unwrap();
    for entry in fs::read_dir(Path::new(&home).join("state/secrets")).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().contains("refresh-token") {
            fs::remove_file(path).unwrap();
        }
    }
    refused(&run(&stack, "alice", &["whoami"]), 4, "not_logged_in", &["expired", "hoopctl login"]);
}

#[test]
fn requests_and_sessions_of_others_are_out_of_reach() {
    let stack = Stack::start();
    let unknown = "req-01890000-0000-7000-8000-000000000000";
    let words = ["there is no request", "hoopctl requests"];
    for arguments in [&["approve", unknown][..], &["requests", "show", unknown], &["deny", unknown, "--reason", "no"]] {
        refused(&run(&stack, "bob", arguments), 1, "unknown_request", &words);
    }
    refused(&run(&stack, "bob", &["approve", "nonsense"]), 2, "bad_request_id", &["\"nonsense\" is no request"]);
    refused(&run(&stack, "bob", &["approve", "--oldest"]), 1, "nothing_waits", &["no request"]);

    let listener = Listener::open(&stack, "alice", "mcp");
    let (address, secret) = (listener.address().parse().unwrap(), listener.secret().to_owned());
    let runtime = Runtime::new().unwrap();
    let held = runtime.spawn(async move {
        let mut client = client::mcp::Client::connect(address, &secret).await.unwrap();
        client.call("delete_payment", json!({ "id": 1 })).await
    });
    let deadline = Instant::now() + program::PATIENCE;
    let id = loop {
        assert!(!held.is_finished(), "the call is held");
        assert!(Instant::now() < deadline, "no request in time");
        let requests = run(&stack, "bob", &["requests"]).ok().json();
        if let Some(request) = requests["requests"].as_array().unwrap().first() {
            break request["request"]["id"].as_str().unwrap().to_owned();
        }
    };
    refused(&run(&stack, "alice", &["approve", &id]), 3, "requester_cannot_approve", &["somebody else must decide"]);
    refused(&run(&stack, "carol", &["approve", &id]), 3, "not_in_approvers_group", &["approvers"]);
    refused(
        &run(&stack, "bob", &["requests", "withdraw", &id]),
        3,
        "not_the_requester",
        &["only the person who asked"],
    );
    let still = run(&stack, "bob", &["requests", "show", &id]).ok().json();
    assert!(still.to_string().contains(r#""status":"pending""#), "{still}");
    run(&stack, "bob", &["deny", &id, "--reason", "not today"]).ok();
    let told = format!("{:?}", runtime.block_on(held).unwrap());
    assert!(told.contains("not today"), "{told}");
    refused(&run(&stack, "bob", &["approve", &id]), 3, "already_decided", &["already denied"]);

    let sessions = run(&stack, "alice", &["sessions"]).ok().json();
    let session = sessions["sessions"][0]["id"].as_str().unwrap().to_owned();
    let words = ["there is no session", "hoopctl sessions"];
    refused(&run(&stack, "bob", &["sessions", "show", &session]), 1, "unknown_session", &words);
    refused(&run(&stack, "bob", &["sessions", "kill", &session]), 1, "unknown_session", &words);
    assert_eq!(run(&stack, "bob", &["sessions"]).ok().json()["sessions"], json!([]));
    run(&stack, "carol", &["sessions", "show", &session]).ok();
}

#[test]
fn broken_settings_are_refused_with_their_place() {
    let site = Site::with_agent();
    let file = site.path("broken.toml");
    let gateway = |command: &str, text: &str| {
        fs::write(&file, text).unwrap();
        Finished::of(Command::new(program::path("hoop-gateway")).arg(command).arg("--config").arg(&file))
    };
    let good = site.gateway_toml();
    Finished::of(
        Command::new(program::path("hoop-gateway")).args(["check", "--config"]).arg(site.path("gateway.toml")),
    )
    .ok();
    for command in ["check", "run"] {
        let name = file.to_str().unwrap();
        let unknown = gateway(command, &good.replacen("quic =", "quick =", 1));
        failed(&unknown, &[name, "line 4", "unknown field `quick`", "`quic`"]);
        failed(&gateway(command, &good.replacen("[roles]", "[roles", 1)), &[name, "line"]);
        failed(
            &gateway(command, &good.replacen("payments.cedar", "missing.cedar", 1)),
            &["missing.cedar", "cannot read"],
        );
        failed(&gateway(command, ""), &[name, "data_dir"]);
        failed(
            &gateway(command, &good.replacen("issuer = \"http", "issuer = \"ftp", 1)),
            &[name, "issuer", "https://"],
        );
        failed(&gateway(command, &good.replacen("names = [", "names = [\"\", ", 1)), &[name, "listen.names"]);
        fs::write(
            site.path("broken.cedar"),
            "@id(\"a\")\npermit (principal in Grupp::\"engineers\", action, resource);",
        )
        .unwrap();
        let policy = gateway(command, &good.replacen("payments.cedar", "broken.cedar", 1));
        failed(&policy, &["broken.cedar", "line 2", "Grupp"]);
        fs::write(site.path("broken.cedar"), "permit (principal").unwrap();
        failed(&gateway(command, &good.replacen("payments.cedar", "broken.cedar", 1)), &["line 1"]);
    }
    failed(
        &Finished::of(Command::new(program::path("hoop-gateway")).args(["run", "--config", "/nowhere/gateway.toml"])),
        &["/nowhere/gateway.toml", "--config"],
    );
    // A second gateway on the same port says so; the first one does not notice.
    let other = good.replacen(site.path("gateway").to_str().unwrap(), site.path("other").to_str().unwrap(), 1);
    failed(&gateway("run", &other), &["cannot listen on", &site.address, "another gateway"]);
    site.run("carol", &["whoami"]).ok();

    let agent = |text: &str| {
        fs::write(&file, text).unwrap();
        let mut command = Command::new(program::path("hoop-agent"));
        Finished::of(command.args(["run", "--config"]).arg(&file).env("UPSTREAM_PASSWORD", "x"))
    };
    let good = site.agent_toml();
    let at = |line: usize| format!("{}:{line}", file.display());
    failed(&agent(&good.replacen("state_dir", "state_dri", 1)), &[&at(3), "state_dri"]);
    failed(&agent(&good.replacen("\"snowflake\"", "\"oracle\"", 1)), &[&at(5), "oracle", "\"mcp\" or \"snowflake\""]);
    let clear = agent(&good.replacen("env:UPSTREAM_PASSWORD", "hunter2", 1));
    failed(&clear, &[&at(5), "env:"]);
    assert!(!clear.stderr.contains("hunter2"), "{}", clear.stderr);
    failed(
        &agent(&good.replacen("env:UPSTREAM_PASSWORD", "env:NOT_SET_ANYWHERE", 1)),
        &["NOT_SET_ANYWHERE", "not set"],
    );
    failed(&agent(&good.replacen("\"agent\"", "\"agent-2\"", 1)), &["not enrolled", "hoopctl admin agents add"]);
}

#[test]
fn a_join_token_works_once() {
    let site = Site::start();
    site.login("carol").ok();
    let token = site.join_token();
    assert!(site.enrol(&token).ok().stdout.contains("enrolled as dc1"));
    failed(&site.enrol(&token), &["join token is unknown, used or expired", "hoopctl admin agents add"]);
    failed(&site.enrol("not-a-token"), &["not a join token"]);
    failed(&site.enrol(&token[..token.len() - 2]), &["not a join token"]);
    // The pin of another authority: the gateway is not believed, the token is not shown to it.
    let (secret, pin) = token.rsplit_once('.').unwrap();
    let other = format!("{secret}.{}", "0".repeat(pin.len()));
    failed(&site.enrol(&other), &["hoop-agent:"]);
    let mut unnamed = site.run("carol", &["admin", "agents", "add", "not a name", "--output", "json"]);
    refused(&unnamed, 1, "bad_agent_name", &["letters, digits"]);
    unnamed = site.run("carol", &["admin", "agents", "remove", "dc1", "--output", "json"]);
    refused(&unnamed, 2, "bad_agent_id", &["hoopctl admin agents list"]);
}

#[test]
fn what_is_down_is_named_and_works_again_afterwards() {
    let mut site = Site::with_agent();
    site.login("alice").ok();
    let connect =
        |site: &Site| site.run("alice", &["--output", "json", "connect", "warehouse", "--exec", "--", "true"]);
    connect(&site).ok();

    let stopped = site.stop_agent();
    assert_eq!(stopped.code, Some(0), "{}", stopped.stderr);
    refused(&connect(&site), 7, "agent_down", &["the agent \"dc1\" is not connected", "nothing was run"]);
    assert!(site.run("alice", &["connections"]).ok().stdout.contains("warehouse"));
    site.start_agent();
    connect(&site).ok();

    let stopped = site.stop_gateway();
    assert_eq!(stopped.code, Some(0), "{}", stopped.stderr);
    for arguments in [&["whoami"][..], &["connections"], &["connect", "warehouse"]] {
        let mut all = vec!["--output", "json"];
        all.extend(arguments);
        refused(&site.run("alice", &all), 7, "gateway_unreachable", &[&site.address]);
    }
    site.start_gateway();
    // The login outlives the restart, and the agent comes back by itself.
    assert_eq!(site.run("alice", &["--output", "json", "whoami"]).ok().json()["principal"]["subject"]["sub"], "alice");
    site.agent_connected();
    connect(&site).ok();
}
