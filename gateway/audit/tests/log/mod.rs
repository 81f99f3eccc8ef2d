//! A trail as a gateway writes it, in parts that can be moved about, and framed again with good checksums.
// Each test uses a part of it.
#![allow(dead_code)]

use std::time::Duration;

use hoop_audit::{
    Chain, Draft, KEY, Opening, PayloadFacts, PayloadOf, RecordType, SigningKey, UNSIGNED,
    payload::{Codec, Commitment, Payload},
    segment::{Frame, MAGIC},
};
use hoop_model::{ExchangeId, SessionId, Timestamp, later};

pub fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed("hoop-gateway/test", &[seed; 32]).unwrap()
}

#[derive(Clone)]
pub enum Part {
    Opening(Vec<u8>),
    Record(u64, Vec<u8>),
    Payload(u64, [u8; 32], Vec<u8>),
    Checkpoint(String),
}

impl Part {
    pub fn is_record(&self) -> bool {
        matches!(self, Self::Record(..))
    }

    pub fn seq(&self) -> Option<u64> {
        match self {
            Self::Record(seq, _) | Self::Payload(seq, ..) => Some(*seq),
            _ => None,
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Self::Opening(bytes) | Self::Record(_, bytes) => bytes.len(),
            Self::Payload(_, salt, bytes) => salt.len() + bytes.len(),
            Self::Checkpoint(note) => note.len(),
        }
    }

    /// Flips a bit; not where that would make a text none that could be stored.
    pub fn flip(&mut self, at: usize) -> bool {
        let bit = 1 << (at % 7);
        match self {
            Self::Opening(bytes) | Self::Record(_, bytes) => bytes[at] ^= bit,
            Self::Payload(_, salt, bytes) => match at.checked_sub(32) {
                Some(at) => bytes[at] ^= bit,
                None => salt[at] ^= bit,
            },
            Self::Checkpoint(note) => {
                let mut bytes = note.clone().into_bytes();
                bytes[at] ^= bit;
                match String::from_utf8(bytes) {
                    Ok(flipped) => *note = flipped,
                    Err(_) => return false,
                }
            }
        }
        true
    }

    pub fn text(&self) -> String {
        match self {
            Self::Opening(bytes) | Self::Record(_, bytes) => String::from_utf8(bytes.clone()).unwrap(),
            _ => String::new(),
        }
    }

    pub fn edit(&mut self, edit: impl FnOnce(String) -> String) {
        let text = edit(self.text());
        match self {
            Self::Record(_, bytes) => *bytes = text.into_bytes(),
            _ => panic!("no record"),
        }
    }

    pub fn payload(&mut self) -> &mut Vec<u8> {
        match self {
            Self::Payload(_, _, bytes) => bytes,
            _ => panic!("no payload"),
        }
    }
}

#[derive(Clone)]
pub struct Log {
    pub segments: Vec<Vec<Part>>,
}

impl Log {
    /// Drafts a second apart, in segments of so many records; answers have a payload.
    pub fn of(drafts: Vec<Draft>, segment: usize, key: &SigningKey) -> Self {
        let start: Timestamp = "2026-03-01T09:00:00Z".parse().unwrap();
        let mut chain = Chain::default();
        let mut log = Self { segments: Vec::new() };
        let mut unsigned = 0;
        let count = drafts.len();
        for (index, mut draft) in drafts.into_iter().enumerate() {
            if index % segment == 0 {
                let opening = Opening { key: key.verifying().clone(), chain: chain.clone() };
                log.segments.push(vec![Part::Opening(serde_json::to_vec(&opening).unwrap())]);
            }
            let parts = log.segments.last_mut().unwrap();
            if draft.kind == RecordType::ResponseChunk {
                let (salt, bytes) = ([index as u8; 32], format!("rows of {index}").into_bytes());
                let mut commitment = Commitment::new(&salt);
                commitment.update(&bytes);
                let (of, length) = (PayloadOf::Delivered, bytes.len() as u64);
                draft.payload = Some(PayloadFacts { of, digest: commitment.finish(), length });
                parts.push(Part::Payload(chain.next_seq(), salt, bytes));
            }
            let kind = draft.kind;
            let stored = chain.place(draft, later(start, Duration::from_secs(index as u64))).unwrap();
            chain.take(&stored);
            parts.push(Part::Record(stored.record.seq, stored.bytes));
            unsigned += 1;
            let due = matches!(kind, RecordType::WriterStart | RecordType::WriterStop | RecordType::SessionEnd);
            if due || unsigned == UNSIGNED || (index + 1) % segment == 0 || index + 1 == count {
                parts.push(Part::Checkpoint(chain.checkpoint(key.verifying().name()).sign([key])));
                unsigned = 0;
            }
        }
        log
    }

