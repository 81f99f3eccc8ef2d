//! What the index answers is what reading the whole trail answers, however the trail came about and whatever became of the
//! index's files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{
    collections::HashMap,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use hoop_audit::{Counts, Draft, Hash, Origin, RecordType, RevealedAt, payload::PayloadKeys};
use hoop_model::{Assurance, Clock, ManualClock, PrincipalKind, SessionId, Subject};
use hoop_recording::{
    Attachment, Entry, Failpoints, Index, Masked, Page, Purge, Recorder, Retention, Seeds, SessionFacts, Wanted,
    entries_from,
};
use proptest::{collection::vec, prelude::*};
use tokio::runtime::Runtime;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What happens to a trail.
#[derive(Debug, Clone)]
enum Step {
    Start(usize),
    /// With an answer of so many words, or none.
    Exchange(usize, Option<u16>),
    Refused(usize),
    Held(usize),
    Ended(usize),
    OfNobody,
    Seal,
    Sign,
    Days(u8),
    /// Records are read meanwhile.
    Look,
    Reopen,
    /// Recordings whose time is over go.
    Purge,
}

fn step() -> impl Strategy<Value = Step> {
    let session = 0..5_usize;
    prop_oneof![
        3 => session.clone().prop_map(Step::Start),
        8 => (session.clone(), proptest::option::of(0..700_u16)).prop_map(|(one, words)| Step::Exchange(one, words)),
        1 => session.clone().prop_map(Step::Refused),
        1 => session.clone().prop_map(Step::Held),
        2 => session.prop_map(Step::Ended),
        1 => Just(Step::OfNobody),
        3 => Just(Step::Seal),
        1 => Just(Step::Sign),
        1 => (0..90_u8).prop_map(Step::Days),
        2 => Just(Step::Look),
        1 => Just(Step::Reopen),
        1 => Just(Step::Purge),
    ]
}

/// What happens to an index file.
#[derive(Debug, Clone)]
enum Harm {
    None,
    Gone,
    Cut(u16),
    Flip(u16),
    /// It takes the place of the next one's.
    Moved,
    /// Somebody hides a session's last record in this segment, or names another place, and makes the digest good.
    Hides(u8),
    Misplaces(u16),
}

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        Just(Harm::None),
        Just(Harm::Gone),
        any::<u16>().prop_map(Harm::Cut),
        any::<u16>().prop_map(Harm::Flip),
        Just(Harm::Moved),
        any::<u8>().prop_map(Harm::Hides),
        any::<u16>().prop_map(Harm::Misplaces),
    ]
}

struct Scene {
    dir: tempfile::TempDir,
    clock: Arc<ManualClock>,
    recorder: Recorder,
    sessions: Vec<Option<SessionId>>,
}

