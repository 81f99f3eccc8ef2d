//! The machine checks: what each asks, what it looked at, and what it found. One that looked at nothing has not passed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Findings that a check keeps; the rest is counted.
const KEPT: usize = 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Pass,
    Fail,
    /// There was nothing to look at; the reason stands beside it.
    NotApplicable,
    /// No program can tell: policies, interviews, yearly reviews.
    NotAutomatable,
}

/// Which check; each belongs to one of the ten of the reference, by letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Id {
    Files,
    Signature,
    Chain,
    Rows,
    Previous,
    Facts,
    Approvals,
    Totals,
    Reveals,
    Cards,
    Retention,
    Silence,
    Clock,
    Failures,
    Reads,
}

/// What a check is.
struct Asked {
    /// As reports and `coverage.json` name it.
    name: &'static str,
    question: &'static str,
    /// What is counted.
    of: &'static str,
    /// Why it has nothing to look at, where it has not.
    nothing: &'static str,
}

impl Id {
    pub(crate) const ALL: [Id; 15] = [
        Self::Files,
        Self::Signature,
        Self::Chain,
        Self::Rows,
        Self::Previous,
        Self::Facts,
        Self::Approvals,
        Self::Totals,
        Self::Reveals,
        Self::Cards,
        Self::Retention,
        Self::Silence,
        Self::Clock,
        Self::Failures,
        Self::Reads,
    ];

    fn asked(self) -> Asked {
        let asked = |name, question, of, nothing| Asked { name, question, of, nothing };
        match self {
            Self::Files => asked(
                "a.files",
                "each file has the length and SHA-256 that the manifest says, and there is no other",
                "files",
                "the manifest lists no file",
            ),
            Self::Signature => asked(
                "a.signature",
                "the manifest's digest is in a record of the log, under a head that the log's key signed",
                "signatures",
                "the pack was made from a copy of the trail: the gateway has not sealed it, and anybody could have made it",
            ),
            Self::Chain => asked(
                "b.chain",
                "each record is the one at its place in the log whose head is signed, and follows the one before it",
                "records",
                "there is no record",
            ),
            Self::Rows => asked(
                "b.rows",
                "each row says what its records say, each record has its rows, in order",
                "rows",
                "there is no row",
            ),
            Self::Previous => asked(
                "b.previous",
                "the log is a continuation of the one that the previous pack was made of",
                "packs",
                "no previous pack was named",
            ),
            Self::Facts => asked(
                "c.facts",
                "each record says who, what, when, with what outcome, from where and on what (10.2.2)",
                "records",
                "there is no record in the period",
            ),
            Self::Approvals => asked(
                "d.approvals",
                "each held command that ran had an approval by somebody else, for this very command, in time, once",
                "commands",
                "no held command ran in the period",
            ),
            Self::Totals => asked(
                "e.totals",
                "each exchange's values seen are those masked and those shown, counted piece by piece",
                "exchanges",
                "no exchange of the period both began and ended in it",
            ),
            Self::Reveals => asked(
                "e.reveals",
                "card numbers were shown only under a grant, to whom it was given, while it lasted",
                "answers",
                "no card number was shown in the period",
            ),
            Self::Cards => asked(
                "f.cards",
                "no file of the pack holds a card number or track data in clear",
                "lines",
                "there is no line",
            ),
            Self::Retention => asked(
                "g.retention",
                "nothing was purged before its time, which is a year at the least, or while it was on hold",
                "purges",
                "nothing was purged in the period",
            ),
            Self::Silence => asked(
                "g.silence",
                "there is a record at least each minute, or the gateway was stopped, or a control failure says why not",
                "intervals",
                "the pack is of one connection, and what else was recorded meanwhile is not in it",
            ),
            Self::Clock => asked(
                "h.clock",
                "clocks were within a second of their source",
                "measurements",
                "no record of the period holds a clock's offset: the gateway was told of no time server, or none answered",
            ),
            Self::Failures => asked(
                "i.failures",
                "each control failure has an end, a cause and an owner",
                "failures",
                "no control failure was recorded in the period",
            ),
            Self::Reads => asked(
                "j.reads",
                "each time somebody read the trail has a row with who and what",
                "reads",
                "nobody read the trail in the period",
            ),
        }
    }
}

/// Something that does not hold, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub file: String,
    /// From 1; a table's header is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    pub text: String,
}

#[derive(Debug, Clone, Default)]
struct Counted {
    looked_at: u64,
    found: Vec<Finding>,
    more: u64,
}

/// All checks as they go on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Checks(BTreeMap<Id, Counted>);

/// A check that is over.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    pub id: &'static str,
    pub question: &'static str,
    pub status: Status,
    pub looked_at: u64,
    pub of: &'static str,
    /// Why there was nothing to look at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<&'static str>,
    /// The first thousand.
    pub findings: Vec<Finding>,
    pub further_findings: u64,
}

impl Checks {
    pub(crate) fn look(&mut self, id: Id) {
        self.look_at(id, 1);
    }

    pub(crate) fn look_at(&mut self, id: Id, count: u64) {
        self.0.entry(id).or_default().looked_at += count;
    }

    pub(crate) fn find(&mut self, id: Id, file: &str, row: Option<u64>, text: impl Into<String>) {
        let counted = self.0.entry(id).or_default();
        if counted.found.len() < KEPT {
            counted.found.push(Finding { file: file.to_owned(), row, text: text.into() });
        } else {
            counted.more += 1;
        }
    }

    /// Those of another part.
    pub(crate) fn add(&mut self, other: Self) {
        for (id, counted) in other.0 {
            let sum = self.0.entry(id).or_default();
            sum.looked_at += counted.looked_at;
            sum.more += counted.more;
            sum.found.extend(counted.found);
        }
    }

    pub(crate) fn status(&self, id: Id) -> Status {
        match self.0.get(&id) {
            Some(counted) if !counted.found.is_empty() => Status::Fail,
            Some(counted) if counted.looked_at > 0 => Status::Pass,
            _ => Status::NotApplicable,
        }
    }

    pub(crate) fn outcome(&self, id: Id) -> Outcome {
        let Asked { name, question, of, nothing } = id.asked();
        let counted = self.0.get(&id).cloned().unwrap_or_default();
        let status = self.status(id);
        Outcome {
            id: name,
            question,
            status,
            looked_at: counted.looked_at,
            of,
            why: (status == Status::NotApplicable).then_some(nothing),
            findings: counted.found,
            further_findings: counted.more,
        }
    }

    pub(crate) fn outcomes(&self) -> Vec<Outcome> {
        Id::ALL.into_iter().map(|id| self.outcome(id)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_passes_that_looked_at_nothing() {
        let mut checks = Checks::default();
        assert!(Id::ALL.iter().all(|id| checks.status(*id) == Status::NotApplicable));
        checks.look(Id::Facts);
        assert_eq!(checks.status(Id::Facts), Status::Pass);
        checks.find(Id::Facts, "x", None, "y");
        assert_eq!(checks.status(Id::Facts), Status::Fail);
    }
}
