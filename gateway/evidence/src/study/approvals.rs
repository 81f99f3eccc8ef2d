//! What was privileged, and that each held command that ran was approved: by somebody else, for this very command, in
//! time, once.

use std::collections::{BTreeMap, BTreeSet};

use hoop_audit::{ApprovalFacts, Record};
use hoop_model::{Action, ApprovalId, Effect, Subject, Timestamp};

use super::{Out, detail, ip, or_none, text, who};
use crate::{
    Table,
    check::Id,
    facts::{Facts, event, shown},
};

/// Details that say until when a request waits, or its approval may be used, and how many have to agree.
const EXPIRES_AT: &str = "expires_at";
const QUORUM: &str = "quorum";

#[derive(Default)]
pub(super) struct Approvals {
    asked: BTreeMap<ApprovalId, Asked>,
    used: BTreeSet<ApprovalId>,
}

/// A request for approval, and what became of it.
struct Asked {
    record: Record,
    within: bool,
    votes: Vec<Vote>,
    expires_at: Option<Timestamp>,
}

struct Vote {
    by: Option<Subject>,
    at: Timestamp,
}

impl Approvals {
    pub(super) fn asked(&mut self, record: &Record, within: bool) {
        let Some(approval) = &record.draft.approval else { return };
        let expires_at = detail(record, EXPIRES_AT).parse().ok();
        self.asked.insert(approval.id, Asked { record: record.clone(), within, votes: Vec::new(), expires_at });
    }

    pub(super) fn decided(&mut self, record: &Record, within: bool, out: &mut Out) {
        let Ok(id) = detail(record, "request").parse::<ApprovalId>() else { return };
        let Some(asked) = self.asked.get_mut(&id) else { return };
        let by = record.draft.origin.as_ref().map(|origin| origin.subject.clone());
        match (record.draft.outcome.as_deref(), event(&record.draft)) {
            (Some("success"), "approve") => {
                asked.votes.push(Vote { by, at: record.ts });
                asked.expires_at = detail(record, EXPIRES_AT).parse().ok().or(asked.expires_at);
            }
            (Some("success"), what) => {
                let what = if what == "deny" { "denied" } else { "withdrawn" };
                if let Some(asked) = self.asked.remove(&id).filter(|_| within) {
                    asked.not_run(what, record, out);
                }
            }
            // What was recorded and then did not come to be: the record behind it says so.
            _ if matches!(detail(record, "code").as_str(), "approval_contended" | "store_down")
                && asked.votes.last().is_some_and(|vote| vote.by == by) =>
            {
                asked.votes.pop();
            }
            _ => {}
        }
    }

    pub(super) fn ran(&mut self, record: &Record, within: bool, out: &mut Out) {
        let draft = &record.draft;
        let held = draft.decision.as_ref().is_some_and(|decision| decision.effect == Effect::Hold);
        let risky = draft.action.is_some_and(|action| action >= Action::Ddl);
        let asked = draft.approval.as_ref().and_then(|approval| self.asked.remove(&approval.id));
        let again = draft.approval.as_ref().is_some_and(|approval| !self.used.insert(approval.id));
        if !within || !(held || risky || draft.approval.is_some()) {
            return;
        }
        let row = ran_row(record, asked.as_ref(), out);
        if held || draft.approval.is_some() {
            out.checks.look(Id::Approvals);
            for why in not_approved(record, asked.as_ref(), again) {
                out.find_in(Id::Approvals, Table::PrivilegedActions, row, format!("record {}: {why}", record.seq));
            }
        }
    }

    /// What still waits, or was never used.
    pub(super) fn finish(&mut self, out: &mut Out) {
        for (_, asked) in std::mem::take(&mut self.asked) {
            if asked.within {
                let record = asked.record.clone();
                asked.not_run("not run", &record, out);
            }
        }
    }
}

/// All that is wrong with how a held command came to run.
fn not_approved(record: &Record, asked: Option<&Asked>, again: bool) -> Vec<String> {
    let draft = &record.draft;
    let Some(approval) = &draft.approval else { return vec!["a held command ran without an approval".to_owned()] };
    let mut wrong = Vec::new();
    if again {
        wrong.push(format!("approval {} was used before", approval.id));
    }
    if approval.state != "consumed" {
        wrong.push(format!("its approval is {}, not taken", approval.state));
    }
    if approval.votes.is_empty() {
        wrong.push("nobody approved it".to_owned());
    }
    let requester = draft.origin.as_ref().map(|origin| &origin.subject);
    for vote in &approval.votes {
        if requester == Some(&vote.approver) {
            wrong.push(format!("{} approved what they asked for themselves", shown(&vote.approver)));
        }
    }
    let approvers: BTreeSet<_> = approval.votes.iter().map(|vote| &vote.approver).collect();
    if approvers.len() < approval.votes.len() {
        wrong.push("one person approved it twice".to_owned());
    }
    match asked {
        None if again => {}
        None => wrong.push(format!("no record asks for approval {}", approval.id)),
        Some(asked) => asked.differs(record, approval, &mut wrong),
    }
    wrong
}