    fn chain(&self) -> Chain {
        let mut chain = Chain::default();
        for part in self.segments.iter().flatten() {
            if let Part::Record(_, bytes) = part {
                chain.resume(&serde_json::from_slice(bytes).unwrap(), bytes);
            }
        }
        chain
    }

    /// Ends a segment with a checkpoint over all up to there.
    pub fn sign(&mut self, key: &SigningKey, segment: usize) {
        let chain = Self { segments: self.segments[..=segment].to_vec() }.chain();
        self.segments[segment].push(Part::Checkpoint(chain.checkpoint(key.verifying().name()).sign([key])));
    }

    /// Goes on with a rotation to another key, its checkpoint signed by these, and a last record by the new one.
    pub fn rotated(mut self, next: &SigningKey, by: &[&SigningKey]) -> Self {
        let mut chain = self.chain();
        let drafts = [
            Draft::new(RecordType::KeyRotation).detail(KEY, next.verifying().to_string()),
            Draft::new(RecordType::Heartbeat),
        ];
        for (draft, keys) in drafts.into_iter().zip([by, &[next]]) {
            let stored = chain.place(draft, "2026-03-02T09:00:00Z".parse::<Timestamp>().unwrap()).unwrap();
            chain.take(&stored);
            let parts = self.segments.last_mut().unwrap();
            parts.push(Part::Record(stored.record.seq, stored.bytes));
            let note = chain.checkpoint(next.verifying().name()).sign(keys.iter().copied());
            parts.push(Part::Checkpoint(note));
        }
        self
    }

    pub fn files(&self) -> Vec<Vec<u8>> {
        let framed = |parts: &Vec<Part>| {
            let mut file = MAGIC.to_vec();
            for part in parts {
                let frame = match part {
                    Part::Opening(bytes) => Frame::Opening(bytes),
                    Part::Record(_, bytes) => Frame::Record(bytes),
                    Part::Payload(seq, salt, stored) => {
                        Frame::Payload(Payload { seq: *seq, codec: Codec::Plain, sealed_by: None, salt, stored })
                    }
                    Part::Checkpoint(note) => Frame::Checkpoint(note),
                };
                frame.write(&mut file).unwrap();
            }
            file
        };
        self.segments.iter().map(framed).collect()
    }

    pub fn places(&self, wanted: impl Fn(&Part) -> bool) -> Vec<(usize, usize)> {
        let of = |(segment, parts): (usize, &Vec<Part>)| {
            parts.iter().enumerate().filter(|(_, part)| wanted(part)).map(|(at, _)| (segment, at)).collect::<Vec<_>>()
        };
        self.segments.iter().enumerate().flat_map(of).collect()
    }

    /// The sessions, in order of their start.
    pub fn sessions(&self) -> Vec<String> {
        let parts = self.segments.iter().flatten().map(Part::text);
        let starts = parts.filter(|text| text.contains("\"session_start\""));
        starts.map(|text| text[text.find("s-").unwrap()..][..34].to_owned()).collect()
    }
}

pub fn draft(kind: RecordType, session: SessionId, exchange: Option<ExchangeId>) -> Draft {
    Draft { session_id: Some(session), exchange_id: exchange, ..Draft::new(kind) }
}

/// Sessions side by side, so many exchanges in each, between a writer's start and stop.
pub fn exchanges(sessions: usize, each: usize) -> Vec<Draft> {
    let sessions: Vec<_> = (0..sessions).map(|_| SessionId::new()).collect();
    let mut drafts = vec![Draft::new(RecordType::WriterStart)];
    drafts.extend(sessions.iter().map(|session| draft(RecordType::SessionStart, *session, None)));
    for _ in 0..each {
        let open: Vec<_> = sessions.iter().map(|session| (*session, ExchangeId::new())).collect();
        for kind in [RecordType::Request, RecordType::ResponseChunk, RecordType::End] {
            for (session, exchange) in &open {
                let mut draft = draft(kind, *session, Some(*exchange));
                draft.command = (kind == RecordType::Request).then(|| "SELECT 1".to_owned());
                drafts.push(draft);
            }
        }
    }
    drafts.extend(sessions.iter().map(|session| draft(RecordType::SessionEnd, *session, None)));
    drafts.push(Draft::new(RecordType::WriterStop));
    drafts
}
