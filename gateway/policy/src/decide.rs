use std::{collections::BTreeSet, net::IpAddr};

use cedar_policy::{Context, Decision as Verdict, Entities, EntityUid, Request as CedarRequest, RestrictedExpression};
use hoop_model::{Action, ConnectionName, Decision, Effect, LoginMethod, Obligations, Principal, Resource, TableName};

use crate::{Policies, memo::Question};

/// One request: everything it asks for, and the circumstances.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    pub connection: &'a ConnectionName,
    /// Each must be permitted. What names no table or tool is asked for on the connection.
    pub asks: Vec<(Action, Resource)>,
    /// What the person gave as reason.
    pub reason: Option<&'a str>,
    pub client_ip: IpAddr,
}

/// How a reason begins where nothing could be decided. No other begins with it, whatever a table is called.
const UNEVALUATED: &str = "a policy could not be evaluated";
const UNASKED: &str = "policy could not be asked";

/// Whether a denial is no decision: a policy failed, or could not be asked.
pub fn is_unevaluated(decision: &Decision) -> bool {
    let failed = |reason: &String| reason.starts_with(UNASKED) || reason.starts_with(UNEVALUATED);
    decision.effect == Effect::Deny && decision.reasons.iter().any(failed)
}

/// What became of one ask.
struct Answer {
    permitted: bool,
    rules: Vec<String>,
    reason: Option<String>,
    obligations: Obligations,
}

fn connection_of(resource: &Resource) -> &ConnectionName {
    match resource {
        Resource::Connection(connection) | Resource::Table { connection, .. } | Resource::Tool { connection, .. } => {
            connection
        }
    }
}

impl Policies {
    /// Denied if any ask is; held if any policy that permitted one wants approval; else allowed. Card numbers are shown
    /// if a policy that permits it shows them for every ask, and the person gave a reason; whether it has ended by now is
    /// the caller's to see.
    pub fn decide(&self, principal: &Principal, request: &Request<'_>) -> Decision {
        self.memo.recall(Question::of(principal, request), || self.ask(principal, request))
    }

    fn ask(&self, principal: &Principal, request: &Request<'_>) -> Decision {
        let denied =
            |reason: String| self.decision(Effect::Deny, BTreeSet::new(), Obligations::default(), vec![reason]);
        if request.asks.is_empty() {
            return denied("the request asks for nothing that policy knows".into());
        }
        let entities = match self.entities(principal, request, |table| self.groups_of(table)) {
            Ok(entities) => entities,
            Err(error) => return denied(format!("{UNASKED}: {error}")),
        };
        let (mut permits, mut forbids) = (BTreeSet::new(), BTreeSet::new());
        let (mut refused, mut held) = (Vec::new(), Vec::new());
        let mut obligations = Obligations::default();
        let mut permitted = Vec::new();
        for (action, resource) in &request.asks {
            let answer = self.answer(principal, request, *action, resource, &entities);
            if answer.permitted {
                permits.extend(answer.rules.iter().cloned());
                permitted.push(answer.rules);
                obligations = obligations.union(answer.obligations);
                held.extend(answer.reason);
            } else {
                forbids.extend(answer.rules);
                refused.extend(answer.reason);
            }
        }
        if !refused.is_empty() {
            return self.decision(Effect::Deny, forbids, Obligations::default(), refused);
        }
        obligations.reveal = self.revealed(principal, request, &permitted);
        if obligations.needs_approval() {
            self.decision(Effect::Hold, permits, obligations, held)
        } else {
            self.decision(Effect::Allow, permits, obligations, held)
        }
    }

    fn decision(
        &self,
        effect: Effect,
        rules: BTreeSet<String>,
        obligations: Obligations,
        mut reasons: Vec<String>,
    ) -> Decision {
        reasons.dedup();
        Decision {
            effect,
            rules: rules.into_iter().collect(),
            obligations,
            policy_digest: self.digest.clone(),
            reasons,
        }
    }

