//! The stored form of a record is a contract: old trails stay verifiable.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use hoop_audit::{
    ApprovalFacts, Chain, Counts, DecisionFacts, Draft, Hash, Moment, Origin, Passed, PayloadFacts, PayloadOf,
    PurgeFacts, Receipt, ReceiptFacts, Record, RecordType, RevealFacts, RevealedAt, SigningKey, Tree, VoteFacts,
};
use hoop_model::{Action, Assurance, ClockState, ConnectionKind, Effect, Group, PrincipalKind, Subject, Timestamp};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// One record with every field, after a bare one; then one with what came in later.
fn log() -> Vec<Vec<u8>> {
    let mut chain = Chain::default();
    let mut full = Draft::new(RecordType::Request).detail("tool", "query").detail("agent", "dc-1");
    full.session_id = Some("s-0190f3a1000070008000000000000001".parse().unwrap());
    full.exchange_id = Some("x-0190f3a1000070008000000000000002".parse().unwrap());
    full.origin = Some(Origin {
        subject: Subject { issuer: "https://idp.example".into(), sub: "alice".into() },
        kind: PrincipalKind::Person,
        email: Some("alice@example.com".into()),
        groups: vec![Group("engineers".into())],
        assurance: Assurance { amr: vec!["pwd".into(), "otp".into()], acr: Some("urn:mfa".into()) },
        client_ip: "192.0.2.7".parse().unwrap(),
    });
    full.connection = Some("snowflake".parse().unwrap());
    full.protocol = Some(ConnectionKind::Snowflake);
    full.command = Some("DELETE FROM payments WHERE pan = '411111******1111'".into());
    full.command_digest = Some("ab".repeat(32));
    full.action = Some(Action::Write);
    full.resources = vec!["snowflake/PAYMENTS".into()];
    full.decision = Some(DecisionFacts {
        effect: Effect::Hold,
        rules: vec!["hold-writes".into()],
        policy_digest: "cd".repeat(32),
        reasons: vec!["writes to a payment table".into()],
    });
    full.approval = Some(ApprovalFacts {
        id: "req-0190f3a1000070008000000000000003".parse().unwrap(),
        state: "consumed".into(),
        binding: "ef".repeat(32),
        votes: vec![VoteFacts {
            approver: Subject { issuer: "https://idp.example".into(), sub: "bob".into() },
            at: at("2026-03-01T09:00:01Z"),
            reason: Some("ticket 7".into()),
        }],
    });
    full.counts =
        Some(Counts { rows: 3, bytes: u64::MAX, masked: [("pan".to_owned(), 1)].into(), ..Counts::default() });
    full.payload =
        Some(PayloadFacts { of: PayloadOf::Delivered, digest: Hash::from_hex(&"01".repeat(32)).unwrap(), length: 9 });
    full.outcome = Some("success".into());
    full.upstream_id = Some("01b2-3".into());
    let mut shown = Draft::new(RecordType::ResponseChunk);
    shown.session_id = full.session_id;
    shown.exchange_id = full.exchange_id;
    shown.reveal = Some(RevealFacts {
        rules: vec!["fraud-sees-cards".into()],
        needs: vec!["chargebacks, CHD-7".into()],
        until: at("2027-04-01T00:00:00Z"),
        reason: "ticket 8".into(),
    });
    shown.counts = Some(Counts {
        rows: 1,
        bytes: 20,
        cards: vec!["k1_abc".into()],
        revealed: vec![RevealedAt { at: "column PAN".into(), count: 1 }],
        ..Counts::default()
    });
    let mut purged = Draft::new(RecordType::Purge);
    purged.purge = Some(PurgeFacts {
        first: 1,
        last: 2,
        connections: vec!["snowflake".parse().unwrap()],
        unconnected: false,
        days: 400,
        payloads: 1,
        bytes: 9,
    });
    let agent = SigningKey::from_seed("hoop-agent/1", &[1; 32]).unwrap();
    let passed = |bytes| Passed { bytes, digest: "ab".repeat(32) };
    let receipt = Receipt {
        connection: "snowflake".parse().unwrap(),
        exchange: full.exchange_id,
        session: None,
        began: at("2026-03-01T09:00:00Z"),
        ended: at("2026-03-01T09:00:01Z"),
        sent: passed(50),
        received: passed(60),
        whole: true,
    };
    let receipts = vec![serde_json::to_string(&receipt).unwrap()];
    let mut signed = Draft::new(RecordType::Receipts).detail("agent", "dc-1");
    signed.receipts = Some(ReceiptFacts::sign(receipts, &mut Tree::default(), &agent));
    let drafts = [
        (Draft::new(RecordType::WriterStart), "2026-03-01T09:00:00Z"),
        (full, "2026-03-01T09:00:02.000000001Z"),
        (shown, "2026-03-01T09:00:03Z"),
        (purged, "2027-04-06T09:00:00Z"),
        (signed, "2027-04-06T09:00:01Z"),
    ];
    let measured = Draft::new(RecordType::Clock).detail("clock_offset_ms", "-1.250");
    let timed = Moment { wall: at("2027-04-06T09:00:02Z"), mono_ns: Some(1_000_000_007), clock: ClockState::Within };
    let drafts = drafts.into_iter().map(|(draft, ts)| (draft, Moment::from(at(ts))));
    drafts
        .chain([(measured, timed)])
        .map(|(draft, moment)| {
            let stored = chain.place(draft, moment).unwrap();
            chain.take(&stored);
            stored.bytes
        })
        .collect()
}

#[test]
fn records_are_stored_as_they_always_were() {
    let lines: Vec<_> = log().into_iter().map(|bytes| String::from_utf8(bytes).unwrap()).collect();
    let stored = format!("{}\n", lines.join("\n"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/records.jsonl"), &stored).unwrap();
    }
    assert_eq!(stored, include_str!("golden/records.jsonl"), "a change of the stored form needs a new version");
}

#[test]
fn a_record_reads_back_as_it_was_written() {
    for bytes in log() {
        let record: Record = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(serde_json::to_vec(&record).unwrap(), bytes);
    }
}

#[test]
fn a_clock_that_goes_back_does_not_take_the_trail_back() {
    let mut chain = Chain::default();
    for ts in ["2026-03-01T09:00:02Z", "2026-03-01T09:00:00Z", "2026-03-01T09:00:03Z"] {
        let stored = chain.place(Draft::new(RecordType::Admin), at(ts)).unwrap();
        chain.take(&stored);
        assert!(stored.record.ts >= at("2026-03-01T09:00:02Z"));
    }
}
