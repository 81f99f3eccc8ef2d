//! What was kept beside the records goes once its time is over, and by a record alone; sealed, it is nobody's who has
//! not the key.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{collections::BTreeMap, fs, path::Path, sync::Arc, time::Duration};

use hoop_audit::{Draft, FindingKind, PurgeFacts, RecordType, Report, Verifier, payload::PayloadKeys};
use hoop_model::{Clock, ConnectionName, ManualClock, SessionId, Timestamp, later};
use hoop_recording::{Due, Entry, Masked, Purge, Recorder, Retention, Seeds};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const ROWS: &str = "rows of a payment table";

struct Scene {
    dir: tempfile::TempDir,
    clock: Arc<ManualClock>,
    recorder: Recorder,
    session: SessionId,
}

impl Scene {
    fn new(secret: Option<&str>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new("2024-01-01T09:00:00Z".parse().unwrap()));
        let recorder = Recorder::open(dir.path(), Seeds::new(vec![[7; 32]]), clock.clone()).unwrap();
        let recorder = recorder.with_payload_keys(keys(secret));
        Self { dir, clock, recorder, session: SessionId::new() }
    }

    /// An answer of a session on each of these connections, in a segment of their own.
    async fn deliver(&self, connections: &[Option<&str>]) {
        for connection in connections {
            let attachment = self.recorder.attach(&Masked::constant(ROWS).to_text().into_bytes()).unwrap();
            let mut draft = Draft::new(RecordType::AuditRead);
            draft.connection = connection.map(|name| name.parse().unwrap());
            draft.session_id = Some(self.session);
            self.recorder.append(Entry::new(draft, Some(attachment))).await.unwrap();
        }
        self.recorder.seal().await.unwrap();
    }

    fn pass(&self, days: u32) {
        self.clock.advance((DAY * days).try_into().unwrap());
    }

    fn due(&self, held: impl Fn(Option<SessionId>, Option<&ConnectionName>) -> bool) -> Option<Due> {
        self.due_at(self.clock.now(), held)
    }

    fn due_at(&self, now: Timestamp, held: impl Fn(Option<SessionId>, Option<&ConnectionName>) -> bool) -> Option<Due> {
        let of = BTreeMap::from([("longer".parse().unwrap(), 730)]);
        let old = Purge::new(self.dir.path(), Retention::new(400, of)).next(None, now, held).unwrap()?;
        assert_eq!(old.first, 0);
        old.due
    }

    async fn record(&self, due: &Due) {
        self.recorder.append_all(due.drafts().into_iter().map(Entry::from).collect()).await.unwrap();
    }

    async fn verify(&self, secret: Option<&str>) -> Report {
        self.recorder.sign().await.unwrap();
        verify(self.dir.path(), secret)
    }
}

fn keys(secret: Option<&str>) -> PayloadKeys {
    PayloadKeys::new(secret.map(|secret| secret.repeat(32).into_bytes())).unwrap()
}

fn segments(dir: &Path) -> Vec<std::path::PathBuf> {
    let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|end| end == "log")).collect();
    paths.sort();
    paths
}

fn verify(dir: &Path, secret: Option<&str>) -> Report {
    let mut verifier = Verifier::new(Vec::new(), []).with_payload_keys(keys(secret));
    let paths = segments(dir);
    for (index, path) in paths.iter().enumerate() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        verifier.segment(&name, &fs::read(path).unwrap(), index + 1 == paths.len());
    }
    verifier.finish()
}

fn kinds(report: &Report) -> Vec<FindingKind> {
    report.findings.iter().map(|finding| finding.kind).collect()
}

fn nothing(_: Option<SessionId>, _: Option<&ConnectionName>) -> bool {
    false
}

#[tokio::test]
async fn what_is_over_goes_by_a_record_and_the_trail_still_verifies() {
    let scene = Scene::new(None);
    scene.deliver(&[Some("usual"), Some("usual"), Some("longer"), None]).await;
    scene.pass(400);
    assert!(scene.due(nothing).is_none(), "the four hundredth day counts in full");
    scene.pass(1);
    let due = scene.due(nothing).unwrap();
    scene.record(&due).await;
    // A crash here leaves them, and another round takes them.
    let kept = scene.verify(None).await;
    assert_eq!((kinds(&kept), kept.payloads, kept.purged_payloads), (vec![], 4, 0));
    due.remove().unwrap();
    let again = scene.verify(None).await;
    assert_eq!((kinds(&again), again.payloads, again.purged_payloads), (vec![], 1, 3));
    assert!(scene.due(nothing).is_none());
    scene.pass(330);
    let rest = scene.due(nothing).unwrap();
    scene.record(&rest).await;
    rest.remove().unwrap();
    let done = scene.verify(None).await;
    assert_eq!((kinds(&done), done.payloads, done.purged_payloads), (vec![], 0, 4));
    for path in segments(scene.dir.path()) {
        assert!(!String::from_utf8_lossy(&fs::read(path).unwrap()).contains(ROWS));
    }
    // A gateway that starts again finds nothing wrong with what was rewritten.
    scene.recorder.close().await.unwrap();
    let recorder = Recorder::open(scene.dir.path(), Seeds::new(vec![[7; 32]]), scene.clock.clone()).unwrap();
    recorder.close().await.unwrap();
    assert_eq!(kinds(&verify(scene.dir.path(), None)), []);
}

