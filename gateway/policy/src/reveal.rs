//! `@reveal` and `@until`: who may see card numbers, for which need, until when.

use std::{collections::BTreeSet, time::Duration};

use cedar_policy::{EntityUid, Policy, PrincipalConstraint};
use hoop_model::{Principal, Reveal, Timestamp, later};

use crate::{Policies, Request};

/// Longest need, in characters.
const LONGEST: usize = 200;
/// Digits that could be a card number, whatever stands between them but letters.
const CARD: usize = 12;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What one policy shows.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) need: String,
    pub(crate) until: Timestamp,
}

impl Grant {
    pub(crate) fn under(&self, rule: &str) -> Reveal {
        Reveal { rules: [rule.to_owned()].into(), needs: [self.need.clone()].into(), until: self.until }
    }
}

impl Policies {
    /// Under what card numbers are shown. `permits`: the policies that permit each ask.
    pub(crate) fn revealed(
        &self,
        principal: &Principal,
        request: &Request<'_>,
        permits: &[Vec<String>],
    ) -> Option<Reveal> {
        request.reason.filter(|reason| !reason.trim().is_empty())?;
        if !permits.iter().all(|rules| self.longest(rules).is_some()) {
            return None;
        }
        // Where a name leaves open which table it is, the riskier reading permits and holds; to show cards, a policy has
        // to permit by the other reading too.
        let sure = self.entities(principal, request, |table| self.sure_groups_of(table)).ok()?;
        let granted = request.asks.iter().zip(permits).map(|((action, resource), rules)| {
            let asked = self.cedar_request(principal, request, self.vocabulary.action(*action), resource).ok()?;
            let response = self.authorizer.is_authorized(&asked, &self.set, &sure);
            let also: BTreeSet<String> = response.diagnostics().reason().map(ToString::to_string).collect();
            self.longest(rules.iter().filter(|rule| also.contains(*rule)))
        });
        granted.collect::<Option<Vec<Reveal>>>()?.into_iter().reduce(Reveal::and)
    }

    /// What the policy among `rules` shows that does so for longest.
    fn longest<'r>(&self, rules: impl IntoIterator<Item = &'r String>) -> Option<Reveal> {
        let granting = rules.into_iter().filter_map(|rule| Some((rule, self.terms.get(rule)?.grant.as_ref()?)));
        granting.max_by_key(|(rule, grant)| (grant.until, *rule)).map(|(rule, grant)| grant.under(rule))
    }

    /// The policies that show card numbers, each with its end.
    pub fn reveals(&self) -> impl Iterator<Item = (&str, Timestamp)> {
        self.terms.iter().filter_map(|(rule, terms)| Some((rule.as_str(), terms.grant.as_ref()?.until)))
    }
}

/// The documented need. What is wrong with it is said without it: it might be card data.
pub(crate) fn need(value: &str) -> Result<String, &'static str> {
    let need = value.trim();
    if need.is_empty() {
        Err("@reveal is empty")
    } else if need.chars().count() > LONGEST {
        Err("@reveal has more than 200 characters")
    } else if need.chars().any(char::is_control) {
        Err("@reveal holds a control character")
    } else if has_card(need) {
        Err("@reveal holds digits that could be a card number")
    } else {
        Ok(need.to_owned())
    }
}

fn has_card(text: &str) -> bool {
    let mut digits = 0;
    text.chars().any(|c| {
        digits = if c.is_alphabetic() { 0 } else { digits + usize::from(c.is_numeric()) };
        digits >= CARD
    })
}

/// The end: a time in UTC, or that of the day named.
pub(crate) fn until(value: &str) -> Option<Timestamp> {
    let is_time = value.as_bytes().get(10) == Some(&b'T') && value.ends_with('Z');
    if is_time {
        return value.parse().ok();
    }
    let is_date = value.len() == 10 && value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let begins: Timestamp = is_date.then(|| format!("{value}T00:00:00Z").parse().ok())??;
    Some(later(begins, DAY))
}

/// Whether the policy's scope is a group: what can be granted, reviewed and taken away.
pub(crate) fn is_for_a_group(policy: &Policy) -> bool {
    let is_group = |uid: &EntityUid| uid.type_name().basename() == "Group";
    match policy.principal_constraint() {
        PrincipalConstraint::In(uid) | PrincipalConstraint::IsIn(_, uid) => is_group(&uid),
        PrincipalConstraint::Any | PrincipalConstraint::Eq(_) | PrincipalConstraint::Is(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_its_last_moment_and_a_time_is_in_utc() {
        let at = |text: &str| until(text).map(|at| at.to_string());
        assert_eq!(at("2027-03-31").as_deref(), Some("2027-04-01T00:00:00Z"));
        assert_eq!(at("2028-02-29").as_deref(), Some("2028-03-01T00:00:00Z"));
        assert_eq!(at("2027-03-31T18:00:00Z").as_deref(), Some("2027-03-31T18:00:00Z"));
        for bad in [
            "",
            "soon",
            "2027-3-31",
            "20270331",
            "2027-02-29",
            "2027-13-01",
            "2027-03-31T18:00:00",
            "31-03-2027",
            "2027-03-31T18:00:00+01:00",
            "2027-03-31 18:00:00Z",
            "2027-03-31T25:00:00Z",
            "2027-03-31 ",
            "２027-03-31",
        ] {
            assert_eq!(until(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_need_is_words_without_a_card() {
        assert_eq!(need(" chargebacks, CHD-7 of 2026-03-31 ").as_deref(), Ok("chargebacks, CHD-7 of 2026-03-31"));
        assert!(need(&"é".repeat(200)).is_ok());
        let long = "é".repeat(201);
        for bad in ["", " ", "a\nb", &long, "4111111111111111", "pan 4111 1111-1111", "４１１１１１１１１１１１"]
        {
            assert!(need(bad).is_err(), "{bad:?}");
        }
    }
}
