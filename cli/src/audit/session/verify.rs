use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    path::Path,
};

use hoop_audit::{
    Anchor, Finding, FindingKind, Hash, Head, Proof, ProofError, Record, RecordType, Replay, ReplayError, Report,
    VerifyingKey,
    payload::{self, Codec, Payload, SALT},
    segment::LIMIT,
};
use hoop_model::{Clock, ConnectionName, SessionId, Subject, SystemClock, Timestamp};
use serde::Serialize;

use super::{KEY, PAYLOADS, PROOF, RECORDS, payload};
use crate::{
    audit::Anchors,
    exit::{Exit, Failure},
};

/// What an export of a session was found to be.
#[derive(Serialize)]
pub(crate) struct Verified {
    pub session: Option<Session>,
    pub report: Report,
}

#[derive(Serialize)]
pub(crate) struct Session {
    pub id: SessionId,
    pub subject: Option<Subject>,
    pub connection: Option<ConnectionName>,
    pub started_at: Timestamp,
    /// Absent: it went on when this was made, or what came after was left out.
    pub ended_at: Option<Timestamp>,
}

/// Verifies it against all that is known of its log elsewhere. Remembers nothing: of the log it shows one head, and not that
/// this one continues another.
pub(in crate::audit) fn verify(dir: &Path, anchors: &Anchors) -> Result<Verified, Failure> {
    let (trusted, known) = anchors.read()?;
    let mut verifying =
        Verifying { dir, report: Report::default(), session: None, known, with_payload: BTreeSet::new() };
    verifying.records()?;
    verifying.strays()?;
    verifying.proof(&trusted, anchors);
    Ok(Verified { session: verifying.session, report: verifying.report })
}

struct Verifying<'a> {
    dir: &'a Path,
    report: Report,
    session: Option<Session>,
    known: Vec<Anchor>,
    /// The records that have a payload.
    with_payload: BTreeSet<u64>,
}