impl Asked {
    fn differs(&self, ran: &Record, approval: &ApprovalFacts, wrong: &mut Vec<String>) {
        let (asked, draft) = (&self.record.draft, &ran.draft);
        let subject = |record: &Record| record.draft.origin.as_ref().map(|origin| origin.subject.clone());
        if subject(&self.record) != subject(ran) {
            wrong.push("somebody else asked for its approval".to_owned());
        }
        if asked.connection != draft.connection {
            wrong.push("it was approved for another connection".to_owned());
        }
        if !self.is_same_command(ran) {
            wrong.push("what ran is not what was approved: the commands' digests differ".to_owned());
        }
        if !self.is_same_binding(approval) {
            wrong.push("what ran is not what was approved: the bindings differ".to_owned());
        }
        for vote in &approval.votes {
            if !self.votes.iter().any(|told| told.by.as_ref() == Some(&vote.approver)) {
                wrong.push(format!("no record says that {} approved it", shown(&vote.approver)));
            }
        }
        let quorum = detail(&self.record, QUORUM).parse().unwrap_or(1);
        if (approval.votes.len() as u64) < quorum && !approval.votes.is_empty() {
            wrong.push(format!("{} approved it, and {quorum} had to", approval.votes.len()));
        }
        if self.votes.iter().any(|vote| ran.ts < vote.at) {
            wrong.push("it ran before it was approved".to_owned());
        }
        match self.expires_at {
            Some(end) if end <= ran.ts => wrong.push(format!("its approval ended at {end}")),
            Some(_) => {}
            None => wrong.push("no record says until when its approval could be used".to_owned()),
        }
    }

    fn is_same_command(&self, ran: &Record) -> bool {
        let (asked, ran) = (&self.record.draft.command_digest, &ran.draft.command_digest);
        asked.is_some() && asked == ran
    }

    fn is_same_binding(&self, approval: &ApprovalFacts) -> bool {
        self.record.draft.approval.as_ref().is_some_and(|asked| asked.binding == approval.binding)
    }

    fn approved_at(&self) -> Option<Timestamp> {
        self.votes.last().map(|vote| vote.at)
    }

    /// A row about a request that did not run.
    fn not_run(&self, what: &str, decided: &Record, out: &mut Out) {
        let record = &self.record;
        let approvers: Vec<_> = self.votes.iter().filter_map(|vote| vote.by.as_ref()).map(shown).collect();
        let mut cells = common(record, what);
        cells.extend([
            or_none(record.draft.approval.as_ref().map(|approval| approval.id)),
            approvers.join(", "),
            String::new(),
            text(record.ts),
            or_none(self.approved_at()),
            or_none(self.expires_at),
            votes(decided),
            String::new(),
            String::new(),
            String::new(),
            what.to_owned(),
        ]);
        out.summary.privileged(&cells);
        out.row(Table::PrivilegedActions, &cells);
    }
}

fn ran_row(record: &Record, asked: Option<&Asked>, out: &mut Out) -> u64 {
    let approval = record.draft.approval.as_ref();
    let requester = record.draft.origin.as_ref().map(|origin| &origin.subject);
    let votes_of = approval.map(|approval| approval.votes.as_slice()).unwrap_or_default();
    let yes_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let other =
        approval.map(|_| yes_no(!votes_of.is_empty() && votes_of.iter().all(|vote| Some(&vote.approver) != requester)));
    let mut cells = common(record, "ran");
    cells.extend([
        or_none(approval.map(|approval| approval.id)),
        votes_of.iter().map(|vote| shown(&vote.approver)).collect::<Vec<_>>().join(", "),
        other.unwrap_or_default(),
        or_none(asked.map(|asked| asked.record.ts)),
        or_none(asked.and_then(Asked::approved_at)),
        or_none(asked.and_then(|asked| asked.expires_at)),
        votes(record),
        or_none(asked.map(|asked| yes_no(asked.is_same_command(record)))),
        or_none(asked.zip(approval).map(|(asked, approval)| yes_no(asked.is_same_binding(approval)))),
        or_none(record.draft.exchange_id),
        "ran".to_owned(),
    ]);
    out.summary.privileged(&cells);
    out.row(Table::PrivilegedActions, &cells)
}

/// What all rows begin with.
fn common(record: &Record, what: &str) -> Vec<String> {
    let draft = &record.draft;
    let [issuer, sub, _] = who(draft.origin.as_ref());
    let decision = draft.decision.as_ref();
    vec![
        text(record.seq),
        text(record.ts),
        what.to_owned(),
        issuer,
        sub,
        ip(record),
        or_none(draft.connection.as_ref()),
        or_none(draft.action),
        draft.resources.join(" "),
        or_none(draft.command.as_ref()),
        decision.map(|decision| decision.reasons.join("; ")).unwrap_or_default(),
        decision.map(|decision| decision.rules.join(" ")).unwrap_or_default(),
    ]
}

/// The reasons that approvers gave.
fn votes(record: &Record) -> String {
    let votes = record.draft.approval.as_ref().map(|approval| approval.votes.as_slice()).unwrap_or_default();
    votes.iter().filter_map(|vote| vote.reason.clone()).collect::<Vec<_>>().join("; ")
}

/// An admin's action, in the same columns.
pub(super) fn of_admin(record: &Record, out: &mut Out) {
    let mut cells = common(record, "administration");
    if let Some(sub) = cells.get_mut(4).filter(|sub| sub.is_empty()) {
        *sub = Facts::of(record).user;
    }
    if let Some(reasons) = cells.get_mut(10) {
        *reasons = format!("{}: {}", event(&record.draft), super::details(record, &["client_ip", "event"]));
    }
    cells.extend(std::iter::repeat_n(String::new(), 10));
    cells.push(or_none(record.draft.outcome.as_ref()));
    out.summary.privileged(&cells);
    out.row(Table::PrivilegedActions, &cells);
}
