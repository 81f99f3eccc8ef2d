//! What every store must hold to, as functions over a [`Store`]; run here on a database file of its own each.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "contract/alerts.rs"]
mod alerts;
#[path = "contract/recordings.rs"]
mod recordings;

use std::{collections::BTreeSet, path::Path, time::Duration};

use alerts::{
    an_alert_is_answered_once_and_the_trail_may_say_so_first, an_alert_takes_the_id_that_the_trail_knows,
    an_incident_is_known_until_it_has_ended_and_is_told, what_is_found_twice_is_one_alert,
};
use hoop_approval::{Approval, Binding, BindingKey, Exact, Request, State};
use hoop_audit::{Chain, Counts, Draft, Origin, Record, RecordType};
use hoop_model::{
    Action, AgentId, ApprovalId, Assurance, ExchangeId, Group, LoginId, LoginMethod, Obligations, Principal,
    PrincipalKind, SessionId, Subject, Timestamp, later,
};
use hoop_store::{Login, Reviewer, SessionFilter, Store, StoreError, ToolChanges, ToolDefinition, ToolDigests};
use recordings::{a_hold_is_in_force_until_it_is_released_once, a_search_is_approved_once_and_ends};

fn at(seconds: u64) -> Timestamp {
    later("2026-03-01T09:00:00.5Z".parse().unwrap(), Duration::from_secs(seconds))
}

fn person(sub: &str) -> Principal {
    Principal {
        subject: Subject { issuer: "https://idp.example".into(), sub: sub.into() },
        kind: PrincipalKind::Person,
        groups: BTreeSet::from([Group("dba".into())]),
        email: None,
        assurance: Assurance::default(),
        login_method: LoginMethod::Browser,
        authenticated_at: at(0),
    }
}

macro_rules! contract {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let dir = tempfile::tempdir().unwrap();
                let store = super::open(&dir.path().join("gateway.sqlite")).await;
                super::$name(&store).await;
            })*
        }
    };
}

contract!(
    a_login_is_found_extended_and_revoked_for_good,
    revoking_a_subject_ends_each_of_its_logins_and_no_other,
    a_join_token_makes_one_agent,
    an_agent_is_revoked_once,
    of_racing_deciders_one_wins,
    approvals_are_listed_and_found_by_what_they_bind,
    a_token_is_used_once_also_in_a_race,
    a_tool_is_pinned_changes_and_is_reviewed,
    a_review_is_of_the_definition_that_was_seen,
    tools_of_one_connection_are_not_anothers,
    a_hold_is_in_force_until_it_is_released_once,
    a_search_is_approved_once_and_ends,
    the_trail_index_adds_up_and_can_be_made_again,
    the_trail_index_takes_records_in_order_only,
    what_is_found_twice_is_one_alert,
    an_alert_takes_the_id_that_the_trail_knows,
    an_alert_is_answered_once_and_the_trail_may_say_so_first,
    an_incident_is_known_until_it_has_ended_and_is_told,
);

async fn open(path: &Path) -> Store {
    Store::open(path).await.unwrap()
}

fn login(sub: &str) -> Login {
    Login {
        id: LoginId::new(),
        principal: person(sub),
        key: "ab".repeat(32),
        created_at: at(0),
        expires_at: at(900),
        ends_at: at(36_000),
        revoked_at: None,
    }
}

async fn a_login_is_found_extended_and_revoked_for_good(store: &Store) {
    let mut login = login("alice");
    store.insert_login(&login).await.unwrap();
    assert!(store.insert_login(&login).await.is_err(), "an id is taken once");
    assert_eq!(store.login(login.id).await.unwrap().as_ref(), Some(&login));
    assert_eq!(store.login(LoginId::new()).await.unwrap(), None);

    login.principal.groups.clear();
    login.expires_at = at(1800);
    assert!(store.extend_login(login.id, &login.principal, login.expires_at).await.unwrap());
    assert_eq!(store.login(login.id).await.unwrap().as_ref(), Some(&login));

    assert!(store.revoke_login(login.id, at(5)).await.unwrap());
    assert!(!store.revoke_login(login.id, at(9)).await.unwrap());
    assert!(!store.extend_login(login.id, &login.principal, at(2700)).await.unwrap());
    let revoked = store.login(login.id).await.unwrap().unwrap();
    assert_eq!((revoked.revoked_at, revoked.expires_at), (Some(at(5)), at(1800)));
    assert!(!store.extend_login(LoginId::new(), &login.principal, at(2700)).await.unwrap());
    assert!(store.revoked_since(at(5)).await.unwrap().contains(&login.id));
    assert!(!store.revoked_since(at(6)).await.unwrap().contains(&login.id));
}

