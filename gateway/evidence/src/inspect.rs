//! What can be said of a pack's folder by itself: that its records are at their places in a signed log, that its rows are
//! theirs, and what the records show. A pack is looked at so as it is made, and as it is verified.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{self, BufRead, BufReader},
    path::Path,
};

use hoop_audit::{Checkpoint, KEY, Later, Record, RecordType, Tree, VerifyingKey, signed_head};

use crate::{
    Scope,
    check::{Checks, Finding, Id},
    coverage::COVERAGE,
    manifest::{MANIFEST, MANIFEST_DIGEST, Seen},
    pack::{CHECKPOINT, PREVIOUS, ROTATIONS},
    path::{Lost, PATH, Step, walk},
    report::REPORT,
    scan,
    seal::SEAL,
    study::{RECORDS, Study},
    summary::Summary,
};

/// What a pack says it is of.
pub(crate) struct Of {
    pub scope: Scope,
    pub keys: Vec<VerifyingKey>,
    pub checkpoint: Checkpoint,
    pub previous: Option<Checkpoint>,
}

pub(crate) struct Inspected {
    pub checks: Checks,
    pub summary: Summary,
    pub rows: BTreeMap<String, u64>,
    pub seen: Seen,
    /// Of the log up to the pack's head, where the records lead there.
    pub tree: Option<Tree>,
}

/// `at` is shown the log's tree at each size that the pack can show it at.
pub(crate) fn inspect(dir: &Path, of: &Of, mut at: impl FnMut(&Tree)) -> io::Result<Inspected> {
    let mut study = Study::comparing(dir, &of.scope)?;
    let mut checks = Checks::default();
    let mut seen = Seen::default();
    let mut previous = of.previous.as_ref().map(|previous| (previous, None));
    let walked = read(dir, PATH).and_then(|path| Ok((path, read(dir, RECORDS)?)));
    let walked = walked.map_err(Lost::from).and_then(|(path, records)| {
        let see = |step: &Step<'_>| {
            study.take(step.record);
            checks.look(Id::Chain);
            if of.scope.is_at(step.record) {
                seen.take(step.record.seq, step.hash);
            }
        };
        walk(path, records, see, |tree| {
            if let Some((head, root)) = &mut previous
                && head.size == tree.size()
            {
                *root = Some(tree.root());
            }
            at(tree);
        })
    });
    let studied = study.finish()?;
    checks.add(studied.checks);
    seen.records = studied.summary.records;
    seen.policies.clone_from(&studied.summary.policies);
    seen.settings.clone_from(&studied.summary.settings);
    seen.versions.clone_from(&studied.summary.versions);
    let tree = match walked {
        Ok(tree) => Some(tree),
        Err(Lost::Path { line, text }) => lost(&mut checks, PATH, Some(line), text),
        Err(Lost::Records { line, text }) => lost(&mut checks, RECORDS, Some(line), text),
        Err(Lost::Io(error)) => lost(&mut checks, RECORDS, None, error.to_string()),
    };
    let tree = tree.filter(|tree| head_holds(dir, of, tree, &mut checks));
    if let Some((head, root)) = previous {
        checks.look(Id::Previous);
        let note = fs::read_to_string(dir.join(PREVIOUS)).unwrap_or_default();
        if root != Some(head.root) || !is_head(&note, head, &of.keys) {
            let text = "the log is not a continuation of the one that the previous pack's head is of";
            checks.find(Id::Previous, PREVIOUS, None, text);
        }
    }
    Ok(Inspected { checks, summary: studied.summary, rows: studied.rows, seen, tree })
}

fn read(dir: &Path, name: &str) -> io::Result<BufReader<File>> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{name}: {error}"));
    File::open(dir.join(name)).map(BufReader::new).map_err(named)
}

fn lost(checks: &mut Checks, file: &str, line: Option<u64>, text: String) -> Option<Tree> {
    checks.find(Id::Chain, file, line, text);
    None
}

