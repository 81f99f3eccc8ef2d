//! Who sees card numbers: only under a policy with group, need and end, for a reason, and for all of a request.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod people;

use hoop_model::{Action, ConnectionKind, Decision, Effect, Principal, Resource, Reveal, TableName};
use hoop_policy::{Policies, Request, TableGroup};
use people::{connection, person, workload};

const PAGE: &str = include_str!("../../docs/masking.md");

/// Two needs over the payment tables, one of them longer and approved; everybody of the groups may read.
const POLICY: &str = r#"
    @id("read") permit (principal, action in [Action::"connect", Action::"read", Action::"call_tool"], resource);
    @id("chargebacks") @reveal("chargebacks, CHD-7") @until("2027-03-31")
    permit (principal in Group::"fraud", action == Action::"read", resource in TableGroup::"payments");
    @id("audit") @reveal("yearly audit") @until("2027-06-30T12:00:00Z")
    permit (principal is Person in Group::"auditors", action == Action::"read", resource in TableGroup::"payments");
    @id("audit-customers") @reveal("audit of customers") @until("2027-01-31")
    permit (principal in Group::"auditors", action == Action::"read", resource in TableGroup::"customers");
    @id("call") @reveal("chargebacks by tool") @until("2027-02-28")
    permit (principal in Group::"fraud", action == Action::"call_tool", resource == Tool::"snowflake/read_query");
"#;

fn policies(text: &str) -> Policies {
    let group = |name: &str, pattern: &str| TableGroup { name: name.into(), patterns: vec![pattern.into()] };
    let groups = [group("payments", "*.*.PAYMENTS"), group("customers", "*.*.CUSTOMERS")];
    Policies::compile(text, &groups).unwrap_or_else(|error| panic!("{error}"))
}

fn table(name: &str) -> (Action, Resource) {
    let table = TableName(vec!["S".into(), "PUBLIC".into(), name.into()]);
    (Action::Read, Resource::Table { connection: connection("snowflake"), table })
}

fn tool(name: &str) -> (Action, Resource) {
    (Action::CallTool, Resource::Tool { connection: connection("snowflake"), tool: name.into() })
}

fn decide(policies: &Policies, principal: &Principal, asks: &[(Action, Resource)], reason: Option<&str>) -> Decision {
    let connection = connection("snowflake");
    let client_ip = [127, 0, 0, 1].into();
    policies.decide(principal, &Request { connection: &connection, asks: asks.to_vec(), reason, client_ip })
}

fn revealed(groups: &[&str], asks: &[(Action, Resource)]) -> Option<Reveal> {
    let decision = decide(&policies(POLICY), &person("alice", groups), asks, Some("INC-1"));
    assert_eq!(decision.effect, Effect::Allow);
    decision.obligations.reveal
}

fn reveal(rules: &[(&str, &str)], until: &str) -> Option<Reveal> {
    Some(Reveal {
        rules: rules.iter().map(|(rule, _)| (*rule).to_owned()).collect(),
        needs: rules.iter().map(|(_, need)| (*need).to_owned()).collect(),
        until: until.parse().unwrap(),
    })
}

#[test]
fn a_group_with_a_need_sees_what_the_policy_names() {
    let chargebacks = reveal(&[("chargebacks", "chargebacks, CHD-7")], "2027-04-01T00:00:00Z");
    assert_eq!(revealed(&["fraud"], &[table("PAYMENTS")]), chargebacks);
    assert_eq!(revealed(&["fraud"], &[table("CUSTOMERS")]), None);
    assert_eq!(revealed(&["engineers"], &[table("PAYMENTS")]), None);
    assert_eq!(revealed(&[], &[table("PAYMENTS")]), None);
}

/// Of several permits for one part, the one that lasts longest.
#[test]
fn of_several_policies_the_latest_end_counts() {
    let audit = reveal(&[("audit", "yearly audit")], "2027-06-30T12:00:00Z");
    assert_eq!(revealed(&["fraud", "auditors"], &[table("PAYMENTS")]), audit);
}

