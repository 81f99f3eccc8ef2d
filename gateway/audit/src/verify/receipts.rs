//! What agents signed for. Each receipt has to be of something that the log has a request of, and none may be missing.

use std::{collections::BTreeMap, fmt::Display};

use super::{FindingKind, Report, report::AgentReport};
use crate::{
    checkpoint::Checkpoint,
    digest::Hash,
    note::VerifyingKey,
    receipt::{AgentHead, Receipt, ReceiptFacts},
    tree::Tree,
};

#[derive(Default, Clone)]
pub(super) struct Receipts {
    /// By the agent's key.
    agents: BTreeMap<String, Agent>,
    /// What agents' own machines say.
    heads: Vec<AgentHead>,
}

#[derive(Clone)]
struct Agent {
    key: VerifyingKey,
    tree: Tree,
    /// Some of its receipts are not there, so heads over them cannot be checked.
    torn: bool,
    /// Of its receipts, those taken.
    count: u64,
}

impl Receipts {
    pub fn expect(&mut self, heads: impl IntoIterator<Item = AgentHead>) {
        self.heads.extend(heads);
    }

    /// The next receipts. `recorded` says whether the log so far has the request that one is for.
    pub fn take(
        &mut self,
        facts: &ReceiptFacts,
        recorded: impl Fn(&Receipt) -> bool,
        seq: u64,
        place: &dyn Display,
        report: &mut Report,
    ) {
        let mut find = |kind, text| report.find(kind, seq, place, text);
        let head = match facts.head() {
            Ok(head) => head,
            Err(error) => return find(FindingKind::Receipts, format!("an agent's receipts: {error}")),
        };
        let agent = self.agents.entry(facts.key.to_string()).or_insert_with(|| Agent {
            key: facts.key.clone(),
            tree: Tree::default(),
            torn: false,
            count: 0,
        });
        let size = agent.tree.size();
        if facts.first > size && !agent.torn {
            agent.torn = true;
            let last = facts.first - 1;
            find(FindingKind::Receipts, format!("receipts {size} to {last} of {} are missing", facts.key.name()));
        }
        // A gateway that was killed may keep some twice: the agent sends what it has no word of.
        let again = size.saturating_sub(facts.first);
        for text in facts.receipts.iter().skip(usize::try_from(again).unwrap_or(usize::MAX)) {
            agent.tree.push(Hash::leaf(text.as_bytes()));
            agent.count += 1;
            if !agent.torn {
                hold_against(&mut self.heads, agent, seq, place, report);
            }
            match serde_json::from_str::<Receipt>(text) {
                Ok(receipt) if recorded(&receipt) => {}
                Ok(receipt) => {
                    let text = format!("{}, and the log has no request of it", told(&receipt, facts.key.name()));
                    report.find(FindingKind::Unrecorded, seq, place, text);
                }
                Err(error) => {
                    report.find(FindingKind::Unreadable, seq, place, format!("a receipt that is none: {error}"));
                }
            }
        }
        if !agent.torn && head.size == agent.tree.size() && head.root != agent.tree.root() {
            agent.torn = true;
            let text = format!("receipts of {} are not those that it signed", facts.key.name());
            report.find(FindingKind::Receipts, seq, place, text);
        }
    }

    /// Heads that the log never reached are of receipts that it does not have.
    pub fn finish(self, report: &mut Report) {
        for head in &self.heads {
            let known = self.agents.get(&head.key.to_string());
            let size = known.map_or(0, |agent| agent.tree.size());
            match known {
                Some(agent) if agent.torn => {}
                _ if head.checkpoint.size == 0 => {}
                _ => {
                    let text = format!(
                        "{} signed for {} streams, and the log has {size} of its receipts: the rest is hidden, or the \
                         log was cut back",
                        head.key.name(),
                        head.checkpoint.size
                    );
                    report.find(FindingKind::Receipts, 0, &"end of the log", text);
                }
            }
        }
        report.agents =
            self.agents.into_values().map(|agent| AgentReport { key: agent.key, receipts: agent.count }).collect();
    }
}

/// Holds the agent's log so far against the heads that are over as many receipts.
fn hold_against(heads: &mut Vec<AgentHead>, agent: &Agent, seq: u64, place: &dyn Display, report: &mut Report) {
    heads.retain(|head| {
        let reached = head.key == agent.key && head.checkpoint.size == agent.tree.size();
        if reached && head.checkpoint == Checkpoint::of(agent.key.name(), &agent.tree) {
            report.anchors.push(head.name.clone());
        } else if reached {
            let text = format!("{}'s receipts up to here are not those that {} has", agent.key.name(), head.name);
            report.find(FindingKind::Receipts, seq, place, text);
        }
        !reached
    });
}

fn told(receipt: &Receipt, agent: &str) -> String {
    let of = match (receipt.exchange, receipt.session) {
        (Some(exchange), _) => format!("exchange {exchange}"),
        (_, Some(session)) => format!("session {session}"),
        _ => "something without a name".to_owned(),
    };
    let Receipt { connection, began, sent, received, .. } = receipt;
    format!("{agent} sent {} bytes to {connection} and got {} back at {began} for {of}", sent.bytes, received.bytes)
}