async fn revoking_a_subject_ends_each_of_its_logins_and_no_other(store: &Store) {
    let mut elsewhere = login("alice");
    elsewhere.principal.subject.issuer = "https://other.example".into();
    let (first, second, bob) = (login("alice"), login("alice"), login("bob"));
    for login in [&first, &second, &bob, &elsewhere] {
        store.insert_login(login).await.unwrap();
    }
    store.revoke_login(first.id, at(1)).await.unwrap();
    assert_eq!(store.revoke_subject(&person("alice").subject, at(2)).await.unwrap(), [second.id]);
    assert_eq!(store.login(first.id).await.unwrap().unwrap().revoked_at, Some(at(1)));
    for other in [bob, elsewhere] {
        assert_eq!(store.login(other.id).await.unwrap().unwrap().revoked_at, None);
    }
    let was_revoked = async |sub: &str, since| store.was_revoked_since(&person(sub).subject, since).await.unwrap();
    assert!(was_revoked("alice", at(2)).await && was_revoked("alice", at(0)).await);
    assert!(!was_revoked("alice", at(3)).await && !was_revoked("bob", at(0)).await);
}

async fn a_join_token_makes_one_agent(store: &Store) {
    store.insert_join_token("aa", "dc-1", at(60)).await.unwrap();
    assert_eq!(store.redeem_join_token("bb", AgentId::new(), at(1)).await.unwrap(), None);
    let tries: Vec<_> = (0..16)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.redeem_join_token("aa", AgentId::new(), at(1)).await.unwrap() })
        })
        .collect();
    let mut won = Vec::new();
    for one in tries {
        won.extend(one.await.unwrap());
    }
    assert_eq!(won, ["dc-1"]);
    assert_eq!(store.agents().await.unwrap().len(), 1);

    store.insert_join_token("cc", "dc-2", at(60)).await.unwrap();
    assert_eq!(store.redeem_join_token("cc", AgentId::new(), at(60)).await.unwrap(), None, "expired");
    // A whole second sorts before its fractions.
    store.insert_join_token("dd", "dc-3", "2026-03-01T09:01:00Z".parse().unwrap()).await.unwrap();
    let just_late = "2026-03-01T09:01:00.000000001Z".parse().unwrap();
    assert_eq!(store.redeem_join_token("dd", AgentId::new(), just_late).await.unwrap(), None);
}

async fn an_agent_is_revoked_once(store: &Store) {
    store.insert_join_token("aa", "dc-1", at(60)).await.unwrap();
    let id = AgentId::new();
    store.redeem_join_token("aa", id, at(1)).await.unwrap();
    assert_eq!(store.agent(id).await.unwrap().unwrap().revoked_at, None);
    assert!(store.revoke_agent(id, at(2)).await.unwrap());
    assert!(!store.revoke_agent(id, at(3)).await.unwrap());
    let agent = store.agent(id).await.unwrap().unwrap();
    assert_eq!((agent.name.as_str(), agent.created_at, agent.revoked_at), ("dc-1", at(1), Some(at(2))));
    assert!(store.agent(AgentId::new()).await.unwrap().is_none());
    assert_eq!(store.agents_revoked_since(at(2)).await.unwrap(), [id]);
    assert_eq!(store.agents_revoked_since(at(3)).await.unwrap(), []);
}

fn binding(command: &str) -> Binding {
    let exact = Exact {
        command: command.as_bytes(),
        connection: &"pay".parse().unwrap(),
        target: b"",
        subject: &person("alice").subject,
        session_state: b"",
    };
    Binding::of(&BindingKey::new(&[1; 32]), &exact)
}

fn held(command: &str, created_at: Timestamp) -> Approval {
    Approval::open(Request {
        id: ApprovalId::new(),
        session: SessionId::new(),
        exchange: ExchangeId::new(),
        requester: person("alice").subject,
        requester_name: "alice".into(),
        connection: "pay".parse().unwrap(),
        action: Action::Write,
        command: command.into(),
        binding: binding(command),
        obligations: Obligations {
            approvers: BTreeSet::from([Group("dba".into())]),
            quorum: 1,
            expiry: Some(Duration::from_secs(600)),
            row_limit: Some(10),
            reveal: None,
        },
        rules: vec!["hold-writes".into()],
        why: vec![],
        reason: None,
        created_at,
    })
}

