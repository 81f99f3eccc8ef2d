//! A log made up record by record, and packs of it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use hoop_audit::{
    ApprovalFacts, Chain, Checkpoint, Counts, DecisionFacts, Draft, EVIDENCE, Hash, KEY, Later, MANIFEST, MaskedAt,
    Origin, PurgeFacts, Record, RecordType, RevealFacts, RevealedAt, SigningKey, Subtree, VoteFacts,
};
use hoop_evidence::{Known, Made, PackError, Packing, Previous, Scope, Unsealed, Verified, verify};
use hoop_model::{Action, Assurance, ConnectionKind, Effect, Group, PrincipalKind, Subject, Timestamp, later};
use serde_json::Value;

pub const ORIGIN: &str = "hoop-gateway/test";

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn subject(name: &str) -> Subject {
    Subject { issuer: "https://idp.test".to_owned(), sub: name.to_owned() }
}

pub struct Log {
    pub chain: Chain,
    pub now: Timestamp,
    pub keys: Vec<SigningKey>,
    /// Records, and the notes behind them.
    pub entries: Vec<Entry>,
}

#[derive(Clone)]
pub enum Entry {
    Record(Vec<u8>),
    Note(String),
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[seed; 32]).unwrap()
}

impl Log {
    pub fn new() -> Self {
        Self { chain: Chain::default(), now: at("2026-03-01T08:00:00Z"), keys: vec![key(1)], entries: Vec::new() }
    }

    /// A record so many seconds after the one before it; its number.
    pub fn add(&mut self, seconds: u64, draft: Draft) -> u64 {
        self.now = later(self.now, Duration::from_secs(seconds));
        let stored = self.chain.place(draft, self.now).unwrap();
        self.chain.take(&stored);
        self.entries.push(Entry::Record(stored.bytes));
        stored.record.seq
    }

    pub fn sign(&mut self) {
        let checkpoint = self.chain.checkpoint(ORIGIN);
        self.entries.push(Entry::Note(checkpoint.sign(self.keys.last())));
    }

    pub fn rotate(&mut self) {
        let next = key(self.keys.len() as u8 + 1);
        self.add(1, Draft::new(RecordType::KeyRotation).detail(KEY, next.verifying().to_string()));
        let checkpoint = self.chain.checkpoint(ORIGIN);
        self.entries.push(Entry::Note(checkpoint.sign([self.keys.last().unwrap(), &next])));
        self.keys.push(next);
    }

    /// Nothing happens for so many minutes.
    pub fn idle(&mut self, minutes: u64) {
        for _ in 0..minutes {
            self.add(60, Draft::new(RecordType::Heartbeat));
        }
    }

    pub fn head(&self) -> Checkpoint {
        self.chain.checkpoint(ORIGIN)
    }

    pub fn records(&self) -> Vec<&[u8]> {
        let mut records = Vec::new();
        for entry in &self.entries {
            if let Entry::Record(record) = entry {
                records.push(record.as_slice());
            }
        }
        records
    }

    pub fn pack(&self, dir: &Path, scope: Scope, previous: Option<&Path>, login: bool) -> Result<Unsealed, PackError> {
        let mut packing = Packing::begin(dir, scope, self.head(), self.keys[0].verifying().clone())?;
        for entry in &self.entries {
            match entry {
                Entry::Record(record) => packing.record(record)?,
                Entry::Note(note) => packing.checkpoint(note)?,
            }
        }
        let previous = previous.map(|dir| Previous::of(dir).unwrap());
        let made = Made {
            by: "hoopctl 0.1.0".to_owned(),
            at: at("2026-03-03T00:00:00Z"),
            login: login.then(|| subject("carol")),
            from: "the gateway".to_owned(),
        };
        packing.finish(made, previous.as_ref())
    }

    /// Goes on, and records the pack.
    pub fn seal(&mut self, unsealed: &Unsealed) -> Later {
        let from = unsealed.size();
        self.idle(3);
        let mut draft =
            Draft::new(RecordType::AuditRead).detail("what", EVIDENCE).detail(MANIFEST, unsealed.manifest.to_string());
        draft.origin = Some(origin("carol"));
        draft.outcome = Some("success".to_owned());
        let seq = self.add(1, draft);
        self.idle(2);
        self.sign();
        let records = self.records();
        let leaves: Vec<_> = records.iter().map(|record| Hash::leaf(record)).collect();
        let Some(Entry::Note(checkpoint)) = self.entries.last().cloned() else { unreachable!() };
        Later {
            before: Subtree::over(from, &leaves[from as usize..seq as usize]),
            record: String::from_utf8(records[seq as usize].to_vec()).unwrap(),
            after: Subtree::over(seq + 1, &leaves[seq as usize + 1..]),
            checkpoint,
        }
    }
}

