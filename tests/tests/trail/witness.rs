//! A gateway with witnesses: what they cosigned finds a trail that was cut back or made anew, for whoever never saw it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use hoop_audit::{Checkpoint, Note, RecordType};
use hoop_dev::{client::snowflake, stack::StackOptions};
use hoop_tests::{Finished, Program, Witness, hoopctl, peers, program::PATIENCE, program::path};
use hoopctl::connect::Open;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::archive::live::Live;

/// A gateway as it is run, to which nobody comes: it records its starts, stops and heartbeats.
pub(crate) struct Alone {
    pub dir: TempDir,
    pub more: String,
    pub runtime: Runtime,
}

impl Alone {
    pub(crate) fn new() -> Self {
        Self { dir: TempDir::new().unwrap(), more: String::new(), runtime: Runtime::new().unwrap() }
    }

    pub(crate) fn witness(&mut self, name: &str, seed: u8, more: &str) -> Witness {
        let witness = self.runtime.block_on(Witness::start(name, seed));
        self.more += &witness.settings(more);
        witness
    }

    /// Runs it, with settings that are written now.
    pub(crate) fn command(&self) -> Command {
        let settings = format!(
            r#"data_dir = "{dir}/data"
[listen]
quic = "127.0.0.1:0"
names = ["gateway.test"]
[identity.oidc]
issuer = "https://idp.test"
client_id = "hoopctl"
[policy]
file = "none.cedar"
[review]
calm_seconds = 1
{more}"#,
            dir = self.dir.path().display(),
            more = self.more
        );
        let config = self.dir.path().join("gateway.toml");
        fs::write(&config, settings).unwrap();
        fs::write(self.dir.path().join("none.cedar"), "").unwrap();
        let mut command = Command::new(path("hoop-gateway"));
        command.args(["run", "--config"]).arg(config);
        command
    }

    pub(crate) fn start(&self) -> Program {
        let mut program = Program::start(&mut self.command());
        program.json_line();
        program
    }

    /// From its start to its end, the last head included.
    pub(crate) fn run(&self) {
        let program = self.start();
        program.terminate();
        program.finish().ok();
    }

    pub(crate) fn trail(&self) -> PathBuf {
        self.dir.path().join("data/trail")
    }

    pub(crate) fn verify(&self, more: &[&str]) -> Finished {
        verify(&self.trail(), more)
    }

    /// A copy of the trail and of what lies beside it.
    pub(crate) fn copy(&self, name: &str) -> PathBuf {
        let to = self.dir.path().join(name);
        copy(&self.trail(), &to);
        to
    }

    pub(crate) fn incidents(&self, control: &str) -> usize {
        let mut count = 0;
        hoop_recording::records(&self.trail(), |record, _| {
            let of = record.draft.detail.get("control").is_some_and(|of| of == control);
            count += usize::from(record.draft.kind == RecordType::Incident && of);
        })
        .unwrap();
        count
    }
}

pub(crate) fn verify(dir: &Path, more: &[&str]) -> Finished {
    Finished::of(hoopctl().args(["--output", "json", "audit", "verify"]).arg(dir).args(more))
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &there) } else { assert!(fs::copy(&path, there).is_ok()) }
    }
}

#[track_caller]
pub(crate) fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

