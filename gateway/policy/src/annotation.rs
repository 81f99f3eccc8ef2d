//! What a policy's annotations oblige to.

use std::{collections::BTreeSet, time::Duration};

use cedar_policy::{Effect, Policy};
use hoop_model::{Group, Obligations};

use crate::reveal::{self, Grant};

/// A policy's annotations, read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Terms {
    pub(crate) obligations: Obligations,
    /// The sentence for people.
    pub(crate) says: Option<String>,
    /// Whoever it permits sees card numbers.
    pub(crate) grant: Option<Grant>,
}

/// An annotation that is wrong: its name, what is wrong, what to do.
pub(crate) type Fault = (String, String, &'static str);

/// What never applies on a forbid.
const OF_PERMITS: &[&str] = &["approvers", "quorum", "expiry", "row_limit", "reveal", "until"];
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// Reads all annotations but `@id`; collects every fault.
pub(crate) fn terms(policy: &Policy) -> Result<Terms, Vec<Fault>> {
    let mut terms = Terms::default();
    let mut faults = Vec::new();
    let (mut quorum, mut need, mut until) = (None, None, None);
    let mut annotations: Vec<(&str, &str)> = policy.annotations().collect();
    annotations.sort_unstable();
    for &(name, value) in &annotations {
        let mut fault = |what: String, remedy| faults.push((name.to_owned(), what, remedy));
        if policy.effect() == Effect::Forbid && OF_PERMITS.contains(&name) {
            fault(format!("@{name} stands on a forbid, where it never applies"), "move it to a permit");
            continue;
        }
        match name {
            "id" => {}
            "says" if !value.trim().is_empty() => terms.says = Some(value.trim().to_owned()),
            "says" => fault("@says is empty".into(), "give the sentence people should read, or remove it"),
            "approvers" => match groups(value) {
                Some(groups) => terms.obligations.approvers = groups,
                None => fault(
                    format!("@approvers(\"{value}\") names no group, or an empty one"),
                    "write groups with commas between them, such as @approvers(\"approvers,leads\")",
                ),
            },
            "quorum" => match value.parse::<u32>() {
                Ok(number @ 1..=100) => quorum = Some(number),
                _ => fault(
                    format!("@quorum(\"{value}\") is not a number from 1 to 100"),
                    "write how many different approvers it takes, such as @quorum(\"2\")",
                ),
            },
            "expiry" => match duration(value) {
                Some(expiry) => terms.obligations.expiry = Some(expiry),
                None => fault(
                    format!("@expiry(\"{value}\") is not a time from 1s to 7d"),
                    "write a number and s, m, h or d, such as @expiry(\"30m\")",
                ),
            },
            "row_limit" => match value.parse::<u64>() {
                Ok(limit) if limit > 0 => terms.obligations.row_limit = Some(limit),
                _ => fault(
                    format!("@row_limit(\"{value}\") is not a number above 0"),
                    "write how many rows may pass, such as @row_limit(\"1000\")",
                ),
            },
            "reveal" => match reveal::need(value) {
                Ok(said) => need = Some(said),
                Err(what) => fault(
                    what.to_owned(),
                    "write the need in 1 to 200 characters, such as @reveal(\"chargeback handling, ticket CHD-7\")",
                ),
            },
            "until" => match reveal::until(value) {
                Some(end) => until = Some(end),
                None => fault(
                    format!("@until(\"{value}\") is no date, and no time in UTC"),
                    "write the last day, such as @until(\"2027-03-31\"), or a time, such as @until(\"2027-03-31T18:00:00Z\")",
                ),
            },
            _ => fault(
                format!("@{name} is no annotation of this gateway"),
                "use @id, @says, @approvers, @quorum, @expiry, @row_limit, @reveal or @until",
            ),
        }
    }
    let has = |name: &str| annotations.iter().any(|(other, _)| *other == name);
    if policy.effect() == Effect::Permit && !has("approvers") {
        for name in ["quorum", "expiry"] {
            if has(name) {
                let what = format!("@{name} stands without @approvers, so nobody is asked");
                faults.push((name.to_owned(), what, "add @approvers(\"group\"), or remove it"));
            }
        }
    }
    if policy.effect() == Effect::Permit {
        faults.extend(grant_faults(policy, has("reveal"), has("until")));
    }
    terms.grant = need.zip(until).map(|(need, until)| Grant { need, until });
    if terms.obligations.needs_approval() {
        terms.obligations.quorum = quorum.unwrap_or(1);
    }
    if faults.is_empty() { Ok(terms) } else { Err(faults) }
}

/// What is wrong with the two together, and with whom they are for.
fn grant_faults(policy: &Policy, reveals: bool, ends: bool) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |name: &str, what: &str, remedy| faults.push((name.to_owned(), what.to_owned(), remedy));
    if reveals && !ends {
        fault(
            "reveal",
            "@reveal stands without @until, so it would never end",
            "add @until(\"2027-03-31\") or earlier",
        );
    }
    if ends && !reveals {
        fault(
            "until",
            "@until stands without @reveal, so nothing ends then",
            "add @reveal(\"the need\"), or remove it",
        );
    }
    if reveals && !reveal::is_for_a_group(policy) {
        fault(
            "reveal",
            "@reveal shows card numbers to whoever the policy permits, and its scope names no group",
            "write principal in Group::\"name\" in the scope",
        );
    }
    faults
}

fn groups(value: &str) -> Option<BTreeSet<Group>> {
    value
        .split(',')
        .map(|name| Some(name.trim()).filter(|name| !name.is_empty()).map(|name| Group(name.to_owned())))
        .collect()
}

fn duration(value: &str) -> Option<Duration> {
    let (number, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        _ => return None,
    };
    let duration = Duration::from_secs(number.parse::<u64>().ok()?.checked_mul(seconds)?);
    (duration >= Duration::from_secs(1) && duration <= LONGEST).then_some(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_a_number_and_a_unit() {
        assert_eq!(duration("30m"), Some(Duration::from_secs(1800)));
        assert_eq!(duration("7d"), Some(LONGEST));
        for bad in
            ["", "m", "30", "0s", "8d", "-1m", "1.5h", "30 m", "1é", "99999999999999999999d", "18446744073709551615d"]
        {
            assert_eq!(duration(bad), None, "{bad:?}");
        }
    }
}