pub fn march(from: &str, to: &str) -> Scope {
    Scope { from: at(from), to: at(to), connection: None }
}

/// All of the made-up days.
pub fn all() -> Scope {
    march("2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z")
}

pub fn origin(name: &str) -> Origin {
    Origin {
        subject: subject(name),
        kind: if name == "nightly" { PrincipalKind::Workload } else { PrincipalKind::Person },
        email: (name != "nightly").then(|| format!("{name}@example.com")),
        groups: vec![Group("engineers".to_owned())],
        assurance: Assurance { amr: vec!["pwd".to_owned(), "otp".to_owned()], acr: None },
        client_ip: "192.0.2.7".parse().unwrap(),
    }
}

pub fn of(kind: RecordType, name: &str) -> Draft {
    let mut draft = Draft::new(kind);
    draft.origin = Some(origin(name));
    draft.connection = Some("warehouse".parse().unwrap());
    draft.protocol = Some(ConnectionKind::Snowflake);
    draft.session_id = Some("s-0190f3a1000070008000000000000001".parse().unwrap());
    draft
}

fn exchange(n: u32) -> hoop_model::ExchangeId {
    format!("x-0190f3a10000700080000000{n:08x}").parse().unwrap()
}

fn request_id(n: u32) -> hoop_model::ApprovalId {
    format!("req-0190f3a10000700080000000{n:08x}").parse().unwrap()
}

pub fn request(n: u32, name: &str, action: Action, effect: Effect, command: &str) -> Draft {
    let mut draft = of(RecordType::Request, name);
    draft.exchange_id = Some(exchange(n));
    draft.action = Some(action);
    draft.command = Some(command.to_owned());
    draft.command_digest = Some(digest(command));
    draft.resources = vec!["warehouse/PAYMENTS".to_owned()];
    draft.decision = Some(DecisionFacts {
        effect,
        rules: vec!["rule-1".to_owned()],
        policy_digest: "ab".repeat(32),
        reasons: vec!["touches payments".to_owned()],
    });
    draft
}

fn digest(command: &str) -> String {
    Hash::of(command.as_bytes()).to_string()
}

pub fn counts(masked: u64, shown: u64) -> Counts {
    let place = "column CARD_NUMBER".to_owned();
    Counts {
        rows: 3,
        bytes: 120,
        masked: BTreeMap::from_iter((masked > 0).then(|| ("pan".to_owned(), masked))),
        places: (masked > 0)
            .then(|| MaskedAt { at: place.clone(), rule: "pan".to_owned(), count: masked })
            .into_iter()
            .collect(),
        cards: Vec::new(),
        revealed: (shown > 0).then(|| RevealedAt { at: place.clone(), count: shown }).into_iter().collect(),
    }
}

pub fn chunk(n: u32, name: &str, counts: Counts) -> Draft {
    let mut draft = of(RecordType::ResponseChunk, name);
    draft.exchange_id = Some(exchange(n));
    draft.counts = Some(counts);
    draft
}

pub fn end(n: u32, name: &str, counts: Counts) -> Draft {
    let mut draft = chunk(n, name, counts);
    draft.kind = RecordType::End;
    draft.outcome = Some("success".to_owned());
    draft.upstream_id = Some("01b2-3".to_owned());
    draft
}

pub fn grant(until: &str) -> RevealFacts {
    RevealFacts {
        rules: vec!["fraud-sees-cards".to_owned()],
        needs: vec!["chargebacks".to_owned()],
        until: at(until),
        reason: "ticket 8".to_owned(),
    }
}

/// A request for approval.
pub fn asked(n: u32, name: &str, command: &str) -> Draft {
    let mut draft = request(n, name, Action::Write, Effect::Hold, command);
    draft.kind = RecordType::ApprovalRequested;
    draft.exchange_id = None;
    draft.approval = Some(approval(n, "pending", &[], command));
    draft.detail("expires_at", "2026-03-01T12:00:00Z")
}

