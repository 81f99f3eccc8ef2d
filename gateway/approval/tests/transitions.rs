//! Who may decide, in what order, and how often.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{collections::BTreeSet, time::Duration};

use hoop_approval::{Approval, ApprovalError, Binding, BindingKey, Exact, Request, State};
use hoop_model::{
    Action, ApprovalId, Assurance, ConnectionName, ExchangeId, Group, LoginMethod, Obligations, Principal,
    PrincipalKind, SessionId, Subject, Timestamp, later,
};
use proptest::prelude::*;

const WINDOW: Duration = Duration::from_secs(60);

fn start() -> Timestamp {
    "2026-03-01T09:00:00Z".parse().unwrap()
}

fn at(seconds: u64) -> Timestamp {
    later(start(), Duration::from_secs(seconds))
}

fn person(sub: &str, groups: &[&str]) -> Principal {
    Principal {
        subject: Subject { issuer: "https://idp.example".into(), sub: sub.into() },
        kind: PrincipalKind::Person,
        groups: groups.iter().map(|group| Group((*group).into())).collect(),
        email: Some(format!("{sub}@example.com")),
        assurance: Assurance::default(),
        login_method: LoginMethod::Browser,
        authenticated_at: start(),
    }
}

fn binding(command: &str) -> Binding {
    let connection: ConnectionName = "pay".parse().unwrap();
    Binding::of(
        &BindingKey::new(&[1; 32]),
        &Exact {
            command: command.as_bytes(),
            connection: &connection,
            target: b"",
            subject: &person("alice", &[]).subject,
            session_state: b"",
        },
    )
}

fn held(quorum: u32) -> Approval {
    Approval::open(Request {
        id: ApprovalId::new(),
        session: SessionId::new(),
        exchange: ExchangeId::new(),
        requester: person("alice", &[]).subject,
        requester_name: "alice".into(),
        connection: "pay".parse().unwrap(),
        action: Action::Write,
        command: "DELETE FROM payments".into(),
        binding: binding("DELETE FROM payments"),
        obligations: Obligations {
            approvers: BTreeSet::from([Group("dba".into()), Group("security".into())]),
            quorum,
            expiry: Some(WINDOW),
            row_limit: None,
            reveal: None,
        },
        rules: vec!["hold-writes".into()],
        why: vec![],
        reason: None,
        created_at: start(),
    })
}

#[test]
fn one_approver_then_one_use() {
    let mut approval = held(1);
    approval.approve(&person("bob", &["dba"]), Some("ok".into()), at(5)).unwrap();
    assert_eq!(approval.approvers()[0].name, "bob@example.com");
    assert!(matches!(approval.state(), State::Approved { use_before, .. } if *use_before == at(65)));
    assert_eq!(approval.consume(&binding("DELETE FROM cards"), at(6)), Err(ApprovalError::BindingMismatch));
    approval.consume(&binding("DELETE FROM payments"), at(7)).unwrap();
    assert_eq!(
        approval.consume(&binding("DELETE FROM payments"), at(8)),
        Err(ApprovalError::AlreadyDecided { state: "consumed" })
    );
}

#[test]
fn the_wrong_people_are_told_why() {
    let mut approval = held(1);
    let alice = person("alice", &["dba"]);
    assert_eq!(approval.approve(&alice, None, at(1)), Err(ApprovalError::RequesterCannotApprove));
    assert_eq!(approval.deny(&alice, None, at(1)), Err(ApprovalError::RequesterCannotApprove));
    let error = approval.approve(&person("carol", &["admins"]), None, at(1)).unwrap_err();
    assert!(error.to_string().contains("dba or security"), "{error}");
    let job = Principal { kind: PrincipalKind::Workload, ..person("ci", &["dba"]) };
    assert_eq!(approval.approve(&job, None, at(1)), Err(ApprovalError::WorkloadCannotApprove));
    assert_eq!(approval.withdraw(&job.subject, at(1)), Err(ApprovalError::NotTheRequester));
    assert_eq!(approval.consume(&binding("DELETE FROM payments"), at(1)), Err(ApprovalError::NotApproved));
    assert!(matches!(approval.state(), State::Pending { votes } if votes.is_empty()));
}

#[test]
fn the_same_name_at_another_issuer_is_somebody_else() {
    let mut approval = held(1);
    let mut other = person("alice", &["dba"]);
    other.subject.issuer = "https://other.example".into();
    approval.approve(&other, None, at(1)).unwrap();
}

