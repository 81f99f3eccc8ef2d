//! `--remove` is the inverse of `--write`, for whatever people and clients have in their files.

#![allow(clippy::unwrap_used)]

mod awkward;
mod between;
mod refused;

use super::{
    client::shape,
    entry::{Entry, Start},
    plan::{self, State},
};
use crate::args::McpClient;

fn entry(client: McpClient, name: &str) -> Entry {
    at(client, name, "/opt/hoop/bin/hoopctl", None)
}

fn at(client: McpClient, name: &str, command: &str, context: Option<&str>) -> Entry {
    Entry::new(name, name, &Start { command, context, config_dir: None }, Some(client))
}

fn file(text: &str) -> State {
    State { file: Some(text.to_owned()), backup: None }
}

fn write(client: McpClient, state: &State, names: &[&str]) -> State {
    let entries: Vec<_> = names.iter().map(|name| entry(client, name)).collect();
    plan::write(shape(Some(client)), state, &entries).unwrap()
}

fn remove(client: McpClient, state: &State, names: &[&str]) -> State {
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    plan::remove(shape(Some(client)), state, &names).unwrap()
}

/// In every order, and in between: what one write added goes, and the other's stays.
fn holds(client: McpClient, before: &State) {
    let a = write(client, before, &["pay"]);
    let both = write(client, &a, &["ledger"]);
    assert_eq!(write(client, &both, &["ledger", "pay"]), both, "a second run changes something");
    assert_eq!(both.backup, before.file);
    assert_eq!(remove(client, &a, &["pay"]), *before);
    assert_eq!(remove(client, &both, &["ledger"]), a);
    assert_eq!(remove(client, &both, &["pay", "ledger"]), *before);
    let ledger = remove(client, &both, &["pay"]);
    assert_eq!(ledger, write(client, before, &["ledger"]));
    assert_eq!(remove(client, &ledger, &["ledger"]), *before);
    assert_eq!(remove(client, before, &["pay"]), *before);
    let (old, new) = (before.text(), both.text());
    let mut rest = new.chars();
    assert!(old.chars().all(|c| rest.any(|there| there == c)), "more than added:\n{old}\n---\n{new}");
}