async fn of_racing_deciders_one_wins(store: &Store) {
    let before = held("DELETE FROM cards", at(0));
    store.insert_approval(&before).await.unwrap();
    let deciders: Vec<_> = (0..32)
        .map(|n| {
            let (store, before) = (store.clone(), before.clone());
            tokio::spawn(async move {
                let mut after = before.clone();
                let approver = person(&format!("approver-{n}"));
                if n % 2 == 0 {
                    after.approve(&approver, None, at(1)).unwrap();
                } else {
                    after.deny(&approver, None, at(1)).unwrap();
                }
                store.replace_approval(&before, &after).await.unwrap().then_some(after)
            })
        })
        .collect();
    let mut won = Vec::new();
    for decider in deciders {
        won.extend(decider.await.unwrap());
    }
    assert_eq!(won.len(), 1);
    assert_eq!(store.approval(before.request().id).await.unwrap(), won.pop());
}

async fn approvals_are_listed_and_found_by_what_they_bind(store: &Store) {
    let (first, second) = (held("DELETE FROM cards", at(1)), held("DROP TABLE cards", at(2)));
    for approval in [&second, &first] {
        store.insert_approval(approval).await.unwrap();
    }
    assert_eq!(store.approvals(true).await.unwrap(), [first.clone(), second.clone()]);
    let mut approved = first.clone();
    approved.approve(&person("bob"), None, at(3)).unwrap();
    assert!(store.replace_approval(&first, &approved).await.unwrap());
    assert_eq!(store.approvals(true).await.unwrap(), [second]);
    assert_eq!(store.approvals(false).await.unwrap().len(), 2);
    let bound = binding("DELETE FROM cards");
    assert_eq!(store.approvals_for_binding(&bound).await.unwrap(), [approved.clone()]);
    let mut consumed = approved.clone();
    assert!(matches!(consumed.consume(&bound, at(4)), Ok(State::Consumed { .. })));
    assert!(store.replace_approval(&approved, &consumed).await.unwrap());
    assert!(!store.replace_approval(&approved, &consumed).await.unwrap(), "used once");
    assert!(store.approvals_for_binding(&bound).await.unwrap().is_empty());
}

async fn a_token_is_used_once_also_in_a_race(store: &Store) {
    let uses: Vec<_> = (0..16)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.use_token_once("digest", at(60)).await.unwrap() })
        })
        .collect();
    let mut first = 0;
    for one in uses {
        first += usize::from(one.await.unwrap());
    }
    assert_eq!(first, 1);
    assert_eq!(store.forget_used_tokens(at(60)).await.unwrap(), 0);
    assert!(!store.use_token_once("digest", at(60)).await.unwrap());
    assert_eq!(store.forget_used_tokens(at(61)).await.unwrap(), 1);
}

fn definition(text: &str) -> ToolDefinition {
    let masked = serde_json::json!({ "description": text, "z": 1, "maximum": 1 });
    ToolDefinition { digest: format!("digest of {text}"), masked, findings: serde_json::json!([{ "what": text }]) }
}

fn reviewer(name: &str) -> Reviewer {
    Reviewer { subject: person(name).subject, name: name.into() }
}

fn trusted(name: &str, text: &str) -> ToolChanges {
    ToolChanges { trusted: vec![(name.into(), definition(text))], ..ToolChanges::default() }
}

fn hidden(name: &str, text: &str) -> ToolChanges {
    ToolChanges { hidden: vec![(name.into(), definition(text))], ..ToolChanges::default() }
}