/// Whether the head is signed for this log by the newest of its keys, each of which the one before it brought in.
fn head_holds(dir: &Path, of: &Of, tree: &Tree, checks: &mut Checks) -> bool {
    let note = fs::read_to_string(dir.join(CHECKPOINT)).unwrap_or_default();
    let rotations = fs::read(dir.join(ROTATIONS)).unwrap_or_default();
    let rotations: Vec<Later> = match serde_json::from_slice(&rotations) {
        Ok(rotations) => rotations,
        Err(error) => {
            checks.find(Id::Chain, ROTATIONS, None, error.to_string());
            return false;
        }
    };
    if rotations.len() + 1 != of.keys.len() {
        let text = format!("{} keys, and {} rotations between them", of.keys.len(), rotations.len());
        checks.find(Id::Chain, ROTATIONS, None, text);
        return false;
    }
    for (row, (rotation, pair)) in (1..).zip(rotations.iter().zip(of.keys.windows(2))) {
        let [old, new] = pair else { continue };
        let record = serde_json::from_str::<Record>(&rotation.record);
        let brings = record.is_ok_and(|record| {
            record.draft.kind == RecordType::KeyRotation && record.draft.detail.get(KEY) == Some(&new.to_string())
        });
        match rotation.check(Tree::default(), &[old, new]) {
            Ok(_) if brings => {}
            Ok(_) => checks.find(Id::Chain, ROTATIONS, Some(row), "its record does not bring in the key behind it"),
            Err(error) => checks.find(Id::Chain, ROTATIONS, Some(row), error.to_string()),
        }
    }
    let newest =
        of.keys.iter().rev().take(if rotations.last().is_some_and(|last| last.checkpoint == note) { 2 } else { 1 });
    let signers: Vec<_> = newest.rev().collect();
    match signed_head(&note, tree, &signers) {
        Ok(head) if head == of.checkpoint => true,
        Ok(_) => {
            checks.find(Id::Chain, CHECKPOINT, None, "the head is another one than the manifest says");
            false
        }
        Err(error) => {
            checks.find(Id::Chain, CHECKPOINT, None, error.to_string());
            false
        }
    }
}

/// Whether a note says this, signed by one of the keys.
fn is_head(note: &str, head: &Checkpoint, keys: &[VerifyingKey]) -> bool {
    hoop_audit::Note::parse(note).is_ok_and(|note| {
        Checkpoint::read(&note).is_ok_and(|read| read == *head) && keys.iter().any(|key| note.is_signed_by(key))
    })
}

/// Files that are made of the others, or are about them.
const ABOUT: [&str; 5] = [COVERAGE, REPORT, MANIFEST, MANIFEST_DIGEST, SEAL];

impl Inspected {
    /// Looks for card numbers in those of the files that hold what was recorded.
    pub(crate) fn scan(&mut self, dir: &Path, files: &BTreeSet<String>) -> io::Result<()> {
        for name in files.iter().filter(|name| !ABOUT.contains(&name.as_str())) {
            let lines = scan_file(dir, name, &mut self.checks)?;
            self.checks.look_at(Id::Cards, lines);
        }
        Ok(())
    }

    /// And in the others.
    pub(crate) fn scan_the_rest(&mut self, dir: &Path, files: &BTreeSet<String>) -> io::Result<()> {
        for name in files.iter().filter(|name| ABOUT.contains(&name.as_str())) {
            scan_file(dir, name, &mut self.checks)?;
        }
        Ok(())
    }

    /// The first thing that makes the pack no pack.
    pub(crate) fn broken(&self) -> Option<Finding> {
        let of = |id| self.checks.outcome(id).findings.into_iter().next();
        [Id::Chain, Id::Rows, Id::Previous].into_iter().find_map(of)
    }
}

/// How many lines a file has.
fn scan_file(dir: &Path, name: &str, checks: &mut Checks) -> io::Result<u64> {
    let is_table = name.ends_with(".csv");
    let mut lines = 0;
    for line in BufReader::new(File::open(dir.join(name))?).split(b'\n') {
        lines += 1;
        if let Some(place) = scan::find(&line?) {
            let row = if is_table { lines - 1 } else { lines };
            let text = format!("a card number, or track data, in clear at byte {} of the line", place.start);
            checks.find(Id::Cards, name, Some(row), text);
        }
    }
    Ok(lines)
}
