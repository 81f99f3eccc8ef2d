//! Records as the gateway writes them, one after the other, from 2026-03-01 on.

use std::time::Duration;

use hoop_audit::{Counts, Draft, Hash, Origin, Record, RecordType};
use hoop_model::{Action, Assurance, ClockState, ConnectionKind, ExchangeId, PrincipalKind, Subject, Timestamp, later};
use hoop_review::{Finding, Review, Settings, State};

pub const DAY: u64 = 24 * 3600;

#[derive(Default)]
pub struct Trail {
    pub records: Vec<Record>,
    next: u64,
    passed: u64,
}

impl Trail {
    pub fn now(&self) -> Timestamp {
        later("2026-03-01T00:00:00Z".parse().unwrap(), Duration::from_secs(self.passed))
    }

    pub fn wait(&mut self, seconds: u64) {
        self.passed += seconds;
    }

    /// A record so many seconds after the one before.
    pub fn add(&mut self, kind: RecordType, seconds: u64, with: impl FnOnce(&mut Draft)) {
        self.wait(seconds);
        let mut draft = Draft::new(kind);
        with(&mut draft);
        let (prev, ts) = (Hash::of(b""), self.now());
        self.records.push(Record {
            v: 2,
            seq: self.next,
            prev,
            session_seq: None,
            prev_session: None,
            ts,
            mono_ns: None,
            clock: ClockState::Unmeasured,
            draft,
        });
        self.next += 1;
    }

    pub fn by(&mut self, who: &str, kind: RecordType, with: impl FnOnce(&mut Draft)) {
        let origin = Origin {
            subject: Subject { issuer: "https://idp.test".to_owned(), sub: who.to_owned() },
            kind: PrincipalKind::Person,
            email: None,
            groups: Vec::new(),
            assurance: Assurance::default(),
            client_ip: [192, 0, 2, 7].into(),
        };
        self.add(kind, 0, |draft| {
            draft.origin = Some(origin);
            draft.connection = Some("warehouse".parse().unwrap());
            draft.protocol = Some(ConnectionKind::Snowflake);
            with(draft);
        });
    }

    pub fn denied(&mut self, who: &str, seconds: u64) {
        self.wait(seconds);
        self.by(who, RecordType::Denied, |draft| draft.action = Some(Action::Write));
    }

    pub fn request(&mut self, who: &str, resources: &[&str]) -> ExchangeId {
        let exchange = ExchangeId::new();
        self.by(who, RecordType::Request, |draft| {
            draft.exchange_id = Some(exchange);
            draft.resources = resources.iter().map(|name| (*name).to_owned()).collect();
        });
        exchange
    }

    pub fn answered(&mut self, who: &str, exchange: ExchangeId, counts: Counts) {
        for (kind, counts) in [(RecordType::ResponseChunk, counts), (RecordType::End, Counts::default())] {
            self.by(who, kind, |draft| {
                draft.exchange_id = Some(exchange);
                draft.counts = Some(counts);
            });
        }
    }

    pub fn answer(&mut self, who: &str, rows: u64) {
        self.answered(who, ExchangeId::new(), Counts { rows, bytes: rows * 10, ..Counts::default() });
    }
}

pub fn findings(settings: &Settings, records: &[Record]) -> Vec<Finding> {
    let mut review = Review::new(settings.clone(), State::default());
    records.iter().flat_map(|record| review.take(record).findings).collect()
}