#[test]
fn a_quorum_needs_different_people_and_one_denial_ends_it() {
    let mut approval = held(2);
    let (bob, carol) = (person("bob", &["dba"]), person("carol", &["security"]));
    assert!(matches!(approval.approve(&bob, None, at(1)), Ok(State::Pending { .. })));
    assert_eq!(approval.approve(&bob, None, at(2)), Err(ApprovalError::DuplicateApprover { missing: 1 }));
    let mut denied = approval.clone();
    assert!(matches!(approval.approve(&carol, None, at(3)), Ok(State::Approved { .. })));
    assert!(matches!(denied.deny(&carol, Some("no".into()), at(3)), Ok(State::Denied { .. })));
    assert_eq!(denied.approve(&bob, None, at(4)), Err(ApprovalError::AlreadyDecided { state: "denied" }));
}

#[test]
fn a_request_without_approvers_can_never_be_approved() {
    let mut request = held(0).request().clone();
    request.obligations.approvers.clear();
    let mut approval = Approval::open(request);
    assert!(matches!(
        approval.approve(&person("bob", &["dba"]), None, at(1)),
        Err(ApprovalError::NotInApproversGroup { .. })
    ));
}

#[test]
fn both_windows_close() {
    let bob = person("bob", &["dba"]);
    let mut late = held(1);
    assert_eq!(late.approve(&bob, None, at(60)), Err(ApprovalError::Expired));
    assert!(matches!(late.state(), State::Expired { .. }));
    let mut unused = held(1);
    unused.approve(&bob, None, at(59)).unwrap();
    assert!(!unused.expire(at(118)));
    assert_eq!(unused.consume(&binding("DELETE FROM payments"), at(119)), Err(ApprovalError::Expired));
}

#[test]
fn an_approval_survives_json() {
    let mut approval = held(2);
    approval.approve(&person("bob", &["dba"]), None, at(1)).unwrap();
    let json = serde_json::to_string(&approval).unwrap();
    assert_eq!(serde_json::from_str::<Approval>(&json).unwrap(), approval);
}

#[derive(Debug, Clone)]
enum Step {
    Approve(usize),
    Deny(usize),
    Withdraw(usize),
    Expire,
    Consume(bool),
}

fn step() -> impl Strategy<Value = (Step, u64)> {
    let step = prop_oneof![
        4 => (0..5usize).prop_map(Step::Approve),
        1 => (0..5usize).prop_map(Step::Deny),
        1 => (0..5usize).prop_map(Step::Withdraw),
        1 => Just(Step::Expire),
        3 => prop::bool::weighted(0.8).prop_map(Step::Consume),
    ];
    (step, 0..8u64)
}

proptest! {
    /// Whatever happens in whatever order: final means final, one use at most, never by the requester, never without
    /// the quorum.
    #[test]
    fn one_end_and_one_use(quorum in 0..4u32, steps in prop::collection::vec(step(), 0..40)) {
        let people = [
            person("alice", &["dba", "security"]),
            person("bob", &["dba"]),
            person("carol", &["security"]),
            person("dan", &["dba"]),
            person("eve", &["staff"]),
        ];
        let mut approval = held(quorum);
        let (mut now, mut uses) = (0, 0);
        for (step, wait) in steps {
            now += wait;
            let before = approval.clone();
            let outcome = match step {
                Step::Approve(who) => approval.approve(&people[who], None, at(now)).map(|_| ()),
                Step::Deny(who) => approval.deny(&people[who], None, at(now)).map(|_| ()),
                Step::Withdraw(who) => approval.withdraw(&people[who].subject, at(now)).map(|_| ()),
                Step::Expire => { approval.expire(at(now)); Ok(()) }
                Step::Consume(right) => {
                    let binding = binding(if right { "DELETE FROM payments" } else { "DROP TABLE payments" });
                    let outcome = approval.consume(&binding, at(now)).map(|_| ());
                    if outcome.is_ok() {
                        prop_assert!(right);
                        uses += 1;
                    }
                    outcome
                }
            };
            if before.state().is_final() {
                prop_assert_eq!(&approval, &before);
            }
            if outcome.is_err() && !matches!(approval.state(), State::Expired { .. }) {
                prop_assert_eq!(&approval, &before);
            }
            let voters: BTreeSet<_> = approval.approvers().iter().map(|vote| vote.by.sub.as_str()).collect();
            prop_assert!(!voters.contains("alice") && !voters.contains("eve"));
            prop_assert_eq!(voters.len(), approval.approvers().len());
            if let State::Approved { .. } | State::Consumed { .. } = approval.state() {
                prop_assert!(voters.len() >= (quorum as usize).max(1));
            }
            if let State::Denied { vote } = approval.state() {
                prop_assert!(vote.by.sub != "alice" && vote.by.sub != "eve");
            }
        }
        prop_assert!(uses <= 1);
    }
}
