#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use hoop_audit::{
    ApprovalFacts, Counts, DecisionFacts, Draft, Hash, MaskedAt, Origin, Record, RecordType, RevealFacts, RevealedAt,
    VoteFacts,
};
use hoop_model::{Action, Assurance, ClockState, ConnectionKind, Effect, Group, PrincipalKind, Subject};
use proptest::prelude::*;
use serde_json::Value;

use super::*;

const TYPES: [RecordType; 23] = [
    RecordType::WriterStart,
    RecordType::WriterStop,
    RecordType::Heartbeat,
    RecordType::Clock,
    RecordType::KeyRotation,
    RecordType::Gap,
    RecordType::Config,
    RecordType::Auth,
    RecordType::SessionStart,
    RecordType::SessionEnd,
    RecordType::Request,
    RecordType::Denied,
    RecordType::ApprovalRequested,
    RecordType::ApprovalDecided,
    RecordType::ResponseChunk,
    RecordType::End,
    RecordType::Admin,
    RecordType::AuditRead,
    RecordType::Purge,
    RecordType::Hold,
    RecordType::Alert,
    RecordType::Incident,
    RecordType::Receipts,
];

fn mapper(format: Format) -> Mapper {
    let (origin, host) = ("hoop-00ff".to_owned(), "gateway.test".to_owned());
    Mapper { origin, host, version: "1.2.3".to_owned(), format, longest: LONGEST }
}

fn entry(seq: u64, draft: Draft) -> Entry {
    let record = Record {
        v: 2,
        seq,
        prev: hash("aa"),
        session_seq: Some(3),
        prev_session: Some(hash("bb")),
        ts: "2026-03-01T12:00:00.123456Z".parse().unwrap(),
        mono_ns: None,
        clock: ClockState::Unmeasured,
        draft,
    };
    Entry { record: Arc::new(record), hash: hash("cc") }
}

fn hash(byte: &str) -> Hash {
    Hash::from_hex(&byte.repeat(32)).unwrap()
}

/// A draft with something in each field.
fn full(kind: RecordType, text: &str, protocol: Option<ConnectionKind>) -> Draft {
    let id = "01920000-0000-7000-8000-000000000001";
    let mut draft = Draft::new(kind).detail("event", text).detail("a|b", text);
    draft.session_id = Some(format!("s-{id}").parse().unwrap());
    draft.exchange_id = Some(format!("x-{id}").parse().unwrap());
    draft.origin = Some(Origin {
        subject: Subject { issuer: "https://idp.test".to_owned(), sub: text.to_owned() },
        kind: PrincipalKind::Person,
        email: Some(format!("{text}@example.com")),
        groups: vec![Group("engineers".to_owned()), Group(text.to_owned())],
        assurance: Assurance { amr: vec!["mfa".to_owned()], acr: Some(text.to_owned()) },
        client_ip: "192.0.2.7".parse().unwrap(),
    });
    draft.connection = Some("warehouse".parse().unwrap());
    draft.protocol = protocol;
    draft.command = Some(format!("SELECT {text}"));
    draft.command_digest = Some("dd".repeat(32));
    draft.action = Some(Action::Read);
    draft.resources = vec![format!("warehouse/{text}")];
    draft.decision = Some(DecisionFacts {
        effect: Effect::Allow,
        rules: vec!["read".to_owned()],
        policy_digest: "ee".repeat(32),
        reasons: vec![text.to_owned()],
    });
    draft.reveal = Some(RevealFacts {
        rules: vec!["fraud".to_owned()],
        needs: vec!["chargebacks".to_owned()],
        until: "2027-01-01T00:00:00Z".parse().unwrap(),
        reason: text.to_owned(),
    });
    draft.approval = Some(ApprovalFacts {
        id: format!("req-{id}").parse().unwrap(),
        state: "granted".to_owned(),
        binding: "ff".repeat(32),
        votes: vec![VoteFacts {
            approver: Subject { issuer: "https://idp.test".to_owned(), sub: "bob".to_owned() },
            at: "2026-03-01T11:59:00Z".parse().unwrap(),
            reason: Some(text.to_owned()),
        }],
    });
    draft.counts = Some(Counts {
        rows: 41,
        bytes: 4242,
        masked: BTreeMap::from([("pan".to_owned(), 17)]),
        places: vec![MaskedAt { at: format!("CARD {text}"), rule: "pan".to_owned(), count: 17 }],
        cards: vec!["k1_abc".to_owned()],
        revealed: vec![RevealedAt { at: text.to_owned(), count: 23 }],
    });
    draft.payload =
        Some(hoop_audit::PayloadFacts { of: hoop_audit::PayloadOf::Delivered, digest: hash("11"), length: 4243 });
    draft.outcome = Some("upstream_error".to_owned());
    draft.upstream_id = Some(format!("01b-{text}"));
    draft
}