fn open(dir: &Path, clock: &Arc<ManualClock>) -> Recorder {
    let failpoints = Failpoints::new(12 * 1024, |_| {});
    Recorder::open_with(dir, Seeds::new(vec![[7; 32]]), clock.clone(), failpoints).unwrap()
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new("2024-01-01T09:00:00Z".parse().unwrap()));
        let recorder = open(dir.path(), &clock);
        Self { dir, clock, recorder, sessions: vec![None; 5] }
    }

    fn draft(&mut self, kind: RecordType, one: usize) -> Draft {
        let id = *self.sessions[one].get_or_insert_with(SessionId::new);
        let mut draft = Draft::new(kind);
        draft.session_id = Some(id);
        draft.connection = Some(format!("connection-{}", one % 2).parse().unwrap());
        draft.origin = Some(Origin {
            subject: Subject { issuer: "https://idp.example.com".into(), sub: format!("user-{}", one % 3) },
            kind: PrincipalKind::Person,
            email: None,
            groups: Vec::new(),
            assurance: Assurance::default(),
            client_ip: "192.0.2.7".parse().unwrap(),
        });
        draft
    }

    async fn take(&mut self, step: Step) {
        self.clock.advance(Duration::from_millis(1500).try_into().unwrap());
        match step {
            Step::Start(one) => {
                self.sessions[one] = None;
                let draft = self.draft(RecordType::SessionStart, one);
                self.recorder.append(draft).await.unwrap();
            }
            Step::Exchange(one, words) => {
                let request = self.draft(RecordType::Request, one);
                let mut answer = self.draft(RecordType::ResponseChunk, one);
                answer.counts = Some(Counts {
                    rows: u64::from(words.unwrap_or(1)),
                    masked: [("pan".to_owned(), 2), ("name".to_owned(), 1)].into(),
                    revealed: vec![RevealedAt { at: "column".into(), count: 3 }],
                    ..Counts::default()
                });
                let text = |words| Masked::join((0..words).map(|_| Masked::constant("delivered ").to_text()));
                let keys = PayloadKeys::default();
                let attachment = words.map(|words| Attachment::delivered(&text(words).into_bytes(), &keys).unwrap());
                self.recorder.append_all(vec![request.into(), Entry::new(answer, attachment)]).await.unwrap();
            }
            Step::Refused(one) => self.append(RecordType::Denied, one).await,
            Step::Held(one) => self.append(RecordType::ApprovalRequested, one).await,
            Step::Ended(one) => {
                self.append(RecordType::SessionEnd, one).await;
                self.sessions[one] = None;
            }
            Step::OfNobody => drop(self.recorder.append(Draft::new(RecordType::Config)).await.unwrap()),
            Step::Seal => self.recorder.seal().await.unwrap(),
            Step::Sign => self.recorder.sign().await.unwrap(),
            Step::Days(days) => self.clock.advance((DAY * u32::from(days)).try_into().unwrap()),
            Step::Look => agrees(self.dir.path(), self.recorder.index()),
            Step::Reopen => {
                self.recorder.close().await.unwrap();
                self.recorder = open(self.dir.path(), &self.clock);
            }
            Step::Purge => {
                self.clock.advance((DAY * 300).try_into().unwrap());
                let mut purge = Purge::new(self.dir.path(), Retention::new(365, [].into()));
                let mut after = None;
                while let Some(old) = purge.next(after, self.clock.now(), |_, _| false).unwrap() {
                    after = Some(old.first);
                    if let Some(due) = old.due {
                        self.recorder.append_all(due.drafts().into_iter().map(Into::into).collect()).await.unwrap();
                        due.remove().unwrap();
                    }
                }
            }
        }
    }

    async fn append(&mut self, kind: RecordType, one: usize) {
        let draft = self.draft(kind, one);
        self.recorder.append(draft).await.unwrap();
    }
}

/// A record's number, its bytes, and what is stored beside it.
type Read = (u64, Vec<u8>, Option<Vec<u8>>);

/// All sessions by reading all of the trail, the newest first.
fn scanned(dir: &Path) -> Vec<(SessionFacts, Vec<Read>)> {
    let mut sessions: Vec<(SessionFacts, Vec<Read>)> = Vec::new();
    let mut by_id = HashMap::new();
    entries_from(dir, 0, |record, stored, payload| {
        let Some(id) = record.draft.session_id else { return };
        let index = *by_id.entry(id).or_insert_with(|| {
            let facts = SessionFacts {
                id,
                first: record.seq,
                subject: record.draft.origin.as_ref().map(|origin| origin.subject.clone()),
                connection: record.draft.connection.clone(),
                started_at: record.ts,
                ended_at: None,
                exchanges: 0,
                denied: 0,
                held: 0,
                rows: 0,
                masked: 0,
                revealed: 0,
            };
            sessions.push((facts, Vec::new()));
            sessions.len() - 1
        });
        let (facts, read) = &mut sessions[index];
        read.push((record.seq, stored.to_vec(), payload.map(|payload| payload.stored.to_vec())));
        match (record.draft.kind, record.draft.counts) {
            (RecordType::Request, _) => facts.exchanges += 1,
            (RecordType::Denied, _) => facts.denied += 1,
            (RecordType::ApprovalRequested, _) => facts.held += 1,
            (RecordType::SessionEnd, _) => facts.ended_at = Some(record.ts),
            (RecordType::ResponseChunk, Some(counts)) => {
                facts.rows += counts.rows;
                facts.masked += counts.masked.values().sum::<u64>();
                facts.revealed += counts.revealed.iter().map(|place| place.count).sum::<u64>();
            }
            _ => {}
        }
    })
    .unwrap();
    sessions.reverse();
    sessions
}

