//! Dependencies between crates go one way (design, "Layout"), and some crates come in nowhere.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

fn metadata() -> Metadata {
    MetadataCommand::new()
        .other_options(["--locked".to_owned(), "--offline".to_owned()])
        .exec()
        .expect("cargo metadata")
}

/// What each of our crates uses of ours, dev-dependencies aside; optional ones in their own map.
fn edges(metadata: &Metadata, optional: bool) -> BTreeMap<String, BTreeSet<String>> {
    let ours: BTreeSet<_> = metadata.workspace_packages().iter().map(|package| package.name.to_string()).collect();
    let of = |package: &cargo_metadata::Package| {
        package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind != DependencyKind::Development && dependency.optional == optional)
            .map(|dependency| dependency.name.to_string())
            .filter(|name| ours.contains(name))
            .collect()
    };
    metadata.workspace_packages().into_iter().map(|package| (package.name.to_string(), of(package))).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| format!("hoop-{name}")).collect()
}

#[test]
fn clients_know_only_the_contract() {
    let edges = edges(&metadata(), false);
    // The agent signs its receipts in the trail's formats.
    let mut with_audit = set(&["model", "wire", "tunnel", "telemetry", "audit"]);
    assert!(edges["hoop-agent"].is_subset(&with_audit), "hoop-agent uses {:?}", edges["hoop-agent"]);
    with_audit.extend(set(&["evidence"]));
    assert!(edges["hoopctl"].is_subset(&with_audit), "hoopctl uses {:?}", edges["hoopctl"]);
}

#[test]
fn only_the_all_in_one_and_the_tests_see_everything() {
    let metadata = metadata();
    let meeting = ["hoop-dev", "hoop-tests", "hoopctl"];
    for (name, uses) in edges(&metadata, false).into_iter().chain(edges(&metadata, true)) {
        if !meeting.contains(&name.as_str()) {
            let forbidden = ["hoop-gateway", "hoop-agent", "hoopctl", "hoop-dev", "hoop-tests"];
            let met: Vec<_> = forbidden.iter().filter(|other| uses.contains(**other)).collect();
            assert!(met.is_empty(), "{name} uses {met:?}");
        }
    }
}

/// What is forwarded is records; how they lie on disk, and what made them, is others' matter.
#[test]
fn forwarding_knows_records_alone() {
    let edges = edges(&metadata(), false);
    assert_eq!(edges["hoop-siem"], set(&["model", "audit"]));
    let users: Vec<_> = edges.iter().filter(|(_, uses)| uses.contains("hoop-siem")).map(|(name, _)| name).collect();
    assert_eq!(users, ["hoop-gateway"]);
}

/// What is archived is segments and heads as the trail's format has them; where they lie is others' matter.
#[test]
fn archiving_knows_the_format_alone() {
    let edges = edges(&metadata(), false);
    assert_eq!(edges["hoop-archive"], set(&["model", "audit"]));
    let users: Vec<_> = edges.iter().filter(|(_, uses)| uses.contains("hoop-archive")).map(|(name, _)| name).collect();
    assert_eq!(users, ["hoop-gateway"]);
}

/// What is reviewed is records, and time comes with them.
#[test]
fn the_review_knows_records_alone() {
    assert_eq!(edges(&metadata(), false)["hoop-review"], set(&["model", "audit"]));
}

/// Who checks evidence runs none of what made it.
#[test]
fn evidence_knows_records_alone() {
    let edges = edges(&metadata(), false);
    assert_eq!(edges["hoop-evidence"], set(&["model", "audit"]));
    let users: Vec<_> = edges.iter().filter(|(_, uses)| uses.contains("hoop-evidence")).map(|(name, _)| name).collect();
    assert_eq!(users, ["hoopctl"]);
}

#[test]
fn model_is_below_all() {
    assert_eq!(edges(&metadata(), false)["hoop-model"], BTreeSet::new());
}

/// The pure cores: no runtime, no sockets.
#[test]
fn pure_crates_use_no_runtime() {
    let metadata = metadata();
    let cores = ["model", "wire", "mcp", "snowflake", "sql", "policy", "approval", "audit", "review", "evidence"];
    let cores = set(&cores);
    for name in cores.into_iter().chain(["masking".to_owned()]) {
        let package = metadata.workspace_packages().into_iter().find(|package| package.name == name).expect("present");
        for dependency in package.dependencies.iter().filter(|one| one.kind != DependencyKind::Development) {
            let forbidden = ["tokio", "quinn", "hyper", "reqwest", "axum", "sqlx"];
            assert!(!forbidden.contains(&dependency.name.as_str()), "{name} uses {}", dependency.name);
        }
    }
}

/// What is really built: `cargo metadata` also lists crates that only an unused feature would bring.
#[test]
fn one_tls_stack_one_provider_one_sqlite() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let tree = std::process::Command::new(cargo)
        .args(["tree", "--workspace", "--all-features", "--edges", "normal,build", "--prefix", "none", "--locked"])
        .args(["--offline", "--target", "x86_64-unknown-linux-gnu", "--format", "{p}"])
        .output()
        .expect("cargo tree");
    let text = String::from_utf8(tree.stdout).expect("text");
    let built: BTreeSet<(&str, &str)> = text.lines().filter_map(|line| line.split_once(' ')).collect();
    assert!(built.len() > 100, "{}", String::from_utf8_lossy(&tree.stderr));
    for banned in ["ring", "openssl-sys", "native-tls", "rusqlite", "async-std"] {
        assert!(!built.iter().any(|(name, _)| *name == banned), "{banned} came in");
    }
    for single in ["libsqlite3-sys", "rustls", "aws-lc-rs", "reqwest", "hyper", "tokio"] {
        let versions: BTreeSet<_> = built
            .iter()
            .filter(|(name, _)| *name == single)
            .filter_map(|(_, rest)| rest.split_whitespace().next())
            .collect();
        assert_eq!(versions.len(), 1, "{single} in {versions:?}");
    }
}