pub(crate) fn kind(finished: &Finished) -> String {
    finished.json()["report"]["findings"][0]["kind"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_trail_that_was_cut_back_is_found_by_who_never_saw_it() {
    let mut alone = Alone::new();
    let one = alone.witness("witness.example/w1", 1, "");
    let two = alone.witness("witness.example/w2", 2, "");
    alone.run();
    let early = alone.copy("early");
    let (first, before) = (one.size(), one.head().unwrap());
    assert!(first > 0 && one.statuses().iter().all(|status| *status == 200), "{:?}", one.statuses());
    alone.run();
    assert!(one.size() > first && two.size() == one.size());

    let keys = [one.key(), two.key()];
    let both = ["--witness", &keys[0], "--witness", &keys[1]];
    let whole = alone.verify(&both);
    assert_eq!(whole.code, Some(0), "{}{}", whole.stdout, whole.stderr);
    let report = &whole.json()["report"];
    assert_eq!((&report["records"], report["anchors"].as_array().unwrap().len()), (&one.size().into(), 2), "{report}");

    // What lies beside the trail was cut back too; what the witness has itself was not.
    let newest = alone.dir.path().join("newest");
    fs::write(&newest, one.head().unwrap()).unwrap();
    let head = ["--head", newest.to_str().unwrap()];
    let cut = verify(&early, &[&both[..], &head].concat());
    assert_eq!((cut.code, kind(&cut).as_str()), (Some(9), "rolled_back"), "{}", cut.stdout);
    // By itself it is older than it may be.
    assert_eq!(verify(&early, &both).code, Some(0));
    let late = verify(&early, &[&both[..], &["--since", "2999-01-01"]].concat());
    assert_eq!(late.code, Some(10), "{}", late.stdout);
    assert!(late.json()["report"]["notes"][0].as_str().unwrap().contains("0 of 2"), "{}", late.stdout);
    assert_eq!(verify(&early, &[&both[..], &["--since", "2000-01-01"]].concat()).code, Some(0));
    // An old head of the whole trail holds.
    fs::write(&newest, before).unwrap();
    assert_eq!(alone.verify(&["--head", newest.to_str().unwrap(), "--witness", &keys[0]]).code, Some(0));

    // Others' words count for nothing, and too few neither.
    let stranger = alone.witness("witness.example/w3", 3, "");
    let stranger = stranger.key();
    assert_eq!(alone.verify(&["--witness", &stranger]).code, Some(10));
    assert_eq!(alone.verify(&["--witness", &keys[0], "--witness", &stranger]).code, Some(10));
    assert_eq!(alone.verify(&["--witness", &keys[0], "--witness", &stranger, "--quorum", "1"]).code, Some(0));
    assert_eq!(alone.verify(&["--witness", &keys[0], "--quorum", "2"]).code, Some(2));
    assert_eq!(alone.verify(&[]).code, Some(10), "without a witness's key nothing is anybody's word");

    // What is kept, edited anywhere: it counts no more.
    let kept = alone.copy("edited");
    let files = fs::read_dir(kept.join("witness")).unwrap().map(|entry| entry.unwrap().path());
    let file = files.into_iter().find(|path| path.to_string_lossy().contains("_w1-")).unwrap();
    let good = fs::read(&file).unwrap();
    for at in (0..good.len()).step_by(7) {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        fs::write(&file, bytes).unwrap();
        let edited = verify(&kept, &["--witness", &keys[0]]);
        assert_eq!(edited.code, Some(10), "byte {at}: {}", edited.stdout);
    }
}

/// The gateway itself goes on over a trail that somebody put in the place of its own, and says so.
#[test]
fn a_gateway_whose_trail_was_cut_back_or_made_anew_says_so_and_is_not_cosigned() {
    let mut alone = Alone::new();
    let witness = alone.witness("witness.example/w1", 1, "");
    alone.run();
    let early = alone.copy("early");
    alone.run();
    let (size, key) = (witness.size(), witness.key());
    // Shorter than what was cosigned: found without asking, since it lies beside the trail.
    for file in files(&alone.trail()) {
        fs::remove_file(file).unwrap();
    }
    for file in files(&early) {
        fs::copy(&file, alone.trail().join(file.file_name().unwrap())).unwrap();
    }
    let cut = alone.verify(&["--witness", &key]);
    assert_eq!((cut.code, kind(&cut).as_str()), (Some(9), "rolled_back"), "{}", cut.stdout);
    let program = alone.start();
    until("the incident", || alone.incidents("witness") > 0);
    program.terminate();
    program.finish().ok();

    // As long as it was, with other records: the witness refuses it.
    while hoop_recording::newest_checkpoint(&alone.trail(), u64::MAX).is_ok_and(|note| records(&note.unwrap()) <= size)
    {
        alone.run();
    }
    alone.run();
    assert_eq!(witness.size(), size, "nothing of it was cosigned");
    assert_eq!(witness.statuses().last(), Some(&422), "{:?}", witness.statuses());
    let forked = alone.verify(&["--witness", &key]);
    assert_eq!((forked.code, kind(&forked).as_str()), (Some(9), "other_head"), "{}", forked.stdout);
}

/// Of the trail itself, without what lies in folders beside it.
fn files(dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect()
}

fn records(note: &str) -> u64 {
    Checkpoint::read(&Note::parse(note).unwrap()).unwrap().size
}

#[test]
fn what_was_lost_here_the_witness_says_again() {
    let mut alone = Alone::new();
    let witness = alone.witness("witness.example/w1", 1, "");
    alone.run();
    fs::remove_dir_all(alone.trail().join("witness")).unwrap();
    alone.run();
    assert!(witness.statuses().contains(&409) && witness.statuses().last() == Some(&200), "{:?}", witness.statuses());
    assert_eq!(alone.verify(&["--witness", &witness.key()]).code, Some(0));

    // One that does not know the log, or the key that signs it now, is a failure that goes on being tried.
    let other = |name| hoop_audit::SigningKey::from_seed(name, &[9; 32]).unwrap().verifying().clone();
    witness.know(vec![other("another-log")]);
    alone.run();
    assert_eq!(witness.statuses().last(), Some(&404));
    let origin = witness.head().unwrap().lines().next().unwrap().to_owned();
    witness.know(vec![other(&origin)]);
    alone.run();
    assert_eq!(witness.statuses().last(), Some(&403));
    witness.know(Vec::new());
    alone.run();
    assert_eq!(witness.statuses().last(), Some(&200));
}

/// The log's own signature and the records are checked by Go's code too, with the witness's line under it.
#[test]
fn another_program_reads_a_cosigned_head() {
    let mut alone = Alone::new();
    let witness = alone.witness("witness.example/w1", 1, "");
    alone.run();
    let export = alone.dir.path().join("export");
    let mut tiles = hoop_audit::tiles::Tiles::default();
    hoop_recording::records(&alone.trail(), |_, bytes| tiles.push(bytes)).unwrap();
    for file in tiles.finish() {
        let path = export.join(file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file.bytes).unwrap();
    }
    fs::write(export.join("checkpoint"), witness.head().unwrap()).unwrap();
    let verified = alone.verify(&[]).json();
    let key = verified["report"]["keys"][0].as_str().unwrap();
    let by_go = Finished::of(Command::new(peers::path("tlog/verify")).arg(&export).arg(key)).ok();
    assert_eq!(by_go.stdout.trim(), witness.size().to_string());
}

/// What `required` asks for, and that the export and the gateway's own answer bring what was cosigned.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_required_and_away_refuses_new_sessions_until_it_is_back() {
    let witness = Witness::start("witness.example/w1", 1).await;
    let settings = format!("[review]\ncalm_seconds = 1\n{}", witness.settings("patience_seconds = 0\nrequired = true"));
    let live = Live::with(StackOptions { settings, ..StackOptions::default() }).await;
    let ((alice, _), (carol, _)) = (live.log_in("alice").await, live.log_in("carol").await);
    let open = live.open(&alice, "snowflake").await;
    let mut client = snowflake::Client::connect(open.address, open.secret.expose()).await.unwrap();
    let status = async || carol.get::<Value>("/v1/status").await.unwrap()["witnesses"][0].clone();
    let is = async |condition: &str| {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let status = status().await;
            if status["condition"] == condition && status["records"].as_u64() > Some(0) {
                return status;
            }
            assert!(Instant::now() < deadline, "{condition}: {status}");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    is("up").await;
    witness.goes_away(true);
    client.query("SELECT id, name FROM products").await.unwrap();
    let away = is("retrying").await;
    assert!(away["problem"].as_str().unwrap().contains("503"), "{away}");
    let listen = || "127.0.0.1:0".parse().unwrap();
    let refused = Open::new(&alice, "snowflake", listen(), None).await.err().unwrap();
    assert_eq!(refused.code, "witness_behind", "{}", refused.text);
    client.query("SELECT id, name FROM products").await.unwrap();
    witness.goes_away(false);
    is("up").await;
    Open::new(&alice, "snowflake", listen(), None).await.unwrap();

    let heads: Value = carol.get("/v1/trail/cosigned").await.unwrap();
    let note = heads["cosigned"][0]["note"].as_str().unwrap();
    assert!(note.contains("witness.example/w1") && records(note) <= witness.size(), "{heads}");
    let refused = alice.get::<Value>("/v1/trail/cosigned").await.err().unwrap();
    assert_eq!(refused.code, "not_permitted");
}
