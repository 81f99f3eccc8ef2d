//! Recordings as they age: sealed from the first, held by an admin, gone once their time is over.

use std::{fs, path::Path, sync::Arc, time::Duration};

use hoop_audit::{Draft, RecordType};
use hoop_dev::client::snowflake::Client;
use hoop_model::{Clock, ExchangeId, ManualClock, SessionId, SystemClock, earlier};
use hoop_recording::{Entry, Masked, Recorder, Seeds};
use hoop_tests::{Finished, Listener, Site, hoopctl};
use serde_json::Value;
use tokio::runtime::Runtime;

const ROWS: &str = "what was delivered long ago";
/// Older than the 400 days that recordings are kept.
const AGE: Duration = Duration::from_secs(500 * 24 * 3600);

/// The trail of a gateway that ran in its day: on each connection a session with one answer, in a segment of its own.
/// Their ids.
pub(crate) fn old_trail(site: &Site) -> [SessionId; 2] {
    fs::remove_dir_all(site.trail()).unwrap();
    let seed = fs::read(site.path("gateway/trail.key")).unwrap().try_into().unwrap();
    let clock = Arc::new(ManualClock::new(earlier(SystemClock.now(), AGE)));
    let recorder = Recorder::open(&site.trail(), Seeds::new(vec![seed]), clock).unwrap();
    let session = async |connection: &str| {
        let (id, exchange) = (SessionId::new(), ExchangeId::new());
        let draft = |kind, exchange| {
            let mut draft = Draft::new(kind);
            draft.connection = Some(connection.parse().unwrap());
            draft.session_id = Some(id);
            draft.exchange_id = exchange;
            draft
        };
        let answer = recorder.attach(&Masked::constant(ROWS).to_text().into_bytes()).unwrap();
        let entries = vec![
            draft(RecordType::SessionStart, None).into(),
            draft(RecordType::Request, Some(exchange)).into(),
            Entry::new(draft(RecordType::ResponseChunk, Some(exchange)), Some(answer)),
            draft(RecordType::End, Some(exchange)).into(),
            draft(RecordType::SessionEnd, None).into(),
        ];
        recorder.append_all(entries).await.unwrap();
        recorder.seal().await.unwrap();
        id
    };
    Runtime::new().unwrap().block_on(async {
        let ids = [session("warehouse").await, session("tools").await];
        recorder.close().await.unwrap();
        ids
    })
}

fn report(site: &Site) -> Value {
    let verified = site.run("carol", &["audit", "verify", "--output", "json"]);
    // The first time there is nothing to hold it against.
    assert!(matches!(verified.code, Some(0 | 10)), "{}{}", verified.stdout, verified.stderr);
    verified.json()["report"].clone()
}

#[test]
fn recordings_go_once_their_time_is_over_unless_somebody_holds_them() {
    let mut site = Site::start();
    site.login("carol").ok();
    site.login("alice").ok();
    let add = ["admin", "holds", "add", "--connection", "tools", "--reason", "case 7, card 4111111111111111"];
    let refused = site.run("alice", &add);
    assert_eq!(refused.code, Some(3), "{}", refused.stderr);
    let hold = site.run("carol", &add).ok().stdout.trim().to_owned();
    let listed = site.run("carol", &["admin", "holds", "list"]).ok().stdout;
    assert!(listed.contains(&hold) && listed.contains("connection tools") && listed.contains("411111******1111"));
    let unknown = site.run("carol", &["admin", "holds", "add", "--connection", "tolls", "--reason", "case 7"]);
    assert!(unknown.code == Some(1) && unknown.stderr.contains("no connection tolls"), "{}", unknown.stderr);
    site.stop_gateway();
    let [gone, kept] = old_trail(&site);
    site.start_gateway();
    site.wait_for("the purge", |site| report(site)["purged_payloads"] == 1);
    assert_eq!(report(&site)["payloads"], 1);

    let replayed = |id: SessionId| site.run("carol", &["sessions", "replay", &id.to_string()]);
    let of_gone = replayed(gone).ok().stdout;
    assert!(of_gone.contains("was purged, or taken away") && !of_gone.contains(ROWS), "{of_gone}");
    assert!(replayed(kept).ok().stdout.contains(ROWS));

    let release = ["admin", "holds", "release", &hold, "--reason", "case 7 is closed"];
    site.run("carol", &release).ok();
    let again = site.run("carol", &release);
    assert!(again.code == Some(1) && again.stderr.contains("no hold"), "{}", again.stderr);
    site.stop_gateway();
    site.start_gateway();
    site.wait_for("the rest of it", |site| report(site)["purged_payloads"] == 2);
    let (mut holds, mut purges) = (Vec::new(), 0);
    hoop_recording::records(&site.trail(), |record, _| match record.draft.kind {
        RecordType::Hold => holds.push((record.draft.detail["event"].clone(), record.draft.connection)),
        RecordType::Purge => purges += record.draft.purge.unwrap().payloads,
        _ => {}
    })
    .unwrap();
    // What was set before the old trail took its place is not in this one.
    assert_eq!((holds, purges), (vec![("released".to_owned(), Some("tools".parse().unwrap()))], 2));
}

#[test]
fn what_is_kept_is_sealed_and_comes_back_for_whoever_may_see_it() {
    let mut site = Site::start();
    site.stop_gateway();
    let key = site.path("payload.key");
    fs::write(&key, format!("{}\n", "5e".repeat(32))).unwrap();
    site.more = "[trail]\npayload_keys = [\"file:payload.key\"]".to_owned();
    site.start_gateway();
    site.let_agent_in();
    site.login("alice").ok();
    let listener = Listener::start(&mut site.hoopctl("alice"), "warehouse");
    let session = listener.ready["session"].as_str().unwrap().to_owned();
    Runtime::new().unwrap().block_on(async {
        let mut client = Client::connect(listener.address().parse().unwrap(), listener.secret()).await.unwrap();
        client.query("SELECT id, amount FROM payments WHERE id < 4").await.unwrap();
    });
    let replayed = site.run("carol", &["sessions", "replay", &session]).ok().stdout;
    assert!(replayed.contains("AMOUNT"), "{replayed}");
    let report = report(&site);
    assert_eq!(report["sealed_payloads"], 0, "the gateway takes the seals off");
    assert!(report["payloads"].as_u64() > Some(0), "{report}");

    drop(listener);
    site.stop_gateway();
    let verify = |more: &[&Path]| {
        let mut command = hoopctl();
        command.args(["--output", "json", "audit", "verify"]).arg(site.trail());
        let verified = Finished::of(command.args(more));
        (verified.code, verified.json()["report"].clone())
    };
    let (code, closed) = verify(&[]);
    assert_eq!((code, &closed["payloads"]), (Some(10), &0.into()));
    assert!(closed["sealed_payloads"].as_u64() > Some(0), "{closed}");
    let (code, opened) = verify(&[Path::new("--payload-key"), &key]);
    assert_eq!(
        (code, &opened["payloads"], &opened["sealed_payloads"]),
        (Some(10), &closed["sealed_payloads"], &0.into())
    );
    fs::write(&key, "another key, of as many bytes as one has to have").unwrap();
    assert_eq!(verify(&[Path::new("--payload-key"), &key]).0, Some(9));
}
