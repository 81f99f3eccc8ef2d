//! How policies combine, and what is said of those that are wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod people;

use std::{collections::BTreeSet, fmt::Write, fs, path::Path, time::Duration};

use hoop_model::{Action, Effect, Group, Obligations, Resource};
use hoop_policy::{Policies, Request, TableGroup, is_unevaluated};
use people::{connection, person, workload};

fn compile(text: &str) -> Policies {
    Policies::compile(text, &[]).unwrap_or_else(|error| panic!("{error}"))
}

fn connect(policies: &Policies, principal: &hoop_model::Principal, reason: Option<&str>) -> hoop_model::Decision {
    let name = connection("a");
    let asks = vec![(Action::Connect, Resource::Connection(name.clone()))];
    policies.decide(principal, &Request { connection: &name, asks, reason, client_ip: [10, 1, 2, 3].into() })
}

#[test]
fn nothing_permits_nothing() {
    let decision = connect(&compile(""), &person("alice", &["engineers"]), None);
    assert_eq!(decision.effect, Effect::Deny);
    assert_eq!(decision.reasons, ["connect on a is permitted by no policy"]);
}

#[test]
fn a_forbid_wins_and_says_so() {
    let policies = compile(
        r#"@id("all") permit (principal, action, resource);
           @id("no-person") @says("people use the other gateway") forbid (principal is Person, action, resource);"#,
    );
    let decision = connect(&policies, &person("alice", &[]), None);
    assert_eq!((decision.effect, decision.rules), (Effect::Deny, vec!["no-person".to_owned()]));
    assert_eq!(decision.reasons, ["connect on a is forbidden: people use the other gateway (no-person)"]);
    assert_eq!(connect(&policies, &workload("job", &[]), None).effect, Effect::Allow);
}

#[test]
fn the_obligations_of_all_permits_apply() {
    let policies = compile(
        r#"@id("plain") permit (principal, action, resource);
           @id("one") @approvers("a, b") @expiry("1h") @row_limit("50") permit (principal, action, resource);
           @id("two") @approvers("b,c") @quorum("2") @expiry("10m") @row_limit("100") permit (principal, action, resource);"#,
    );
    let decision = connect(&policies, &person("alice", &[]), None);
    assert_eq!(decision.effect, Effect::Hold);
    assert_eq!(decision.rules, ["one", "plain", "two"]);
    let approvers = ["a", "b", "c"].map(|name| Group(name.into()));
    assert_eq!(
        decision.obligations,
        Obligations {
            approvers: BTreeSet::from(approvers),
            quorum: 2,
            expiry: Some(Duration::from_secs(600)),
            row_limit: Some(50),
            reveal: None,
        }
    );
    assert_eq!(decision.reasons, ["connect on a needs approval: policy one; policy two"]);
}

#[test]
fn a_row_limit_alone_holds_nothing() {
    let policies = compile(r#"@id("few") @row_limit("10") permit (principal, action, resource);"#);
    let decision = connect(&policies, &person("alice", &[]), None);
    assert_eq!((decision.effect, decision.obligations.row_limit), (Effect::Allow, Some(10)));
}

#[test]
fn the_context_can_be_asked_for() {
    let policies = compile(
        r#"@id("reasoned") permit (principal, action, resource)
           when { context has reason && context.reason like "INC-*" && context.client_ip like "10.*" && context.login_method == "browser" };"#,
    );
    assert_eq!(connect(&policies, &person("alice", &[]), Some("INC-7")).effect, Effect::Allow);
    assert_eq!(connect(&policies, &person("alice", &[]), Some("because")).effect, Effect::Deny);
    assert_eq!(connect(&policies, &person("alice", &[]), None).effect, Effect::Deny);
}

#[test]
fn a_policy_that_fails_while_deciding_denies() {
    let policies = compile(
        r#"@id("all") permit (principal, action, resource);
           @id("overflows") forbid (principal, action, resource) when { 9223372036854775807 + 1 == 0 };"#,
    );
    let decision = connect(&policies, &person("alice", &[]), None);
    assert_eq!(decision.effect, Effect::Deny);
    assert!(decision.reasons[0].contains("could not be evaluated"), "{decision:?}");
    assert!(is_unevaluated(&decision));
    let none = connect(&compile(""), &person("alice", &[]), None);
    assert!(none.effect == Effect::Deny && !is_unevaluated(&none), "{none:?}");
}

/// `wrong.txt`: table groups, a policy text, and what is said of them. `UPDATE_GOLDEN=1` rewrites what is said.
#[test]
fn errors_say_where_what_and_what_to_do() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wrong.txt");
    let expected = fs::read_to_string(&path).unwrap();
    let mut actual = String::new();
    for case in expected.split("=== ").skip(1) {
        let (head, _) = case.split_once("--- says").unwrap();
        let (name, rest) = head.split_once("\n--- groups:").unwrap();
        let (groups, text) = rest.split_once('\n').unwrap();
        let groups = groups.split(';').filter_map(|group| group.split_once('=')).map(|(name, patterns)| TableGroup {
            name: name.trim().into(),
            patterns: patterns.split_whitespace().map(Into::into).collect(),
        });
        let groups: Vec<TableGroup> = groups.collect();
        let Err(error) = Policies::compile(text, &groups) else { panic!("{name} compiles") };
        writeln!(actual, "=== {head}--- says\n{error}\n").unwrap();
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, actual).unwrap();
        return;
    }
    assert_eq!(actual, expected);
}

#[test]
fn policies_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Policies>();
}
