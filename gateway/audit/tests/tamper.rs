//! Every change to a trail is found, and an untouched one raises no alarm.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod log;

use std::{num::NonZero, thread};

use hoop_audit::{
    Anchor, Checkpoint, FindingKind, Hash, Note, Report, Verifier, VerifyingKey,
    segment::{Frame, Frames, MAGIC},
};
use hoop_model::{ExchangeId, SessionId};
use log::{Log, Part, draft, exchanges, key};
use proptest::prelude::*;

fn verify(log: &Log, trusted: Vec<VerifyingKey>, anchor: Option<Checkpoint>) -> Report {
    let anchor = anchor.map(|checkpoint| Anchor::Checkpoint { name: "state".to_owned(), checkpoint });
    let mut verifier = Verifier::new(trusted, anchor);
    let files = log.files();
    for (index, file) in files.iter().enumerate() {
        verifier.segment(&format!("segment {index}"), file, index + 1 == files.len());
    }
    verifier.finish()
}

fn alone(log: &Log) -> Report {
    verify(log, Vec::new(), None)
}

fn kinds(report: &Report) -> Vec<FindingKind> {
    report.findings.iter().map(|finding| finding.kind).collect()
}

/// 1,000 records of three sessions in segments of ten, a payload with every third.
fn thousand() -> Log {
    Log::of(exchanges(3, 110), 10, &key(1))
}

#[test]
fn an_untouched_trail_raises_no_alarm() {
    let log = thousand();
    let report = alone(&log);
    assert_eq!(kinds(&report), []);
    assert_eq!((report.records, report.sessions, report.exchanges, report.open_exchanges), (998, 3, 330, 0));
    assert_eq!((report.payloads, report.unsigned_records, report.torn_bytes), (330, 0, 0));
    assert!(!report.key_known && !report.is_anchored(), "nothing vouches for it but itself");
    let known = verify(&log, vec![key(1).verifying().clone()], report.checkpoint.clone());
    assert!(known.key_known && known.is_consistent());
    assert_eq!(known.anchors, ["state"]);
    // A trail that has grown since still holds what was remembered of it.
    let early = Log { segments: log.segments[..7].to_vec() };
    let early = alone(&early).checkpoint;
    assert!(early.as_ref().unwrap().size < 200);
    assert!(verify(&log, Vec::new(), early).is_anchored());
}

