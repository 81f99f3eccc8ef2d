//! Verification: feed it every stored record in order; it says what does not hold, and where.

use std::collections::{HashMap, HashSet};

use hoop_model::{ExchangeId, SessionId, Timestamp};

use crate::{
    chain::Head,
    digest::sha256_hex,
    record::{Record, RecordType, VERSION},
    segment::Frames,
};

/// Findings kept in a report; the rest is counted.
const FINDINGS: usize = 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingKind {
    /// A frame or record that cannot be read.
    Unreadable,
    /// The record does not follow the one before it: changed, removed, added or moved.
    BrokenChain,
    /// A number is missing or twice.
    Sequence,
    /// The chain within a session does not hold.
    BrokenSession,
    /// Time goes backwards.
    Time,
    /// An answer or end whose request is not in the log.
    NoRequest,
    /// The log ends before the head that was remembered.
    RolledBack,
    /// The log has another record where the remembered head was.
    OtherHead,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    pub kind: FindingKind,
    /// The record's number, or the one expected at this place.
    pub seq: u64,
    /// File and byte, or whatever the caller named the place.
    pub place: String,
    pub text: String,
}

/// What verification found. Without findings the log is consistent; with a remembered head it was also not rolled back.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Report {
    pub records: u64,
    pub sessions: u64,
    pub exchanges: u64,
    /// Exchanges without an end: still running, or the gateway was killed. No sign of tampering.
    pub open_exchanges: u64,
    /// Records that say that the writer found a torn end after a crash and cut it off.
    pub gaps: u64,
    /// Bytes after the last whole frame of the newest segment: a write under way, or one that a crash tore.
    pub torn_bytes: u64,
    pub head: Option<Head>,
    /// Whether a remembered head was found in the log.
    pub anchored: bool,
    /// The first thousand.
    pub findings: Vec<Finding>,
    pub further_findings: u64,
}

