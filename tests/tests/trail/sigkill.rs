//! SIGKILL under load: what ran at the upstream is in the trail, whatever the moment.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use hoop_dev::{client::snowflake::Client, snowflake::Handle};
use hoop_tests::{Finished, Listener, Site, Stack, Upstream, hoopctl};
use tokio::{runtime::Runtime, sync::Notify, task::JoinSet};

use crate::read::Trail;

const WRITERS: usize = 6;

/// Sends statements nobody else sends until the gateway is gone.
async fn write(address: SocketAddr, secret: String, writer: usize, answered: Arc<AtomicUsize>, enough: Arc<Notify>) {
    let Ok(mut client) = Client::connect(address, &secret).await else { return };
    for number in 0_u32.. {
        let sql = format!("SELECT id, name, 'w{writer}n{number}' AS tag FROM products WHERE id < {}", number % 8);
        if client.query(&sql).await.is_err() {
            return;
        }
        answered.fetch_add(1, Ordering::Relaxed);
        enough.notify_one();
    }
}

/// Loads a listener until `answers` came back, then kills while the rest of the load goes on.
fn load(runtime: &Runtime, listener: &Listener, answers: usize, kill: impl FnOnce()) {
    let (address, secret): (SocketAddr, _) = (listener.address().parse().unwrap(), listener.secret().to_owned());
    let (answered, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    runtime.block_on(async {
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            writers.spawn(write(address, secret.clone(), writer, Arc::clone(&answered), Arc::clone(&enough)));
        }
        let reached = async {
            while answered.load(Ordering::Relaxed) < answers {
                tokio::select! {
                    () = enough.notified() => {}
                    ended = writers.join_next() => panic!("a writer ended before the kill: {ended:?}"),
                }
            }
        };
        tokio::time::timeout(hoop_tests::program::PATIENCE, reached).await.expect("answers come");
        // The rest of the load goes on meanwhile, on the runtime's other threads.
        kill();
        writers.shutdown().await;
    });
}

/// Every executed statement has one request record, nothing ran twice, and the trail verifies.
fn compare(upstream: &Handle, trail: &Path, answers: usize) {
    let requested = Trail::read(trail).requested;
    let executed: Vec<_> = upstream.statements().into_iter().filter(|one| one.sql.contains("AS tag")).collect();
    assert!(executed.len() >= answers, "{} executed, {answers} answered", executed.len());
    for one in &executed {
        assert_eq!(requested.get(&one.sql), Some(&1), "executed, but recorded otherwise: {}", one.sql);
    }
    for (request, times) in upstream.executions_by_request() {
        assert_eq!(times, 1, "request {request}");
    }
    let verified = Finished::of(hoopctl().args(["audit", "verify"]).arg(trail));
    assert!(matches!(verified.code, Some(0 | 10)), "{}{}", verified.stdout, verified.stderr);
}

/// One round against gateway and agent in one process.
fn round(answers: usize) {
    let upstream = Upstream::start();
    let mut stack = Stack::with(&["--snowflake", upstream.snowflake.url()]);
    let listener = Listener::open(&stack, "alice", "snowflake");
    load(&upstream.runtime, &listener, answers, || stack.program.kill());
    compare(&upstream.snowflake, &stack.ready.data_dir.join("gateway/trail"), answers);
}

/// The gateway alone dies; the agent beside it lives on.
#[test]
fn the_gateway_is_killed_apart() {
    let mut site = Site::with_agent();
    site.login("alice").ok();
    let listener = Listener::start(&mut site.hoopctl("alice"), "warehouse");
    load(&Runtime::new().unwrap(), &listener, 60, || site.kill_gateway());
    compare(site.snowflake(), &site.trail(), 60);
}

/// The agent alone dies; what it had sent on is in the gateway's trail.
#[test]
fn the_agent_is_killed_apart() {
    let mut site = Site::with_agent();
    site.login("alice").ok();
    let listener = Listener::start(&mut site.hoopctl("alice"), "warehouse");
    load(&Runtime::new().unwrap(), &listener, 60, || site.kill_agent());
    compare(site.snowflake(), &site.trail(), 60);
}

#[test]
fn killed_at_the_first_answers() {
    round(1);
}

#[test]
fn killed_in_the_middle() {
    round(60);
}

#[test]
fn killed_after_a_while() {
    round(400);
}

/// After the kill the same folder serves again, and its trail verifies from the first record on.
#[test]
fn the_trail_goes_on_after_a_kill() {
    let mut stack = Stack::start();
    let listener = Listener::open(&stack, "alice", "snowflake");
    let (address, secret): (SocketAddr, _) = (listener.address().parse().unwrap(), listener.secret().to_owned());
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let mut client = Client::connect(address, &secret).await.unwrap();
        client.query("SELECT id FROM products WHERE id = 1").await.unwrap();
    });
    stack.program.kill();
    drop(listener);

    let Stack { dir, .. } = stack;
    let again = Stack::within(dir, &[]);
    let listener = Listener::open(&again, "alice", "snowflake");
    let (address, secret): (SocketAddr, _) = (listener.address().parse().unwrap(), listener.secret().to_owned());
    runtime.block_on(async {
        let mut client = Client::connect(address, &secret).await.unwrap();
        client.query("SELECT id FROM products WHERE id = 2").await.unwrap();
    });
    let trail = again.ready.data_dir.join("gateway/trail");
    let requested = Trail::read(&trail).requested;
    for id in [1, 2] {
        assert_eq!(requested.get(&format!("SELECT id FROM products WHERE id = {id}")), Some(&1), "{requested:?}");
    }
    let verified = Finished::of(hoopctl().args(["audit", "verify"]).arg(&trail));
    assert!(matches!(verified.code, Some(0 | 10)), "{}{}", verified.stdout, verified.stderr);
}
