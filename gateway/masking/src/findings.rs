//! What was hidden, where and how often. Never the values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Distinct places that are told apart; what is found beyond them is counted together.
const PLACES: usize = 256;
/// Where what is found beyond [`PLACES`] is counted.
const ELSEWHERE: &str = "elsewhere";

/// Why something was hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rule {
    /// A card number.
    Pan,
    /// A card number where the name (an order id, a phone number, a trace) says there is none.
    UnexpectedPan,
    /// Sensitive authentication data: track data, verification codes, PINs.
    Sad,
}

/// Counts by place (a JSON path, a column, or the carrier) and rule. Places hold masked names only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Finding>", into = "Vec<Finding>")]
pub struct Findings(BTreeMap<String, BTreeMap<Rule, u64>>);

/// One count, as serialised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub at: String,
    pub rule: Rule,
    pub count: u64,
}

impl Findings {
    /// Everything hidden, over all places and rules.
    pub fn total(&self) -> u64 {
        self.iter().map(|finding| finding.count).fold(0, u64::saturating_add)
    }

    /// What `rule` hid, over all places.
    pub fn of(&self, rule: Rule) -> u64 {
        self.0.values().filter_map(|rules| rules.get(&rule)).fold(0, |sum, count| sum.saturating_add(*count))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every count, ordered by place and rule.
    pub fn iter(&self) -> impl Iterator<Item = Finding> {
        self.0.iter().flat_map(|(at, rules)| {
            rules.iter().map(|(rule, count)| Finding { at: at.clone(), rule: *rule, count: *count })
        })
    }

    pub fn merge(&mut self, other: &Self) {
        for finding in other.iter() {
            self.add(&finding.at, finding.rule, finding.count);
        }
    }

    /// `at` has been masked by the caller.
    pub(crate) fn add(&mut self, at: &str, rule: Rule, count: u64) {
        if count == 0 {
            return;
        }
        let at = if self.0.len() < PLACES || self.0.contains_key(at) { at } else { ELSEWHERE };
        // Most of what is found stands where something was found before.
        if let Some(sum) = self.0.get_mut(at).and_then(|rules| rules.get_mut(&rule)) {
            *sum = sum.saturating_add(count);
            return;
        }
        let sum = self.0.entry(at.to_owned()).or_default().entry(rule).or_default();
        *sum = sum.saturating_add(count);
    }
}

impl From<Vec<Finding>> for Findings {
    fn from(list: Vec<Finding>) -> Self {
        let mut findings = Self::default();
        for finding in list {
            findings.add(&finding.at, finding.rule, finding.count);
        }
        findings
    }
}

impl From<Findings> for Vec<Finding> {
    fn from(findings: Findings) -> Self {
        findings.iter().collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_and_survive_serde() {
        let mut findings = Findings::default();
        findings.add("$.a", Rule::Pan, 2);
        findings.add("$.a", Rule::Sad, 1);
        let mut more = Findings::default();
        more.add("$.a", Rule::Pan, 3);
        findings.merge(&more);
        assert_eq!((findings.total(), findings.of(Rule::Pan)), (6, 5));
        let json = serde_json::to_string(&findings).unwrap();
        assert_eq!(json, r#"[{"at":"$.a","rule":"pan","count":5},{"at":"$.a","rule":"sad","count":1}]"#);
        assert_eq!(serde_json::from_str::<Findings>(&json).unwrap(), findings);
    }

    #[test]
    fn places_are_bounded() {
        let mut findings = Findings::default();
        for place in 0..10_000 {
            findings.add(&format!("$.{place}"), Rule::Pan, 1);
        }
        assert_eq!(findings.total(), 10_000);
        assert!(findings.0.len() <= PLACES + 1);
    }
}