fn read(index: &Index, id: SessionId, from: u64, most: usize) -> Vec<Read> {
    let mut read = Vec::new();
    index
        .read(id, from, |entry| {
            let mut frame = Vec::new();
            let payload = entry.payload.read(&mut frame).unwrap().map(|payload| payload.stored.to_vec());
            read.push((entry.seq, entry.record.to_vec(), payload));
            if read.len() == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    read
}

fn list(index: &Index, wanted: Wanted, sees: impl Fn(&SessionFacts) -> bool) -> Page {
    index.list(&wanted, sees).unwrap().expect("the session before")
}

const ALL: Wanted = Wanted { limit: usize::MAX, since: None, before: None };

/// Records and what lies beside them, whatever an index says.
#[track_caller]
fn reads_as_scanned(dir: &Path, index: &Index) {
    for (facts, all) in scanned(dir) {
        assert_eq!(read(index, facts.id, 0, usize::MAX), all);
        let middle = all[all.len() / 2].0;
        assert_eq!(read(index, facts.id, middle, usize::MAX), all[all.len() / 2..]);
        assert_eq!(read(index, facts.id, middle, 2).as_slice(), &all[all.len() / 2..all.len().min(all.len() / 2 + 2)]);
        assert_eq!(read(index, facts.id, all[all.len() - 1].0 + 1, 1), []);
    }
    assert_eq!(read(index, SessionId::new(), 0, 1), []);
}

#[track_caller]
fn agrees(dir: &Path, index: &Index) {
    reads_as_scanned(dir, index);
    let expected: Vec<_> = scanned(dir).into_iter().map(|(facts, _)| facts).collect();
    let all = list(index, ALL, |_| true);
    assert_eq!((all.sessions.as_slice(), all.more), (expected.as_slice(), false));
    for facts in &expected {
        assert_eq!(index.session(facts.id).unwrap().as_ref(), Some(facts));
    }
    assert_eq!(index.session(SessionId::new()).unwrap(), None);
    let unknown = Wanted { before: Some(SessionId::new()), ..ALL };
    assert_eq!(index.list(&unknown, |_| true).unwrap(), None);
    // Page by page, of one person.
    let own = |facts: &SessionFacts| facts.subject.as_ref().is_some_and(|subject| subject.sub == "user-0");
    let mut paged = Vec::new();
    let mut before = None;
    loop {
        let page = list(index, Wanted { limit: 2, since: None, before }, own);
        before = page.sessions.last().map(|facts| facts.id);
        paged.extend(page.sessions);
        if !page.more {
            break;
        }
    }
    assert!(paged.iter().eq(expected.iter().filter(|facts| own(facts))));
    if let Some(middle) = expected.get(expected.len() / 2) {
        let since = Wanted { since: Some(middle.started_at), ..ALL };
        let young = list(index, since, |_| true).sessions;
        assert!(young.iter().eq(expected.iter().filter(|facts| facts.started_at >= middle.started_at)));
    }
}

fn files(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|end| end == extension)).collect();
    paths.sort();
    paths
}

