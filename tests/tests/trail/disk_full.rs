use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use hoop_audit::RecordType;
use hoop_dev::client::snowflake::Client;
use hoop_recording::records;
use hoop_tests::{Finished, Folder, Program, Upstream, hoopctl, program, stack::Ready};
use tokio::runtime::Runtime;

use crate::read::Trail;

/// The whole product with the trail on a disk of its own, 4 MiB large, which only it sees: by a mount namespace.
fn on_a_small_disk(dir: &Path, upstream: &Upstream) -> Program {
    let trail = dir.join("data/gateway/trail");
    fs::create_dir_all(&trail).unwrap();
    let script = r#"mount -t tmpfs -o size=4m,mode=700 none "$0" && exec "$@""#;
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]).arg(trail);
    command.arg(program::path("hoopctl")).args(["dev", "--output", "json", "--data-dir"]).arg(dir.join("data"));
    command.args(["--snowflake", upstream.snowflake.url()]);
    Program::start(&mut command)
}

/// What is new is refused before it reaches the upstream, nothing is lost, and once there is room it goes on by itself.
#[test]
fn a_full_disk_stops_what_is_new_and_nothing_else() {
    let (dir, upstream) = (Folder::new(), Upstream::start());
    let mut stack = on_a_small_disk(dir.path(), &upstream);
    let ready: Ready = serde_json::from_value(stack.json_line()).unwrap();
    let seen = |path: &Path| PathBuf::from(format!("/proc/{}/root{}", stack.id(), path.display()));
    let trail = seen(&dir.path().join("data/gateway/trail"));
    let mut connect = hoopctl();
    connect.envs(&ready.users["alice"].env).args(["connect", "snowflake", "--output", "json"]);
    let mut listener = Program::start(&mut connect);
    let listening = listener.json_line();
    let (address, secret) = (listening["address"].as_str().unwrap(), listening["secret"].as_str().unwrap());
    let runtime = Runtime::new().unwrap();
    let mut client = runtime.block_on(Client::connect(address.parse().unwrap(), secret)).unwrap();
    let mut number = 0;
    let mut query = || {
        number += 1;
        let sql = format!("SELECT id, name, 'n{number}' AS tag FROM products");
        (runtime.block_on(client.query(&sql)).map(drop).map_err(|error| error.to_string()), sql)
    };
    query().0.unwrap();

    let filler = trail.join("filler");
    let mut file = fs::File::create(&filler).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
    drop(file);
    let (error, refused) = (0..5000)
        .find_map(|_| match query() {
            (Ok(()), _) => None,
            (Err(error), sql) => Some((error, sql)),
        })
        .expect("the disk is full at last");
    assert!(error.contains("cannot write its trail"), "{error}");
    for _ in 0..3 {
        assert!(query().0.is_err(), "and stays so");
    }
    let executed = || upstream.snowflake.statements();
    let requested = Trail::read(&trail).requested;
    for one in executed().iter().filter(|one| one.sql.contains("AS tag")) {
        assert_eq!(requested.get(&one.sql), Some(&1), "executed, not recorded: {}", one.sql);
    }
    let reached = executed().iter().any(|one| one.sql == refused);
    assert_eq!(reached, requested.contains_key(&refused), "what has no record did not run");

    fs::remove_file(&filler).unwrap();
    query().0.unwrap();
    let incident = incident(&trail);
    assert_eq!((&*incident["control"], &*incident["of"]), ("audit", "disk"));
    let at = |name: &str| incident[name].parse::<hoop_model::Timestamp>().unwrap();
    assert!(at("since") < at("until"), "with its real beginning: {incident:?}");
    let verified = Finished::of(hoopctl().args(["audit", "verify"]).arg(&trail));
    assert_eq!(verified.code, Some(10), "{}{}", verified.stdout, verified.stderr);
    stack.terminate();
}

/// The end of the incident that could be told of only once there was room.
fn incident(trail: &Path) -> BTreeMap<String, String> {
    let deadline = Instant::now() + program::PATIENCE;
    while Instant::now() < deadline {
        let mut told = BTreeMap::new();
        let keep = |record: hoop_audit::Record, _: &[u8]| {
            if record.draft.kind == RecordType::Incident {
                told.insert(record.draft.detail["event"].clone(), record.draft.detail);
            }
        };
        records(trail, keep).unwrap();
        if told.contains_key("began")
            && let Some(ended) = told.remove("ended")
        {
            return ended;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("no incident was told of");
}