/// Every value in it, as text, and every name.
fn leaves(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| leaves(value, into)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            into.insert(name.clone());
            leaves(value, into);
        }),
        Value::String(text) => drop(into.insert(text.clone())),
        other => drop(into.insert(other.to_string())),
    }
}

fn values(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| values(value, into)),
        Value::Object(fields) => fields.values().for_each(|value| values(value, into)),
        Value::String(text) => drop(into.insert(text.clone())),
        other => drop(into.insert(other.to_string())),
    }
}

fn drafts(text: &str) -> Vec<Draft> {
    let protocols = [None, Some(ConnectionKind::Mcp), Some(ConnectionKind::Snowflake)];
    let full = TYPES.into_iter().flat_map(|kind| protocols.map(|protocol| full(kind, text, protocol)));
    full.chain(TYPES.map(Draft::new)).collect()
}

/// A reader of CEF: the header's fields and the extension's pairs.
fn read_cef(line: &str) -> (Vec<String>, BTreeMap<String, String>) {
    let mut fields = vec![String::new()];
    let mut rest = line.chars();
    while fields.len() < 8 {
        match rest.next().unwrap() {
            '\\' => fields.last_mut().unwrap().push(rest.next().unwrap()),
            '|' => fields.push(String::new()),
            c => fields.last_mut().unwrap().push(c),
        }
    }
    fields.pop();
    // A name is what stands before an unescaped `=`, back to the last blank.
    let (mut pairs, mut name, mut text) = (BTreeMap::new(), None::<String>, String::new());
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next().unwrap() {
                'n' => text.push('\n'),
                'r' => text.push('\r'),
                c => text.push(c),
            },
            '=' => {
                let (value, next) = text.rsplit_once(' ').unwrap_or(("", &text));
                let next = next.to_owned();
                if let Some(name) = name.replace(next) {
                    pairs.insert(name, value.to_owned());
                }
                text.clear();
            }
            c => text.push(c),
        }
    }
    pairs.insert(name.unwrap(), text);
    (fields, pairs)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_value_of_a_record_is_in_its_event(text in "[ -~\n\r=|\\\\é]{0,40}") {
        for draft in drafts(&text) {
            let entry = entry(7, draft);
            let event = mapper(Format::Ocsf).event(&entry).unwrap();
            let parsed: Value = serde_json::from_str(&event.text).unwrap();
            let (mut want, mut have) = (BTreeSet::new(), BTreeSet::new());
            values(&serde_json::to_value(&*entry.record).unwrap(), &mut want);
            leaves(&parsed, &mut have);
            let lost: Vec<_> = want.difference(&have).collect();
            prop_assert!(lost.is_empty(), "{lost:?} of {parsed:#}");
            prop_assert!(parsed["unmapped"].get("cut").is_none() && event.text.len() <= LONGEST);
            prop_assert!(!event.text.contains(['\n', '\r']));
        }
    }

    #[test]
    fn a_cef_reader_gets_every_value_back(text in "[ -~\n\r=|\\\\é]{0,40}") {
        for draft in drafts(&text) {
            let entry = entry(7, draft);
            let event = mapper(Format::Cef).event(&entry).unwrap();
            prop_assert!(!event.text.contains(['\n', '\r']));
            let (head, pairs) = read_cef(&event.text);
            prop_assert_eq!((head.len(), head[0].as_str()), (7, "CEF:0"));
            let (mut want, mut have) = (BTreeSet::new(), BTreeSet::new());
            values(&serde_json::to_value(&*entry.record).unwrap(), &mut want);
            for (name, value) in &pairs {
                have.insert(value.clone());
                if ["cs6", "ad.groups"].contains(&name.as_str()) {
                    leaves(&serde_json::from_str(value).unwrap(), &mut have);
                }
            }
            have.extend([head[4].clone(), entry.record.ts.to_string()]);
            let lost: Vec<_> = want.difference(&have).collect();
            prop_assert!(lost.is_empty(), "{lost:?} of {}", event.text);
        }
    }

    #[test]
    fn no_event_is_over_the_limit_and_a_cut_is_said(
        length in 0_usize..70_000, many in 0_usize..3000, longest in SHORTEST..LONGEST, piece in "[a-z\"\\\\é€]{1,8}"
    ) {
        let long = piece.repeat(length / piece.len());
        for kind in TYPES {
            let mut draft = full(kind, "x", Some(ConnectionKind::Snowflake));
            draft.command = Some(long.clone());
            draft.resources = (0..many).map(|n| format!("warehouse/T{n}")).collect();
            draft.detail.extend((0..many).map(|n| (format!("sha256 {n}"), piece.clone())));
            let entry = entry(7, draft);
            for format in [Format::Ocsf, Format::Cef] {
                let event = Mapper { longest, ..mapper(format) }.event(&entry).unwrap();
                prop_assert!(event.text.len() <= longest, "{} over {longest}", event.text.len());
                if long.len() > longest || many > longest {
                    prop_assert!(event.text.contains("cut"), "{}", event.text);
                }
                prop_assert!(event.text.contains(&entry.hash.to_string()) && event.text.contains("hoop-00ff:7"));
            }
        }
    }
}