/// Whether what an index says of a session's counts may be wrong afterwards: a digest was made good.
fn do_harm(paths: &[PathBuf], at: usize, harm: &Harm) -> bool {
    let path = &paths[at];
    let mut bytes = fs::read(path).unwrap();
    match harm {
        Harm::None => {}
        Harm::Gone => fs::remove_file(path).unwrap(),
        Harm::Cut(at) => {
            bytes.truncate(usize::from(*at) % bytes.len());
            fs::write(path, bytes).unwrap();
        }
        Harm::Flip(at) => {
            let at = usize::from(*at) % bytes.len();
            bytes[at] ^= 1;
            fs::write(path, bytes).unwrap();
        }
        Harm::Moved => fs::write(&paths[(at + 1) % paths.len()], bytes).unwrap(),
        Harm::Hides(which) => forge(path, &bytes, |lines, _| {
            let count = lines.len();
            if count < 2 {
                return;
            }
            let line = &mut lines[1 + usize::from(*which) % (count - 1)];
            let begin = line.find("\"places\":[").unwrap();
            let (first, rest) = line[begin + 10..].trim_end_matches("]}").split_once(',').unwrap();
            let places = format!("\"places\":[{first},{}]}}", rest.parse::<u64>().unwrap().saturating_sub(1));
            line.replace_range(begin.., &places);
        }),
        Harm::Misplaces(which) => forge(path, &bytes, |_, places| {
            if !places.is_empty() {
                let at = usize::from(*which) % places.len();
                places[at] = places[at].wrapping_add(3);
            }
        }),
    }
    matches!(harm, Harm::Hides(_) | Harm::Misplaces(_))
}

fn forge(path: &Path, bytes: &[u8], edit: impl FnOnce(&mut Vec<String>, &mut Vec<u8>)) {
    if bytes.len() < 44 || Hash::of(&bytes[40..]).as_bytes() != &bytes[8..40] {
        return;
    }
    let length = u32::from_le_bytes(bytes[40..44].try_into().unwrap()) as usize;
    let text = String::from_utf8(bytes[44..44 + length].to_vec()).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut places = bytes[44 + length..].to_vec();
    edit(&mut lines, &mut places);
    let text = lines.join("\n") + "\n";
    let rest = [&u32::try_from(text.len()).unwrap().to_le_bytes(), text.as_bytes(), &places].concat();
    fs::write(path, [b"hoopix\0\x01", Hash::of(&rest).as_bytes().as_slice(), &rest].concat()).unwrap();
}

/// Hiding a session whole, or all it had in the end, is not noticed: only a scan would.
fn hides_much(before: &[u8]) -> bool {
    String::from_utf8_lossy(before).contains(",0]}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn the_index_answers_what_a_scan_answers(
        steps in vec(step(), 1..60),
        harms in vec((any::<u8>(), harm()), 0..6),
        cut in any::<u16>(),
    ) {
        let runtime = Runtime::new().unwrap();
        let mut scene = Scene::new();
        runtime.block_on(async {
            for step in steps {
                scene.take(step).await;
            }
        });
        let dir = scene.dir.path();
        // One that has followed the trail, and one that sees it for the first time.
        agrees(dir, scene.recorder.index());
        agrees(dir, &Index::of(dir));
        runtime.block_on(scene.recorder.close()).unwrap();
        let mut lies = false;
        for (at, harm) in harms {
            let paths = files(dir, "index");
            if paths.is_empty() {
                continue;
            }
            let at = usize::from(at) % paths.len();
            let forged = do_harm(&paths, at, &harm);
            if forged && hides_much(&fs::read(&paths[at]).unwrap()) {
                fs::remove_file(&paths[at]).unwrap();
            }
            lies |= forged;
        }
        if lies {
            reads_as_scanned(dir, &Index::of(dir));
        } else {
            agrees(dir, &Index::of(dir));
        }
        for path in files(dir, "index") {
            fs::remove_file(path).unwrap();
        }
        // The newest as a crash leaves it.
        let newest = files(dir, "log").pop().unwrap();
        let mut bytes = fs::read(&newest).unwrap();
        let whole = bytes.len();
        bytes.truncate(whole.saturating_sub(usize::from(cut) % (whole + 1)));
        if cut % 2 == 0 {
            bytes.resize(whole, 0);
        }
        fs::write(&newest, bytes).unwrap();
        agrees(dir, &Index::of(dir));
    }
}

