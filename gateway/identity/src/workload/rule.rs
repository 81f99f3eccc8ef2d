use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use hoop_model::Group;
use serde::{Deserialize, Deserializer, de::Error as _};
use url::Url;

use super::{
    condition::Condition,
    platform::{Platform, RISKS},
};
use crate::{error::IdentityError, jwt::Claims};

/// Which CI job or service is let in, and as what. Read from `[[identity.workload]]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustRule {
    /// Becomes the subject `workload:NAME`.
    pub name: String,
    /// `iss` of the token, byte for byte.
    pub issuer: String,
    /// `aud` of the token.
    pub audience: String,
    /// Claims that must all hold; a name that begins with `/` is a JSON Pointer.
    #[serde(rename = "match")]
    pub conditions: BTreeMap<String, Condition>,
    pub grant: Grant,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    pub groups: BTreeSet<Group>,
    /// Such as `"10m"`; the gateway's own limit holds as well.
    #[serde(default, deserialize_with = "duration")]
    pub max_session: Option<Duration>,
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let unit =
        |suffix, seconds| text.strip_suffix(suffix).and_then(|n| n.parse::<u32>().ok()).map(|n| u64::from(n) * seconds);
    match unit("s", 1).or_else(|| unit("m", 60)).or_else(|| unit("h", 3600)) {
        Some(seconds) if seconds > 0 => Ok(Some(Duration::from_secs(seconds))),
        _ => Err(D::Error::custom("max_session is a number and a unit, such as \"10m\"")),
    }
}

impl TrustRule {
    /// Refuses a rule that would let in more than it seems to.
    pub(super) fn check(&self) -> Result<(), IdentityError> {
        let refused =
            |why: String| Err(IdentityError::Settings(format!("[[identity.workload]] \"{}\": {why}", self.name)));
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if !(1..=63).contains(&self.name.len()) || !self.name.chars().all(plain) {
            return refused("its name must be 1 to 63 of a-z, 0-9, '-' and '_'".to_owned());
        }
        if self.audience.is_empty() {
            return refused("audience is empty; name one that only this gateway is meant by".to_owned());
        }
        if let Some((claim, problem)) =
            self.conditions.iter().find_map(|(claim, condition)| Some((claim, condition.problem()?)))
        {
            return refused(format!("the condition on \"{claim}\" {problem}"));
        }
        if self.grant.groups.is_empty() {
            return refused("it grants no group, so its workload could do nothing; fill grant.groups".to_owned());
        }
        let platform = self.platform();
        let names_one = |id: &str| self.conditions.get(id).is_some_and(Condition::is_exact);
        if platform.immutable_ids().iter().any(|id| names_one(id)) {
            return Ok(());
        }
        refused(format!(
            "it matches on nothing that stays with one owner: names can be given up and taken by others. Add an exact \
             condition on one of: {}",
            platform.immutable_ids().join(", ")
        ))
    }

    fn platform(&self) -> Platform {
        self.issuer.parse::<Url>().map_or(Platform::Other, |issuer| Platform::of(&issuer))
    }

    /// The claims that do not hold, by name; empty when the rule matches.
    pub(super) fn unmet<'a>(&'a self, claims: &Claims) -> Vec<&'a str> {
        let unmet = self
            .conditions
            .iter()
            .filter(|(claim, condition)| !claims.get(claim).is_some_and(|value| condition.accepts(value)));
        let risky = RISKS.iter().filter(|risk| {
            let unnamed = !self.conditions.contains_key(risk.claim);
            unnamed && claims.get(risk.claim).is_some_and(|value| risk.values().accepts(value))
        });
        unmet.map(|(claim, _)| claim.as_str()).chain(risky.map(|risk| risk.claim)).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const GOOD: &str = r#"
name = "nightly"
issuer = "https://token.actions.githubusercontent.com"
audience = "https://gateway.test"
[match]
repository_id = "456789"
ref = { glob = "refs/heads/*" }
event_name = ["push", "workflow_dispatch"]
[grant]
groups = ["ci"]
max_session = "10m"
"#;

    fn check(text: &str) -> Result<(), String> {
        let rule: TrustRule = toml::from_str(text).map_err(|error| error.to_string())?;
        rule.check().map_err(|error| error.to_string())
    }

    #[test]
    fn a_rule_is_read() {
        let rule: TrustRule = toml::from_str(GOOD).unwrap();
        assert_eq!(rule.check(), Ok(()));
        assert_eq!(rule.grant.max_session, Some(Duration::from_secs(600)));
    }

    #[test]
    fn rules_that_let_in_too_much_are_refused() {
        for (from, to, why) in [
            ("repository_id = \"456789\"", "repository = \"org/repo\"", "stays with one owner"),
            ("repository_id = \"456789\"", "repository_id = { glob = \"45*\" }", "stays with one owner"),
            ("refs/heads/*", "**", "matches anything"),
            ("[\"push\", \"workflow_dispatch\"]", "[]", "holds nothing"),
            ("https://gateway.test", "", "audience is empty"),
            ("nightly", "Nightly!", "its name must be"),
            ("[\"ci\"]", "[]", "grants no group"),
            ("10m", "soon", "a number and a unit"),
            ("audience", "audiance", "unknown field"),
        ] {
            let refusal = check(&GOOD.replace(from, to)).unwrap_err();
            assert!(refusal.contains(why), "{to}: {refusal}");
        }
    }

    #[test]
    fn an_issuer_that_is_not_known_needs_an_id_too() {
        let other = GOOD.replace("token.actions.githubusercontent.com", "gitlab.corp.test");
        let refusal = check(&other.replace("repository_id = \"456789\"", "ref_protected = \"true\"")).unwrap_err();
        assert!(refusal.contains("stays with one owner"), "{refusal}");
        for id in ["project_id", "namespace_id", "sub"] {
            check(&other.replace("repository_id", id)).unwrap();
        }
    }
}
