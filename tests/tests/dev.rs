//! `hoopctl dev` for scripts: the line it prints, and that each user's environment is logged in.

use hoop_tests::{Listener, Program, Stack, program::signal};

#[test]
fn dev_prints_one_line_and_everybody_is_logged_in() {
    let stack = Stack::start();
    assert_eq!((stack.ready.kind.as_str(), stack.ready.version), ("dev", 1));
    let connections: Vec<_> =
        stack.ready.connections.iter().map(|one| (one.name.as_str(), one.kind.as_str())).collect();
    assert_eq!(connections, [("snowflake", "snowflake"), ("mcp", "mcp")]);
    for (user, group) in [("alice", "engineers"), ("bob", "approvers"), ("carol", "admins")] {
        let whoami = stack.run(user, &["whoami", "--output", "json"]).ok().json();
        assert_eq!(whoami["principal"]["subject"]["sub"], user);
        assert_eq!(whoami["principal"]["groups"], serde_json::json!([group]));
        assert_eq!(whoami["principal"]["subject"]["issuer"], stack.ready.issuer);
    }
}

#[test]
fn connect_prints_one_line_with_settings() {
    let stack = Stack::start();
    let listener = Listener::open(&stack, "alice", "snowflake");
    let ready = &listener.ready;
    assert_eq!((&ready["kind"], &ready["version"]), (&"connect".into(), &1.into()));
    assert_eq!((&ready["name"], &ready["type"]), (&"snowflake".into(), &"snowflake".into()));
    let python = &ready["settings"]["python"];
    assert_eq!(python["password"], listener.secret());
    assert_eq!(format!("{}:{}", python["host"].as_str().unwrap(), python["port"]), listener.address());
    assert!(listener.secret().len() >= 43, "256 bits as base64url");
}

#[test]
fn sigterm_ends_a_stack_in_order() {
    let stack = Stack::start();
    stack.program.terminate();
    let Stack { program, dir, .. } = stack;
    let finished = program.finish();
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let trail = dir.path().join("data/gateway/trail");
    let verified = hoop_tests::Finished::of(hoop_tests::hoopctl().args(["audit", "verify"]).arg(trail));
    assert_eq!(verified.code, Some(10), "{}{}", verified.stdout, verified.stderr);
}

/// `--exec` gives the command its settings and returns its exit code.
#[test]
fn exec_runs_a_command_with_the_settings() {
    let stack = Stack::start();
    let script = "test -n \"$SNOWFLAKE_PASSWORD\" && test \"$SNOWFLAKE_HOST\" = 127.0.0.1 && exit 42";
    let done = stack.run("alice", &["connect", "snowflake", "--exec", "--", "sh", "-c", script]);
    assert_eq!(done.code, Some(42), "{}", done.stderr);
}

/// A command that says how it was ended, and is not hurt by Ctrl-C.
const PATIENT: &str = "trap '' INT; trap 'echo told; exit 9' TERM; echo ready; while :; do sleep 0.02; done";

fn exec(stack: &Stack, output: &str) -> Program {
    let arguments = ["--output", output, "connect", "snowflake", "--exec", "--", "sh", "-c", PATIENT];
    let mut program = Program::start(stack.hoopctl("alice").args(arguments));
    assert_eq!(program.line(), "ready");
    program
}

/// The command gets its own Ctrl-C from the terminal; what ends the job ends the command.
#[test]
fn exec_passes_on_the_signal_that_ends_the_job() {
    let stack = Stack::start();
    let program = exec(&stack, "human");
    signal(program.id(), "INT");
    program.terminate();
    let finished = program.finish();
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(9), "told"), "{}", finished.stderr);
}

/// A command is not left behind without its session, and the reason is the gateway's own.
#[test]
fn exec_ends_the_command_when_the_session_ends() {
    let stack = Stack::start();
    let killed = exec(&stack, "json");
    let sessions = stack.run("alice", &["sessions", "--output", "json"]).ok().json();
    let session = sessions["sessions"][0]["id"].as_str().unwrap().to_owned();
    stack.run("carol", &["sessions", "kill", &session]).ok();
    let finished = killed.finish();
    assert_eq!(finished.code, Some(3), "{}", finished.stderr);
    assert!(finished.stdout.starts_with("told\n") && finished.stdout.contains("session_ended"), "{}", finished.stdout);

    let revoked = exec(&stack, "json");
    stack.run("alice", &["logout"]).ok();
    let finished = revoked.finish();
    assert_eq!(finished.code, Some(4), "{}", finished.stderr);
    assert!(finished.stdout.starts_with("told\n"), "{}", finished.stdout);
    assert!(finished.stderr.contains("ended the login") && finished.stderr.contains("revoked"), "{}", finished.stderr);
}

#[test]
fn ctrl_c_is_an_interruption_and_sigterm_an_end() {
    let stack = Stack::start();
    for (name, code) in [("INT", 130), ("TERM", 0)] {
        let listener = Listener::open(&stack, "alice", "snowflake");
        signal(listener.program.id(), name);
        let finished = listener.program.finish();
        assert_eq!(finished.code, Some(code), "{name}: {}", finished.stderr);

        let mut stdio = Program::start(stack.hoopctl("alice").args(["mcp", "connect", "mcp"]));
        stdio.write_line(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#);
        stdio.line();
        signal(stdio.id(), name);
        let finished = stdio.finish();
        assert_eq!(finished.code, Some(code), "{name}: {}", finished.stderr);
    }
}

/// The trail comes through the gateway and is verified here; the second time against what was seen the first.
#[test]
fn an_auditor_verifies_the_trail_from_afar() {
    let stack = Stack::start();
    let first = stack.run("carol", &["audit", "verify", "--output", "json"]);
    assert_eq!(first.code, Some(10), "{}{}", first.stdout, first.stderr);
    assert!(first.json()["report"]["records"].as_u64().unwrap() > 3);
    assert_eq!(stack.run("carol", &["audit", "verify"]).code, Some(0));
    let out = stack.dir.path().join("export");
    stack.run("carol", &["audit", "export", "--out", out.to_str().unwrap()]).ok();
    assert_eq!(stack.run("carol", &["audit", "verify", out.to_str().unwrap()]).code, Some(10));
    assert_eq!(stack.run("alice", &["audit", "verify"]).code, Some(3), "an engineer is no auditor");
}