impl Report {
    pub fn is_consistent(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Takes records in order.
#[derive(Default)]
pub struct Verifier {
    anchor: Option<Head>,
    report: Report,
    sessions: HashMap<SessionId, Head>,
    seen_sessions: HashSet<SessionId>,
    open: HashSet<ExchangeId>,
    known: HashSet<ExchangeId>,
    latest: Option<Timestamp>,
}

impl Verifier {
    /// `anchor`: the head that an earlier verification remembered.
    pub fn new(anchor: Option<Head>) -> Self {
        Self { anchor, ..Self::default() }
    }

    /// The bytes of the next segment file. Only the `newest` may end in a torn write.
    pub fn segment(&mut self, name: &str, bytes: &[u8], newest: bool) {
        let mut frames = Frames::new(bytes);
        while let Some(frame) = frames.next() {
            let error = match frame {
                Ok((at, record)) => {
                    self.record(&format!("{name}, byte {at}"), record);
                    continue;
                }
                Err(error) => error,
            };
            let good = frames.offset();
            let resumed = frames.resume();
            if resumed.is_none() && newest {
                self.report.torn_bytes = bytes.len().saturating_sub(good) as u64;
            } else {
                self.unreadable(&format!("{name}, byte {good}"), &error);
            }
        }
    }

    /// A stretch that is no record.
    pub fn unreadable(&mut self, place: &str, error: &dyn std::fmt::Display) {
        let seq = self.next_seq();
        self.find(FindingKind::Unreadable, seq, place, error.to_string());
    }

    /// The next stored record.
    pub fn record(&mut self, place: &str, bytes: &[u8]) {
        let record: Record = match serde_json::from_slice(bytes) {
            Ok(record) => record,
            Err(error) => return self.unreadable(place, &error),
        };
        let hash = sha256_hex(bytes);
        if record.v != VERSION {
            self.find(FindingKind::Unreadable, record.seq, place, format!("record version {}", record.v));
        }
        self.in_log(place, &record);
        self.in_session(place, &record, &hash);
        self.in_exchange(place, &record);
        if record.draft.kind == RecordType::Gap {
            self.report.gaps += 1;
        }
        if self.anchor.as_ref().is_some_and(|anchor| anchor.seq == record.seq) {
            let same = self.anchor.as_ref().is_some_and(|anchor| anchor.hash == hash);
            if same {
                self.report.anchored = true;
            } else {
                let text = "this record is not the one that an earlier verification remembered".to_owned();
                self.find(FindingKind::OtherHead, record.seq, place, text);
            }
        }
        self.latest = Some(record.ts);
        self.report.records += 1;
        self.report.head = Some(Head { seq: record.seq, hash });
    }

    /// All records were given.
    pub fn finish(mut self) -> Report {
        let reached = self.report.head.as_ref().map(|head| head.seq);
        if let Some(anchor) = self.anchor.take()
            && reached.is_none_or(|seq| seq < anchor.seq)
        {
            let text = format!("the log ends before record {}, which an earlier verification saw", anchor.seq);
            self.find(FindingKind::RolledBack, anchor.seq, "end of the log", text);
        }
        self.report.open_exchanges = self.open.len() as u64;
        self.report.sessions = self.seen_sessions.len() as u64;
        self.report.exchanges = self.known.len() as u64;
        self.report
    }

    fn next_seq(&self) -> u64 {
        self.report.head.as_ref().map_or(0, |head| head.seq.saturating_add(1))
    }

    fn find(&mut self, kind: FindingKind, seq: u64, place: &str, text: String) {
        if self.report.findings.len() < FINDINGS {
            self.report.findings.push(Finding { kind, seq, place: place.to_owned(), text });
        } else {
            self.report.further_findings += 1;
        }
    }

    fn in_log(&mut self, place: &str, record: &Record) {
        let expected = self.next_seq();
        if record.seq != expected {
            let text = format!("record {} where {expected} belongs", record.seq);
            self.find(FindingKind::Sequence, expected, place, text);
        }
        let before = self.report.head.as_ref().map_or_else(|| sha256_hex(b""), |head| head.hash.clone());
        if record.prev != before {
            let text = match record.seq.checked_sub(1) {
                Some(before) => format!(
                    "it does not follow what lies before it: record {before} was changed, removed, added or moved"
                ),
                None => "the first record follows nothing, but claims to".to_owned(),
            };
            self.find(FindingKind::BrokenChain, record.seq, place, text);
        }
        if self.latest.is_some_and(|latest| record.ts < latest) {
            self.find(FindingKind::Time, record.seq, place, "older than the record before it".to_owned());
        }
    }

    fn in_session(&mut self, place: &str, record: &Record, hash: &str) {
        let Some(session) = record.draft.session_id else { return };
        self.seen_sessions.insert(session);
        let before = self.sessions.get(&session);
        let seq = before.map_or(0, |head| head.seq.saturating_add(1));
        let prev = before.map_or_else(|| sha256_hex(b""), |head| head.hash.clone());
        if record.session_seq != Some(seq) || record.prev_session.as_deref() != Some(prev.as_str()) {
            let text = format!("it does not follow record {seq} of session {session}");
            self.find(FindingKind::BrokenSession, record.seq, place, text);
        }
        if record.draft.kind == RecordType::SessionEnd {
            self.sessions.remove(&session);
        } else {
            self.sessions.insert(session, Head { seq: record.session_seq.unwrap_or(seq), hash: hash.to_owned() });
        }
    }

    fn in_exchange(&mut self, place: &str, record: &Record) {
        let Some(exchange) = record.draft.exchange_id else { return };
        match record.draft.kind {
            RecordType::Request => {
                self.known.insert(exchange);
                self.open.insert(exchange);
            }
            RecordType::ResponseChunk | RecordType::End => {
                if !self.known.contains(&exchange) {
                    let text = format!("an answer of exchange {exchange}, whose request is not in the log");
                    self.find(FindingKind::NoRequest, record.seq, place, text);
                }
                if record.draft.kind == RecordType::End {
                    self.open.remove(&exchange);
                }
            }
            _ => {}
        }
    }
}
