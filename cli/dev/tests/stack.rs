//! The all-in-one comes up whole and goes down in order.

#![allow(clippy::unwrap_used)]

use hoop_dev::stack::{Stack, StackOptions};

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_starts_with_its_agent_connected_and_stops() {
    let dir = tempfile::tempdir().unwrap();
    let options = StackOptions { data_dir: dir.path().join("data"), ..StackOptions::default() };
    let stack = Stack::start(options).await.unwrap();
    assert!(stack.gateway.ip().is_loopback());
    let names: Vec<_> = stack.connections.iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(names, ["snowflake", "mcp"]);
    stack.stop().await;
    assert!(dir.path().join("data/gateway/trail").exists());
}
