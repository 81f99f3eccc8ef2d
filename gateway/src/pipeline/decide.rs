//! Decide: what policy says of a decoded command, and the durable record of it.

use std::sync::Arc;

use hoop_approval::{Binding, Exact};
use hoop_masking::{Findings, Masked};
use hoop_model::{Action, Decision, Effect, Fault, Resource, Retry, Side};

use super::{Authorized, Exchange, Held, hold};
use crate::{Gateway, session::Session};

/// A request as its protocol decoded it.
pub struct Command<T> {
    /// What will be sent upstream.
    pub request: T,
    /// The command as people and the trail may see it.
    pub text: Masked<String>,
    /// What masking the command found.
    pub findings: Findings,
    /// The exact bytes as they would go upstream: what an approval binds.
    pub exact: Vec<u8>,
    /// What of the session changes their meaning: current database, schema, role.
    pub state: Vec<u8>,
    pub asks: Vec<(Action, Resource)>,
    /// Why the command was classified so.
    pub reasons: Vec<String>,
}

pub enum Judgement<T> {
    /// Recorded; may go upstream.
    Go(Authorized<T>),
    /// Recorded; waits for a second person.
    Wait(Box<Held<T>>),
    /// Recorded; goes nowhere.
    No(Fault),
}

impl<T> Command<T> {
    /// The riskiest action asked for.
    pub fn action(&self) -> Action {
        self.asks.iter().map(|(action, _)| *action).max().unwrap_or(Action::Unknown)
    }
}

/// Judges a command. The judgement is in the trail before this returns; when it can't be, that is the fault returned.
///
/// Cancel-safe: dropped midway, nothing was sent.
pub async fn judge<T: Send>(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    command: Command<T>,
) -> Result<Judgement<T>, Fault> {
    let decision = decide(gateway, session, &command.asks);
    match decision.effect {
        Effect::Allow => {
            let (request, exchange) = Exchange::begin(gateway, session, command, decision, None).await?;
            Ok(Judgement::Go(Authorized::new(request, exchange)))
        }
        Effect::Hold => hold::enter(gateway, session, command, decision).await,
        Effect::Deny => {
            super::record::denied(gateway, session, &command, &decision).await?;
            Ok(Judgement::No(refusal(gateway, &decision)))
        }
    }
}

/// Judges a command for which waiting is no trouble: a hold is waited for.
pub async fn permitted<T: Send>(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    command: Command<T>,
) -> Result<Authorized<T>, Fault> {
    match judge(gateway, session, command).await? {
        Judgement::Go(authorized) => Ok(authorized),
        Judgement::Wait(held) => held.decided().await,
        Judgement::No(fault) => Err(fault),
    }
}

pub(super) fn decide(gateway: &Gateway, session: &Session, asks: &[(Action, Resource)]) -> Decision {
    let mut decision = gateway.policies.decide(
        &session.principal(),
        &hoop_policy::Request {
            connection: &session.connection.name,
            asks: asks.to_vec(),
            reason: session.reason.as_deref(),
            client_ip: session.client_ip,
        },
    );
    gateway.incidents.decided(&decision);
    // Policies know no time.
    let now = gateway.clock.now();
    decision.obligations.reveal = decision.obligations.reveal.filter(|reveal| reveal.holds_at(now));
    decision
}

/// What an approval binds: command and state, target and identity. A change in any of them is another request.
pub(super) fn binding<T>(gateway: &Gateway, session: &Session, command: &Command<T>) -> Binding {
    Binding::of(
        &gateway.binding_key,
        &Exact {
            command: &command.exact,
            connection: &session.connection.name,
            target: session.connection.agent.as_bytes(),
            subject: &session.principal().subject,
            session_state: &command.state,
        },
    )
}

fn refusal(gateway: &Gateway, decision: &Decision) -> Fault {
    let why = if decision.reasons.is_empty() { "no policy permits it".to_owned() } else { decision.reasons.join("; ") };
    let why = crate::trail::masked(gateway, &why);
    let rules =
        if decision.rules.is_empty() { String::new() } else { format!(" (rule {})", decision.rules.join(", ")) };
    Fault::new(
        Side::Policy,
        "denied",
        Retry::Useless,
        format!("refused by policy{rules}: {why}. Nothing was run. Ask the gateway's admin if you need this."),
    )
}
