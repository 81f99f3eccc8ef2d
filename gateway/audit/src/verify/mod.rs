//! Verification: feed it every segment in order; it says what does not hold, and where.

mod anchor;
mod clocks;
mod kept;
mod leaf;
mod receipts;
mod report;

use std::{collections::HashSet, fmt::Display, sync::Arc};

pub use anchor::Anchor;
use anchor::Anchors;
use clocks::Clocks;
use hoop_model::{ExchangeId, SessionId};
use kept::Kept;
use leaf::{Committed, Found, Leaf};
use receipts::Receipts;
pub use report::{AgentReport, ClockMove, ClockReport, Finding, FindingKind, Report};

use crate::{
    chain::{Chain, Place},
    checkpoint::Checkpoint,
    note::{Note, VerifyingKey},
    opening::Opening,
    payload::{Payload, PayloadKeys},
    receipt::{AgentHead, Receipt},
    record::{RecordType, VERSION},
    segment::{Frame, FrameError, Frames},
};

/// Records that a gateway leaves without a checkpoint behind them, at the most.
pub const UNSIGNED: u64 = 1000;
/// Records read at a time, and bytes of payload with them.
const BATCH: usize = 8192;
const BATCH_BYTES: usize = 64 * 1024 * 1024;

/// Takes segments in order.
#[derive(Default, Clone)]
pub struct Verifier {
    trusted: Vec<VerifyingKey>,
    anchors: Anchors,
    payload_keys: Arc<PayloadKeys>,
    kept: Kept,
    receipts: Receipts,
    clocks: Clocks,
    report: Report,
    chain: Chain,
    /// The key that signs now, and the one that a rotation brings in.
    key: Option<VerifyingKey>,
    next_key: Option<VerifyingKey>,
    /// Not all checkpoints are there to be seen.
    partly_signed: bool,
    /// A writer's start or stop, which comes with a checkpoint: its number and place.
    to_be_signed: Option<(RecordType, u64, String)>,
    seen_sessions: HashSet<SessionId>,
    known: HashSet<ExchangeId>,
}

