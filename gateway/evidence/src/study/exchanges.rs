//! What was asked and delivered: the access log, how it was protected, what was shown and under what.
//!
//! Values are counted twice in the trail: piece by piece as they were delivered, and all together at an exchange's end.
//! The pieces are what is summed; the end is what they are held against.

use std::collections::BTreeMap;

use hoop_audit::{Counts, Record, RevealFacts};
use hoop_model::{ExchangeId, Timestamp};

use super::{Out, assurance, groups, ip, kind, masked, or_none, revealed, text, who};
use crate::{Table, check::Id};

/// An answer is masked before its record is made, which takes so long at the most.
const SLACK: i64 = 60;

/// Place and detector of the row of all answers of a connection together, held against what their ends counted.
const WHOLE: &str = "*";

#[derive(Default)]
pub(super) struct Exchanges {
    open: BTreeMap<ExchangeId, Open>,
    places: BTreeMap<Place, Sum>,
    unexpected: BTreeMap<(String, String), Sum>,
}

/// Connection, command or answer, place, and what was found there.
type Place = (String, &'static str, String, String);

struct Sum {
    seen: u64,
    masked: u64,
    revealed: u64,
    failures: u64,
    first: Timestamp,
    last: Timestamp,
}

impl Sum {
    fn at(ts: Timestamp) -> Self {
        Self { seen: 0, masked: 0, revealed: 0, failures: 0, first: ts, last: ts }
    }
}

struct Open {
    request: Record,
    /// Began in the period, so that all of its pieces are known.
    within: bool,
    rows: u64,
    bytes: u64,
    masked: BTreeMap<String, u64>,
    revealed: u64,
}

impl Exchanges {
    pub(super) fn asked(&mut self, record: &Record, within: bool) {
        let Some(id) = record.draft.exchange_id else { return };
        if within && let Some(counts) = &record.draft.counts {
            self.add(record, "command", counts);
        }
        let open = Open { request: record.clone(), within, rows: 0, bytes: 0, masked: BTreeMap::new(), revealed: 0 };
        self.open.insert(id, open);
    }

    pub(super) fn answered(&mut self, record: &Record, out: &mut Out) {
        let Some(counts) = &record.draft.counts else { return };
        self.add(record, "answer", counts);
        let open = record.draft.exchange_id.and_then(|id| self.open.get_mut(&id));
        if revealed(counts) > 0 {
            out.checks.look(Id::Reveals);
            if let Some(why) = not_granted(record, open.as_deref()) {
                out.find(Id::Reveals, format!("record {} shows card numbers: {why}", record.seq));
            }
        }
        let Some(open) = open else { return };
        open.rows = open.rows.saturating_add(counts.rows);
        open.bytes = open.bytes.saturating_add(counts.bytes);
        open.revealed = open.revealed.saturating_add(revealed(counts));
        for (rule, count) in &counts.masked {
            let sum = open.masked.entry(rule.clone()).or_default();
            *sum = sum.saturating_add(*count);
        }
    }

    pub(super) fn ended(&mut self, record: &Record, within: bool, out: &mut Out) {
        let open = record.draft.exchange_id.and_then(|id| self.open.remove(&id));
        let Some(open) = open.filter(|_| within) else { return };
        let outcome = record.draft.outcome.clone().unwrap_or_default();
        let row = open.row(Some(record), &outcome, out);
        if let Some(counts) = record.draft.counts.as_ref().filter(|_| open.within) {
            out.checks.look(Id::Totals);
            if let Some(why) = open.differs(counts, outcome == "success") {
                out.find_in(Id::Totals, Table::AccessLog, row, format!("record {}: {why}", record.seq));
            }
        }
        let whole = (or_none(record.draft.connection.as_ref()), "answer", WHOLE.to_owned(), WHOLE.to_owned());
        let sum = self.places.entry(whole).or_insert_with(|| Sum::at(record.ts));
        sum.last = record.ts;
        let counted = record.draft.counts.as_ref().filter(|_| open.within && outcome == "success");
        let seen = counted.map_or_else(|| open.seen(), |counts| masked(counts).saturating_add(revealed(counts)));
        sum.seen = sum.seen.saturating_add(seen);
        sum.masked = sum.masked.saturating_add(open.masked.values().sum());
        sum.revealed = sum.revealed.saturating_add(open.revealed);
        sum.failures += u64::from(outcome == "blocked");
    }

    /// What a gateway that was killed left open has no end.
    pub(super) fn restarted(&mut self, within: bool, out: &mut Out) {
        for (_, open) in std::mem::take(&mut self.open) {
            if within {
                open.row(None, "unknown", out);
            }
        }
    }

    pub(super) fn finish(&mut self, out: &mut Out) {
        for (_, open) in std::mem::take(&mut self.open) {
            open.row(None, "open", out);
        }
        for ((connection, of, place, rule), sum) in std::mem::take(&mut self.places) {
            if of == "answer" && rule != WHOLE {
                out.summary.masked(&connection, &rule, sum.masked, sum.revealed);
            }
            let cells = [connection, of.to_owned(), place, rule];
            let numbers = [sum.seen, sum.masked, sum.revealed, sum.failures].map(text);
            let row =
                out.row(Table::DataProtection, &[&cells[..], &numbers, &[text(sum.first), text(sum.last)]].concat());
            if sum.masked.checked_add(sum.revealed) != Some(sum.seen) {
                out.find_in(Id::Totals, Table::DataProtection, row, "values seen are not those masked and those shown");
            }
        }
        for ((connection, place), sum) in std::mem::take(&mut self.unexpected) {
            let cells = [connection, place, text(sum.masked), text(sum.first), text(sum.last)];
            out.row(Table::UnexpectedPan, &cells);
        }
    }

    /// By place, and by rule alone where a record's places were too many for it.
    fn add(&mut self, record: &Record, of: &'static str, counts: &Counts) {
        let connection = or_none(record.draft.connection.as_ref());
        let mut elsewhere = counts.masked.clone();
        let mut add = |place: &str, rule: &str, hidden: u64, shown: u64| {
            let place = (connection.clone(), of, place.to_owned(), rule.to_owned());
            let sum = self.places.entry(place).or_insert_with(|| Sum::at(record.ts));
            sum.last = record.ts;
            sum.seen = sum.seen.saturating_add(hidden).saturating_add(shown);
            sum.masked = sum.masked.saturating_add(hidden);
            sum.revealed = sum.revealed.saturating_add(shown);
        };
        for place in &counts.places {
            add(&place.at, &place.rule, place.count, 0);
            if let Some(left) = elsewhere.get_mut(&place.rule) {
                *left = left.saturating_sub(place.count);
            }
            if place.rule == "unexpected_pan" {
                let key = (connection.clone(), place.at.clone());
                let sum = self.unexpected.entry(key).or_insert_with(|| Sum::at(record.ts));
                sum.last = record.ts;
                sum.masked = sum.masked.saturating_add(place.count);
            }
        }
        for (rule, left) in elsewhere.into_iter().filter(|(_, left)| *left > 0) {
            add("elsewhere", &rule, left, 0);
        }
        for place in &counts.revealed {
            add(&place.at, "pan", 0, place.count);
        }
    }
}

impl Open {
    fn seen(&self) -> u64 {
        self.masked.values().fold(self.revealed, |sum, count| sum.saturating_add(*count))
    }

    /// What an exchange's end counted is what its pieces add up to; of one that went wrong, some may have been found and
    /// not been delivered.
    fn differs(&self, end: &Counts, whole: bool) -> Option<String> {
        let mut sums = vec![("rows", self.rows, end.rows), ("bytes", self.bytes, end.bytes)];
        sums.push(("values shown", self.revealed, revealed(end)));
        let rules = self.masked.keys().chain(end.masked.keys());
        let count = |of: &BTreeMap<String, u64>, rule: &String| of.get(rule).copied().unwrap_or_default();
        sums.extend(rules.map(|rule| (rule.as_str(), count(&self.masked, rule), count(&end.masked, rule))));
        let wrong = sums.into_iter().find(|(_, pieces, end)| if whole { pieces != end } else { pieces > end });
        wrong.map(|(what, pieces, end)| format!("{what}: {pieces} piece by piece, {end} at the end"))
    }

    fn row(&self, end: Option<&Record>, outcome: &str, out: &mut Out) -> u64 {
        let record = &self.request;
        let draft = &record.draft;
        let origin = draft.origin.as_ref();
        let decision = draft.decision.as_ref();
        let effect = decision.map(|decision| format!("{:?}", decision.effect).to_lowercase());
        let hidden = self.masked.values().fold(0_u64, |sum, count| sum.saturating_add(*count));
        out.summary.ended(record, outcome, self.rows);
        if let Some(reveal) = &draft.reveal {
            self.grant(reveal, out);
        }
        let [issuer, sub, email] = who(origin);
        let [amr, acr] = assurance(origin);
        let cells = [
            text(record.seq),
            or_none(end.map(|end| end.seq)),
            text(record.ts),
            or_none(draft.exchange_id),
            issuer,
            sub,
            email,
            groups(origin),
            kind(origin),
            amr,
            acr,
            ip(record),
            or_none(draft.connection.as_ref()),
            or_none(draft.protocol.map(|protocol| format!("{protocol:?}").to_lowercase())),
            or_none(draft.action),
            draft.resources.join(" "),
            or_none(draft.command.as_ref()),
            or_none(effect),
            decision.map(|decision| decision.rules.join(" ")).unwrap_or_default(),
            or_none(draft.approval.as_ref().map(|approval| approval.id)),
            outcome.to_owned(),
            text(self.rows),
            text(self.bytes),
            text(hidden),
            text(self.revealed),
            or_none(draft.session_id),
            or_none(end.and_then(|end| end.draft.upstream_id.as_ref())),
        ];
        out.row(Table::AccessLog, &cells)
    }

    fn grant(&self, reveal: &RevealFacts, out: &mut Out) {
        let draft = &self.request.draft;
        let [issuer, sub, _] = who(draft.origin.as_ref());
        let cells = [
            text(self.request.seq),
            text(self.request.ts),
            issuer,
            sub,
            or_none(draft.connection.as_ref()),
            reveal.rules.join(" "),
            reveal.needs.join("; "),
            text(reveal.until),
            reveal.reason.clone(),
            text(self.revealed),
            or_none(draft.exchange_id),
        ];
        out.row(Table::RevealGrants, &cells);
    }
}

/// Why an answer may not have shown what it did.
fn not_granted(record: &Record, open: Option<&Open>) -> Option<String> {
    let Some(shown) = &record.draft.reveal else { return Some("it names no grant".to_owned()) };
    if record.ts.duration_since(shown.until).as_secs() > SLACK {
        return Some(format!("its grant ended at {}", shown.until));
    }
    if shown.rules.is_empty() || shown.needs.is_empty() {
        return Some("its grant names no policy or no need".to_owned());
    }
    // The request may lie before all that is in the pack.
    let request = &open?.request;
    let subject = |record: &Record| record.draft.origin.as_ref().map(|origin| origin.subject.clone());
    if subject(request) != subject(record) {
        return Some("it is not for whoever asked".to_owned());
    }
    match &request.draft.reveal {
        None => Some(format!("record {}, which asked for it, had no grant", request.seq)),
        Some(granted) if granted.until < shown.until => Some(format!("it was granted until {} only", granted.until)),
        Some(granted) if !shown.rules.iter().all(|rule| granted.rules.contains(rule)) => {
            Some("it names policies that granted nothing".to_owned())
        }
        Some(_) => None,
    }
}