/// Each byte of a log of 1,000 records. What lies before the flipped frame was verified once: the same verifier, copied,
/// goes on from there with the frame and the two behind it.
#[test]
fn every_flipped_byte_of_a_thousand_records_is_found() {
    let file: Vec<u8> = thousand().files().concat();
    let starts: Vec<usize> = thousand()
        .files()
        .iter()
        .scan(0, |before, file| {
            let start = *before;
            *before += file.len();
            Some(Frames::new(file).map(|frame| start + frame.unwrap().0).collect::<Vec<_>>())
        })
        .flatten()
        .chain([file.len()])
        .collect();
    let frames: Vec<&[u8]> = starts
        .windows(2)
        .map(|ends| file[ends[0]..ends[1]].strip_suffix(MAGIC).unwrap_or(&file[ends[0]..ends[1]]))
        .collect();
    let fed = |verifier: &mut Verifier, frames: &[&[u8]], newest| {
        verifier.segment("segment", &[MAGIC, frames.concat().as_slice()].concat(), newest);
    };
    let mut before = vec![Verifier::new(vec![key(1).verifying().clone()], [])];
    for (index, frame) in frames.iter().enumerate() {
        let mut next = before[index].clone();
        // A payload goes with its record.
        if frame[8] != 2 {
            let from = if index > 0 && frames[index - 1][8] == 2 { index - 1 } else { index };
            fed(&mut next, &frames[from..=index], false);
        }
        before.push(next);
    }
    assert!(before.last().unwrap().clone().finish().is_consistent());
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let flipped: usize = thread::scope(|scope| {
        let (frames, before) = (&frames, &before);
        let part = move |core| {
            let mut flipped = 0;
            for index in (core..frames.len()).step_by(cores) {
                let mut frame = frames[index].to_vec();
                let from = if index > 0 && frames[index - 1][8] == 2 { index - 1 } else { index };
                let behind = &frames[(index + 1).min(frames.len())..(index + 3).min(frames.len())];
                for at in 0..frame.len() {
                    frame[at] ^= 1 << (at % 8);
                    let mut verifier = before[from].clone();
                    let around = [&frames[from..index], &[frame.as_slice()], behind].concat();
                    fed(&mut verifier, &around, behind.is_empty());
                    let report = verifier.finish();
                    // At the very end it may be a torn write: said, and found by whoever remembers the log.
                    assert!(!report.is_consistent() || report.torn_bytes > 0, "frame {index}, byte {at}");
                    assert!(report.torn_bytes == 0 || behind.is_empty());
                    frame[at] ^= 1 << (at % 8);
                    flipped += 1;
                }
            }
            flipped
        };
        let parts: Vec<_> = (0..cores).map(|core| scope.spawn(move || part(core))).collect();
        parts.into_iter().map(|part| part.join().unwrap()).sum()
    });
    assert_eq!(flipped, frames.iter().map(|frame| frame.len()).sum::<usize>());
    let segments = thousand().files();
    for (index, segment) in segments.iter().enumerate() {
        for at in 0..MAGIC.len() {
            let mut segments = segments.clone();
            segments[index][at] ^= 1;
            let mut verifier = Verifier::new(Vec::new(), []);
            segments[..=index].iter().for_each(|file| verifier.segment("segment", file, false));
            assert!(!verifier.finish().is_consistent(), "segment {index} of {} bytes, byte {at}", segment.len());
        }
    }
}

/// The same by somebody who can make checksums good, on fewer records; and without a torn end to hide behind.
#[test]
fn every_flipped_byte_is_found_where_the_checksum_was_made_good() {
    let log = Log::of(exchanges(2, 2), 100, &key(1));
    let size = alone(&log).checkpoint;
    for index in 0..log.segments[0].len() {
        for at in 0..log.segments[0][index].len() {
            let mut forged = log.clone();
            if !forged.segments[0][index].flip(at) {
                continue;
            }
            let report = alone(&forged);
            assert!(!report.is_consistent(), "part {index}, byte {at}");
            let Some(seq) = log.segments[0][index].seq() else { continue };
            let near = report.findings.iter().any(|finding| (seq..=seq + 1).contains(&finding.seq));
            assert!(near, "record {seq}, byte {at}: {:?}", report.findings);
            assert!(!verify(&forged, Vec::new(), size.clone()).is_consistent());
        }
    }
}

