//! Card numbers hidden at a place where none were seen before and where the settings expect none (PCI DSS 12.10.7). Each
//! place is told of once.

use hoop_audit::{Record, RecordType};
use serde::{Deserialize, Serialize};

use super::{EXCHANGES, PLACES, resources, some_of};
use crate::{Finding, Rule, finding::joined, memory::Memory, settings::UnexpectedPan};

/// What the masker calls a card number, and one where the name says that there is none.
const PAN: &str = "pan";
const MISNAMED: &str = "unexpected_pan";

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UnexpectedPans {
    /// What each exchange under way asked for: its answer's records do not say.
    asked: Memory<Vec<String>, EXCHANGES>,
    /// Places with card numbers.
    seen: Memory<bool, PLACES>,
}

impl UnexpectedPans {
    pub(crate) fn take(&mut self, settings: &UnexpectedPan, record: &Record) -> Option<Finding> {
        let draft = &record.draft;
        let exchange = draft.exchange_id?.to_string();
        match draft.kind {
            RecordType::Request => {
                let asked = resources(draft).into_iter().map(str::to_owned).collect();
                *self.asked.touch(exchange, record.seq) = asked;
                None
            }
            RecordType::End => {
                self.asked.remove(&exchange);
                None
            }
            RecordType::ResponseChunk if settings.enabled => self.answered(settings, record, &exchange),
            _ => None,
        }
    }

    fn answered(&mut self, settings: &UnexpectedPan, record: &Record, exchange: &str) -> Option<Finding> {
        let draft = &record.draft;
        let (counts, connection) = (draft.counts.as_ref()?, draft.connection.as_ref()?.as_str());
        let asked = self.asked.get(exchange).cloned().unwrap_or_default();
        let names = match asked.iter().map(String::as_str).collect::<Vec<_>>() {
            none if none.is_empty() => connection.to_owned(),
            names => some_of(&names),
        };
        let (mut new, mut count) = (Vec::new(), 0_u64);
        for place in counts.places.iter().filter(|place| place.rule == PAN || place.rule == MISNAMED) {
            let at = without_numbers(&place.at);
            let seen = self.seen.touch(joined(&[connection, &names, &place.rule, &at]), record.seq);
            if std::mem::replace(seen, true) || settings.expects(&asked, &at, &place.rule) {
                continue;
            }
            count = count.saturating_add(place.count);
            if !new.contains(&at) {
                new.push(at);
            }
        }
        if new.is_empty() {
            return None;
        }
        let places = some_of(&new.iter().map(String::as_str).collect::<Vec<_>>());
        let mut finding = Finding::of(Rule::UnexpectedPan, record, &format!("card numbers in {names}: {places}"));
        finding.count = count;
        Some(finding)
    }
}

impl UnexpectedPan {
    /// Whether card numbers belong there. A name that says otherwise must be meant by itself.
    fn expects(&self, asked: &[String], at: &str, rule: &str) -> bool {
        self.card_data.iter().any(|pattern| {
            asked.iter().any(|name| {
                (rule == PAN && matches(pattern, name))
                    || (pattern.contains(' ') && matches(pattern, &format!("{name} {at}")))
            })
        })
    }
}

/// `*` stands for any text; without regard to case.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part).and_then(|at| rest.get(at + part.len()..)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    true
}

/// The rows of a list are one place.
fn without_numbers(at: &str) -> String {
    let mut place = String::with_capacity(at.len());
    for part in at.split_inclusive(['.', '/', '[', ']', ' ']) {
        let (word, end) = part.split_at(part.trim_end_matches(['.', '/', '[', ']', ' ']).len());
        let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        place.push_str(if is_number { "*" } else { word });
        place.push_str(end);
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text) in [
            ("warehouse/*", "warehouse/DB.PUBLIC.PAYMENTS"),
            ("warehouse/*.payments", "warehouse/DB.PUBLIC.PAYMENTS"),
            ("tools/look_up", "tools/look_up"),
            ("*/*pay*", "tools/repay"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("warehouse/PAY", "warehouse/PAYMENTS"), ("*/ab*ba", "x/aba"), ("a/*", "b/x")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn rows_are_one_place() {
        assert_eq!(without_numbers("content[12].rows/3/note2 4"), "content[*].rows/*/note2 *");
    }
}
