//! What a person should know before they start: a summary of the policies, not a decision.

use std::net::{IpAddr, Ipv4Addr};

use cedar_policy::{ActionConstraint, Effect, EntityUid, Policy, PrincipalConstraint, ResourceConstraint};
use hoop_model::{Action, ConnectionKind, ConnectionName, Principal, Resource, Timestamp};

use crate::{Policies, Request};

/// What a principal may expect on one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Whether `connect` is permitted, with or without approval.
    pub reachable: bool,
    /// Sentences about what waits for approval, in the order of the policies' ids.
    pub held: Vec<String>,
    /// Under which policies card numbers are shown.
    pub shown: Vec<Shown>,
}

/// That card numbers are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub sentence: String,
    /// It may be over.
    pub until: Timestamp,
}

impl Policies {
    /// The best summary that the scopes and annotations of the policies give; conditions (`when`) are not weighed.
    pub fn describe(&self, principal: &Principal, connection: &ConnectionName, kind: ConnectionKind) -> Access {
        let request = Request {
            connection,
            asks: vec![(Action::Connect, Resource::Connection(connection.clone()))],
            reason: None,
            client_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        let reachable = self.decide(principal, &request).effect != hoop_model::Effect::Deny;
        let (mut held, mut shown) = (Vec::new(), Vec::new());
        for (id, terms) in &self.terms {
            let Some(policy) = self.set.policies().find(|policy| policy.id().to_string() == *id) else { continue };
            let concerns = policy.effect() == Effect::Permit
                && self.concerns_principal(policy, principal)
                && self.concerns_connection(policy, connection);
            let actions = actions_of(policy, kind);
            if !concerns || actions.is_empty() {
                continue;
            }
            if let Some(grant) = &terms.grant {
                let sentence =
                    format!("card numbers, with --reason, until {}: {} (policy {id})", grant.until, grant.need);
                shown.push(Shown { sentence, until: grant.until });
            }
            if terms.obligations.needs_approval() {
                let sentence = terms.says.clone().unwrap_or_else(|| {
                    let approvers: Vec<&str> =
                        terms.obligations.approvers.iter().map(|group| group.0.as_str()).collect();
                    format!("{} under policy {id} wait for {}", actions.join(", "), approvers.join(" or "))
                });
                if !held.contains(&sentence) {
                    held.push(sentence);
                }
            }
        }
        Access { reachable, held, shown }
    }

    fn concerns_principal(&self, policy: &Policy, principal: &Principal) -> bool {
        let me = self.vocabulary.principal(principal);
        let is_in = |other: &EntityUid| *other == me || self.vocabulary.groups(principal).contains(other);
        match policy.principal_constraint() {
            PrincipalConstraint::Any => true,
            PrincipalConstraint::Eq(uid) => uid == me,
            PrincipalConstraint::In(uid) => is_in(&uid),
            PrincipalConstraint::Is(kind) => kind == *me.type_name(),
            PrincipalConstraint::IsIn(kind, uid) => kind == *me.type_name() && is_in(&uid),
        }
    }

    fn concerns_connection(&self, policy: &Policy, connection: &ConnectionName) -> bool {
        let words = &self.vocabulary;
        let here = |uid: &EntityUid| {
            if *uid.type_name() == words.connection {
                *uid == words.connection(connection)
            } else {
                let tool = uid.id().unescaped().split_once('/');
                *uid.type_name() != words.tool || tool.is_some_and(|(name, _)| name == connection.as_str())
            }
        };
        match policy.resource_constraint() {
            ResourceConstraint::Any | ResourceConstraint::Is(_) => true,
            ResourceConstraint::Eq(uid) | ResourceConstraint::In(uid) | ResourceConstraint::IsIn(_, uid) => here(&uid),
        }
    }
}

/// The actions in the policy's scope that occur on such a connection.
fn actions_of(policy: &Policy, kind: ConnectionKind) -> Vec<&'static str> {
    let named = |uid: &EntityUid, action: Action| uid.id().unescaped() == action.as_str();
    let occurs = |action: &Action| match kind {
        ConnectionKind::Mcp => matches!(action, Action::Connect | Action::Discover | Action::Read | Action::CallTool),
        ConnectionKind::Snowflake => *action != Action::CallTool,
    };
    let in_scope = |action: &Action| match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(uid) => named(&uid, *action),
        ActionConstraint::In(uids) => uids.iter().any(|uid| named(uid, *action)),
    };
    Action::ALL.into_iter().filter(occurs).filter(in_scope).map(Action::as_str).collect()
}
