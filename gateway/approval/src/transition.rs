use hoop_model::{Principal, PrincipalKind, Subject, Timestamp, later};

use crate::{Approval, ApprovalError, Binding, State, Vote};

impl Approval {
    /// One approver agrees. At the quorum the request becomes usable, once, for another window.
    pub fn approve(
        &mut self,
        approver: &Principal,
        reason: Option<String>,
        now: Timestamp,
    ) -> Result<&State, ApprovalError> {
        self.may_decide(approver)?;
        let quorum = self.request().quorum();
        let use_before = later(now, self.request().window());
        let votes = self.open_votes(now)?;
        if votes.iter().any(|vote| vote.by == approver.subject) {
            return Err(ApprovalError::DuplicateApprover { missing: quorum.saturating_sub(votes.len()) });
        }
        votes.push(Vote::of(approver, reason, now));
        if votes.len() >= quorum {
            let votes = std::mem::take(votes);
            self.state = State::Approved { votes, at: now, use_before };
        }
        Ok(&self.state)
    }

    /// One approver refuses: final, whatever the quorum and whoever agreed before.
    pub fn deny(
        &mut self,
        approver: &Principal,
        reason: Option<String>,
        now: Timestamp,
    ) -> Result<&State, ApprovalError> {
        self.may_decide(approver)?;
        self.open_votes(now)?;
        self.state = State::Denied { vote: Vote::of(approver, reason, now) };
        Ok(&self.state)
    }

    /// The requester takes it back, also after approval as long as it has not run. Also what the end of a session does.
    pub fn withdraw(&mut self, by: &Subject, now: Timestamp) -> Result<&State, ApprovalError> {
        if *by != self.request().requester {
            return Err(ApprovalError::NotTheRequester);
        }
        self.still_open(now)?;
        self.state = State::Withdrawn { at: now };
        Ok(&self.state)
    }

    /// Lapses what is past its deadline. True when that changed the state.
    pub fn expire(&mut self, now: Timestamp) -> bool {
        let lapsed = self.next_deadline().is_some_and(|deadline| now >= deadline);
        if lapsed {
            self.state = State::Expired { at: now };
        }
        lapsed
    }

    /// Uses the approval, once: `binding` is that of what is about to run. A mismatch leaves the approval as it was.
    pub fn consume(&mut self, binding: &Binding, now: Timestamp) -> Result<&State, ApprovalError> {
        self.still_open(now)?;
        if *binding != self.request().binding {
            return Err(ApprovalError::BindingMismatch);
        }
        let State::Approved { votes, .. } = &mut self.state else {
            return Err(ApprovalError::NotApproved);
        };
        let votes = std::mem::take(votes);
        self.state = State::Consumed { votes, at: now };
        Ok(&self.state)
    }

    /// Whether this person may decide this request at all, before its state is looked at.
    pub fn may_decide(&self, approver: &Principal) -> Result<(), ApprovalError> {
        let request = self.request();
        if approver.kind == PrincipalKind::Workload {
            return Err(ApprovalError::WorkloadCannotApprove);
        }
        if approver.subject == request.requester {
            return Err(ApprovalError::RequesterCannotApprove);
        }
        if !request.obligations.approvers.iter().any(|group| approver.is_in(group)) {
            let groups = request.obligations.approvers.iter().map(|group| group.0.clone()).collect();
            return Err(ApprovalError::NotInApproversGroup { groups });
        }
        Ok(())
    }

    fn still_open(&mut self, now: Timestamp) -> Result<(), ApprovalError> {
        if self.expire(now) {
            return Err(ApprovalError::Expired);
        }
        match &self.state {
            State::Expired { .. } => Err(ApprovalError::Expired),
            state if state.is_final() => Err(ApprovalError::AlreadyDecided { state: state.as_str() }),
            _ => Ok(()),
        }
    }

    fn open_votes(&mut self, now: Timestamp) -> Result<&mut Vec<Vote>, ApprovalError> {
        self.still_open(now)?;
        match &mut self.state {
            State::Pending { votes } => Ok(votes),
            decided => Err(ApprovalError::AlreadyDecided { state: decided.as_str() }),
        }
    }
}
