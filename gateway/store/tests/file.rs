//! What is particular to a database file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use hoop_model::AgentId;
use hoop_store::{Store, StoreError};
use sqlx::{Connection, Executor, SqliteConnection};

#[tokio::test(flavor = "multi_thread")]
async fn many_may_open_a_new_database_and_all_see_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gateway.sqlite");
    let openers: Vec<_> = (0..8)
        .map(|_| {
            let path = path.clone();
            tokio::spawn(async move { Store::open(&path).await.unwrap() })
        })
        .collect();
    let mut stores = Vec::new();
    for opener in openers {
        stores.push(opener.await.unwrap());
    }
    let later = "2030-01-01T00:00:00Z".parse().unwrap();
    stores[0].insert_join_token("aa", "dc-1", later).await.unwrap();
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    assert!(stores[7].redeem_join_token("aa", AgentId::new(), now).await.unwrap().is_some());
    drop(stores);
    assert_eq!(Store::open(&path).await.unwrap().agents().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_newer_database_and_a_broken_row_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gateway.sqlite");
    let store = Store::open(&path).await.unwrap();
    let mut raw = SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    raw.execute("INSERT INTO agents (id, name, created_at) VALUES ('agent-x', 'dc', 'yesterday')").await.unwrap();
    assert!(matches!(store.agents().await, Err(StoreError::Unreadable { .. })));
    raw.execute("PRAGMA user_version = 999").await.unwrap();
    assert!(matches!(Store::open(&path).await, Err(StoreError::Newer { found: 999, .. })));
}

#[tokio::test]
async fn what_is_no_database_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gateway.sqlite");
    std::fs::write(&path, "this is a text, and long enough to have a header of its own: ".repeat(40)).unwrap();
    assert!(matches!(Store::open(&path).await, Err(StoreError::Database(_))));
}
