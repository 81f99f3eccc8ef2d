//! A sync that fails is final: Linux may have dropped what was to be written, whatever the next sync says.

use std::{fs, path::Path, process::Command};

use hoop_dev::client::snowflake::Client;
use hoop_tests::{Finished, Folder, Program, Upstream, hoopctl, peers, program::PATIENCE, stack::Ready};
use tokio::{runtime::Runtime, task::JoinSet};

use crate::read::Trail;

/// Clients that ask at the moment when it fails.
const CLIENTS: usize = 4;

/// The library that lets the syncs of one program fail.
fn library(dir: &Path) -> std::path::PathBuf {
    let built = dir.join("failing_disk.so");
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]).arg(&built).arg(peers::path("failing_disk.c"));
    Finished::of(cc.arg("-ldl")).ok();
    built
}

fn dev(dir: &Path, upstream: &Upstream) -> Command {
    let mut command = hoopctl();
    command.args(["dev", "--output", "json", "--data-dir"]).arg(dir.join("data"));
    command.args(["--snowflake", upstream.snowflake.url()]);
    command
}

#[test]
fn a_sync_that_fails_ends_the_gateway_and_nothing_runs_unrecorded() {
    let (dir, upstream) = (Folder::new(), Upstream::start());
    let fails = dir.path().join("fails");
    let mut command = dev(dir.path(), &upstream);
    command.env("LD_PRELOAD", library(dir.path()));
    command.env("FAILING_DISK_OF", "/gateway/trail/segment-").env("FAILING_DISK_FROM", &fails);
    let mut stack = Program::start(&mut command);
    let ready: Ready = serde_json::from_value(stack.json_line()).unwrap();
    let mut connect = hoopctl();
    connect.envs(&ready.users["alice"].env).args(["connect", "snowflake", "--output", "json"]);
    let mut listener = Program::start(&mut connect);
    let listening = listener.json_line();
    let (address, secret) = (listening["address"].as_str().unwrap(), listening["secret"].as_str().unwrap());
    let runtime = Runtime::new().unwrap();
    let answered = runtime.block_on(async {
        let mut clients = JoinSet::new();
        for number in 0..CLIENTS {
            let mut client = Client::connect(address.parse().unwrap(), secret).await.unwrap();
            client.query(&format!("SELECT id, 'c{number}before' AS tag FROM products")).await.unwrap();
            clients.spawn(async move {
                // Until it fails; and nobody is answered after that.
                for statement in 0.. {
                    let sql = format!("SELECT id, 'c{number}n{statement}' AS tag FROM products");
                    if client.query(&sql).await.is_err() {
                        return statement;
                    }
                }
                0
            });
        }
        fs::write(&fails, "").unwrap();
        tokio::time::timeout(PATIENCE, clients.join_all()).await.expect("every client hears of it")
    });
    assert!(stack.ends_within(PATIENCE), "the gateway goes on with a disk that failed");
    let ended = stack.finish();
    assert!(ended.code.is_some_and(|code| code != 0), "{:?} {}", ended.code, ended.stderr);

    // As far as it is on disk: what ran is recorded, and what was answered is.
    let trail = ready.data_dir.join("gateway/trail");
    let requested = Trail::read(&trail).requested;
    let executed: Vec<_> =
        upstream.snowflake.statements().into_iter().filter(|one| one.sql.contains("AS tag")).collect();
    assert!(executed.len() >= CLIENTS + answered.iter().sum::<u64>() as usize);
    for one in &executed {
        assert_eq!(requested.get(&one.sql), Some(&1), "executed, not recorded: {}", one.sql);
    }
    // On a disk that works it comes back by itself, and its trail holds.
    let mut again = Program::start(&mut dev(dir.path(), &upstream));
    again.json_line();
    let verified = Finished::of(hoopctl().args(["audit", "verify"]).arg(&trail));
    assert_eq!(verified.code, Some(10), "{}{}", verified.stdout, verified.stderr);
}
