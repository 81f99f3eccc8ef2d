//! An MCP call that waits longer than its client can: it returns with what to do, and runs when it is repeated.
#![cfg(feature = "dev")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod live;

use hoop_dev::client::mcp::Client;
use live::Live;
use serde_json::{Value, json};

fn text(result: &Value) -> String {
    result["content"][0]["text"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_waits_too_long_says_what_to_do_and_runs_when_repeated() {
    let live = Live::start(Some(1)).await;
    let (alice, _) = live.log_in("alice").await;
    let (bob, _) = live.log_in("bob").await;
    let open = live.open(&alice, "mcp").await;
    let mut client = Client::connect(open.address, open.secret.expose()).await.unwrap();
    let payment = json!({ "id": 5 });

    let told = client.call("delete_payment", payment.clone()).await.unwrap();
    let waiting: Value = bob.get("/v1/requests").await.unwrap();
    let id = waiting.pointer("/requests/0/request/id").unwrap().as_str().unwrap().to_owned();
    assert!(told["isError"] == true && text(&told).contains(&format!("hoopctl approve {id}")), "{told}");
    let payments = client.call("find_payment", payment.clone()).await.unwrap();
    assert_ne!(payments["isError"], true, "nothing has run: {payments}");

    // Another call is another request; what was approved is not spent on it.
    let reason = json!({ "reason": "ticket OPS-11" });
    let _: Value = bob.post(&format!("/v1/requests/{id}/approve"), &reason).await.unwrap();
    let other = client.call("delete_payment", json!({ "id": 6 })).await.unwrap();
    assert!(other["isError"] == true && !text(&other).contains(&id), "{other}");

    let done = client.call("delete_payment", payment.clone()).await.unwrap();
    assert_ne!(done["isError"], true, "{done}");
    let again = client.call("delete_payment", payment).await.unwrap();
    assert!(again["isError"] == true && text(&again).contains("waits for approval"), "it ran a second time: {again}");
}