async fn a_tool_is_pinned_changes_and_is_reviewed(store: &Store) {
    let pay = "pay".parse().unwrap();
    let digests = |pinned: Option<&str>, pending: Option<&str>| {
        let digest = |text: Option<&str>| text.map(|text| definition(text).digest);
        let (pinned, pending) = (digest(pinned), digest(pending));
        vec![ToolDigests { connection: "pay".parse().unwrap(), name: "charge".into(), pinned, pending }]
    };
    store.change_tools(&pay, &trusted("charge", "one"), at(1)).await.unwrap();
    assert_eq!(store.tool_digests().await.unwrap(), digests(Some("one"), None));
    let known = store.tool(&pay, "charge").await.unwrap().unwrap();
    let pinned = known.pinned.unwrap();
    assert_eq!((pinned.definition, pinned.by, pinned.at), (definition("one"), None, at(1)));
    assert_eq!(known.pending, None);

    store.change_tools(&pay, &hidden("charge", "two"), at(2)).await.unwrap();
    assert_eq!(store.tool_digests().await.unwrap(), digests(Some("one"), Some("two")));
    let restored = ToolChanges { restored: vec!["charge".into()], ..ToolChanges::default() };
    store.change_tools(&pay, &restored, at(3)).await.unwrap();
    assert_eq!(store.tool_digests().await.unwrap(), digests(Some("one"), None));

    store.change_tools(&pay, &hidden("charge", "two"), at(4)).await.unwrap();
    assert!(store.approve_tool(&pay, "charge", &definition("two").digest, &reviewer("carol"), at(5)).await.unwrap());
    let known = store.tool(&pay, "charge").await.unwrap().unwrap();
    let pinned = known.pinned.unwrap();
    assert_eq!((pinned.definition, pinned.by, pinned.at), (definition("two"), Some(reviewer("carol")), at(5)));
    assert_eq!(known.pending, None);
    // All or nothing, in any order, and with more than one.
    let mut several = hidden("charge", "three");
    several.trusted.push(("new".into(), definition("new")));
    store.change_tools(&pay, &several, at(6)).await.unwrap();
    let names: Vec<_> = store.tools(Some(&pay)).await.unwrap().into_iter().map(|tool| tool.name).collect();
    assert_eq!(names, ["charge", "new"]);
}

async fn a_review_is_of_the_definition_that_was_seen(store: &Store) {
    let pay = "pay".parse().unwrap();
    let (one, two) = (definition("one").digest, definition("two").digest);
    store.change_tools(&pay, &hidden("charge", "one"), at(1)).await.unwrap();
    assert!(store.reject_tool(&pay, "charge", &one, &reviewer("carol")).await.unwrap());
    assert!(!store.reject_tool(&pay, "charge", &two, &reviewer("carol")).await.unwrap());
    let pending = store.tool(&pay, "charge").await.unwrap().unwrap().pending.unwrap();
    assert_eq!((pending.rejected_by, pending.seen_at), (Some(reviewer("carol")), at(1)));

    // Another change, and the rejection is not of it.
    store.change_tools(&pay, &hidden("charge", "two"), at(2)).await.unwrap();
    let pending = store.tool(&pay, "charge").await.unwrap().unwrap().pending.unwrap();
    assert_eq!((pending.definition, pending.rejected_by, pending.seen_at), (definition("two"), None, at(2)));
    assert!(!store.approve_tool(&pay, "charge", &one, &reviewer("carol"), at(3)).await.unwrap());
    assert!(store.tool(&pay, "charge").await.unwrap().unwrap().pinned.is_none());
    let approvals: Vec<_> = (0..8)
        .map(|_| {
            let (store, pay, two) = (store.clone(), pay.clone(), two.clone());
            tokio::spawn(
                async move { store.approve_tool(&pay, "charge", &two, &reviewer("carol"), at(4)).await.unwrap() },
            )
        })
        .collect();
    let mut done = 0;
    for approval in approvals {
        done += usize::from(approval.await.unwrap());
    }
    assert_eq!(done, 1, "once");
}

async fn tools_of_one_connection_are_not_anothers(store: &Store) {
    let (pay, other) = ("pay".parse().unwrap(), "other".parse().unwrap());
    store.change_tools(&pay, &trusted("charge", "one"), at(1)).await.unwrap();
    store.change_tools(&other, &hidden("charge", "one"), at(1)).await.unwrap();
    assert!(!store.approve_tool(&pay, "charge", &definition("one").digest, &reviewer("carol"), at(2)).await.unwrap());
    assert!(store.tool(&other, "charge").await.unwrap().unwrap().pinned.is_none());
    assert_eq!(store.tools(None).await.unwrap().len(), 2);
    assert_eq!(store.tools(Some(&other)).await.unwrap().len(), 1);
    assert!(store.tool(&pay, "Charge").await.unwrap().is_none(), "case counts");
}