#[tokio::test]
async fn what_goes_without_a_record_or_before_its_time_is_found() {
    let taken = async |facts: Option<PurgeFacts>, days| {
        let scene = Scene::new(None);
        scene.deliver(&[Some("usual"), Some("usual")]).await;
        let due = scene.due_at(later(scene.clock.now(), DAY * 500), nothing).unwrap();
        scene.pass(days);
        if let Some(facts) = facts {
            let mut draft = Draft::new(RecordType::Purge);
            draft.purge = Some(facts);
            scene.recorder.append(draft).await.unwrap();
        }
        due.remove().unwrap();
        kinds(&scene.verify(None).await)
    };
    let facts = PurgeFacts {
        first: 1,
        last: 2,
        connections: vec!["usual".parse().unwrap()],
        unconnected: false,
        days: 400,
        payloads: 2,
        bytes: 46,
    };
    use FindingKind::{Payload, Purge};
    assert_eq!(taken(Some(facts.clone()), 401).await, []);
    assert_eq!(taken(None, 401).await, [Payload]);
    assert_eq!(taken(Some(PurgeFacts { last: 1, payloads: 1, ..facts.clone() }), 401).await, [Payload]);
    let other = vec!["longer".parse().unwrap()];
    assert_eq!(taken(Some(PurgeFacts { connections: other, ..facts.clone() }), 401).await, [Payload]);
    assert_eq!(taken(Some(PurgeFacts { payloads: 1, ..facts.clone() }), 401).await, [Purge], "more than it says");
    assert_eq!(taken(Some(facts.clone()), 400).await, [Purge], "a day too early");
    assert_eq!(taken(Some(PurgeFacts { days: 364, ..facts.clone() }), 401).await, [Purge], "less than a year");
    assert_eq!(taken(Some(PurgeFacts { last: 9, ..facts }), 401).await, [Purge], "what is yet to come");
}

#[tokio::test]
async fn what_is_held_stays() {
    let scene = Scene::new(None);
    scene.deliver(&[Some("usual"), Some("other")]).await;
    scene.pass(401);
    assert!(scene.due(|session, _| session == Some(scene.session)).is_none());
    let due = scene.due(|_, connection| connection.is_some_and(|name| name.as_str() == "other")).unwrap();
    assert_eq!(due.payloads(), 1);
    scene.record(&due).await;
    due.remove().unwrap();
    let report = scene.verify(None).await;
    assert_eq!((kinds(&report), report.payloads, report.purged_payloads), (vec![], 1, 1));
}

#[tokio::test]
async fn a_sealed_payload_is_nobodys_without_its_key() {
    let scene = Scene::new(Some("a"));
    scene.deliver(&[Some("usual"), None]).await;
    for path in segments(scene.dir.path()) {
        assert!(!String::from_utf8_lossy(&fs::read(path).unwrap()).contains(ROWS));
    }
    let report = scene.verify(Some("a")).await;
    assert_eq!((kinds(&report), report.payloads, report.sealed_payloads), (vec![], 2, 0));
    let unopened = verify(scene.dir.path(), None);
    assert_eq!((kinds(&unopened), unopened.payloads, unopened.sealed_payloads), (vec![], 0, 2));
    assert_eq!(kinds(&verify(scene.dir.path(), Some("b"))), [FindingKind::Payload; 2], "another key opens none");
    let opened = read(&scene, Some("a"));
    assert_eq!(opened, [ROWS, ROWS]);
    assert!(read(&scene, None).is_empty());
}

/// What a reader without keys is given, where the gateway has these.
fn read(scene: &Scene, secret: Option<&str>) -> Vec<String> {
    let mut read = Vec::new();
    hoop_recording::entries_from(scene.dir.path(), 0, |_, _, payload| {
        let mut frame = hoop_audit::segment::MAGIC.to_vec();
        let Some(payload) = payload else { return };
        hoop_recording::unsealed(payload, &keys(secret), &mut frame).unwrap();
        let (_, hoop_audit::segment::Frame::Payload(payload)) =
            hoop_audit::segment::Frames::new(&frame).next().unwrap().unwrap()
        else {
            panic!("no payload")
        };
        let Ok(mut bytes) = payload.open() else { return };
        let mut text = String::new();
        std::io::Read::read_to_string(&mut bytes, &mut text).unwrap();
        read.push(text);
    })
    .unwrap();
    read
}