/// Somebody who knows the form, has all files and no key. Where a place can be chosen, every place.
#[test]
fn structural_attacks_are_found() {
    let log = Log::of(exchanges(4, 4), 20, &key(1));
    let foreign = Log::of(exchanges(4, 4), 20, &key(2));
    let own = |parts: &[Part]| parts.iter().filter(|part| part.is_record()).count();
    let records: Vec<(usize, usize)> = log.places(Part::is_record);
    let attacked = |name: &str, attack: &dyn Fn(&mut Log)| {
        let mut forged = log.clone();
        attack(&mut forged);
        assert!(forged.files() != log.files(), "{name} does nothing");
        let found = kinds(&alone(&forged));
        assert!(!found.is_empty(), "{name}");
        found
    };
    use FindingKind::{BrokenChain, BrokenSession, Opening, Payload, Sequence, Signature, Time, Unsigned};
    for (index, (segment, at)) in records.iter().copied().enumerate() {
        let found = attacked("a record removed", &|log| drop(log.segments[segment].remove(at)));
        assert!(found.contains(&BrokenChain) || index + 1 == records.len(), "{index}: {found:?}");
        attacked("a record doubled", &|log| {
            let part = log.segments[segment][at].clone();
            log.segments[segment].insert(at, part);
        });
        if let Some((next, there)) = records.get(index + 1).copied() {
            attacked("two records swapped", &|log| {
                let (one, other) = (log.segments[segment][at].clone(), log.segments[next][there].clone());
                log.segments[segment][at] = other;
                log.segments[next][there] = one;
            });
        }
        // Two writers that start at the same moment say the same.
        if index == 0 {
            continue;
        }
        attacked("another log's record", &|log| log.segments[segment][at] = foreign.segments[segment][at].clone());
    }
    for (segment, at) in log.places(|part| matches!(part, Part::Payload(..))) {
        assert!(attacked("a payload removed", &|log| drop(log.segments[segment].remove(at))).contains(&Payload));
        attacked("a payload of another record", &|log| {
            let (there, other) = *log
                .places(|part| matches!(part, Part::Payload(..)))
                .iter()
                .find(|(s, a)| (*s, *a) != (segment, at))
                .unwrap();
            let one = log.segments[segment][at].clone();
            log.segments[segment][at] = log.segments[there][other].clone();
            log.segments[there][other] = one;
        });
        attacked("payloads swapped and their numbers made good", &|log| {
            let others = log.places(|part| matches!(part, Part::Payload(..)));
            let (there, other) = *others.iter().find(|(s, a)| (*s, *a) != (segment, at)).unwrap();
            let bytes = log.segments[there][other].payload().clone();
            *log.segments[segment][at].payload() = bytes;
        });
        attacked("a payload doubled", &|log| {
            let part = log.segments[segment][at].clone();
            log.segments[segment].insert(at, part);
        });
    }
    let checkpoints = log.places(|part| matches!(part, Part::Checkpoint(_)));
    for (segment, at) in checkpoints.iter().copied() {
        let moved = |by: usize| {
            let mut forged = log.clone();
            let part = forged.segments[segment].remove(at);
            let to = (at + by).min(forged.segments[segment].len());
            forged.segments[segment].insert(to, part);
            forged
        };
        let forged = moved(2);
        assert!(!alone(&forged).is_consistent() || forged.files() == log.files(), "a checkpoint moved");
        attacked("another log's checkpoint", &|log| {
            let theirs = foreign.places(|part| matches!(part, Part::Checkpoint(_)));
            log.segments[segment][at] = foreign.segments[theirs[0].0][theirs[0].1].clone();
        });
        attacked("another size under the old signature", &|log| {
            let Part::Checkpoint(note) = &mut log.segments[segment][at] else { unreachable!() };
            let size = Checkpoint::read(&Note::parse(note).unwrap()).unwrap().size;
            *note = note.replacen(&format!("\n{size}\n"), &format!("\n{}\n", size + 1), 1);
        });
    }
    let found = attacked("all checkpoints removed", &|log| {
        log.segments.iter_mut().for_each(|segment| segment.retain(|part| !matches!(part, Part::Checkpoint(_))));
    });
    assert!(found.contains(&Unsigned));
    for segment in 0..log.segments.len() - 1 {
        let found = attacked("a segment removed", &|log| drop(log.segments.remove(segment)));
        assert!(found.contains(&Opening) && found.contains(&Sequence), "{found:?}");
        attacked("two segments swapped", &|log| log.segments.swap(segment, segment + 1));
        attacked("a segment doubled", &|log| log.segments.insert(segment, log.segments[segment].clone()));
        let parts = own(&log.segments[segment]);
        assert!(parts > 10);
    }
    attacked("another log behind it", &|log| log.segments.extend(foreign.segments.clone()));
    attacked("another log's second half", &|log| {
        let half = log.segments.len() / 2;
        log.segments.splice(half.., foreign.segments[half..].to_vec()).for_each(drop);
    });
    let last = log.segments.len() - 1;
    attacked("a session removed", &|log| {
        let session = log.sessions()[1].clone();
        log.segments.iter_mut().for_each(|segment| segment.retain(|part| !part.text().contains(&session)));
    });
    let found = attacked("an open exchange hidden from a segment's beginning", &|log| {
        let at = (1..=last).find(|at| log.segments[*at][0].text().contains("\"x-")).unwrap();
        let text = log.segments[at][0].text();
        let from = text.find("\"exchanges\":{").unwrap() + 13;
        let to = from + text[from..].find('}').unwrap();
        log.segments[at][0] = Part::Opening(format!("{}{}", &text[..from], &text[to..]).into_bytes());
    });
    assert_eq!(found, [Opening]);
    let moved = attacked("a record moved back", &|log| {
        let (from, at) = records[records.len() - 4];
        let part = log.segments[from].remove(at);
        log.segments[0].insert(3, part);
    });
    assert!([Time, BrokenChain, BrokenSession, Sequence].iter().all(|kind| moved.contains(kind)), "{moved:?}");
    for (name, from, to) in [
        ("the largest number", "\"seq\":", "\"seq\":18446744073709551615"),
        ("another version", "{\"v\":2", "{\"v\":1"),
    ] {
        attacked(name, &|log| log.segments[0][5].edit(|text| text.replacen(from, to, 1)));
    }
    attacked("no record", &|log| log.segments[0][5].edit(|_| "{}".to_owned()));
    // A key of one's own, brought in as a rotation would.
    let forged = log.clone().rotated(&key(3), &[&key(3)]);
    assert!(kinds(&alone(&forged)).contains(&Signature), "the old key has to sign it");
}

