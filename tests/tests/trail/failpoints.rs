//! SIGKILL at every numbered place of the write-ahead path: what ran is recorded, what was delivered is recorded, the
//! gateway is back at once, and its trail verifies.

use std::{
    net::SocketAddr,
    path::Path,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use hoop_dev::client::Connection;
use hoop_recording::Failpoint;
use hoop_tests::{Finished, Folder, Program, Upstream, hoopctl, raw::unique, stack::Ready};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::read::Trail;

/// Clients at once.
const CLIENTS: usize = 3;
/// How long they ask where something else ends it, and how long at most.
const SHORT: Duration = Duration::from_millis(500);
const LONG: Duration = Duration::from_secs(20);
/// How long a client waits for what is going to be held.
const HELD: Duration = Duration::from_millis(300);
/// How soon a killed gateway serves again.
const BACK: Duration = Duration::from_secs(5);

/// What the clients got.
#[derive(Default)]
struct Got {
    bodies: Mutex<Vec<Vec<u8>>>,
}

/// Reads, and now and then what alice needs approval for and bob may not, until the gateway is gone.
/// `seed` says where in their turn they begin.
async fn ask(address: SocketAddr, secret: String, client: usize, seed: usize, got: Arc<Got>) -> Option<()> {
    let mut connection = Connection::open(address).await.ok()?;
    let headers = [("accept", "application/snowflake")];
    let data = json!({ "CLIENT_APP_ID": "Go", "CLIENT_APP_VERSION": "1.17.0", "PASSWORD": secret });
    let login = json!({ "data": data }).to_string();
    let path = "/session/v1/login-request?requestId=l";
    let answer = connection.send("POST", path, &headers, login.into()).await.ok()?;
    got.bodies.lock().unwrap().push(answer.body.to_vec());
    let answer: Value = serde_json::from_slice(&answer.body).ok()?;
    let authorization = format!("Snowflake Token=\"{}\"", answer["data"]["token"].as_str()?);
    let headers = [("accept", "application/snowflake"), ("authorization", authorization.as_str())];
    for number in seed % 8.. {
        let sql = match number % 8 {
            3 => format!("DELETE FROM payments WHERE id = {client}{number}"),
            _ => format!("SELECT id, name, 'c{client}n{number}' AS tag FROM products WHERE id < {}", number % 8),
        };
        let body = json!({ "sqlText": sql, "sequenceId": 1 }).to_string();
        let path = format!("/queries/v1/query-request?requestId={}", unique());
        // What is held answers after a while; that is not waited for.
        let patience = if sql.starts_with("DELETE") { HELD } else { LONG };
        let asked = connection.send("POST", &path, &headers, body.into());
        match tokio::time::timeout(patience, asked).await {
            Ok(answer) => got.bodies.lock().unwrap().push(answer.ok()?.body.to_vec()),
            Err(_) => connection = Connection::open(address).await.ok()?,
        }
    }
    None
}

fn dev(dir: &Path, upstream: &Upstream) -> Command {
    let mut command = hoopctl();
    command.args(["dev", "--output", "json", "--data-dir"]).arg(dir.join("data"));
    command.args(["--snowflake", upstream.snowflake.url()]);
    command
}

/// One life that ends at `point`, the `times`th time it is reached, and the next one.
fn round(point: Failpoint, times: usize, seed: usize) {
    let at = format!("{point:?}:{times}");
    let name = format!("{at}, seed {seed}");
    let upstream = Upstream::start();
    let dir = Folder::new();
    let got = Arc::new(Got::default());
    if matches!(point, Failpoint::Recovered | Failpoint::Started) {
        // There has to be something to come back to.
        live(&mut dev(dir.path(), &upstream), "alice", &got, SHORT, seed, &name).kill();
    }
    let asking = if point == Failpoint::SessionEndRecorded { SHORT } else { LONG };
    let user = if point == Failpoint::DenialRecorded { "bob" } else { "alice" };
    let mut killed = live(dev(dir.path(), &upstream).env("HOOP_DEV_KILL_AT", &at), user, &got, asking, seed, &name);
    assert!(killed.ends_within(LONG), "{name} was not reached");

    let began = Instant::now();
    let mut again = Program::start(&mut dev(dir.path(), &upstream));
    let ready: Ready = serde_json::from_value(again.json_line()).unwrap();
    assert!(began.elapsed() < BACK, "{name}: back after {:?}", began.elapsed());
    let trail = Trail::read(&ready.data_dir.join("gateway/trail"));
    let executed: Vec<_> =
        upstream.snowflake.statements().into_iter().filter(|one| one.sql.contains("AS tag")).collect();
    for one in &executed {
        assert_eq!(trail.requested.get(&one.sql), Some(&1), "{name}: executed, but recorded otherwise: {}", one.sql);
    }
    for (request, times) in upstream.snowflake.executions_by_request() {
        assert_eq!(times, 1, "{name}: request {request}");
    }
    for body in got.bodies.lock().unwrap().iter() {
        // What the gateway itself says, such as a refusal, is no answer of the upstream's.
        let ours = !String::from_utf8_lossy(body).contains("rowset\":[[");
        assert!(ours || trail.delivered.contains(body), "{name}: delivered, not recorded: {}", body.escape_ascii());
    }
    let folder = ready.data_dir.join("gateway/trail");
    let verified = Finished::of(hoopctl().args(["--output", "json", "audit", "verify"]).arg(&folder));
    assert_eq!(verified.code, Some(10), "{name}: {}{}", verified.stdout, verified.stderr);
    let report = &verified.json()["report"];
    assert_eq!(report["open_exchanges"], 0, "{name}: what the crash left open was ended: {report}");
}

/// Runs `hoopctl dev` with clients, so long or until it is gone, and ends their session.
fn live(command: &mut Command, user: &str, got: &Arc<Got>, asking: Duration, seed: usize, name: &str) -> Program {
    let mut program = Program::start(command);
    // It may come to its end before it is ready.
    let Some(ready) = program.json_line_or_end() else { return program };
    let ready: Ready = serde_json::from_value(ready).unwrap();
    let mut connect = hoopctl();
    connect.envs(&ready.users[user].env).args(["connect", "snowflake", "--output", "json"]);
    let mut listener = Program::start(&mut connect);
    // One that is killed while the session begins is not waited for: the client misses it only after the idle time.
    let listening = listener.json_line_unless_ended(&mut program).filter(|line| line["kind"] == "connect");
    let Some(listening) = listening else { return program };
    let address: SocketAddr = listening["address"].as_str().unwrap().parse().unwrap();
    let secret = listening["secret"].as_str().unwrap().to_owned();
    // A gateway that is gone is not missed at once, so it is the program's end that is waited for.
    let runtime = Runtime::new().unwrap();
    for client in 0..CLIENTS {
        runtime.spawn(ask(address, secret.clone(), client, seed, got.clone()));
    }
    let gone = program.ends_within(asking);
    assert!(gone || asking == SHORT, "{name} was not reached");
    if !gone {
        listener.terminate();
        assert!(listener.ends_within(LONG), "{name}: the listener does not end");
    }
    runtime.shutdown_background();
    program
}

/// Every place, so many times: at another moment each, where a life has as many, and in another order of commands.
fn everywhere(seeds: usize) {
    let rounds: Vec<(Failpoint, usize, usize)> = Failpoint::ALL
        .iter()
        .flat_map(|point| {
            (0..seeds).map(move |seed| {
                let times = match point {
                    Failpoint::Recovered | Failpoint::Started => 1,
                    Failpoint::SessionRecorded | Failpoint::SessionEndRecorded => 1,
                    Failpoint::RoomMade => 1 + seed % 6,
                    Failpoint::CheckpointPut | Failpoint::SegmentCreated | Failpoint::SegmentSealed => 1 + seed % 2,
                    Failpoint::DenialRecorded | Failpoint::HoldRecorded => 1 + seed % 4,
                    _ => 1 + seed,
                };
                (*point, times, seed)
            })
        })
        .collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((point, times, seed)) = rounds.get(next.fetch_add(1, Ordering::Relaxed)) {
                    round(*point, *times, *seed);
                }
            });
        }
    });
}

#[test]
fn killed_at_every_failpoint() {
    assert!(Failpoint::ALL.len() >= 20);
    everywhere(1);
}

/// The long form: `cargo test --profile checked --workspace --test trail -- --ignored`.
#[test]
#[ignore = "a quarter of an hour"]
fn killed_at_every_failpoint_at_fifty_moments() {
    everywhere(50);
}