pub fn approval(n: u32, state: &str, approvers: &[&str], command: &str) -> ApprovalFacts {
    let vote = |name: &&str| VoteFacts {
        approver: subject(name),
        at: at("2026-03-01T08:10:00Z"),
        reason: Some("ticket 7".to_owned()),
    };
    ApprovalFacts {
        id: request_id(n),
        state: state.to_owned(),
        binding: digest(&format!("bound {command}")),
        votes: approvers.iter().map(vote).collect(),
    }
}

pub fn decided(n: u32, name: &str, what: &str, command: &str) -> Draft {
    let mut draft = Draft::new(RecordType::ApprovalDecided)
        .detail("request", request_id(n).to_string())
        .detail("event", what)
        .detail("expires_at", "2026-03-01T12:00:00Z");
    draft.origin = Some(origin(name));
    draft.connection = Some("warehouse".parse().unwrap());
    draft.command = Some(command.to_owned());
    draft.approval = Some(approval(n, if what == "approve" { "approved" } else { "denied" }, &[name], command));
    draft.outcome = Some("success".to_owned());
    draft
}

/// What an approval let through.
pub fn approved(n: u32, name: &str, approvers: &[&str], command: &str) -> Draft {
    let mut draft = request(n, name, Action::Write, Effect::Hold, command);
    draft.approval = Some(approval(n, "consumed", approvers, command));
    draft
}

pub const DELETE: &str = "DELETE FROM payments WHERE id = 3";

fn simple(kind: RecordType, details: &[(&str, &str)]) -> Draft {
    details.iter().fold(Draft::new(kind), |draft, (name, value)| draft.detail(name, *value))
}

pub fn incident(event: &str, owner: &str) -> Draft {
    let mut facts = vec![("event", event), ("incident", "i-1"), ("control", "siem"), ("since", "2026-03-01T09:00:00Z")];
    facts.extend([("cause", "the receiver was away")].into_iter().filter(|_| !owner.is_empty()));
    facts.extend([("owner", owner)].into_iter().filter(|(_, owner)| !owner.is_empty()));
    simple(RecordType::Incident, &facts)
}

pub fn purge(days: u16) -> Draft {
    let connections = vec!["warehouse".parse().unwrap()];
    let facts = PurgeFacts { first: 0, last: 0, connections, unconnected: false, days, payloads: 1, bytes: 9 };
    Draft { purge: Some(facts), outcome: Some("success".to_owned()), ..Draft::new(RecordType::Purge) }
}

pub fn hold(connection: &str) -> Draft {
    let draft = simple(RecordType::Hold, &[("event", "set"), ("hold", "h-1"), ("of", connection)]);
    Draft { connection: Some(connection.parse().unwrap()), ..draft }
}

/// A day and a half in which all went as it should.
pub fn good() -> Log {
    let mut log = begun();
    read(&mut log);
    held(&mut log);
    shown(&mut log);
    others(&mut log);
    log.add(1, of(RecordType::SessionEnd, "alice"));
    log.idle(20);
    log.add(1, Draft::new(RecordType::WriterStop));
    log.sign();
    log.add(3600 * 16, Draft::new(RecordType::WriterStart).detail("version", "0.1.0"));
    log.sign();
    log.idle(20);
    log.sign();
    log
}

pub fn begun() -> Log {
    let mut log = Log::new();
    log.add(0, Draft::new(RecordType::WriterStart).detail("version", "0.1.0"));
    log.sign();
    log.add(1, simple(RecordType::Config, &[("settings_digest", &"cd".repeat(32)), ("connections", "2")]));
    for (name, outcome) in [("alice", "success"), ("nightly", "success"), ("", "refused")] {
        let mut draft = simple(RecordType::Auth, &[("event", "login")]);
        draft.outcome = Some(outcome.to_owned());
        if name.is_empty() {
            draft = draft.detail("code", "token_expired").detail("client_ip", "198.51.100.9");
        } else {
            draft.origin = Some(origin(name));
        }
        log.add(1, draft);
    }
    log.add(1, of(RecordType::SessionStart, "alice").detail("reason", "ticket 1"));
    log
}

pub fn read(log: &mut Log) {
    for (n, name) in [(1, "alice"), (2, "nightly")] {
        log.add(5, request(n, name, Action::Read, Effect::Allow, "SELECT * FROM payments"));
        log.add(1, chunk(n, name, counts(3, 0)));
        log.add(1, chunk(n, name, counts(2, 0)));
        let mut total = counts(5, 0);
        (total.rows, total.bytes) = (6, 240);
        log.add(1, end(n, name, total));
    }
    let mut formula = request(3, "alice", Action::Read, Effect::Deny, "=HYPERLINK(\"x\") <script>alert(1)</script>");
    formula.kind = RecordType::Denied;
    formula.exchange_id = None;
    formula.outcome = Some("refused".to_owned());
    log.add(1, formula);
}