    /// `groups`: those a table is taken to belong to.
    pub(crate) fn entities<'p>(
        &'p self,
        principal: &Principal,
        request: &Request<'_>,
        groups: impl Fn(&TableName) -> Vec<&'p str>,
    ) -> Result<Entities, String> {
        let words = &self.vocabulary;
        let connection = Resource::Connection(request.connection.clone());
        let mut all = vec![words.principal_entity(principal)?, words.resource_entity(&connection, &[])?];
        let mut seen = BTreeSet::from([words.resource(&connection)]);
        for (_, resource) in &request.asks {
            if connection_of(resource) != request.connection {
                return Err(format!("{resource} is not on the connection {}", request.connection));
            }
            if seen.insert(words.resource(resource)) {
                let groups = match resource {
                    Resource::Table { table, .. } => groups(table),
                    Resource::Connection(_) | Resource::Tool { .. } => Vec::new(),
                };
                all.push(words.resource_entity(resource, &groups)?);
            }
        }
        Entities::from_entities(all, Some(&words.schema)).map_err(|error| error.to_string())
    }

    fn answer(
        &self,
        principal: &Principal,
        request: &Request<'_>,
        action: Action,
        resource: &Resource,
        entities: &Entities,
    ) -> Answer {
        let refused = |rules, reason| Answer {
            permitted: false,
            rules,
            reason: Some(reason),
            obligations: Obligations::default(),
        };
        let asked = match self.cedar_request(principal, request, self.vocabulary.action(action), resource) {
            Ok(asked) => asked,
            Err(_) => return refused(Vec::new(), format!("{action} is nothing that can be done to {resource}")),
        };
        let response = self.authorizer.is_authorized(&asked, &self.set, entities);
        // Cedar skips a policy it cannot evaluate; a skipped forbid would permit.
        if let Some(error) = response.diagnostics().errors().next() {
            return refused(Vec::new(), format!("{UNEVALUATED} for {action} on {resource} ({error})"));
        }
        let rules: Vec<String> = response.diagnostics().reason().map(ToString::to_string).collect();
        match response.decision() {
            Verdict::Deny if rules.is_empty() => {
                refused(rules, format!("{action} on {resource} is permitted by no policy"))
            }
            Verdict::Deny => {
                let why = self.because(&rules);
                refused(rules, format!("{action} on {resource} is forbidden{why}"))
            }
            Verdict::Allow => {
                let terms = rules.iter().filter_map(|rule| self.terms.get(rule));
                let obligations = terms.fold(Obligations::default(), |all, terms| all.union(terms.obligations.clone()));
                let reason = obligations.needs_approval().then(|| {
                    let holding =
                        |rule: &&String| self.terms.get(*rule).is_some_and(|terms| terms.obligations.needs_approval());
                    let rules: Vec<String> = rules.iter().filter(holding).cloned().collect();
                    format!("{action} on {resource} needs approval{}", self.because(&rules))
                });
                Answer { permitted: true, rules, reason, obligations }
            }
        }
    }

    /// The policies' own sentences, else their ids.
    fn because(&self, rules: &[String]) -> String {
        let mut words: Vec<String> = rules
            .iter()
            .map(|rule| match self.terms.get(rule).and_then(|terms| terms.says.as_ref()) {
                Some(says) => format!("{says} ({rule})"),
                None => format!("policy {rule}"),
            })
            .collect();
        words.sort();
        if words.is_empty() { String::new() } else { format!(": {}", words.join("; ")) }
    }

    pub(crate) fn cedar_request(
        &self,
        principal: &Principal,
        request: &Request<'_>,
        action: EntityUid,
        resource: &Resource,
    ) -> Result<CedarRequest, String> {
        let login_method = match principal.login_method {
            LoginMethod::Browser => "browser",
            LoginMethod::Device => "device",
            LoginMethod::Workload => "workload",
        };
        let text = |value: &str| RestrictedExpression::new_string(value.to_owned());
        let mut pairs = vec![
            ("login_method".to_owned(), text(login_method)),
            ("client_ip".to_owned(), text(&request.client_ip.to_string())),
        ];
        pairs.extend(request.reason.map(|reason| ("reason".to_owned(), text(reason))));
        let context = Context::from_pairs(pairs).map_err(|error| error.to_string())?;
        let words = &self.vocabulary;
        CedarRequest::new(words.principal(principal), action, words.resource(resource), context, Some(&words.schema))
            .map_err(|error| error.to_string())
    }
}
