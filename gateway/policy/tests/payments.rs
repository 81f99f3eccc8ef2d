//! The example policies: who may do what, line by line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod people;

use std::{collections::BTreeSet, time::Duration};

use hoop_model::{Action, ConnectionKind, Decision, Effect, Group, Resource, TableName};
use hoop_policy::{Policies, Request, TableGroup};
use people::{connection, person, workload};
use proptest::prelude::*;

fn policies() -> Policies {
    let group = TableGroup { name: "payments".into(), patterns: vec!["*.PUBLIC.PAYMENTS*".into(), "CARDS".into()] };
    Policies::compile(include_str!("../examples/payments.cedar"), &[group]).unwrap()
}

fn resource(text: &str) -> Resource {
    let connection = connection("snowflake");
    match text.split_once(':') {
        None => Resource::Connection(connection),
        Some(("table", name)) => {
            Resource::Table { connection, table: TableName(name.split('.').map(Into::into).collect()) }
        }
        Some((_, tool)) => Resource::Tool { connection, tool: tool.into() },
    }
}

fn decide(policies: &Policies, groups: &[&str], asks: &[(Action, &str)]) -> Decision {
    let connection = connection("snowflake");
    let asks = asks.iter().map(|(action, text)| (*action, resource(text))).collect();
    policies.decide(
        &person("alice", groups),
        &Request { connection: &connection, asks, reason: Some("INC-1"), client_ip: [127, 0, 0, 1].into() },
    )
}

#[test]
fn the_table_of_decisions() {
    use Action::*;
    use Effect::{Allow, Deny, Hold};
    let payments = "table:SHOP.PUBLIC.PAYMENTS";
    let other = "table:SHOP.PUBLIC.ORDERS";
    let rows = [
        ("engineers", Connect, "connection", Allow),
        ("engineers", Discover, "connection", Allow),
        ("engineers", Discover, "tool:write_query", Allow),
        ("engineers", Session, "connection", Allow),
        ("engineers", Read, "connection", Allow),
        ("engineers", Read, payments, Allow),
        ("engineers", Write, payments, Hold),
        ("engineers", Write, "table:SHOP.PUBLIC.payments", Hold),
        ("engineers", Write, "table:PAYMENTS_2024", Hold),
        ("engineers", Write, "table:ANY.WHERE.CARDS", Hold),
        ("engineers", Write, "table:SHOP.PRIVATE.PAYMENTS", Allow),
        ("engineers", Write, other, Allow),
        ("engineers", Write, "connection", Hold),
        ("engineers", Ddl, payments, Hold),
        ("engineers", Ddl, other, Allow),
        ("engineers", Ddl, "connection", Hold),
        ("engineers", Export, payments, Hold),
        ("engineers", Export, other, Hold),
        ("engineers", Export, "connection", Hold),
        ("engineers", Admin, "connection", Hold),
        ("engineers", Admin, other, Hold),
        ("engineers", Unknown, "connection", Hold),
        ("engineers", Unknown, other, Hold),
        ("engineers", CallTool, "tool:read_query", Allow),
        ("engineers", CallTool, "tool:write_query", Hold),
        ("engineers", CallTool, "tool:delete_payment", Hold),
        ("engineers", CallTool, "tool:create_table", Hold),
        ("engineers", CallTool, "connection", Deny),
        ("engineers", Connect, payments, Deny),
        ("approvers", Connect, "connection", Allow),
        ("approvers", Read, payments, Allow),
        ("approvers", Write, other, Deny),
        ("approvers", Unknown, "connection", Deny),
        ("approvers", CallTool, "tool:read_query", Deny),
        ("ci", Connect, "connection", Allow),
        ("ci", Read, payments, Allow),
        ("ci", Write, other, Deny),
        ("ci", CallTool, "tool:read_query", Deny),
        ("admins", Connect, "connection", Deny),
        ("admins", Read, other, Deny),
        ("Engineers", Connect, "connection", Deny),
    ];
    let policies = policies();
    for (group, action, resource, effect) in rows {
        let decision = decide(&policies, &[group], &[(action, resource)]);
        assert_eq!(decision.effect, effect, "{group} {action} {resource}: {decision:?}");
        assert_eq!(decision.effect == Hold, decision.obligations.needs_approval());
        assert_eq!(decision.reasons.is_empty(), effect == Allow, "{decision:?}");
    }
}

#[test]
fn a_held_request_says_why_and_what_it_takes() {
    let decision = decide(&policies(), &["engineers"], &[(Action::Write, "table:SHOP.PUBLIC.PAYMENTS")]);
    assert_eq!(decision.rules, ["engineers-change-payment-tables"]);
    assert_eq!(decision.obligations.approvers, BTreeSet::from([Group("approvers".into())]));
    assert_eq!(decision.obligations.quorum, 1);
    assert_eq!(decision.obligations.expiry, Some(Duration::from_secs(30 * 60)));
    assert_eq!(
        decision.reasons,
        ["write on snowflake/SHOP.PUBLIC.PAYMENTS needs approval: writes, DDL and exports on payment tables wait for \
          approvers (engineers-change-payment-tables)"]
    );
}