/// Two sessions, the second still alive; the first delivered 5 rows and masked 4 values.
fn trail() -> Vec<Record> {
    let (first, second, exchange) = (SessionId::new(), SessionId::new(), ExchangeId::new());
    let draft = |kind, session| Draft {
        session_id: Some(session),
        origin: Some(Origin::of(&person("alice"), "192.0.2.7".parse().unwrap())),
        connection: Some("pay".parse().unwrap()),
        ..Draft::new(kind)
    };
    let counted = |kind, rows, masked: u64| Draft {
        exchange_id: Some(exchange),
        counts: Some(Counts {
            rows,
            bytes: rows * 10,
            masked: [("pan".to_owned(), masked)].into(),
            ..Counts::default()
        }),
        ..draft(kind, first)
    };
    let drafts = [
        Draft::new(RecordType::WriterStart),
        draft(RecordType::SessionStart, first),
        counted(RecordType::Request, 0, 1),
        draft(RecordType::SessionStart, second),
        counted(RecordType::ResponseChunk, 2, 2),
        counted(RecordType::ResponseChunk, 3, 1),
        counted(RecordType::End, 5, 3),
        draft(RecordType::ApprovalRequested, first),
        draft(RecordType::Denied, first),
        Draft { outcome: Some("unknown".into()), ..draft(RecordType::SessionEnd, first) },
    ];
    let mut chain = Chain::default();
    (0..)
        .zip(drafts)
        .map(|(second, draft)| {
            let stored = chain.place(draft, at(second)).unwrap();
            chain.take(&stored);
            stored.record
        })
        .collect()
}

async fn the_trail_index_adds_up_and_can_be_made_again(store: &Store) {
    let trail = trail();
    for part in [&trail[..3], &trail[1..6], &trail[6..]] {
        store.index_trail(part).await.unwrap();
    }
    assert_eq!(store.trail_cursor().await.unwrap(), 10);
    let listed = store.indexed_sessions(&SessionFilter::default()).await.unwrap();
    assert_eq!(listed.iter().map(|session| session.first_seq).collect::<Vec<_>>(), [3, 1], "newest first");
    assert_eq!(listed[0].ended_at, None);
    let first = &listed[1];
    assert_eq!(store.indexed_session(first.id).await.unwrap().as_ref(), Some(first));
    assert_eq!((first.started_at, first.ended_at), (at(1), Some(at(9))));
    assert_eq!((first.exchanges, first.held, first.denied, first.last_seq), (1, 1, 1, 9));
    assert_eq!((first.counts.rows, first.counts.bytes, first.counts.masked["pan"]), (5, 50, 4));
    assert_eq!(first.outcome.as_deref(), Some("unknown"));

    let only = |filter: SessionFilter| async move { store.indexed_sessions(&filter).await.unwrap().len() };
    assert_eq!(only(SessionFilter { limit: 1, ..Default::default() }).await, 1);
    assert_eq!(only(SessionFilter { before: Some(3), ..Default::default() }).await, 1);
    assert_eq!(only(SessionFilter { subject: Some(person("alice").subject), ..Default::default() }).await, 2);
    assert_eq!(only(SessionFilter { subject: Some(person("bob").subject), ..Default::default() }).await, 0);
    assert_eq!(only(SessionFilter { connection: Some("other".parse().unwrap()), ..Default::default() }).await, 0);

    store.forget_trail_index().await.unwrap();
    assert!(store.indexed_sessions(&SessionFilter::default()).await.unwrap().is_empty());
    store.index_trail(&trail).await.unwrap();
    assert_eq!(store.indexed_sessions(&SessionFilter::default()).await.unwrap(), listed);
}

async fn the_trail_index_takes_records_in_order_only(store: &Store) {
    let trail = trail();
    let gap = store.index_trail(&trail[2..]).await;
    assert!(matches!(gap, Err(StoreError::TrailGap { expected: 0, found: 2 })));
    let swapped = [trail[0].clone(), trail[2].clone(), trail[1].clone()];
    assert!(store.index_trail(&swapped).await.is_err());
    assert_eq!(store.trail_cursor().await.unwrap(), 0, "all or nothing");
    assert!(store.indexed_sessions(&SessionFilter::default()).await.unwrap().is_empty());
}
