//! Every change to a trail is found, and an untouched one raises no alarm.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use hoop_audit::{
    Chain, Draft, FindingKind, Head, RecordType, Report, Verifier,
    segment::{self, Frames},
};
use hoop_model::{ExchangeId, SessionId, Timestamp, later};
use proptest::prelude::*;

/// Seals drafts a second apart.
fn seal(drafts: Vec<Draft>) -> Vec<Vec<u8>> {
    let start: Timestamp = "2026-03-01T09:00:00Z".parse().unwrap();
    let mut chain = Chain::default();
    (0..)
        .zip(drafts)
        .map(|(second, draft)| {
            let stored = chain.place(draft, later(start, Duration::from_secs(second))).unwrap();
            chain.take(&stored);
            stored.bytes
        })
        .collect()
}

fn draft(kind: RecordType, session: SessionId, exchange: Option<ExchangeId>) -> Draft {
    Draft { session_id: Some(session), exchange_id: exchange, ..Draft::new(kind) }
}

/// Four sessions side by side, four exchanges in each; 58 records.
fn drafts() -> Vec<Draft> {
    let sessions: Vec<_> = (0..4).map(|_| SessionId::new()).collect();
    let mut drafts = vec![Draft::new(RecordType::WriterStart)];
    drafts.extend(sessions.iter().map(|session| draft(RecordType::SessionStart, *session, None)));
    for _ in 0..4 {
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

fn verify(records: &[Vec<u8>], anchor: Option<Head>) -> Report {
    let mut verifier = Verifier::new(anchor);
    for (index, record) in records.iter().enumerate() {
        verifier.record(&format!("line {index}"), record);
    }
    verifier.finish()
}

fn file(records: &[Vec<u8>]) -> Vec<u8> {
    let frames = records.iter().flat_map(|record| segment::frame(record).unwrap());
    segment::MAGIC.iter().copied().chain(frames).collect()
}

fn verify_file(bytes: &[u8], newest: bool, anchor: Option<Head>) -> Report {
    let mut verifier = Verifier::new(anchor);
    verifier.segment("segment", bytes, newest);
    verifier.finish()
}

fn kinds(report: &Report) -> Vec<FindingKind> {
    report.findings.iter().map(|finding| finding.kind).collect()
}

#[test]
fn an_untouched_trail_raises_no_alarm() {
    let records = seal(drafts());
    let report = verify(&records, None);
    assert_eq!(kinds(&report), []);
    assert_eq!((report.records, report.sessions, report.exchanges, report.open_exchanges), (58, 4, 16, 0));
    assert!(!report.anchored);
    let anchored = verify(&records, report.head.clone());
    assert!(anchored.anchored && anchored.is_consistent());
    // A trail that has grown since still holds the remembered head.
    let early = verify(&records[..20], None).head;
    let grown = verify_file(&file(&records), true, early);
    assert!(grown.anchored && grown.is_consistent() && grown.torn_bytes == 0);
}

#[test]
fn every_flipped_byte_of_a_segment_is_found() {
    let records = seal(drafts());
    let head = verify(&records, None).head;
    let mut bytes = file(&records);
    for at in 0..bytes.len() {
        let mask = 1 << (at % 8);
        bytes[at] ^= mask;
        let report = verify_file(&bytes, true, None);
        assert!(!report.is_consistent() || report.torn_bytes > 0, "byte {at}");
        assert!(!verify_file(&bytes, true, head.clone()).is_consistent(), "byte {at}, anchored");
        bytes[at] ^= mask;
    }
}

#[test]
fn every_flipped_byte_is_found_also_where_the_checksum_was_made_right_again() {
    let mut records = seal(drafts());
    let head = verify(&records, None).head;
    let last = records.len() - 1;
    for index in 0..records.len() {
        for at in 0..records[index].len() {
            records[index][at] ^= 1 << (at % 8);
            assert!(!verify(&records, head.clone()).is_consistent(), "record {index}, byte {at}, anchored");
            if index < last {
                let report = verify(&records, None);
                let near =
                    report.findings.iter().any(|finding| (index as u64..=index as u64 + 1).contains(&finding.seq));
                assert!(near, "record {index}, byte {at}: {:?}", report.findings);
            }
            records[index][at] ^= 1 << (at % 8);
        }
    }
}

#[test]
fn structural_attacks_are_found() {
    let drafts = drafts();
    let records = seal(drafts.clone());
    let foreign = seal(self::drafts());
    let attacked = |attack: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut records = records.clone();
        attack(&mut records);
        kinds(&verify(&records, None))
    };
    use FindingKind::{BrokenChain, BrokenSession, NoRequest, Sequence, Time};
    for at in 0..records.len() - 1 {
        assert!(attacked(&|log| drop(log.remove(at))).contains(&BrokenChain), "delete {at}");
        assert!(attacked(&|log| log.insert(at, log[at].clone())).contains(&BrokenChain), "double {at}");
        assert!(attacked(&|log| log.swap(at, at + 1)).contains(&BrokenChain), "swap {at}");
        let replaced = attacked(&|log| log[at] = foreign[at].clone());
        assert!(replaced.contains(&BrokenChain) || foreign[at] == records[at], "replace {at}");
    }
    let removed = attacked(&|log| drop(log.remove(30)));
    assert!([Sequence, BrokenChain, BrokenSession].iter().all(|kind| removed.contains(kind)), "{removed:?}");
    assert!(attacked(&|log| drop(log.drain(..10))).contains(&Sequence), "the beginning is gone");
    assert!(attacked(&|log| drop(log.drain(20..40))).contains(&Sequence), "a stretch is gone");
    assert!(
        attacked(&|log| {
            let last = log.remove(50);
            log.insert(10, last);
        })
        .contains(&Time),
        "moved back"
    );
    assert!(attacked(&|log| log.splice(30.., foreign[30..].to_vec()).for_each(drop)).contains(&BrokenChain), "spliced");
    assert!(attacked(&|log| log.extend(foreign.clone())).contains(&Sequence), "another log behind it");
    assert!(attacked(&|log| log[12] = b"{}".to_vec()).contains(&FindingKind::Unreadable), "no record");
    assert!(
        attacked(&|log| {
            let text = String::from_utf8(log[12].clone()).unwrap();
            log[12] = text.replacen("\"seq\":12", "\"seq\":18446744073709551615", 1).into_bytes();
        })
        .contains(&Sequence),
        "the largest number"
    );
    assert!(
        attacked(&|log| {
            let text = String::from_utf8(log[12].clone()).unwrap();
            log[12] = text.replacen("\"v\":1", "\"v\":2", 1).into_bytes();
        })
        .contains(&FindingKind::Unreadable),
        "another version"
    );
    // Requests hidden before the log was sealed: the answers give them away.
    let mut hiding = drafts;
    hiding.retain(|draft| draft.kind != RecordType::Request);
    assert!(kinds(&verify(&seal(hiding), None)).contains(&NoRequest));
}

#[test]
fn only_an_anchor_finds_a_rollback_or_a_log_made_anew() {
    let drafts = drafts();
    let records = seal(drafts.clone());
    let head = verify(&records, None).head;
    let shorter = &records[..records.len() - 3];
    assert!(verify(shorter, None).is_consistent());
    assert_eq!(kinds(&verify(shorter, head.clone())), [FindingKind::RolledBack]);
    assert_eq!(kinds(&verify(&[], head.clone())), [FindingKind::RolledBack]);
    let mut edited = drafts;
    edited[10].command = Some("SELECT 2".into());
    let anew = seal(edited);
    assert!(verify(&anew, None).is_consistent());
    assert_eq!(kinds(&verify(&anew, head)), [FindingKind::OtherHead]);
}

#[test]
fn a_torn_end_is_no_alarm_but_only_at_the_end_of_the_newest_segment() {
    let records = seal(drafts());
    let bytes = file(&records);
    let last = segment::frame(records.last().unwrap()).unwrap().len();
    for cut in 1..last {
        let torn = &bytes[..bytes.len() - cut];
        let report = verify_file(torn, true, None);
        assert!(report.is_consistent());
        assert_eq!(report.torn_bytes, (last - cut) as u64);
        assert_eq!(kinds(&verify_file(torn, false, None)), [FindingKind::Unreadable]);
    }
    let zeros: Vec<u8> = bytes.iter().copied().chain([0; 4096]).collect();
    assert_eq!(verify_file(&zeros, true, None).torn_bytes, 4096);
    assert_eq!(kinds(&verify_file(&zeros, false, None)), [FindingKind::Unreadable]);
}

#[test]
fn a_report_stays_bounded() {
    let records: Vec<_> = (0..1500).map(|_| b"[]".to_vec()).collect();
    let report = verify(&records, None);
    assert_eq!((report.findings.len(), report.further_findings), (1000, 500));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_cleanly(bytes in prop::collection::vec(any::<u8>(), 0..400), magic: bool) {
        let mut file = if magic { segment::MAGIC.to_vec() } else { Vec::new() };
        file.extend_from_slice(&bytes);
        let _ = Frames::new(&file).count();
        let _ = verify_file(&file, true, None);
        verify(&[bytes], None);
    }

    /// Whatever is interleaved, an honest log raises no alarm.
    #[test]
    fn honest_logs_raise_no_alarm(steps in prop::collection::vec((0..6usize, 0..4usize), 0..80)) {
        let sessions: Vec<_> = (0..4).map(|_| SessionId::new()).collect();
        let mut open: Vec<Vec<ExchangeId>> = vec![Vec::new(); 4];
        let mut drafts = Vec::new();
        for (step, who) in steps {
            let exchange = open[who].last().copied();
            drafts.push(match (step, exchange) {
                (0, _) => draft(RecordType::SessionStart, sessions[who], None),
                (1, _) | (2 | 3, None) => {
                    open[who].push(ExchangeId::new());
                    draft(RecordType::Request, sessions[who], open[who].last().copied())
                }
                (2, Some(_)) => draft(RecordType::ResponseChunk, sessions[who], exchange),
                (3, Some(_)) => { open[who].pop(); draft(RecordType::End, sessions[who], exchange) }
                (4, _) => draft(RecordType::SessionEnd, sessions[who], None),
                _ => Draft::new(RecordType::Auth),
            });
        }
        let count = drafts.len() as u64;
        let report = verify_file(&file(&seal(drafts)), true, None);
        prop_assert_eq!(kinds(&report), vec![]);
        prop_assert_eq!(report.records, count);
    }
}