#[test]
fn every_ask_must_be_permitted_and_one_held_ask_holds_all() {
    let policies = policies();
    let write = |tables: &[&'static str]| {
        let asks: Vec<_> = tables.iter().map(|table| (Action::Write, *table)).collect();
        decide(&policies, &["engineers"], &asks)
    };
    assert_eq!(write(&["table:S.PUBLIC.A", "table:S.PUBLIC.B"]).effect, Effect::Allow);
    let mixed = write(&["table:S.PUBLIC.A", "table:S.PUBLIC.PAYMENTS"]);
    assert_eq!(mixed.effect, Effect::Hold);
    assert_eq!(mixed.rules, ["engineers-change-other-tables", "engineers-change-payment-tables"]);
    assert_eq!(mixed.reasons.len(), 1);
    let denied = decide(&policies, &["ci"], &[(Action::Read, "table:A"), (Action::Write, "table:A")]);
    assert_eq!(denied.effect, Effect::Deny);
    assert!(denied.rules.is_empty());
    assert_eq!(denied.reasons, ["write on snowflake/A is permitted by no policy"]);
    assert_eq!(decide(&policies, &["engineers"], &[]).effect, Effect::Deny);
}

#[test]
fn another_connections_table_is_refused() {
    let connection = connection("mcp");
    let asks = vec![(Action::Read, resource("table:A"))];
    let request = Request { connection: &connection, asks, reason: None, client_ip: [127, 0, 0, 1].into() };
    assert_eq!(policies().decide(&person("alice", &["engineers"]), &request).effect, Effect::Deny);
}

#[test]
fn a_quoted_name_with_a_dot_is_not_two_parts() {
    let policies = policies();
    let one = TableName(vec!["SHOP".into(), "PUBLIC".into(), "A.B".into()]);
    let table = |table: TableName| Resource::Table { connection: connection("snowflake"), table };
    let asks = vec![
        (Action::Write, table(one)),
        (Action::Write, table(TableName(vec!["SHOP".into(), "PUBLIC".into(), "PAYMENTS\"".into()]))),
    ];
    let connection = connection("snowflake");
    let request = Request { connection: &connection, asks, reason: None, client_ip: [127, 0, 0, 1].into() };
    assert_eq!(policies.decide(&person("alice", &["engineers"]), &request).effect, Effect::Hold);
}

#[test]
fn the_summary_speaks_of_what_concerns_the_person_and_the_connection() {
    let policies = policies();
    let snowflake =
        policies.describe(&person("alice", &["engineers"]), &connection("snowflake"), ConnectionKind::Snowflake);
    assert!(snowflake.reachable);
    assert_eq!(
        snowflake.held,
        [
            "writes, DDL and exports on payment tables wait for approvers",
            "changes that name no table, and every export, wait for approvers",
            "statements that cannot be read, and administration, wait for approvers",
        ]
    );
    let mcp = policies.describe(&person("alice", &["engineers"]), &connection("mcp"), ConnectionKind::Mcp);
    assert_eq!(mcp.held, ["the tools write_query, delete_payment and create_table wait for approvers"]);
    let ci = policies.describe(&workload("repo:a", &["ci"]), &connection("snowflake"), ConnectionKind::Snowflake);
    assert!(ci.reachable && ci.held.is_empty());
    assert!(
        !policies
            .describe(&person("carol", &["admins"]), &connection("snowflake"), ConnectionKind::Snowflake)
            .reachable
    );
}

#[test]
fn the_digest_is_of_text_and_groups() {
    let text = include_str!("../examples/payments.cedar");
    let with = |pattern: &str| {
        let group = TableGroup { name: "payments".into(), patterns: vec![pattern.into()] };
        Policies::compile(text, &[group]).unwrap().digest().to_owned()
    };
    assert_eq!(with("A").len(), 64);
    assert_eq!(with("A"), with("A"));
    assert_ne!(with("A"), with("B"));
}

proptest! {
    #[test]
    fn without_groups_everything_is_denied(
        action in prop::sample::select(&Action::ALL[..]),
        resource in prop::sample::select(&["connection", "table:SHOP.PUBLIC.PAYMENTS", "table:A", "tool:read_query"][..]),
    ) {
        thread_local!(static POLICIES: Policies = policies());
        let decision = POLICIES.with(|policies| decide(policies, &[], &[(action, resource)]));
        prop_assert_eq!(decision.effect, Effect::Deny);
        prop_assert!(decision.rules.is_empty());
    }

    #[test]
    fn any_names_are_decided(group in ".{0,12}", table in prop::collection::vec(".{0,8}", 0..4), tool in ".{0,12}") {
        thread_local!(static POLICIES: Policies = policies());
        let name = connection("snowflake");
        let asks = vec![
            (Action::Read, Resource::Table { connection: name.clone(), table: TableName(table) }),
            (Action::CallTool, Resource::Tool { connection: name.clone(), tool }),
        ];
        let request = Request { connection: &name, asks, reason: Some(&group), client_ip: [10, 0, 0, 1].into() };
        let decision = POLICIES.with(|policies| policies.decide(&person(&group, &["ci", &group]), &request));
        prop_assert_eq!(decision.effect, Effect::Deny);
    }
}
