//! Hold: a command waits for a second person. What was approved is what runs, once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hoop_approval::{Approval, Binding, Request, State};
use hoop_model::{ApprovalId, Decision, Effect, ExchangeId, Fault, Retry, Reveal, Side};
use hoop_wire::open::SessionNotice;
use tokio::sync::watch;

use super::{
    Authorized, Exchange, Judgement,
    decide::{Command, binding, decide},
    record,
};
use crate::{Gateway, session::Session};

/// Characters of a held command in the notice about it.
const SHOWN: usize = 1000;

/// A command that waits. Dropping it leaves the request open: the same command may pick the approval up later.
pub struct Held<T> {
    gateway: Arc<Gateway>,
    session: Arc<Session>,
    command: Command<T>,
    approval: Approval,
    changed: watch::Receiver<u64>,
}

/// Wakes those who wait when an approval changes. The store holds the truth; this only says "look again".
#[derive(Default)]
pub struct Holds(Mutex<HashMap<ApprovalId, watch::Sender<u64>>>);

impl Holds {
    fn watch(&self, id: ApprovalId) -> watch::Receiver<u64> {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.retain(|_, sender| sender.receiver_count() > 0);
        map.entry(id).or_insert_with(|| watch::Sender::new(0)).subscribe()
    }

    pub(crate) fn wake(&self, id: ApprovalId) {
        let map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = map.get(&id) {
            sender.send_modify(|count| *count += 1);
        }
    }
}

pub(super) async fn enter<T: Send>(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    command: Command<T>,
    decision: Decision,
) -> Result<Judgement<T>, Fault> {
    let bound = binding(gateway, session, &command);
    let now = gateway.clock.now();
    let open = gateway.store.approvals_for_binding(&bound).await.map_err(crate::fault::store)?;
    let requester = session.principal().subject;
    let earlier = open.into_iter().find(|approval| {
        approval.request().requester == requester && approval.next_deadline().is_some_and(|deadline| now < deadline)
    });
    let approval = match earlier {
        Some(approval) if matches!(approval.state(), State::Approved { .. }) => {
            return run(gateway, session, command, approval).await.map(Judgement::Go);
        }
        Some(pending) => pending,
        None => ask(gateway, session, &command, &decision, bound).await?,
    };
    let changed = gateway.holds.watch(approval.request().id);
    let held = Held { gateway: gateway.clone(), session: session.clone(), command, approval, changed };
    Ok(Judgement::Wait(Box::new(held)))
}

async fn ask<T>(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    command: &Command<T>,
    decision: &Decision,
    binding: Binding,
) -> Result<Approval, Fault> {
    let principal = session.principal();
    let approval = Approval::open(Request {
        id: ApprovalId::new(),
        session: session.id,
        exchange: ExchangeId::new(),
        requester_name: principal.display_name().to_owned(),
        requester: principal.subject,
        connection: session.connection.name.clone(),
        action: command.action(),
        command: command.text.as_ref().clone(),
        binding,
        obligations: decision.obligations.clone(),
        rules: decision.rules.clone(),
        why: why(command, decision).map(|why| crate::trail::masked(gateway, &why)).collect(),
        reason: session.reason.clone(),
        created_at: gateway.clock.now(),
    });
    record::approval_requested(gateway, session, command, decision, &approval).await?;
    gateway.store.insert_approval(&approval).await.map_err(crate::fault::store)?;
    let request = approval.request();
    session.notify(SessionNotice::Held {
        request: request.id,
        command: shown(&request.command),
        approvers: decision.obligations.approvers.iter().map(ToString::to_string).collect(),
        expires_at: request.expires_at(),
    });
    Ok(approval)
}

/// What approvers are told: why it waits, and that its answer shows card numbers.
fn why<T>(command: &Command<T>, decision: &Decision) -> impl Iterator<Item = String> {
    let shown = decision.obligations.reveal.as_ref().map(ToString::to_string);
    command.reasons.iter().cloned().chain(shown)
}

/// As much of a command as a notice carries: its frame is small, and a terminal shows a line.
fn shown(command: &str) -> String {
    match command.char_indices().nth(SHOWN) {
        None => command.to_owned(),
        Some((end, _)) => format!("{}…", command.get(..end).unwrap_or_default()),
    }
}

