//! Renewal of a live tunnel against the gateway itself.
#![cfg(feature = "dev")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod live;

use hoop_dev::client::{ClientError, snowflake::Client};
use live::Live;

/// Who loses a group at the identity provider loses with the next renewal what it gave, in sessions that are open.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_lost_is_lost_in_an_open_session() {
    const ROWS: &str = "SELECT id FROM payments WHERE id = 1";
    let live = Live::start(None).await;
    let (gateway, credentials) = live.log_in("alice").await;
    let open = live.open(&gateway, "snowflake").await;
    let mut client = Client::connect(open.address, open.secret.expose()).await.unwrap();
    client.query(ROWS).await.unwrap();

    let credentials = gateway.renew(&live.context("alice"), &credentials).await.unwrap();
    client.query(ROWS).await.unwrap();

    live.stack.issuer().set_groups("alice", &["interns"]);
    let renewed = gateway.renew(&live.context("alice"), &credentials).await.unwrap();
    assert!(!renewed.principal.groups.iter().any(|group| group.0 == "engineers"));
    match client.query(ROWS).await {
        Err(ClientError::Refused { text, .. }) => assert!(text.contains("refused by policy"), "{text}"),
        other => panic!("rows for somebody without a group: {other:?}"),
    }
    assert_eq!(live.trail().matches("\"event\":\"renewal\"").count(), 2);
}