/// A frame, with what it needs of the one before it.
enum Step<'a> {
    Opening(&'a [u8]),
    /// Which of the records read together.
    Record(usize),
    Checkpoint(&'a str),
    StrayPayload(u64),
    Damage(FrameError),
}

impl Verifier {
    /// `trusted`: keys that may sign, known from elsewhere; without any, the log's own word is taken and the report says
    /// so. `anchors`: what is remembered of the log outside of it.
    pub fn new(trusted: Vec<VerifyingKey>, anchors: impl IntoIterator<Item = Anchor>) -> Self {
        Self { trusted, anchors: Anchors::new(anchors), ..Self::default() }
    }

    /// Opens sealed payloads by these keys. Without any, what is sealed is counted, and nothing is said of it.
    #[must_use]
    pub fn with_payload_keys(mut self, keys: PayloadKeys) -> Self {
        self.payload_keys = Arc::new(keys);
        self
    }

    /// Holds the log against what agents signed for, as their own machines have it: all of it has to be there.
    #[must_use]
    pub fn with_agents(mut self, heads: impl IntoIterator<Item = AgentHead>) -> Self {
        self.receipts.expect(heads);
        self
    }

    /// The bytes of the next segment file. Only the `newest` may end in a torn write.
    pub fn segment(&mut self, name: &str, bytes: &[u8], newest: bool) {
        let mut frames = Frames::new(bytes);
        let mut more = true;
        while more {
            let mut steps = Vec::new();
            let mut records = Vec::new();
            let mut payload: Option<(usize, Payload<'_>)> = None;
            let mut payload_bytes = 0;
            more = false;
            while let Some(frame) = frames.next() {
                let (at, frame) = match frame {
                    Ok(frame) => frame,
                    Err(error) => {
                        let good = frames.offset();
                        if frames.resume().is_none() && newest {
                            self.report.torn_bytes = bytes.len().saturating_sub(good) as u64;
                        } else {
                            steps.push((good, Step::Damage(error)));
                        }
                        continue;
                    }
                };
                if let Some((at, stray)) = payload.take_if(|_| !matches!(frame, Frame::Record(_))) {
                    steps.push((at, Step::StrayPayload(stray.seq)));
                }
                match frame {
                    Frame::Payload(next) => payload = Some((at, next)),
                    Frame::Opening(state) => steps.push((at, Step::Opening(state))),
                    Frame::Checkpoint(note) => steps.push((at, Step::Checkpoint(note))),
                    Frame::Record(record) => {
                        steps.push((at, Step::Record(records.len())));
                        payload_bytes += payload.map_or(0, |(_, payload)| payload.stored.len());
                        records.push((record, payload.take().map(|(_, payload)| payload)));
                        if records.len() >= BATCH || payload_bytes >= BATCH_BYTES {
                            more = true;
                            break;
                        }
                    }
                }
            }
            if let Some((at, stray)) = payload {
                // Written and its record not: a crash between the two, which the next start cuts off.
                if newest {
                    self.report.torn_bytes = bytes.len().saturating_sub(at) as u64;
                } else {
                    steps.push((at, Step::StrayPayload(stray.seq)));
                }
            }
            let mut leaves: Vec<_> = Leaf::read_all(&records, &self.payload_keys).into_iter().map(Some).collect();
            for (at, step) in steps {
                let place: &dyn Display = &format_args!("{name}, byte {at}");
                match step {
                    Step::Opening(state) => self.opening(place, state),
                    Step::Record(index) => match leaves.get_mut(index).and_then(Option::take) {
                        Some(Ok(leaf)) => self.leaf(place, leaf),
                        Some(Err(error)) => self.unreadable(place, &error),
                        None => self.unreadable(place, &"it was not read"),
                    },
                    Step::Checkpoint(note) => self.checkpoint(place, note),
                    Step::StrayPayload(seq) => {
                        let text = "a payload that belongs to no record behind it".to_owned();
                        self.report.find(FindingKind::Payload, seq, place, text);
                    }
                    Step::Damage(error) => self.unreadable(place, &error),
                }
            }
        }
    }

    /// The next records and their payloads, from wherever they are kept. Their checkpoints come by
    /// [`Self::checkpoint`], not all of them.
    pub fn records(&mut self, place: &str, records: &[(&[u8], Option<Payload<'_>>)]) {
        self.partly_signed = true;
        for (index, leaf) in Leaf::read_all(records, &self.payload_keys).into_iter().enumerate() {
            let place: &dyn Display = &format_args!("{place}, record {index} in it");
            match leaf {
                Ok(leaf) => self.leaf(place, leaf),
                Err(error) => self.unreadable(place, &error),
            }
        }
    }

    /// Names the key that signs from the beginning, where no segment does.
    pub fn begin(&mut self, key: VerifyingKey) {
        self.report.key_known = self.trusted.contains(&key);
        self.report.keys.push(key.clone());
        self.key = Some(key);
    }

    /// How many records there were so far.
    pub fn size(&self) -> u64 {
        self.chain.tree().size()
    }

    /// A stretch that is no record.
    pub fn unreadable(&mut self, place: &dyn Display, error: &dyn Display) {
        self.report.find(FindingKind::Unreadable, self.chain.next_seq(), place, error.to_string());
    }

    /// What a segment says of the log before it. The first names the key, where the caller knows none.
    pub fn opening(&mut self, place: &dyn Display, bytes: &[u8]) {
        let opening: Opening = match serde_json::from_slice(bytes) {
            Ok(opening) => opening,
            Err(error) => return self.unreadable(place, &error),
        };
        if self.key.is_none() {
            self.begin(opening.key.clone());
        }
        if self.key.as_ref() != Some(&opening.key) || self.chain != opening.chain {
            let text = "the segment does not begin where the log before it ends".to_owned();
            self.report.find(FindingKind::Opening, self.chain.next_seq(), place, text);
        }
    }

    /// A signed note over all records so far.
    pub fn checkpoint(&mut self, place: &dyn Display, note: &str) {
        let read = Note::parse(note).and_then(|note| Ok((Checkpoint::read(&note)?, note)));
        let (checkpoint, note) = match read {
            Ok(read) => read,
            Err(error) => return self.unreadable(place, &error),
        };
        self.report.checkpoints += 1;
        let seq = checkpoint.size;
        let mut signers = self.key.iter().chain(&self.next_key).peekable();
        let signed = signers.peek().is_some() && signers.all(|key| note.is_signed_by(key));
        if !signed {
            let by = self.next_key.as_ref().or(self.key.as_ref()).map_or_else(String::new, VerifyingKey::to_string);
            self.report.find(FindingKind::Signature, seq, place, format!("a checkpoint that is not signed by {by}"));
            return;
        }
        let origin = self.key.as_ref().map_or("", VerifyingKey::name);
        if checkpoint != self.chain.checkpoint(origin) {
            let text = format!(
                "the {} records before it are not the {} that this checkpoint was signed for",
                self.chain.tree().size(),
                checkpoint.size
            );
            self.report.find(FindingKind::Checkpoint, seq, place, text);
            return;
        }
        if let Some(next) = self.next_key.take() {
            self.report.key_known |= self.trusted.contains(&next);
            self.report.keys.push(next.clone());
            self.key = Some(next);
        }
        self.to_be_signed = None;
        self.report.unsigned_records = 0;
        self.report.checkpoint = Some(checkpoint);
    }

    /// All segments were given.
    pub fn finish(mut self) -> Report {
        // A crash may take the very first checkpoint, or one of a start, but not all of them.
        let stopped = self.to_be_signed.as_ref().is_some_and(|(kind, ..)| *kind == RecordType::WriterStop);
        let none = self.report.checkpoint.is_none() && self.report.records > 1;
        if self.report.torn_bytes == 0 && (stopped || none) {
            self.left_unsigned();
        }
        if !self.trusted.is_empty() && !self.report.key_known && !self.report.keys.is_empty() {
            let text = "the log is signed by a key that is none of those it should be".to_owned();
            self.report.find(FindingKind::Signature, 0, &"keys", text);
        }
        self.kept.finish(&mut self.report);
        self.receipts.finish(&mut self.report);
        self.anchors.finish(&mut self.report);
        self.report.open_exchanges = self.chain.open_exchanges();
        self.report.sessions = self.seen_sessions.len() as u64;
        self.report.exchanges = self.known.len() as u64;
        self.report.head = self.chain.head().cloned();
        self.report
    }

    fn leaf(&mut self, place: &dyn Display, leaf: Leaf) {
        let seq = leaf.place.seq;
        if leaf.v != VERSION {
            self.report.find(FindingKind::Unreadable, seq, place, format!("record version {}", leaf.v));
        }
        self.in_log(place, &leaf);
        self.in_time(place, &leaf);
        self.in_session(place, &leaf);
        self.in_exchange(place, &leaf);
        if let Some(committed) = leaf.payload {
            self.with_payload(place, &leaf.place, committed);
        }
        if let Some(purge) = &leaf.purge {
            self.kept.purged(purge, seq, leaf.place.ts, place, &mut self.report);
        }
        if let Some(facts) = &leaf.receipts {
            let recorded = |receipt: &Receipt| match (receipt.exchange, receipt.session) {
                (Some(exchange), _) => self.known.contains(&exchange),
                (None, session) => session.is_some_and(|session| self.seen_sessions.contains(&session)),
            };
            self.receipts.take(facts, recorded, seq, place, &mut self.report);
        }
        if let Some(before) = leaf.continues {
            self.report.continues.push(before);
        }
        if leaf.place.kind == RecordType::Gap {
            self.report.gaps += 1;
        }
        if let Some(key) = leaf.key {
            self.next_key = Some(key);
        }
        if !self.partly_signed {
            if leaf.place.kind == RecordType::WriterStart && !leaf.admits_unsigned {
                self.left_unsigned();
            }
            if matches!(leaf.place.kind, RecordType::WriterStart | RecordType::WriterStop) {
                self.to_be_signed = Some((leaf.place.kind, seq, place.to_string()));
            }
        }
        self.chain.took(&leaf.place, leaf.hash);
        self.report.records += 1;
        self.report.unsigned_records += 1;
        if !self.partly_signed && self.report.unsigned_records == UNSIGNED + 1 {
            let text = format!("more than {UNSIGNED} records without a checkpoint behind them");
            self.report.find(FindingKind::Unsigned, seq, place, text);
        }
        self.anchors.check(&self.chain, &mut self.report, place);
    }

    /// A writer signs as it starts and as it stops: without that, whoever took all checkpoints away would leave no trace.
    fn left_unsigned(&mut self) {
        if let Some((_, seq, place)) = self.to_be_signed.take() {
            let text = "the checkpoint that a writer's start or stop comes with is missing".to_owned();
            self.report.find(FindingKind::Unsigned, seq, &place, text);
        }
    }

    fn in_log(&mut self, place: &dyn Display, leaf: &Leaf) {
        let (expected, seq) = (self.chain.next_seq(), leaf.place.seq);
        if seq != expected {
            let text = format!("record {seq} where {expected} belongs");
            self.report.find(FindingKind::Sequence, expected, place, text);
        }
        if leaf.prev != self.chain.prev() {
            let text = match seq.checked_sub(1) {
                Some(before) => format!(
                    "it does not follow what lies before it: record {before} was changed, removed, added or moved"
                ),
                None => "the first record follows nothing, but claims to".to_owned(),
            };
            self.report.find(FindingKind::BrokenChain, seq, place, text);
        }
    }

    fn in_time(&mut self, place: &dyn Display, leaf: &Leaf) {
        let (seq, ts) = (leaf.place.seq, leaf.place.ts);
        if self.chain.latest().is_some_and(|latest| ts < latest) {
            self.report.find(FindingKind::Time, seq, place, "older than the record before it".to_owned());
        }
        let begins = leaf.place.kind == RecordType::WriterStart;
        if !self.clocks.take(seq, ts, leaf.mono_ns, begins, &mut self.report.clocks) {
            let text = "its writer's steady clock goes back".to_owned();
            self.report.find(FindingKind::Time, seq, place, text);
        }
        self.report.clocks.state(leaf.clock);
    }

    fn in_session(&mut self, place: &dyn Display, leaf: &Leaf) {
        let Some((session, session_seq)) = leaf.place.session else { return };
        self.seen_sessions.insert(session);
        let (expected, prev) = self.chain.next_in_session(session);
        if session_seq != expected || leaf.prev_session != Some(prev) {
            let text = format!("it does not follow record {expected} of session {session}");
            self.report.find(FindingKind::BrokenSession, leaf.place.seq, place, text);
        }
    }

    fn in_exchange(&mut self, place: &dyn Display, leaf: &Leaf) {
        let Some(exchange) = leaf.place.exchange else { return };
        match leaf.place.kind {
            RecordType::Request => drop(self.known.insert(exchange)),
            RecordType::ResponseChunk | RecordType::End if !self.known.contains(&exchange) => {
                let text = format!("an answer of exchange {exchange}, whose request is not in the log");
                self.report.find(FindingKind::NoRequest, leaf.place.seq, place, text);
            }
            _ => {}
        }
    }

    fn with_payload(&mut self, place: &dyn Display, record: &Place, committed: Committed) {
        let Committed { connection, length, found } = committed;
        match found {
            Found::Missing => return self.kept.missing(connection, record.seq, record.ts, place),
            Found::Good => {
                self.report.payloads += 1;
                self.report.payload_bytes += length;
            }
            Found::Sealed => self.report.sealed_payloads += 1,
            Found::Bad(error) => {
                let text = format!("its payload is not the one it commits to: {error}");
                self.report.find(FindingKind::Payload, record.seq, place, text);
            }
        }
        self.kept.found(connection.as_ref());
    }
}
