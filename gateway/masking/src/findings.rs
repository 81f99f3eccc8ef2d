//! What was hidden or shown, where and how often. Never the values.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::Entity;

/// Distinct places that are told apart; what is found beyond them is counted together.
const PLACES: usize = 256;
/// Where what is found beyond [`PLACES`] is counted.
const ELSEWHERE: &str = "elsewhere";

/// Why something was hidden, or that it was not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[non_exhaustive]
pub enum Rule {
    /// A card number.
    Pan,
    /// A card number where the name (an order id, a phone number, a trace) says there is none.
    UnexpectedPan,
    /// Sensitive authentication data: track data, verification codes, PINs.
    Sad,
    /// A card number that was shown, to who may see it.
    Revealed,
    /// What a rule of the operator's names: `email`, or the name of a pattern.
    Entity(Entity),
}

impl Rule {
    /// As records and reports spell it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pan => "pan",
            Self::UnexpectedPan => "unexpected_pan",
            Self::Sad => "sad",
            Self::Revealed => "revealed",
            Self::Entity(entity) => entity.as_str(),
        }
    }
}

impl From<String> for Rule {
    fn from(name: String) -> Self {
        match name.as_str() {
            "pan" => Self::Pan,
            "unexpected_pan" => Self::UnexpectedPan,
            "sad" => Self::Sad,
            "revealed" => Self::Revealed,
            entity => Self::Entity(entity.into()),
        }
    }
}

impl From<Rule> for String {
    fn from(rule: Rule) -> Self {
        rule.as_str().to_owned()
    }
}

/// Counts by place (a JSON path, a column, or the carrier) and rule. Places hold masked names only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Finding>", into = "Vec<Finding>")]
pub struct Findings {
    counts: BTreeMap<String, BTreeMap<Rule, u64>>,
    /// Not serialised: a record has them apart from the counts.
    digests: BTreeSet<String>,
}

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
        let hidden = self.iter().filter(|finding| finding.rule != Rule::Revealed);
        hidden.map(|finding| finding.count).fold(0, u64::saturating_add)
    }

    /// What `rule` hid or showed, over all places.
    pub fn of(&self, rule: Rule) -> u64 {
        self.counts.values().filter_map(|rules| rules.get(&rule)).fold(0, |sum, count| sum.saturating_add(*count))
    }

    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Every count, ordered by place and rule.
    pub fn iter(&self) -> impl Iterator<Item = Finding> {
        self.counts.iter().flat_map(|(at, rules)| {
            rules.iter().map(|(rule, count)| Finding { at: at.clone(), rule: rule.clone(), count: *count })
        })
    }

    pub fn merge(&mut self, other: &Self) {
        for finding in other.iter() {
            self.add(&finding.at, finding.rule, finding.count);
        }
        self.digests.extend(other.digests.iter().cloned());
    }

    /// Keyed digests of the distinct card numbers hidden or shown, where the masker has a key: whether a card was among
    /// them can be told by who has the key, and the cards cannot be told from them (PCI DSS 3.5.1.1).
    pub fn digests(&self) -> impl Iterator<Item = &str> {
        self.digests.iter().map(String::as_str)
    }

    /// Takes the digests out: they are recorded once, where the numbers were hidden.
    pub fn take_digests(&mut self) -> Vec<String> {
        std::mem::take(&mut self.digests).into_iter().collect()
    }

    pub(crate) fn add_digests(&mut self, digests: &mut BTreeSet<String>) {
        self.digests.append(digests);
    }

    /// `at` has been masked by the caller.
    pub(crate) fn add(&mut self, at: &str, rule: Rule, count: u64) {
        if count == 0 {
            return;
        }
        let at = if self.counts.len() < PLACES || self.counts.contains_key(at) { at } else { ELSEWHERE };
        // Most of what is found stands where something was found before.
        if let Some(sum) = self.counts.get_mut(at).and_then(|rules| rules.get_mut(&rule)) {
            *sum = sum.saturating_add(count);
            return;
        }
        let sum = self.counts.entry(at.to_owned()).or_default().entry(rule).or_default();
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
        assert!(findings.counts.len() <= PLACES + 1);
    }
}
