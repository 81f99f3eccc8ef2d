//! A pack in the making: takes the trail's records in order, keeps those of the period, and writes the folder.
//!
//! ```text
//! manifest.json           what is in it, of what log, by whom; manifest.json.sha256 is its digest
//! seal.json               the log's own record of that digest, under a head that its key signed
//! report.html             for people
//! coverage.json           each requirement: passed, failed, or why no program can tell
//! *.csv, access_log.jsonl the rows
//! chain_proof/records.jsonl   the records they are made of, as stored
//! chain_proof/path.jsonl      where in the log each is
//! chain_proof/checkpoint      the signed head over the whole log
//! chain_proof/rotations.json  how each key vouches for the next
//! chain_proof/previous        the head of the pack before, where one was named
//! README.md               how to check it
//! ```

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, BufWriter, Write},
    ops::Range,
    path::{Path, PathBuf},
};

use hoop_audit::{Checkpoint, Hash, KEY, Later, Note, NoteError, Record, RecordType, Subtree, Tree, VerifyingKey};

use crate::{
    Made, Scope,
    coverage::{COVERAGE, Coverage},
    facts::event,
    inspect::{Inspected, Of, inspect},
    lead::Lead,
    manifest::{FORMAT, Listed, MANIFEST, MANIFEST_DIGEST, Manifest, Seen, files},
    path::{self, PATH},
    previous::Previous,
    report,
    seal::Unsealed,
    study::{RECORDS, Study},
};

