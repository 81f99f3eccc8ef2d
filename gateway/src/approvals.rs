//! Deciding requests for approval: the rules are `hoop_approval`'s, the truth is the store's, the trail hears of each.

use std::net::IpAddr;

use hoop_approval::{Approval, ApprovalError, Binding};
use hoop_model::{ApprovalId, Fault, Principal, Retry, Side};

use crate::{Gateway, fault};

/// How often a decision that lost a race against another is tried on the newer state.
const RACES: usize = 8;

/// The approvals of one gateway.
pub(crate) struct Approvals<'a>(pub(crate) &'a Gateway);

impl Approvals<'_> {
    /// The request as it is now; marked expired where its time has passed.
    pub(crate) async fn refresh(&self, id: ApprovalId) -> Result<Approval, Fault> {
        let approval = self.load(id).await?;
        let now = self.0.clock.now();
        if approval.next_deadline().is_none_or(|deadline| now < deadline) {
            return Ok(approval);
        }
        self.change(id, |approval| {
            approval.expire(now);
            Ok(())
        })
        .await
    }

    pub(crate) async fn approve(
        &self,
        id: ApprovalId,
        approver: &Principal,
        ip: IpAddr,
        reason: Option<&str>,
    ) -> Result<Approval, Fault> {
        let now = self.0.clock.now();
        self.decide(id, approver, ip, "approve", |approval| {
            approval.approve(approver, reason.map(str::to_owned), now).map(drop)
        })
        .await
    }

    pub(crate) async fn deny(
        &self,
        id: ApprovalId,
        by: &Principal,
        ip: IpAddr,
        reason: &str,
    ) -> Result<Approval, Fault> {
        let now = self.0.clock.now();
        self.decide(id, by, ip, "deny", |approval| approval.deny(by, Some(reason.to_owned()), now).map(drop)).await
    }

    pub(crate) async fn withdraw(&self, id: ApprovalId, by: &Principal, ip: IpAddr) -> Result<Approval, Fault> {
        let now = self.0.clock.now();
        self.decide(id, by, ip, "withdraw", |approval| approval.withdraw(&by.subject, now).map(drop)).await
    }

    /// Takes an approval for its one use.
    pub(crate) async fn consume(&self, id: ApprovalId, binding: &Binding) -> Result<Approval, Fault> {
        let now = self.0.clock.now();
        self.change(id, |approval| approval.consume(binding, now).map(drop)).await
    }

    /// A person's decision: recorded whether it was accepted or not, and before it counts. One that is in the trail but
    /// came too late, or that the store did not take, is followed by a record that says so.
    async fn decide(
        &self,
        id: ApprovalId,
        by: &Principal,
        ip: IpAddr,
        what: &'static str,
        transition: impl Fn(&mut Approval) -> Result<(), ApprovalError>,
    ) -> Result<Approval, Fault> {
        let _turn = self.0.deciding.lock().await;
        let told = async |outcome: Result<&Approval, &Fault>| {
            crate::trail::approval_decided(self.0, id, by, ip, what, outcome).await
        };
        let mut failed = contended();
        for _ in 0..RACES {
            let (before, after) = match self.next(id, &transition).await {
                Ok(states) => states,
                Err(fault) => {
                    told(Err(&fault)).await?;
                    return Err(fault);
                }
            };
            told(Ok(&after)).await?;
            match self.0.store.replace_approval(&before, &after).await {
                Ok(true) => {
                    self.0.holds.wake(id);
                    return Ok(after);
                }
                Ok(false) => told(Err(&failed)).await?,
                Err(error) => {
                    failed = fault::store(error);
                    told(Err(&failed)).await?;
                    break;
                }
            }
        }
        Err(failed)
    }

    /// Applies `transition` to the stored state; on a lost race, to the newer one.
    async fn change(
        &self,
        id: ApprovalId,
        transition: impl Fn(&mut Approval) -> Result<(), ApprovalError>,
    ) -> Result<Approval, Fault> {
        let _turn = self.0.deciding.lock().await;
        for _ in 0..RACES {
            let (before, after) = self.next(id, &transition).await?;
            if self.0.store.replace_approval(&before, &after).await.map_err(fault::store)? {
                self.0.holds.wake(id);
                return Ok(after);
            }
        }
        Err(contended())
    }

    /// The stored state and the one after it.
    async fn next(
        &self,
        id: ApprovalId,
        transition: &impl Fn(&mut Approval) -> Result<(), ApprovalError>,
    ) -> Result<(Approval, Approval), Fault> {
        let before = self.load(id).await?;
        let mut after = before.clone();
        transition(&mut after)?;
        Ok((before, after))
    }

    async fn load(&self, id: ApprovalId) -> Result<Approval, Fault> {
        self.0.store.approval(id).await.map_err(fault::store)?.ok_or_else(|| {
            Fault::new(
                Side::Client,
                "unknown_request",
                Retry::Useless,
                format!("there is no request {id}; `hoopctl requests` lists those you can see"),
            )
        })
    }
}

fn contended() -> Fault {
    Fault::new(Side::Internal, "approval_contended", Retry::Safe, "too many decided at once; try again")
}

#[cfg(test)]
#[path = "approvals_tests.rs"]
mod tests;