/// A place may be wrong by a byte and its digest good: what is read is what the segments hold all the same.
#[tokio::test]
async fn a_place_that_is_wrong_anywhere_is_not_believed() {
    let mut scene = Scene::new();
    for step in [Step::Start(0), Step::Exchange(0, Some(9)), Step::Start(1), Step::Ended(0), Step::Ended(1), Step::Seal]
    {
        scene.take(step).await;
    }
    let dir = scene.dir.path();
    agrees(dir, &Index::of(dir));
    let path = files(dir, "index").remove(0);
    let good = fs::read(&path).unwrap();
    let mut length = 0;
    forge(&path, &good, |_, places| length = places.len());
    assert_eq!(length, 6 * 16, "two sessions, four records and two");
    for at in 0..length {
        for more in [1, 3, 255] {
            forge(&path, &good, |_, places| places[at] = places[at].wrapping_add(more));
            reads_as_scanned(dir, &Index::of(dir));
        }
    }
}

#[tokio::test]
async fn a_purge_makes_the_index_anew_and_what_went_is_not_read() {
    let mut scene = Scene::new();
    for step in [Step::Start(0), Step::Exchange(0, Some(600)), Step::Ended(0), Step::Seal] {
        scene.take(step).await;
    }
    let id = scanned(scene.dir.path())[0].0.id;
    let index = Index::of(scene.dir.path());
    let kept = |read: Vec<Read>| read.iter().filter(|(_, _, payload)| payload.is_some()).count();
    assert_eq!(kept(read(&index, id, 0, usize::MAX)), 1);
    let path = files(scene.dir.path(), "index").remove(0);
    let before = fs::read(&path).unwrap();
    scene.take(Step::Days(90)).await;
    scene.take(Step::Purge).await;
    assert_eq!(kept(read(&index, id, 0, usize::MAX)), 0);
    assert_ne!(fs::read(&path).unwrap(), before);
    agrees(scene.dir.path(), &index);
    // The old one put back is of no use.
    fs::write(&path, before).unwrap();
    agrees(scene.dir.path(), &index);
}

#[tokio::test]
async fn the_index_of_a_segment_is_there_once_it_is_sealed_and_gives_no_more_than_it_should() {
    use std::os::unix::fs::PermissionsExt;
    let mut scene = Scene::new();
    for step in [Step::Start(0), Step::Exchange(0, Some(600)), Step::Seal, Step::Exchange(0, None)] {
        scene.take(step).await;
    }
    let path = scene.dir.path().join("segment-00000000000000000000.index");
    for _ in 0..500 {
        if path.exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read(&path).unwrap();
    assert!(!String::from_utf8_lossy(&text).contains("delivered"), "nothing of what was delivered");
    // Where none can be written, the answer is the same.
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    agrees(scene.dir.path(), &Index::of(scene.dir.path()));
}

#[tokio::test]
async fn what_is_recorded_of_a_session_after_its_end_is_its_too() {
    let mut scene = Scene::new();
    let steps = [Step::Start(0), Step::Exchange(0, Some(5)), Step::Ended(0), Step::Seal, Step::Start(1), Step::Seal];
    for step in steps {
        scene.take(step).await;
    }
    scene.sessions[0] = Some(scanned(scene.dir.path())[1].0.id);
    for step in [Step::Refused(0), Step::Seal, Step::OfNobody] {
        scene.take(step).await;
    }
    agrees(scene.dir.path(), scene.recorder.index());
    assert_eq!(scanned(scene.dir.path())[1].0.denied, 1);
}

/// Somebody who may write there damages what was delivered: the record is read all the same.
#[tokio::test]
async fn a_damaged_payload_is_said_and_its_record_is_read() {
    let mut scene = Scene::new();
    for step in [Step::Start(0), Step::Exchange(0, Some(10)), Step::Ended(0), Step::Seal] {
        scene.take(step).await;
    }
    let index = Index::of(scene.dir.path());
    let id = scanned(scene.dir.path())[0].0.id;
    assert_eq!(read(&index, id, 0, usize::MAX).len(), 4);
    let path = files(scene.dir.path(), "log").remove(0);
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(9).position(|part| part == b"delivered").unwrap();
    bytes[at] ^= 1;
    fs::write(&path, bytes).unwrap();
    let (mut records, mut damaged) = (0, 0);
    index
        .read(id, 0, |entry| {
            records += 1;
            damaged += usize::from(entry.payload.read(&mut Vec::new()).is_err());
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!((records, damaged), (4, 1));
}
