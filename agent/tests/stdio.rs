//! Child processes through an agent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod fake;

use std::path::PathBuf;

use fake::{Agent, Gateway};
use hoop_agent::{ChildValue, SecretRef, StdioTarget, Target};
use hoop_model::{Retry, Secret};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};

fn child(command: &[&str]) -> Target {
    let environment = vec![
        ("MODE".to_owned(), ChildValue::Plain("ro".to_owned())),
        ("KEY".to_owned(), ChildValue::Secret(SecretRef::Held(Secret::new("s3cret".to_owned())))),
    ];
    let arguments = command[1..].iter().map(|argument| (*argument).to_owned()).collect();
    Target::McpStdio(StdioTarget { program: command[0].into(), arguments, environment })
}

#[tokio::test]
async fn a_child_is_joined_to_its_stream() {
    let mut gateway = Gateway::start().await;
    let _agent = Agent::start(&gateway, vec![("echo", child(&["/bin/cat"]))]);
    let link = gateway.link().await;
    let mut stream = link.stdio("echo").await.unwrap();
    for line in ["{\"id\":1}\n", "{\"id\":2}\n"] {
        stream.write_all(line.as_bytes()).await.unwrap();
        let mut back = vec![0; line.len()];
        stream.read_exact(&mut back).await.unwrap();
        assert_eq!(back, line.as_bytes());
    }
    // The end of its input ends the child, and the child's end the stream: cleanly.
    stream.write_all(b"last").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "last");
}

#[tokio::test]
async fn a_child_sees_only_its_own_environment() {
    let mut gateway = Gateway::start().await;
    let _agent = Agent::start(&gateway, vec![("env", child(&["/usr/bin/env"]))]);
    let link = gateway.link().await;
    let mut text = String::new();
    link.stdio("env").await.unwrap().read_to_string(&mut text).await.unwrap();
    let mut names: Vec<&str> = text.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    names.retain(|name| !["PATH", "HOME", "LANG"].contains(name));
    names.sort_unstable();
    assert_eq!(names, ["KEY", "MODE"]);
    assert!(text.contains("KEY=s3cret"));
}

#[tokio::test]
async fn a_dropped_stream_kills_the_child_and_its_children() {
    let mut gateway = Gateway::start().await;
    // Deaf to the end of input and to SIGTERM, with a child of its own.
    let script = "trap '' TERM; sleep 600 & echo $$ $!; while :; do wait; done";
    let _agent = Agent::start(&gateway, vec![("deaf", child(&["/bin/sh", "-c", script]))]);
    let link = gateway.link().await;
    let mut stream = BufReader::new(link.stdio("deaf").await.unwrap());
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    let processes: Vec<PathBuf> = line.split_whitespace().map(|id| PathBuf::from(format!("/proc/{id}"))).collect();
    assert_eq!(processes.len(), 2);
    assert!(processes.iter().all(|process| alive(process)));
    drop(stream);
    while processes.iter().any(|process| alive(process)) {
        tokio::task::yield_now().await;
    }
}

/// Dead but not yet waited for by its new parent counts as dead.
fn alive(process: &std::path::Path) -> bool {
    std::fs::read_to_string(process.join("stat"))
        .is_ok_and(|stat| stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z')))
}

#[tokio::test]
async fn a_program_that_cannot_be_started_is_a_clear_refusal() {
    let mut gateway = Gateway::start().await;
    let _agent = Agent::start(&gateway, vec![("none", child(&["/no/such/program"]))]);
    let fault = gateway.link().await.stdio("none").await.err().unwrap();
    assert_eq!((fault.code.as_ref(), fault.retry), ("upstream_unstartable", Retry::Safe));
    assert!(!fault.text.contains("/no/such/program"));
}
