//! A segment as two objects: its frames without the payloads, byte for byte, and the payloads. Together they are the
//! segment again.

use std::iter::Peekable;

use hoop_audit::segment::{Frame, FrameError, Frames, MAGIC};
use hoop_model::Timestamp;
use serde::Deserialize;

/// A segment taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// All but the payloads.
    pub log: Vec<u8>,
    /// The payloads alone.
    pub payload: Vec<u8>,
    /// Of its last record: about when it was sealed.
    pub last: Option<Timestamp>,
    /// The newest signed head in it.
    pub checkpoint: Option<String>,
}

/// A segment that cannot be read to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct SegmentError(#[from] FrameError);

/// Room that was made ahead and never used is left out.
pub fn split(segment: &[u8]) -> Result<Split, SegmentError> {
    #[derive(Deserialize)]
    struct Told {
        ts: Timestamp,
    }
    let (mut log, mut payload) = (MAGIC.to_vec(), MAGIC.to_vec());
    let (mut last, mut checkpoint) = (None, None);
    for frame in Whole::new(segment) {
        let (bytes, frame) = frame?;
        match frame {
            Frame::Payload(_) => payload.extend_from_slice(bytes),
            other => {
                log.extend_from_slice(bytes);
                match other {
                    Frame::Record(record) => last = Some(record),
                    Frame::Checkpoint(note) => checkpoint = Some(note.to_owned()),
                    _ => {}
                }
            }
        }
    }
    let last = last.and_then(|record| serde_json::from_slice::<Told>(record).ok()).map(|told| told.ts);
    Ok(Split { log, payload, last, checkpoint })
}

/// A segment put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    pub segment: Vec<u8>,
    /// The number of the first record behind it.
    pub next: u64,
    /// Of its last record.
    pub last: Option<Timestamp>,
    /// Records that a payload names and that are not there; it is left out.
    pub stray: Vec<u64>,
}

/// Puts each payload before the record that it names. `first`: the number of the segment's first record; the others
/// follow it without gaps, or the trail's verification says so.
pub fn join(first: u64, log: &[u8], payload: &[u8]) -> Result<Joined, SegmentError> {
    let mut payloads = payloads(payload)?.into_iter().peekable();
    let (mut segment, mut next, mut stray) = (MAGIC.to_vec(), first, Vec::new());
    segment.reserve(log.len() + payload.len());
    for frame in Whole::new(log) {
        let (bytes, frame) = frame?;
        if let Frame::Record(_) = frame {
            take_strays(&mut payloads, next, &mut stray);
            if let Some((_, payload)) = payloads.next_if(|(seq, _)| *seq == next) {
                segment.extend_from_slice(payload);
            }
            next = next.saturating_add(1);
        }
        segment.extend_from_slice(bytes);
    }
    stray.extend(payloads.map(|(seq, _)| seq));
    let last = split(log)?.last;
    Ok(Joined { segment, next, last, stray })
}

/// Those that belong before `next` and found no record.
fn take_strays<'a>(payloads: &mut Peekable<impl Iterator<Item = (u64, &'a [u8])>>, next: u64, stray: &mut Vec<u64>) {
    while let Some((seq, _)) = payloads.next_if(|(seq, _)| *seq < next) {
        stray.push(seq);
    }
}

/// Each payload's frame with the record that it names.
fn payloads(bytes: &[u8]) -> Result<Vec<(u64, &[u8])>, SegmentError> {
    let mut payloads = Vec::new();
    for frame in Whole::new(bytes) {
        if let (bytes, Frame::Payload(payload)) = frame? {
            payloads.push((payload.seq, bytes));
        }
    }
    Ok(payloads)
}

/// Frames with all of their bytes.
struct Whole<'a> {
    bytes: &'a [u8],
    frames: Frames<'a>,
}

impl<'a> Whole<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, frames: Frames::new(bytes) }
    }
}

impl<'a> Iterator for Whole<'a> {
    type Item = Result<(&'a [u8], Frame<'a>), SegmentError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(match self.frames.next()? {
            Ok((at, frame)) => Ok((self.bytes.get(at..self.frames.offset()).unwrap_or_default(), frame)),
            Err(error) => Err(error.into()),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use hoop_audit::payload::{Codec, Payload, SALT};
    use proptest::prelude::*;

    use super::*;

    /// Records from `first` on, some with a payload, with a checkpoint at the end.
    fn segment(first: u64, payloads: &[Option<Vec<u8>>]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        Frame::Opening(b"{}").write(&mut bytes).unwrap();
        for (seq, payload) in (first..).zip(payloads) {
            if let Some(stored) = payload {
                let payload = Payload { seq, codec: Codec::Plain, sealed_by: None, salt: &[7; SALT], stored };
                Frame::Payload(payload).write(&mut bytes).unwrap();
            }
            let record = format!("{{\"v\":2,\"seq\":{seq},\"ts\":\"2026-01-02T03:04:{:02}Z\"}}", seq % 60);
            Frame::Record(record.as_bytes()).write(&mut bytes).unwrap();
        }
        Frame::Checkpoint("a note\n").write(&mut bytes).unwrap();
        bytes
    }

    proptest! {
        #[test]
        fn what_is_split_is_the_same_again(
            first in 0_u64..1000,
            payloads in prop::collection::vec(prop::option::of(prop::collection::vec(any::<u8>(), 0..64)), 1..40),
            room in 0_usize..64,
        ) {
            let whole = segment(first, &payloads);
            let split = split(&[whole.as_slice(), &vec![0; room]].concat()).unwrap();
            prop_assert_eq!(split.checkpoint.as_deref(), Some("a note\n"));
            let joined = join(first, &split.log, &split.payload).unwrap();
            prop_assert_eq!(joined.last, split.last);
            prop_assert_eq!(joined.next, first + payloads.len() as u64);
            prop_assert_eq!(joined.stray, Vec::<u64>::new());
            prop_assert_eq!(joined.segment, whole);
        }
    }

    #[test]
    fn records_lie_there_as_they_were_and_nothing_delivered_beside_them() {
        let whole = segment(3, &[Some(b"delivered".to_vec()), None]);
        let split = split(&whole).unwrap();
        let holds = |bytes: &[u8]| bytes.windows(9).any(|window| window == b"delivered");
        assert!(!holds(&split.log) && holds(&split.payload));
        let records = |bytes: &[u8]| -> Vec<Vec<u8>> {
            let frames = Frames::new(bytes).map(|frame| frame.unwrap().1);
            frames
                .filter_map(|frame| if let Frame::Record(record) = frame { Some(record.to_vec()) } else { None })
                .collect()
        };
        assert_eq!(records(&split.log), records(&whole));
        assert_eq!(split.last.unwrap().to_string(), "2026-01-02T03:04:04Z");
    }

    #[test]
    fn a_payload_without_its_record_is_told() {
        let [with, without] = [segment(3, &[None, Some(vec![1]), None]), segment(3, &[None])];
        let (payload, log) = (split(&with).unwrap().payload, split(&without).unwrap().log);
        let joined = join(3, &log, &payload).unwrap();
        assert_eq!((joined.stray, joined.segment), (vec![4], without.clone()));
        assert_eq!(join(5, &log, &payload).unwrap().stray, [4]);
    }

    #[test]
    fn damage_is_told() {
        let mut whole = segment(3, &[Some(vec![1])]);
        let last = whole.len() - 3;
        whole[last] ^= 1;
        assert!(split(&whole).is_err() && join(3, &whole, MAGIC).is_err());
        assert!(split(b"").is_err());
    }
}
