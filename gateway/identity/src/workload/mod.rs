//! CI jobs and services: a platform's token, one trust rule, a principal of kind workload.

mod condition;
mod platform;
mod rule;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use aws_lc_rs::digest;
pub use condition::{Condition, Glob};
use data_encoding::HEXLOWER;
use hoop_model::{Assurance, Clock, LoginMethod, Principal, PrincipalKind, Secret, Subject, Timestamp, later};
pub use rule::{Grant, TrustRule};

use crate::{
    error::IdentityError,
    jwks::Issuer,
    jwt::{self, Claims, Expectation, LEEWAY, LOGIN_TYPES},
};

const LONGEST_LIFE: Duration = Duration::from_secs(3600);
const OLDEST: Duration = Duration::from_secs(10 * 60);

/// Verifies workload tokens against the trust rules.
pub struct WorkloadVerifier {
    issuers: BTreeMap<String, Issuer>,
    rules: Vec<TrustRule>,
}

/// A workload that matched exactly one rule. Its token counts once: the caller keeps `replay_key` until `expires_at`
/// and refuses the second one.
#[derive(Debug, Clone)]
pub struct Accepted {
    pub principal: Principal,
    /// Name of the rule.
    pub rule: String,
    /// Hex SHA-256 of the token's signed part and its issuer: the same for two signatures of one token, which ECDSA
    /// allows anybody to make.
    pub replay_key: String,
    /// When the token stops being accepted, leeway included.
    pub expires_at: Timestamp,
    /// The rule's own limit for the session.
    pub max_session: Option<Duration>,
    /// The claims that the rule looked at, for the trail.
    pub matched: BTreeMap<String, String>,
}

impl WorkloadVerifier {
    /// Fails on a rule that cannot be meant; the text names it.
    pub fn new(rules: Vec<TrustRule>, clock: Arc<dyn Clock>) -> Result<Self, IdentityError> {
        Self::with(rules, |issuer| Issuer::new(issuer, clock.clone()))
    }

    /// The same over issuers that the caller makes, once for each that the rules name.
    pub fn with(
        rules: Vec<TrustRule>,
        issuer: impl Fn(&str) -> Result<Issuer, IdentityError>,
    ) -> Result<Self, IdentityError> {
        let mut names = BTreeSet::new();
        let mut issuers = BTreeMap::new();
        for rule in &rules {
            rule.check()?;
            if !names.insert(&rule.name) {
                return Err(IdentityError::Settings(format!(
                    "two [[identity.workload]] rules are named \"{}\"",
                    rule.name
                )));
            }
            if !issuers.contains_key(&rule.issuer) {
                issuers.insert(rule.issuer.clone(), issuer(&rule.issuer)?);
            }
        }
        Ok(Self { issuers, rules })
    }

    /// The workload that `token` stands for. Cancel-safe.
    pub async fn verify(&self, token: &Secret<String>, now: Timestamp) -> Result<Accepted, IdentityError> {
        let token = token.expose();
        let issuer = jwt::claimed_issuer(token)?;
        let issuer = self.issuers.get(&issuer).ok_or(IdentityError::NoRuleForIssuer)?;
        let of_issuer = || self.rules.iter().filter(|rule| rule.issuer == issuer.name());
        let audiences: Vec<&str> = of_issuer().map(|rule| rule.audience.as_str()).collect();
        let expected = Expectation {
            issuer: issuer.name(),
            types: LOGIN_TYPES,
            audiences: &audiences,
            longest_life: LONGEST_LIFE,
            oldest: OLDEST,
        };
        let claims = issuer.verify(token, &expected, now).await?;
        // Only a person's login has a nonce; some issuers serve people and machines alike.
        if claims.get("nonce").is_some() {
            return Err(IdentityError::PersonsToken);
        }
        let candidates: Vec<&TrustRule> = of_issuer().filter(|rule| rule.audience == claims.audience).collect();
        let rule = the_one(&candidates, &claims)?;
        Ok(accepted(rule, &claims, token))
    }
}

/// There is no first match: two rules that match are as wrong as none.
fn the_one<'a>(candidates: &[&'a TrustRule], claims: &Claims) -> Result<&'a TrustRule, IdentityError> {
    let mut matching = Vec::new();
    let mut failed = Vec::new();
    for rule in candidates {
        match rule.unmet(claims).as_slice() {
            [] => matching.push(*rule),
            unmet => failed.push(format!("{}: {}", rule.name, unmet.join(", "))),
        }
    }
    let names = |rules: &[&TrustRule]| rules.iter().map(|rule| rule.name.clone()).collect();
    match matching.as_slice() {
        [rule] => Ok(rule),
        [] => Err(IdentityError::NoRuleMatches { rules: names(candidates), failed }),
        several => Err(IdentityError::SeveralRulesMatch(names(several))),
    }
}

fn accepted(rule: &TrustRule, claims: &Claims, token: &str) -> Accepted {
    let matched = rule.conditions.keys().filter_map(|claim| {
        let value = claims.get(claim)?;
        Some((claim.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
    });
    Accepted {
        principal: Principal {
            subject: Subject { issuer: claims.issuer.clone(), sub: format!("workload:{}", rule.name) },
            kind: PrincipalKind::Workload,
            groups: rule.grant.groups.clone(),
            email: None,
            assurance: Assurance::default(),
            login_method: LoginMethod::Workload,
            authenticated_at: claims.issued_at,
        },
        rule: rule.name.clone(),
        replay_key: replay_key(token, &claims.issuer),
        expires_at: later(claims.expires_at, Duration::from_secs(LEEWAY.unsigned_abs())),
        max_session: rule.grant.max_session,
        matched: matched.collect(),
    }
}

fn replay_key(token: &str, issuer: &str) -> String {
    let signed = token.rsplit_once('.').map_or(token, |(signed, _)| signed);
    let mut context = digest::Context::new(&digest::SHA256);
    // A line break is in neither part.
    for part in [signed, "\n", issuer] {
        context.update(part.as_bytes());
    }
    HEXLOWER.encode(context.finish().as_ref())
}