/// All of the log made anew by another key: only who knows the right one, or remembers the log, can tell.
#[test]
fn only_what_is_known_outside_finds_a_rollback_or_a_log_made_anew() {
    let log = Log::of(exchanges(3, 3), 10, &key(1));
    let whole = alone(&log);
    let trusted = || vec![key(1).verifying().clone()];
    let mut shorter = log.clone();
    shorter.segments.pop();
    let stop = shorter.segments.len() - 1;
    shorter.sign(&key(1), stop);
    assert!(verify(&shorter, trusted(), None).is_consistent(), "older than it was, and validly signed");
    let found = verify(&shorter, trusted(), whole.checkpoint.clone());
    assert_eq!(kinds(&found), [FindingKind::RolledBack]);
    assert!(!found.is_anchored());
    assert_eq!(
        kinds(&verify(&Log { segments: Vec::new() }, trusted(), whole.checkpoint.clone())),
        [FindingKind::RolledBack]
    );
    // By the gateway itself, with its key.
    let mut edited = exchanges(3, 3);
    edited[10].command = Some("SELECT 2".into());
    let anew = Log::of(edited.clone(), 10, &key(1));
    assert!(verify(&anew, trusted(), None).is_consistent());
    assert_eq!(kinds(&verify(&anew, trusted(), whole.checkpoint.clone())), [FindingKind::OtherHead]);
    // A SIEM has each record's hash.
    let files = log.files();
    let hashes: Vec<Hash> = files
        .iter()
        .flat_map(|file| Frames::new(file))
        .filter_map(|frame| match frame.unwrap().1 {
            Frame::Record(record) => Some(Hash::leaf(record)),
            _ => None,
        })
        .collect();
    let record = |seq: usize| Anchor::Record { name: "siem".to_owned(), seq: seq as u64, hash: hashes[seq] };
    for (log, known) in [(&log, true), (&anew, false)] {
        let mut verifier = Verifier::new(Vec::new(), [record(12), record(20)]);
        log.files().iter().for_each(|file| verifier.segment("segment", file, false));
        let report = verifier.finish();
        assert_eq!((report.is_anchored(), report.is_consistent()), (known, known));
    }
    // By another key.
    let anew = Log::of(edited, 10, &key(2));
    assert!(alone(&anew).is_consistent());
    assert_eq!(kinds(&verify(&anew, trusted(), None)), [FindingKind::Signature]);
}