impl Verifying<'_> {
    fn find(&mut self, kind: FindingKind, seq: u64, place: &str, text: impl ToString) {
        self.report.findings.push(Finding { kind, seq, place: place.to_owned(), text: text.to_string() });
    }

    fn records(&mut self) -> Result<(), Failure> {
        let mut lines = match File::open(self.dir.join(RECORDS)) {
            Ok(file) => BufReader::new(file),
            Err(error) => {
                self.find(FindingKind::Unreadable, 0, RECORDS, error);
                return Ok(());
            }
        };
        let mut replay: Option<Replay> = None;
        let mut line = Vec::new();
        for number in 1_u64.. {
            line.clear();
            // A record may have no more; what is longer is none.
            (&mut lines).take(LIMIT as u64 + 1).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                break;
            }
            let place = format!("{RECORDS}, line {number}");
            let Some(bytes) = line.strip_suffix(b"\n") else {
                let next = self.next();
                self.find(FindingKind::Unreadable, next, &place, "the line does not end, or is no record");
                break;
            };
            let read: Record = match serde_json::from_slice(bytes) {
                Ok(record) => record,
                Err(error) => {
                    let next = self.next();
                    self.find(FindingKind::Unreadable, next, &place, error);
                    continue;
                }
            };
            let id = read.draft.session_id.unwrap_or_default();
            let replay = replay.get_or_insert_with(|| Replay::of(id, SystemClock.now()));
            self.record(&place, &read, bytes, replay)?;
        }
        if self.report.records == 0 && self.report.findings.is_empty() {
            self.find(FindingKind::Unreadable, 0, RECORDS, "it has no records");
        }
        Ok(())
    }

    fn record(&mut self, place: &str, read: &Record, bytes: &[u8], replay: &mut Replay) -> Result<(), Failure> {
        let seq = read.seq;
        let (stored, salt) = match read.draft.payload {
            Some(_) => self.payload(seq)?,
            None => (None, [0; SALT]),
        };
        let beside =
            stored.as_ref().map(|stored| Payload { seq, codec: Codec::Plain, sealed_by: None, salt: &salt, stored });
        let replayed = match replay.take(bytes, beside.as_ref()) {
            Ok(replayed) => replayed,
            Err(error) => {
                self.find(FindingKind::Unreadable, seq, place, error);
                return Ok(());
            }
        };
        match &replayed.problem {
            None => {}
            Some(error @ ReplayError::Broken { .. }) => self.find(FindingKind::BrokenSession, seq, place, error),
            Some(error) => self.find(FindingKind::Payload, seq, place, error),
        }
        if self.report.head.as_ref().is_some_and(|head| seq <= head.seq) {
            self.find(FindingKind::Sequence, seq, place, "it does not come after the one before it");
        }
        self.report.purged_payloads += u64::from(replayed.may_be_purged);
        if let Some(facts) = read.draft.payload.as_ref().filter(|_| stored.is_some()) {
            self.report.payloads += 1;
            self.report.payload_bytes += facts.length;
            self.with_payload.insert(seq);
        }
        self.report.records += 1;
        match read.draft.kind {
            RecordType::Request => {
                self.report.exchanges += 1;
                self.report.open_exchanges += 1;
            }
            RecordType::End => self.report.open_exchanges = self.report.open_exchanges.saturating_sub(1),
            _ => {}
        }
        let hash = Hash::leaf(bytes);
        self.report.head = Some(Head { seq, hash });
        self.remembered(seq, hash, place);
        if self.session.is_none() {
            self.report.sessions = 1;
        }
        let session = self.session.get_or_insert_with(|| Session {
            id: read.draft.session_id.unwrap_or_default(),
            subject: read.draft.origin.as_ref().map(|origin| origin.subject.clone()),
            connection: read.draft.connection.clone(),
            started_at: read.ts,
            ended_at: None,
        });
        session.ended_at = (read.draft.kind == RecordType::SessionEnd).then_some(read.ts).or(session.ended_at);
        Ok(())
    }

    /// The record that comes next, as far as the session tells.
    fn next(&self) -> u64 {
        self.report.head.as_ref().map_or(0, |head| head.seq + 1)
    }

    /// What lies beside a record, and its salt. Neither alone is of use.
    fn payload(&mut self, seq: u64) -> Result<(Option<Vec<u8>>, [u8; SALT]), Failure> {
        let names = payload(seq);
        let [bytes, salt] = names.each_ref().map(|name| self.dir.join(name));
        if !bytes.exists() && !salt.exists() {
            return Ok((None, [0; SALT]));
        }
        let read = |path: &Path, most: u64| -> std::io::Result<Vec<u8>> {
            let mut bytes = Vec::new();
            File::open(path)?.take(most).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let [name, salt_name] = &names;
        let salt = match read(&salt, SALT as u64 + 1).map(<[u8; SALT]>::try_from) {
            Ok(Ok(salt)) => salt,
            Ok(Err(_)) => {
                self.find(FindingKind::Payload, seq, salt_name, "it is no salt of 32 bytes");
                [0; SALT]
            }
            Err(error) => {
                self.find(FindingKind::Payload, seq, salt_name, error);
                [0; SALT]
            }
        };
        match read(&bytes, payload::LIMIT + 1) {
            Ok(bytes) => Ok((Some(bytes), salt)),
            Err(error) => {
                self.find(FindingKind::Payload, seq, name, error);
                Ok((None, salt))
            }
        }
    }

    /// Files that belong to no record.
    fn strays(&mut self) -> Result<(), Failure> {
        let folder = self.dir.join(PAYLOADS);
        if !folder.exists() {
            return Ok(());
        }
        for entry in fs::read_dir(folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let seq = name.strip_suffix(".salt").unwrap_or(&name).parse::<u64>().ok();
            let place = format!("{PAYLOADS}/{name}");
            let own = |seq: &u64| self.with_payload.contains(seq) && payload(*seq).contains(&place);
            if seq.filter(own).is_none() {
                self.find(FindingKind::Payload, seq.unwrap_or_default(), &place, "it belongs to no record");
            }
        }
        Ok(())
    }

    /// Holds a record against what a SIEM has of it.
    fn remembered(&mut self, at: u64, found: Hash, place: &str) {
        let mut others = Vec::new();
        for anchor in &self.known {
            let Anchor::Record { name, seq, hash } = anchor else { continue };
            if *seq != at {
                continue;
            }
            if *hash != found {
                others.push(name.clone());
            } else if !self.report.anchors.contains(name) {
                self.report.anchors.push(name.clone());
            }
        }
        for name in others {
            self.find(FindingKind::OtherHead, at, place, format!("it is not the record that {name} has"));
        }
    }

    /// Whether the last record is in the log, and whose log that is.
    fn proof(&mut self, trusted: &[VerifyingKey], anchors: &Anchors) {
        let Some(Head { seq, hash }) = self.report.head.clone() else { return };
        let text = |name: &str| fs::read_to_string(self.dir.join(name)).map_err(|error| error.to_string());
        let key =
            text(KEY).and_then(|key| key.trim_end().parse().map_err(|error: hoop_audit::NoteError| error.to_string()));
        let proof = text(PROOF).and_then(|proof| proof.parse().map_err(|error: ProofError| error.to_string()));
        let (key, proof): (VerifyingKey, Proof) = match (key, proof) {
            (Ok(key), Ok(proof)) => (key, proof),
            (Err(error), _) => return self.find(FindingKind::Unreadable, seq, KEY, error),
            (_, Err(error)) => return self.find(FindingKind::Unreadable, seq, PROOF, error),
        };
        if proof.index != seq {
            let text = format!("it is of record {}; the last one here is {seq}", proof.index);
            return self.find(FindingKind::Sequence, seq, PROOF, text);
        }
        let checkpoint = match proof.check(hash, &key) {
            Ok(checkpoint) => checkpoint,
            Err(error @ ProofError::Path) => return self.find(FindingKind::BrokenChain, seq, PROOF, error),
            Err(error) => return self.find(FindingKind::Signature, seq, PROOF, error),
        };
        self.report.key_known = trusted.contains(&key);
        if !trusted.is_empty() && !self.report.key_known {
            let text = "the log is signed by a key that is none of those it should be";
            self.find(FindingKind::Signature, seq, KEY, text);
        }
        if self.report.key_known {
            let from = anchors.trust.as_ref().map(|path| path.display().to_string());
            self.report.anchors.push(from.unwrap_or_else(|| "the last verification".to_owned()));
        }
        for anchor in std::mem::take(&mut self.known) {
            let Anchor::Checkpoint { name, checkpoint: known } = anchor else { continue };
            if known.size != checkpoint.size {
                continue;
            }
            if known.root != checkpoint.root {
                self.find(FindingKind::OtherHead, seq, PROOF, format!("its head is not the one that {name} remembers"));
            } else if !self.report.anchors.contains(&name) {
                self.report.anchors.push(name);
            }
        }
        self.report.checkpoints = 1;
        self.report.checkpoint = Some(checkpoint);
        self.report.keys.push(key);
    }
}

impl Verified {
    pub fn exit(&self) -> Exit {
        match (self.report.is_consistent(), self.report.is_anchored()) {
            (false, _) => Exit::Tampered,
            (true, true) => Exit::Ok,
            (true, false) => Exit::NoAnchor,
        }
    }
}
