//! A gateway that hides what an agent did for it is found out by the agent's receipts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod log;

use hoop_audit::{
    AgentHead, Checkpoint, Draft, FindingKind, Passed, Receipt, ReceiptFacts, RecordType, SigningKey, Tree, Verifier,
};
use hoop_model::{ExchangeId, Timestamp};
use log::{Log, exchanges, key};

/// An agent, and what it has signed for so far.
struct Agent {
    key: SigningKey,
    tree: Tree,
}

impl Agent {
    fn new(name: &str, seed: u8) -> Self {
        Self { key: SigningKey::from_seed(name, &[seed; 32]).unwrap(), tree: Tree::default() }
    }

    fn signs(&mut self, of: &[ExchangeId]) -> ReceiptFacts {
        ReceiptFacts::sign(of.iter().map(|exchange| receipt(*exchange)).collect(), &mut self.tree, &self.key)
    }

    /// As `hoop-agent receipts` prints it.
    fn head(&self) -> AgentHead {
        let note = Checkpoint::of(self.key.verifying().name(), &self.tree).sign([&self.key]);
        AgentHead::read("agent.head", &format!("{}\n{note}", self.key.verifying())).unwrap()
    }
}

fn receipt(exchange: ExchangeId) -> String {
    let at: Timestamp = "2026-03-01T09:00:00Z".parse().unwrap();
    let passed = || Passed { bytes: 7, digest: "ab".repeat(32) };
    let receipt = Receipt {
        connection: "warehouse".parse().unwrap(),
        exchange: Some(exchange),
        session: None,
        began: at,
        ended: at,
        sent: passed(),
        received: passed(),
        whole: true,
    };
    serde_json::to_string(&receipt).unwrap()
}

fn recorded(facts: ReceiptFacts) -> Draft {
    Draft { receipts: Some(facts), ..Draft::new(RecordType::Receipts) }
}

/// Six exchanges of one session, their ids, and a place before the session's end.
fn drafts() -> (Vec<Draft>, Vec<ExchangeId>) {
    let drafts = exchanges(1, 6);
    let ids = drafts.iter().filter(|draft| draft.kind == RecordType::Request).map(|draft| draft.exchange_id.unwrap());
    let ids = ids.collect();
    (drafts, ids)
}

/// The records with these receipts before the session's end.
fn trail(mut drafts: Vec<Draft>, receipts: impl IntoIterator<Item = ReceiptFacts>) -> Log {
    let at = drafts.len() - 2;
    drafts.splice(at..at, receipts.into_iter().map(recorded));
    Log::of(drafts, 8, &key(1))
}

fn findings(log: &Log, heads: &[&Agent]) -> (Vec<FindingKind>, Vec<String>, bool) {
    let mut verifier = Verifier::new(Vec::new(), []).with_agents(heads.iter().map(|agent| agent.head()));
    let files = log.files();
    for (index, file) in files.iter().enumerate() {
        verifier.segment(&format!("segment {index}"), file, index + 1 == files.len());
    }
    let report = verifier.finish();
    let texts = report.findings.iter().map(|finding| finding.text.clone()).collect();
    (report.findings.iter().map(|finding| finding.kind).collect(), texts, report.is_anchored())
}

#[test]
fn receipts_of_what_is_recorded_raise_no_alarm() {
    let (drafts, ids) = drafts();
    let mut agent = Agent::new("hoop-agent/1", 7);
    let batches = [agent.signs(&ids[..2]), agent.signs(&ids[2..])];
    let log = trail(drafts, batches);
    assert_eq!(findings(&log, &[]), (vec![], vec![], false), "the trail alone is no anchor");
    assert_eq!(findings(&log, &[&agent]), (vec![], vec![], true), "the agent's own head is one");
}

#[test]
fn what_a_killed_gateway_recorded_twice_is_no_alarm() {
    let (drafts, ids) = drafts();
    let mut agent = Agent::new("hoop-agent/1", 7);
    let [one, two] = [agent.signs(&ids[..3]), agent.signs(&ids[3..])];
    let log = trail(drafts, [one.clone(), one, two.clone(), two]);
    assert_eq!(findings(&log, &[&agent]), (vec![], vec![], true));
}