#[test]
fn a_rotation_signed_by_both_keys_is_followed() {
    let log = Log::of(exchanges(2, 2), 100, &key(1)).rotated(&key(3), &[&key(1), &key(3)]);
    for known in [1, 3] {
        let report = verify(&log, vec![key(known).verifying().clone()], None);
        assert!(report.is_consistent() && report.key_known, "{known}: {:?}", report.findings);
        assert_eq!(report.keys, [key(1).verifying().clone(), key(3).verifying().clone()]);
    }
    assert!(!verify(&log, vec![key(2).verifying().clone()], None).is_consistent());
}

#[test]
fn a_torn_end_is_no_alarm_but_only_at_the_end_of_the_newest_segment() {
    let log = Log::of(exchanges(2, 2), 100, &key(1));
    let file = log.files().remove(0);
    let last = Frames::new(&file).map(|frame| frame.unwrap().0).last().unwrap();
    let torn = |bytes: &[u8], newest| {
        let mut verifier = Verifier::new(Vec::new(), []);
        verifier.segment("segment", bytes, newest);
        verifier.finish()
    };
    for cut in last + 1..file.len() {
        let report = torn(&file[..cut], true);
        assert!(report.is_consistent(), "{report:?}");
        assert_eq!(report.torn_bytes, (cut - last) as u64);
        assert!(kinds(&torn(&file[..cut], false)).contains(&FindingKind::Unreadable));
    }
    let room: Vec<u8> = file.iter().copied().chain([0; 4096]).collect();
    assert!(torn(&room, true).is_consistent() && torn(&room, true).torn_bytes == 0);
}

#[test]
fn a_report_stays_bounded() {
    let mut verifier = Verifier::new(Vec::new(), []);
    (0..1500).for_each(|line| verifier.records(&format!("line {line}"), &[(b"[]", None)]));
    let report = verifier.finish();
    assert_eq!((report.findings.len(), report.further_findings), (1000, 500));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_cleanly(bytes in prop::collection::vec(any::<u8>(), 0..400), magic: bool) {
        let mut file = if magic { MAGIC.to_vec() } else { Vec::new() };
        file.extend_from_slice(&bytes);
        let _ = Frames::new(&file).count();
        let mut verifier = Verifier::new(Vec::new(), []);
        verifier.segment("segment", &file, true);
        verifier.records("bundle", &[(&bytes, None)]);
        verifier.checkpoint(&"note", &String::from_utf8_lossy(&bytes));
        verifier.finish();
    }

    /// Whatever is interleaved, an honest log raises no alarm.
    #[test]
    fn honest_logs_raise_no_alarm(steps in prop::collection::vec((0..6usize, 0..4usize), 0..80), segment in 1..30usize) {
        use hoop_audit::RecordType::{Auth, End, Request, ResponseChunk, SessionEnd, SessionStart};
        let sessions: Vec<_> = (0..4).map(|_| SessionId::new()).collect();
        let mut open: Vec<Vec<ExchangeId>> = vec![Vec::new(); 4];
        let mut drafts = Vec::new();
        for (step, who) in steps {
            let exchange = open[who].last().copied();
            drafts.push(match (step, exchange) {
                (0, _) => draft(SessionStart, sessions[who], None),
                (1, _) | (2 | 3, None) => {
                    open[who].push(ExchangeId::new());
                    draft(Request, sessions[who], open[who].last().copied())
                }
                (2, Some(_)) => draft(ResponseChunk, sessions[who], exchange),
                (3, Some(_)) => { open[who].pop(); draft(End, sessions[who], exchange) }
                (4, _) => draft(SessionEnd, sessions[who], None),
                _ => hoop_audit::Draft::new(Auth),
            });
        }
        let count = drafts.len() as u64;
        let report = alone(&Log::of(drafts, segment, &key(1)));
        prop_assert_eq!(kinds(&report), vec![]);
        prop_assert_eq!(report.records, count);
    }
}