#[test]
fn a_long_statement_is_cut_with_its_hash() {
    let mut draft = full(RecordType::Request, "x", Some(ConnectionKind::Snowflake));
    let statement = "SELECT 1 -- ".repeat(2000);
    draft.command = Some(statement.clone());
    let event = mapper(Format::Ocsf).event(&entry(7, draft)).unwrap();
    let event: Value = serde_json::from_str(&event.text).unwrap();
    let query = event["query_info"]["query_string"].as_str().unwrap();
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, statement.as_bytes());
    let hash: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(query.starts_with("SELECT 1 -- SELECT") && query.len() > 3000);
    assert!(query.ends_with(&format!("… [24000 bytes, sha256 {hash}]")), "{query}");
    assert_eq!(event["unmapped"]["cut"], serde_json::json!(["/query_info/query_string"]));
}

/// The attributes of OCSF 1.5.0 that its own schema asks for, by class.
#[test]
fn events_have_what_their_class_requires() {
    let always = "activity_id category_uid class_uid metadata severity_id time type_uid";
    let required = BTreeMap::from([
        (2004, "finding_info"),
        (3002, "user service"),
        (3004, "entity"),
        (6002, "app"),
        (6003, "actor api src_endpoint"),
        (6005, "actor src_endpoint database"),
    ]);
    let mut seen = BTreeSet::new();
    for draft in drafts("x") {
        let event: Value = serde_json::from_str(&mapper(Format::Ocsf).event(&entry(7, draft)).unwrap().text).unwrap();
        let class = event["class_uid"].as_u64().unwrap();
        seen.insert(class);
        for name in always.split(' ').chain(required[&class].split(' ')) {
            assert!(event.get(name).is_some_and(|value| !value.is_null()), "{name} of {event:#}");
        }
        assert_eq!(event["type_uid"].as_u64().unwrap(), class * 100 + event["activity_id"].as_u64().unwrap());
        assert_eq!(event["category_uid"].as_u64().unwrap(), class / 1000);
        assert_eq!(event["metadata"]["uid"], "hoop-00ff:7");
        assert_eq!(event["metadata"]["sequence"], 7);
        assert_eq!(event["unmapped"]["record_hash"], "cc".repeat(32));
        if let Some(operation) = event.pointer("/api") {
            assert!(operation["operation"].is_string(), "{event:#}");
        }
    }
    assert_eq!(seen, required.keys().copied().collect());
}

/// `UPDATE_GOLDEN=1 cargo test -p hoop-siem` writes them anew; read the difference before you keep it.
#[test]
fn the_golden_files() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/event/golden");
    for (format, name) in [(Format::Ocsf, "ocsf.jsonl"), (Format::Cef, "cef.txt")] {
        let mut lines = String::new();
        let of = |protocol| TYPES.map(|kind| full(kind, "t=1|\\x\n", Some(protocol)));
        let drafts =
            of(ConnectionKind::Snowflake).into_iter().chain(of(ConnectionKind::Mcp).into_iter().skip(9).take(2));
        for (seq, draft) in (0..).zip(drafts) {
            lines.push_str(&mapper(format).event(&entry(seq, draft)).unwrap().text);
            lines.push('\n');
        }
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(folder.join(name), &lines).unwrap();
        }
        let golden = std::fs::read_to_string(folder.join(name)).unwrap();
        for (line, (new, old)) in lines.lines().zip(golden.lines()).enumerate() {
            assert_eq!(new, old, "{name}, line {}", line + 1);
        }
        assert_eq!(lines.len(), golden.len(), "{name}");
    }
}

#[test]
fn an_alert_and_an_incident_are_findings_that_begin_and_end() {
    let of = |kind, event: &str| {
        let id = if kind == RecordType::Alert { "alert" } else { "incident" };
        let draft = Draft::new(kind).detail("event", event).detail(id, "id-1");
        let event: Value = serde_json::from_str(&mapper(Format::Ocsf).event(&entry(7, draft)).unwrap().text).unwrap();
        assert_eq!((&event["class_uid"], &event["metadata"]["correlation_uid"]), (&2004.into(), &"id-1".into()));
        event["activity_id"].as_u64().unwrap()
    };
    let alert = ["opened", "acknowledged", "closed", "reviewed"].map(|event| of(RecordType::Alert, event));
    assert_eq!(alert, [1, 2, 3, 99]);
    assert_eq!(["began", "ended"].map(|event| of(RecordType::Incident, event)), [1, 3]);
}