pub(crate) const CHECKPOINT: &str = "chain_proof/checkpoint";
pub(crate) const ROTATIONS: &str = "chain_proof/rotations.json";
pub(crate) const PREVIOUS: &str = "chain_proof/previous";
const README: &str = "README.md";
pub(crate) const KIND: &str = "hoop_evidence";

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    #[error("{path}: {source}")]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("a record cannot be read: {0}")]
    Record(#[from] serde_json::Error),
    #[error("a signed head cannot be read: {0}")]
    Note(#[from] NoteError),
    #[error("nothing was recorded in this period")]
    Empty,
    #[error("the trail changed while it was read, or is not the one that was verified")]
    OtherTrail,
    #[error("the previous pack is not of this log, or of what it was before it was cut back")]
    OtherPast,
    #[error("what was written does not verify: {0}")]
    NotAsWritten(String),
}

/// Takes a verified trail.
pub struct Packing {
    dir: PathBuf,
    scope: Scope,
    /// The verified head: what lies behind it is not signed yet.
    head: Checkpoint,
    keys: Vec<VerifyingKey>,
    log: Vec<Hash>,
    lead: Option<Lead>,
    over: bool,
    /// Control failures that have begun: their end may come after the period.
    failing: BTreeSet<String>,
    records: BufWriter<File>,
    held: Vec<Range<u64>>,
    study: Study,
    seen: Seen,
    note: Option<String>,
    /// Rotations that no head covers yet: the record's number, and it.
    rotated: Vec<(u64, String)>,
    rotations: Vec<Later>,
}

impl Packing {
    /// Into a new folder, or an empty one.
    ///
    /// # Errors
    /// When it is not empty, or nothing can be written there.
    pub fn begin(dir: &Path, scope: Scope, head: Checkpoint, key: VerifyingKey) -> Result<Self, PackError> {
        let at = |path: &Path| io_at(path);
        fs::create_dir_all(dir.join("chain_proof")).map_err(at(dir))?;
        let path = dir.join(RECORDS);
        let records = BufWriter::new(File::create_new(&path).map_err(at(&path))?);
        let study = Study::making(dir, &scope).map_err(at(dir))?;
        Ok(Self {
            dir: dir.to_owned(),
            scope,
            head,
            keys: vec![key],
            log: Vec::new(),
            lead: Some(Lead::default()),
            over: false,
            failing: BTreeSet::new(),
            records,
            held: Vec::new(),
            study,
            seen: Seen::default(),
            note: None,
            rotated: Vec::new(),
            rotations: Vec::new(),
        })
    }

    /// The trail's next record, as stored.
    ///
    /// # Errors
    /// When it is none, or cannot be written.
    pub fn record(&mut self, bytes: &[u8]) -> Result<(), PackError> {
        if self.log.len() as u64 >= self.head.size {
            return Ok(());
        }
        let hash = Hash::leaf(bytes);
        self.log.push(hash);
        let record: Record = serde_json::from_slice(bytes)?;
        if record.draft.kind == RecordType::KeyRotation {
            self.rotated.push((record.seq, String::from_utf8_lossy(bytes).into_owned()));
        }
        if record.ts < self.scope.from {
            if let Some(lead) = &mut self.lead {
                lead.take(&self.scope, &record, bytes);
            }
            return Ok(());
        }
        // Beyond the period; or the first record of all that are left is.
        self.over |= !self.scope.is_at(&record) && self.lead.is_some();
        if self.over {
            return if self.is_awaited(&record) { self.hold(record.seq, &record, bytes) } else { Ok(()) };
        }
        for (seq, bytes) in self.lead.take().map(Lead::open).unwrap_or_default() {
            self.hold(seq, &serde_json::from_slice(&bytes)?, &bytes)?;
        }
        self.over = !self.scope.is_at(&record);
        if self.scope.concerns(&record) && (!self.over || self.scope.connection.is_none() || self.is_awaited(&record)) {
            if !self.over {
                self.seen.take(record.seq, hash);
            }
            self.hold(record.seq, &record, bytes)?;
        }
        Ok(())
    }

    /// The end of a control failure of the period.
    fn is_awaited(&self, record: &Record) -> bool {
        record.draft.kind == RecordType::Incident
            && record.draft.detail.get("incident").is_some_and(|id| self.failing.contains(id))
    }

    /// Keeps a record in the pack.
    fn hold(&mut self, seq: u64, record: &Record, bytes: &[u8]) -> Result<(), PackError> {
        if let (RecordType::Incident, Some(id)) = (record.draft.kind, record.draft.detail.get("incident")) {
            match event(&record.draft) {
                "ended" => drop(self.failing.remove(id)),
                _ => drop(self.failing.insert(id.clone())),
            }
        }
        match self.held.last_mut() {
            Some(last) if last.end == seq => last.end += 1,
            _ => self.held.push(seq..seq + 1),
        }
        self.study.take(record);
        let written = self.records.write_all(bytes).and_then(|()| self.records.write_all(b"\n"));
        written.map_err(io_at(&self.dir.join(RECORDS)))
    }

    /// A signed head over all records so far.
    ///
    /// # Errors
    /// When it is none.
    pub fn checkpoint(&mut self, note: &str) -> Result<(), PackError> {
        let size = Checkpoint::read(&Note::parse(note)?)?.size;
        if size == self.head.size {
            self.note = Some(note.to_owned());
        }
        if size > self.head.size {
            return Ok(());
        }
        for (seq, record) in std::mem::take(&mut self.rotated) {
            let leaves = |from: u64, to: u64| {
                let range = usize::try_from(from).unwrap_or(usize::MAX)..usize::try_from(to).unwrap_or(usize::MAX);
                self.log.get(range).unwrap_or_default()
            };
            let key = serde_json::from_str::<Record>(&record)?.draft.detail.get(KEY).and_then(|key| key.parse().ok());
            self.keys.extend(key);
            self.rotations.push(Later {
                before: Subtree::over(0, leaves(0, seq)),
                after: Subtree::over(seq + 1, leaves(seq + 1, size)),
                record,
                checkpoint: note.to_owned(),
            });
        }
        Ok(())
    }

    /// After the last record: writes the rest, and reads all of it again as a verifier does.
    ///
    /// # Errors
    /// When there is nothing to show, the trail is another one than was verified, or nothing can be written.
    pub fn finish(mut self, made: Made, previous: Option<&Previous>) -> Result<Unsealed, PackError> {
        let dir = self.dir;
        let io = |name: &str| io_at(&dir.join(name));
        let mut tree = Tree::default();
        let mut past = None;
        for leaf in &self.log {
            tree.push(*leaf);
            past = past.or_else(|| previous.filter(|previous| previous.head.size == tree.size()).map(|_| tree.root()));
        }
        let note = self.note.take().ok_or(PackError::OtherTrail)?;
        if Checkpoint::of(&self.head.origin, &tree) != self.head {
            return Err(PackError::OtherTrail);
        }
        if previous.is_some_and(|previous| previous.head.origin != self.head.origin || past != Some(previous.head.root))
        {
            return Err(PackError::OtherPast);
        }
        self.records.flush().map_err(io(RECORDS))?;
        let studied = self.study.finish().map_err(io(RECORDS))?;
        if self.seen.head.is_none() {
            return Err(PackError::Empty);
        }
        let mut out = BufWriter::new(File::create_new(dir.join(PATH)).map_err(io(PATH))?);
        let at: Vec<_> = previous.map(|previous| previous.head.size).into_iter().collect();
        path::write(&mut out, &self.log, &self.held, &at).and_then(|()| out.flush()).map_err(io(PATH))?;
        let write = |name: &str, text: &str| fs::write(dir.join(name), text).map_err(io(name));
        write(CHECKPOINT, &note)?;
        write(ROTATIONS, &json(&self.rotations)?)?;
        if let Some(previous) = previous {
            write(PREVIOUS, &previous.note)?;
        }
        write(README, include_str!("README.md"))?;

        let of = Of {
            scope: self.scope.clone(),
            keys: self.keys.clone(),
            checkpoint: self.head.clone(),
            previous: previous.map(|previous| previous.head.clone()),
        };
        let mut inspected = inspect(&dir, &of, |_| {}).map_err(io(RECORDS))?;
        inspected.scan(&dir, &files(&dir).map_err(io(MANIFEST))?).map_err(io(MANIFEST))?;
        as_written(&inspected)?;
        let coverage = Coverage::of(&inspected.checks, &studied.rows);
        write(COVERAGE, &json(&coverage)?)?;
        let seen = inspected.seen.clone();
        let manifest = listed(&dir, made, of, seen, &inspected, &coverage)?;
        let text = json(&manifest)?;
        write(MANIFEST, &text)?;
        let digest = Hash::of(text.as_bytes());
        write(MANIFEST_DIGEST, &format!("{digest}  {MANIFEST}\n"))?;
        Ok(Unsealed { dir, keys: self.keys, tree, manifest: digest, records: manifest.seen.records, coverage })
    }
}

/// The manifest, after the report, which it lists.
fn listed(
    dir: &Path,
    made: Made,
    of: Of,
    seen: Seen,
    inspected: &Inspected,
    coverage: &Coverage,
) -> Result<Manifest, PackError> {
    let mut manifest = Manifest {
        kind: KIND.to_owned(),
        format: FORMAT,
        period: of.scope,
        made,
        keys: of.keys,
        checkpoint: of.checkpoint,
        previous: of.previous,
        seen,
        files: Vec::new(),
    };
    let page = report::page(&manifest, &inspected.checks, coverage, &inspected.summary);
    fs::write(dir.join(report::REPORT), page).map_err(io_at(&dir.join(report::REPORT)))?;
    let listed = files(dir).map_err(io_at(dir))?;
    let listed = listed.iter().map(|name| Listed::of(dir, name, &inspected.rows));
    manifest.files = listed.collect::<Result<_, _>>().map_err(io_at(dir))?;
    Ok(manifest)
}

/// A pack whose rows, read back, are not its records' is not given out.
fn as_written(inspected: &Inspected) -> Result<(), PackError> {
    match inspected.broken() {
        Some(finding) => Err(PackError::NotAsWritten(format!("{}: {}", finding.file, finding.text))),
        None => Ok(()),
    }
}

pub(crate) fn io_at(path: &Path) -> impl Fn(io::Error) -> PackError + use<> {
    let path = path.to_owned();
    move |source| PackError::Io { path: path.clone(), source }
}

/// As it lies in a file.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}