pub fn held(log: &mut Log) {
    log.add(10, asked(10, "alice", DELETE));
    log.add(30, decided(10, "bob", "approve", DELETE));
    log.add(1, approved(10, "alice", &["bob"], DELETE));
    log.add(1, chunk(10, "alice", counts(0, 0)));
    log.add(1, end(10, "alice", counts(0, 0)));
    log.add(1, asked(11, "alice", "DROP TABLE payments"));
    log.add(9, decided(11, "bob", "deny", "DROP TABLE payments"));
}

pub fn shown(log: &mut Log) {
    let until = "2026-04-01T00:00:00Z";
    let mut asking = request(20, "erin", Action::Read, Effect::Allow, "SELECT card_number FROM chargebacks");
    asking.reveal = Some(grant(until));
    log.add(5, asking);
    let mut answer = chunk(20, "erin", counts(1, 2));
    answer.reveal = Some(grant(until));
    log.add(1, answer);
    let mut last = end(20, "erin", counts(1, 2));
    last.reveal = Some(grant(until));
    log.add(1, last);
}

fn others(log: &mut Log) {
    let mut replay = simple(RecordType::AuditRead, &[("what", "recording of session s-1"), ("reason", "incident 42")]);
    replay.origin = Some(origin("carol"));
    replay.outcome = Some("success".to_owned());
    log.add(1, replay);
    let mut admin = simple(RecordType::Admin, &[("event", "agent_removed"), ("agent", "agent-1")]);
    admin.origin = Some(origin("dave"));
    admin.outcome = Some("success".to_owned());
    log.add(1, admin);
    log.add(1, incident("began", "platform"));
    log.add(40, incident("ended", "platform"));
    for event in ["opened", "acknowledged", "closed"] {
        let mut alert = simple(
            RecordType::Alert,
            &[("event", event), ("alert", "a-1"), ("rule", "many-denials"), ("what", "alice")],
        );
        alert.origin = (event != "opened").then(|| origin("carol"));
        log.add(1, alert);
    }
    log.add(1, purge(400));
    log.add(1, hold("tools"));
    log.sign();
}

/// A folder with a pack in it.
pub struct Made_ {
    pub dir: tempfile::TempDir,
}

impl Made_ {
    pub fn of(log: &Log, scope: Scope) -> Self {
        let dir = tempfile::tempdir().unwrap();
        log.pack(dir.path(), scope, None, false).unwrap();
        Self { dir }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn verify(&self) -> Verified {
        verify(self.path(), &Known::default()).unwrap()
    }
}

/// What was found: check, file and row.
pub fn findings(verified: &Verified) -> Vec<(String, String, u64, String)> {
    let of = |check: &hoop_evidence::Outcome| {
        let id = check.id.to_owned();
        let found = check.findings.clone().into_iter();
        found.map(move |found| (id.clone(), found.file, found.row.unwrap_or_default(), found.text)).collect::<Vec<_>>()
    };
    verified.checks.iter().flat_map(of).collect()
}

pub fn status(verified: &Verified, id: &str) -> String {
    let check = verified.checks.iter().find(|check| check.id == id).unwrap();
    serde_json::to_value(check.status).unwrap().as_str().unwrap().to_owned()
}

/// All files of a folder, by path within it.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

/// Makes all digests good again, as somebody would who has no key.
pub fn forge(dir: &Path) {
    let path = dir.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    for file in manifest["files"].as_array_mut().unwrap() {
        let bytes = fs::read(dir.join(file["name"].as_str().unwrap())).unwrap();
        file["bytes"] = bytes.len().into();
        file["sha256"] = Hash::of(&bytes).to_string().into();
    }
    let text = serde_json::to_string_pretty(&manifest).unwrap() + "\n";
    fs::write(&path, &text).unwrap();
    fs::write(dir.join("manifest.json.sha256"), format!("{}  manifest.json\n", Hash::of(text.as_bytes()))).unwrap();
}

/// Edits the lines of a file.
pub fn edit(path: &Path, edit: impl FnOnce(&mut Vec<String>)) {
    let text = fs::read_to_string(path).unwrap();
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    edit(&mut lines);
    fs::write(path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
}

pub fn parsed(record: &[u8]) -> Record {
    serde_json::from_slice(record).unwrap()
}
