//! SIGKILL of the forwarding process, again and again, while the trail grows.

use std::{
    collections::BTreeSet,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use hoop_audit::Record;
use hoop_siem::{Entry, Reading, Source, Waiting};

use crate::{
    PATIENCE, forwarder,
    hec::{hec, soon},
    splunk::{Splunk, TOKEN},
    trail,
};

const ROUNDS: usize = 100;
/// Records that are new in each round: more than one batch.
const EACH: usize = 700;
const BATCH: usize = 500;

/// A trail in a file, one record a line, that another process writes.
struct Lines {
    path: PathBuf,
    lines: Vec<String>,
}

impl Lines {
    fn open(path: &Path) -> Self {
        Self { path: path.to_owned(), lines: lines(path) }
    }
}

/// Up to the last whole one.
fn lines(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().map(str::to_owned).collect()
}

fn entry(line: &String) -> Entry {
    let record: Record = serde_json::from_str(line).unwrap();
    Entry { record: std::sync::Arc::new(record), hash: hoop_audit::Hash::leaf(line.as_bytes()) }
}

impl Source for Lines {
    fn read(&mut self, from: u64, most: usize) -> Reading<'_> {
        if self.lines.len() <= from as usize {
            self.lines = lines(&self.path);
        }
        let read = self.lines.iter().skip(from as usize).take(most).map(entry).collect();
        Box::pin(std::future::ready(Ok(read)))
    }

    fn end(&self) -> u64 {
        self.lines.len() as u64
    }

    fn grown(&self, from: u64) -> Waiting<'_> {
        Box::pin(async move {
            while self.lines.len() <= from as usize && lines(&self.path).len() <= from as usize {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })
    }
}

/// What is killed: run by [`no_kill_loses_a_record_or_repeats_more_than_a_batch`] as a process of its own.
#[test]
#[ignore = "runs until it is killed"]
fn child() {
    let dir = PathBuf::from(std::env::var_os("HOOP_TEST_DIR").expect("a folder"));
    let address = std::env::var("HOOP_TEST_COLLECTOR").expect("an address").parse().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let hec = hec(&Splunk::at(address), TOKEN, Some(soon()));
    runtime.block_on(forwarder(&dir, Lines::open(&dir.join("trail")), hec).run());
}

fn append(path: &Path, last: &mut Option<Entry>) {
    let mut lines = Vec::new();
    for _ in 0..EACH {
        let next = trail::next(last.as_ref(), "SELECT 1");
        lines.extend(serde_json::to_vec(&next.record).unwrap());
        lines.push(b'\n');
        *last = Some(next);
    }
    std::fs::OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(&lines).unwrap();
}

#[test]
fn no_kill_loses_a_record_or_repeats_more_than_a_batch() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (dir, splunk) = (tempfile::tempdir().unwrap(), runtime.block_on(Splunk::start(true, &[])));
    let (path, mut last, mut random) = (dir.path().join("trail"), None, 4711_u64);
    let start = || {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::child", "--ignored", "--nocapture"])
            .env("HOOP_TEST_DIR", dir.path())
            .env("HOOP_TEST_COLLECTOR", splunk.address.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let wait = |holds: &dyn Fn() -> bool| {
        let deadline = Instant::now() + PATIENCE;
        while !holds() {
            assert!(Instant::now() < deadline, "waited in vain");
            std::thread::sleep(Duration::from_micros(200));
        }
    };
    append(&path, &mut last);
    let mut at = 0;
    for _ in 0..ROUNDS {
        let mut child = start();
        append(&path, &mut last);
        // At any point of a batch's way: after a post, and a while that is as long as a post, its questions and the
        // cursor's syncs take.
        wait(&|| splunk.posts().len() > at);
        random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        std::thread::sleep(Duration::from_micros((random >> 33) % 30_000));
        child.kill().unwrap();
        child.wait().unwrap();
        at = splunk.posts().len();
    }
    let mut child = start();
    let all = ((ROUNDS + 1) * EACH) as u64;
    wait(&|| splunk.posts().last().is_some_and(|post| post.last() == Some(&(all - 1))));
    child.kill().unwrap();
    child.wait().unwrap();
    // What a process sent last may be taken after the next one's first.
    let mut seen = BTreeSet::new();
    let repeats = |sent: Vec<u64>| sent.iter().filter(|seq| !seen.insert(**seq)).count();
    let repeated: Vec<usize> = splunk.senders().into_iter().map(repeats).collect();
    assert_eq!(seen, (0..all).collect(), "no number is missing");
    let (most, crashes) = (repeated.iter().max().unwrap(), repeated.iter().filter(|count| **count > 0).count());
    eprintln!("{ROUNDS} kills, {all} records: {crashes} kills repeated something, at most {most} events each");
    assert!(*most <= BATCH, "{repeated:?}");
}