#[test]
fn an_exchange_without_its_request_is_found() {
    let (drafts, ids) = drafts();
    let hidden = ids[3];
    let drafts: Vec<_> = drafts.into_iter().filter(|draft| draft.exchange_id != Some(hidden)).collect();
    let mut agent = Agent::new("hoop-agent/1", 7);
    let batches = [agent.signs(&ids)];
    let (kinds, texts, _) = findings(&trail(drafts, batches), &[]);
    assert_eq!(kinds, [FindingKind::Unrecorded]);
    assert!(texts[0].contains(&hidden.to_string()) && texts[0].contains("warehouse"), "{texts:?}");
}

#[test]
fn receipts_that_are_left_out_or_changed_are_found() {
    let (drafts, ids) = drafts();
    let mut agent = Agent::new("hoop-agent/1", 7);
    let batches: Vec<_> = ids.chunks(2).map(|ids| agent.signs(ids)).collect();
    let mut tree = Tree::default();
    let other = SigningKey::from_seed("hoop-agent/1", &[8; 32]).unwrap();
    let forged = ReceiptFacts::sign(batches[0].receipts.clone(), &mut tree, &other);
    let changed = |change: &dyn Fn(&mut ReceiptFacts)| {
        let mut batches = batches.clone();
        change(&mut batches[1]);
        batches
    };
    let attacks: Vec<(&str, Vec<ReceiptFacts>)> = vec![
        ("the first is hidden", batches[1..].to_vec()),
        ("one in the middle is hidden", vec![batches[0].clone(), batches[2].clone()]),
        ("one receipt of several", changed(&|facts| drop(facts.receipts.pop()))),
        (
            "a receipt says something else",
            changed(&|facts| facts.receipts[0] = facts.receipts[0].replace("\"bytes\":7", "\"bytes\":8")),
        ),
        ("receipts in another order", changed(&|facts| facts.receipts.swap(0, 1))),
        ("a number moved", changed(&|facts| facts.first += 1)),
        (
            "a head that nobody signed",
            changed(&|facts| facts.checkpoint = facts.checkpoint.replacen("hoop-agent/1", "hoop-agent/2", 1)),
        ),
        ("another's head", changed(&|facts| facts.checkpoint = forged.checkpoint.clone())),
    ];
    for (name, batches) in attacks {
        let (kinds, texts, _) = findings(&trail(drafts.clone(), batches), &[]);
        assert!(kinds.contains(&FindingKind::Receipts), "{name}: {texts:?}");
    }
    // From the end nothing shows in the trail; the agent knows.
    let cut = trail(drafts.clone(), batches[..2].to_vec());
    assert_eq!(findings(&cut, &[]).0, []);
    let (kinds, texts, anchored) = findings(&cut, &[&agent]);
    assert_eq!((kinds, anchored), (vec![FindingKind::Receipts], false), "{texts:?}");
    assert!(texts[0].contains("signed for 6 streams, and the log has 4"), "{texts:?}");
    // Nor does all of it: and by another agent's key it was not this one that signed.
    for batches in [vec![], vec![forged]] {
        let (kinds, texts, _) = findings(&trail(drafts.clone(), batches), &[&agent]);
        assert_eq!(kinds, [FindingKind::Receipts], "{texts:?}");
    }
}

#[test]
fn an_agent_has_its_own_log_beside_others() {
    let (drafts, ids) = drafts();
    let (mut one, mut two) = (Agent::new("hoop-agent/1", 7), Agent::new("hoop-agent/2", 8));
    let batches = [one.signs(&ids[..2]), two.signs(&ids[2..4]), one.signs(&ids[4..])];
    let log = trail(drafts, batches);
    assert_eq!(findings(&log, &[&one, &two]), (vec![], vec![], true));
}

#[test]
fn what_an_agent_prints_before_its_first_receipt_binds_to_nothing() {
    let agent = Agent::new("hoop-agent/1", 7);
    let head = AgentHead::read("a", &format!("{}\n", agent.key.verifying())).unwrap();
    assert_eq!(head.checkpoint.size, 0);
    assert!(AgentHead::read("a", "no key\n").is_err());
    let other = Agent::new("hoop-agent/1", 8);
    let note = Checkpoint::of("hoop-agent/1", &Tree::default()).sign([&other.key]);
    assert!(AgentHead::read("a", &format!("{}\n{note}", agent.key.verifying())).is_err());
}
