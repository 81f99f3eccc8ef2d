//! A program that crashes leaves no core file: clear card numbers pass through its memory.

use std::{
    os::unix::process::{CommandExt, ExitStatusExt},
    process::Command,
    time::{Duration, Instant},
};

use hoop_tests::{Folder, Site, program::signal};

/// Whether a crash of this command left a core file, or went to a crash reporter with one, once `ready`.
fn dumps(mut command: Command, dir: &Folder, ready: impl Fn() -> bool) -> bool {
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -c unlimited && exec \"$0\" \"$@\""]).arg(command.get_program()).args(command.get_args());
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir(dir.path());
    command = shell;
    let mut child = command.process_group(0).stdout(std::process::Stdio::null()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while !ready() {
        assert!(Instant::now() < deadline, "it never began");
        std::thread::sleep(Duration::from_millis(20));
    }
    signal(child.id(), "ABRT");
    let ended = child.wait().unwrap();
    assert_eq!(ended.signal(), Some(6));
    ended.core_dumped()
}

#[test]
fn a_crash_of_gateway_and_agent_leaves_no_core_file() {
    let mut site = Site::with_agent();
    let dir = Folder::new();
    let began = dir.path().join("began");
    let control = format!("touch {} && exec sleep 60", began.display());
    let mut sleep = Command::new("sh");
    sleep.args(["-c", &control]);
    if !dumps(sleep, &dir, || began.exists()) {
        eprintln!("this system keeps no core files of anything; nothing to tell apart");
    }
    site.stop_agent().ok();
    let connected = |site: &Site, expected: bool| {
        let agents = site.run("carol", &["admin", "agents", "list", "--output", "json"]);
        agents.code == Some(0) && agents.json().pointer("/agents/0/connected") == Some(&expected.into())
    };
    site.wait_for("the agent to be gone", |site| connected(site, false));
    assert!(!dumps(site.agent("run"), &dir, || connected(&site, true)), "the agent left one");
    site.stop_gateway();
    assert!(
        !dumps(site.gateway_command(), &dir, || site.run("carol", &["connections"]).code == Some(0)),
        "the gateway left one"
    );
}