/// Decides again, takes the approval (once) and records the request: then it may run.
async fn run<T>(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    command: Command<T>,
    approval: Approval,
) -> Result<Authorized<T>, Fault> {
    let mut again = decide(gateway, session, &command.asks);
    if again.effect == Effect::Deny {
        return Err(Fault::new(
            Side::Policy,
            "policy_changed",
            Retry::Useless,
            format!("policy no longer permits what request {} asked for; nothing was run", approval.request().id),
        ));
    }
    // No more is shown than the approvers were told.
    again.obligations.reveal = match (again.obligations.reveal, &approval.request().obligations.reveal) {
        (Some(reveal), Some(told)) => Some(Reveal { until: reveal.until.min(told.until), ..reveal }),
        _ => None,
    };
    let consumed = gateway.approvals().consume(approval.request().id, &binding(gateway, session, &command)).await?;
    let (request, exchange) = Exchange::begin(gateway, session, command, again, Some(&consumed)).await?;
    Ok(Authorized::new(request, exchange))
}

impl<T: Send> Held<T> {
    pub fn approval(&self) -> &Approval {
        &self.approval
    }

    /// Waits until the request is approved (and then takes it), denied, withdrawn or expired.
    ///
    /// Not cancel-safe once approved: a caller that gives up early calls [`Held::wait`] first, which is.
    pub async fn decided(mut self) -> Result<Authorized<T>, Fault> {
        self.wait().await?;
        let names = self.approval.approvers().iter().map(|vote| vote.name.clone()).collect::<Vec<_>>();
        let (approver, id) = (names.join(", "), self.approval.request().id);
        let authorized = run(&self.gateway, &self.session, self.command, self.approval).await?;
        self.session.notify(SessionNotice::Resumed { request: id, approver });
        Ok(authorized)
    }

    /// Waits for the decision without taking it. Cancel-safe.
    pub async fn wait(&mut self) -> Result<(), Fault> {
        loop {
            self.changed.mark_unchanged();
            let now = self.gateway.clock.now();
            let id = self.approval.request().id;
            self.approval = self.gateway.approvals().refresh(id).await?;
            match self.approval.state() {
                State::Pending { .. } => {}
                State::Approved { .. } => return Ok(()),
                _ => {
                    let fault = ended(&self.approval);
                    self.session.notify(SessionNotice::Refused { request: id, text: fault.text.clone() });
                    return Err(fault);
                }
            }
            let left = self.approval.request().expires_at().duration_since(now).unsigned_abs();
            tokio::select! {
                _ = self.changed.changed() => {}
                () = tokio::time::sleep(left.max(Duration::from_millis(10))) => {}
                () = self.session.ended.cancelled() => {
                    return Err(Fault::new(Side::Client, "session_ended", Retry::Safe,
                        "the session ended while the command waited for approval; nothing was run"));
                }
            }
        }
    }

    /// The requester no longer wants it.
    pub async fn withdraw(&self) -> Result<(), Fault> {
        self.gateway
            .approvals()
            .withdraw(self.approval.request().id, &self.session.principal(), self.session.client_ip)
            .await
            .map(drop)
    }
}

/// The fault that a request's end means for the command that waited.
pub(crate) fn ended(approval: &Approval) -> Fault {
    let id = approval.request().id;
    match approval.state() {
        State::Denied { vote } => Fault::new(
            Side::Policy,
            "approval_denied",
            Retry::Useless,
            format!(
                "request {id} was denied by {}: {}. Nothing was run.",
                vote.name,
                vote.reason.as_deref().unwrap_or("no reason given")
            ),
        ),
        State::Withdrawn { .. } => Fault::new(
            Side::Client,
            "approval_withdrawn",
            Retry::Safe,
            format!("request {id} was withdrawn; nothing was run"),
        ),
        State::Consumed { .. } => Fault::new(
            Side::Client,
            "approval_used",
            Retry::Safe,
            format!("the approval of request {id} was already used; send the command again for a new one"),
        ),
        _ => Fault::new(
            Side::Policy,
            "approval_expired",
            Retry::Safe,
            format!("request {id} found no approver in time; nothing was run. Send the command again for a new one."),
        ),
    }
}