/// A statement that also reads what is not granted must not show cards of either.
#[test]
fn every_part_of_a_request_must_be_granted_and_the_earliest_end_counts() {
    let both = reveal(&[("audit", "yearly audit"), ("audit-customers", "audit of customers")], "2027-02-01T00:00:00Z");
    assert_eq!(revealed(&["auditors"], &[table("PAYMENTS"), table("CUSTOMERS")]), both);
    assert_eq!(revealed(&["auditors"], &[table("PAYMENTS"), table("ORDERS")]), None);
    assert_eq!(revealed(&["fraud"], &[table("CUSTOMERS"), table("PAYMENTS")]), None);
    // A call of a tool with a statement asks for the tool and for what the statement reads.
    let called =
        reveal(&[("call", "chargebacks by tool"), ("chargebacks", "chargebacks, CHD-7")], "2027-03-01T00:00:00Z");
    assert_eq!(revealed(&["fraud"], &[tool("read_query"), table("PAYMENTS")]), called);
    assert_eq!(revealed(&["fraud"], &[tool("other_query"), table("PAYMENTS")]), None);
    assert_eq!(revealed(&["fraud"], &[tool("read_query"), table("ORDERS")]), None);
}

/// A name that may be another table's is held and permitted as if it were the group's; it shows nothing.
#[test]
fn a_table_that_may_be_another_shows_nothing() {
    let group = TableGroup { name: "payments".into(), patterns: vec!["SHOP.PUBLIC.PAYMENTS".into()] };
    let of_all = |policy: &str, tables: &[&[&str]]| {
        let policies = Policies::compile(policy, std::slice::from_ref(&group)).unwrap();
        let table = |parts: &&[&str]| TableName(parts.iter().map(|&part| part.into()).collect());
        let asks = tables
            .iter()
            .map(|parts| (Action::Read, Resource::Table { connection: connection("snowflake"), table: table(parts) }));
        let asks: Vec<_> = asks.collect();
        let decision = decide(&policies, &person("alice", &["fraud"]), &asks, Some("INC-1"));
        (decision.effect, decision.obligations.reveal.is_some())
    };
    let of = |policy: &str, parts: &[&str]| of_all(policy, &[parts]);
    let grant = r#"@id("a") @reveal("x") @until("2027-03-31") permit (principal in Group::"fraud", action, resource"#;
    let within = format!(r#"{grant} in TableGroup::"payments");"#);
    assert_eq!(of(&within, &["SHOP", "PUBLIC", "PAYMENTS"]), (Effect::Allow, true));
    assert_eq!(of(&within, &["PUBLIC", "PAYMENTS"]), (Effect::Allow, false));
    assert_eq!(of(&within, &["PAYMENTS"]), (Effect::Allow, false));
    assert_eq!(of(&within, &["SHOP", "PUBLIC", "payments"]), (Effect::Allow, false));
    assert_eq!(of_all(&within, &[&["SHOP", "PUBLIC", "PAYMENTS"], &["PUBLIC", "PAYMENTS"]]), (Effect::Allow, false));
    let without = format!(r#"{grant}) unless {{ resource in TableGroup::"payments" }};"#);
    assert_eq!(of(&without, &["SHOP", "PUBLIC", "ORDERS"]), (Effect::Allow, true));
    assert_eq!(of(&without, &["PAYMENTS"]), (Effect::Deny, false));
    let forbidden = format!(
        r#"{grant}); @id("b") forbid (principal, action, resource) unless {{ resource in TableGroup::"payments" }};"#
    );
    assert_eq!(of(&forbidden, &["SHOP", "PUBLIC", "PAYMENTS"]), (Effect::Allow, true));
    assert_eq!(of(&forbidden, &["PAYMENTS"]), (Effect::Allow, false));
}

#[test]
fn without_a_reason_nothing_is_shown() {
    let policies = policies(POLICY);
    let of = |reason| decide(&policies, &person("alice", &["fraud"]), &[table("PAYMENTS")], reason).obligations.reveal;
    // In this order: what is remembered of one question must not answer another.
    assert!(of(Some("INC-1")).is_some());
    for reason in [None, Some(""), Some(" \t")] {
        assert_eq!(of(reason), None, "{reason:?}");
    }
    assert!(of(Some("INC-2")).is_some());
}

#[test]
fn a_denied_request_shows_nothing_and_a_held_one_says_what_it_will() {
    let held = format!(
        r#"{POLICY} @id("held") @approvers("leads") permit (principal, action == Action::"read", resource);
        @id("no-tools") forbid (principal, action == Action::"call_tool", resource);"#
    );
    let policies = policies(&held);
    let alice = person("alice", &["fraud"]);
    let decision = decide(&policies, &alice, &[table("PAYMENTS")], Some("INC-1"));
    assert_eq!(decision.effect, Effect::Hold);
    let reveal = decision.obligations.reveal.unwrap();
    assert_eq!(
        reveal.to_string(),
        "card numbers are shown in clear until 2027-04-01T00:00:00Z: chargebacks, CHD-7 (chargebacks)"
    );
    assert!(reveal.holds_at("2027-03-31T23:59:59Z".parse().unwrap()) && !reveal.holds_at(reveal.until));
    let denied = decide(&policies, &alice, &[table("PAYMENTS"), tool("read_query")], Some("INC-1"));
    assert_eq!((denied.effect, denied.obligations.reveal), (Effect::Deny, None));
}

#[test]
fn a_policy_for_people_shows_a_workload_nothing() {
    let policies = policies(POLICY);
    let of = |group: &str| {
        decide(&policies, &workload("repo:a", &[group]), &[table("PAYMENTS")], Some("INC-1")).obligations.reveal
    };
    assert!(of("fraud").is_some());
    assert_eq!(of("auditors"), None);
}

#[test]
fn the_person_is_told_what_is_shown_and_the_operator_which_policies_show() {
    let policies = policies(POLICY);
    let shown = |groups: &[&str], name: &str, kind| {
        let access = policies.describe(&person("alice", groups), &connection(name), kind);
        access.shown.into_iter().map(|shown| (shown.until.to_string(), shown.sentence)).collect::<Vec<_>>()
    };
    let sentence = |id: &str, need: &str, until: &str| {
        (until.to_owned(), format!("card numbers, with --reason, until {until}: {need} (policy {id})"))
    };
    let chargebacks = sentence("chargebacks", "chargebacks, CHD-7", "2027-04-01T00:00:00Z");
    let call = sentence("call", "chargebacks by tool", "2027-03-01T00:00:00Z");
    assert_eq!(shown(&["fraud"], "snowflake", ConnectionKind::Snowflake), std::slice::from_ref(&chargebacks));
    assert_eq!(shown(&["fraud"], "snowflake", ConnectionKind::Mcp), [call, chargebacks.clone()]);
    assert_eq!(shown(&["fraud"], "other", ConnectionKind::Mcp), [chargebacks], "the tool is another connection's");
    assert_eq!(shown(&["engineers"], "snowflake", ConnectionKind::Snowflake), []);
    let ids: Vec<_> = policies.reveals().map(|(id, _)| id).collect();
    assert_eq!(ids, ["audit", "audit-customers", "call", "chargebacks"]);
}

#[test]
fn the_page_of_masking_shows_a_policy_that_does_what_it_says() {
    let (_, rest) = PAGE.split_once("```cedar\n").unwrap();
    let policies = policies(rest.split_once("```").unwrap().0);
    let of = |groups: &[&str], asks: &[(Action, Resource)], reason| {
        decide(&policies, &person("alice", groups), asks, reason)
            .obligations
            .reveal
            .map(|reveal| reveal.until.to_string())
    };
    let until = Some("2027-04-01T00:00:00Z".to_owned());
    assert_eq!(of(&["fraud"], &[table("PAYMENTS")], Some("CHD-7")), until);
    assert_eq!(of(&["fraud"], &[tool("read_query"), table("PAYMENTS")], Some("CHD-7")), until);
    assert_eq!(of(&["fraud"], &[table("PAYMENTS"), table("ORDERS")], Some("CHD-7")), None);
    assert_eq!(of(&["fraud"], &[table("PAYMENTS")], None), None);
    assert_eq!(of(&["engineers"], &[table("PAYMENTS")], Some("CHD-7")), None);
}
