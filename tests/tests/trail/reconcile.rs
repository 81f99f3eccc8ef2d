//! Snowflake's own history against the trail.

use std::fs;

use hoop_dev::client::snowflake::Client;
use hoop_model::{Clock, SystemClock};
use hoop_tests::{Listener, Site};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Queries of one session; then what the stand-in says it ran, as QUERY_HISTORY has it.
fn queried(site: &Site) -> Vec<Value> {
    let listener = Listener::start(&mut site.hoopctl("alice"), "warehouse");
    Runtime::new().unwrap().block_on(async {
        let mut client = Client::connect(listener.address().parse().unwrap(), listener.secret()).await.unwrap();
        client.query("SELECT id, amount FROM payments WHERE id < 4").await.unwrap();
        client.query("SELECT count(*) FROM products").await.unwrap();
        assert!(client.query("SELECT nothing FROM nowhere").await.is_err());
    });
    let at = SystemClock.now().to_string();
    let row = |executed: hoop_dev::snowflake::Executed| {
        json!({
            "QUERY_ID": executed.query_id, "USER_NAME": executed.user, "QUERY_TAG": executed.tag, "START_TIME": at,
        })
    };
    site.snowflake().statements().into_iter().map(row).collect()
}

#[test]
fn what_went_round_the_gateway_is_named() {
    let site = Site::with_agent();
    site.login("alice").ok();
    let through = queried(&site);
    assert_eq!(through.len(), 3, "{through:?}");
    let file = site.path("history.json");
    let reconcile = |rows: &[Value], more: &[&str]| {
        fs::write(&file, json!(rows).to_string()).unwrap();
        let mut command = site.hoopctl("carol");
        command.args(["--output", "json", "audit", "reconcile", "--connection", "warehouse", "--history"]).arg(&file);
        let done = hoop_tests::Finished::of(command.args(more));
        (done.code, done.json()["reconciled"].clone())
    };
    let (code, all) = reconcile(&through, &[]);
    assert_eq!((code, &all["by_query_id"], &all["unknown"]), (Some(0), &3.into(), &json!([])), "{all}");

    // Somebody with the agent's credentials; and somebody who knows what a tag looks like, at another time.
    let mut round = through.clone();
    round.push(json!({ "QUERY_ID": "elsewhere", "USER_NAME": "SVC_HOOP", "START_TIME": through[0]["START_TIME"] }));
    let tag = &through[0]["QUERY_TAG"];
    round.push(json!({
        "QUERY_ID": "forged", "USER_NAME": "SVC_HOOP", "START_TIME": "2026-01-01T00:00:00Z", "QUERY_TAG": tag,
    }));
    let (code, found) = reconcile(&round, &["--user", "svc_hoop"]);
    assert_eq!(code, Some(9), "{found}");
    let ids: Vec<_> = found["round"].as_array().unwrap().iter().map(|query| query["query_id"].clone()).collect();
    assert_eq!(ids, ["elsewhere", "forged"]);
    assert_eq!(reconcile(&round, &["--user", "somebody_else"]).0, Some(0));

    // Of one of several statements sent together Snowflake has an id that no answer named.
    let mut child = through[0].clone();
    child["QUERY_ID"] = "child".into();
    let (code, tagged) = reconcile(&[&through[..], &[child]].concat(), &[]);
    assert_eq!((code, &tagged["by_tag"]), (Some(0), &1.into()), "{tagged}");

    let logins = site.path("logins.csv");
    let at = through[0]["START_TIME"].as_str().unwrap();
    let header = "USER_NAME,CLIENT_IP,REPORTED_CLIENT_TYPE,EVENT_TIMESTAMP,IS_SUCCESS\n";
    let rows = format!("{header}SVC_HOOP,192.0.2.7,OTHER,{at},YES\nSVC_HOOP,198.51.100.9,PYTHON_DRIVER,{at},YES\n");
    fs::write(&logins, rows).unwrap();
    let (code, from) = reconcile(&through, &["--logins", logins.to_str().unwrap(), "--agent-ip", "192.0.2.7"]);
    assert_eq!((code, &from["logins"]), (Some(9), &1.into()), "{from}");
    assert_eq!(from["round_logins"][0]["client_ip"], "198.51.100.9");

    fs::write(&file, "QUERY_ID,USER_NAME,START_TIME\nx,SVC_HOOP,yesterday\n").unwrap();
    let mut command = site.hoopctl("carol");
    command.args(["audit", "reconcile", "--connection", "warehouse", "--history"]).arg(&file);
    let bad = hoop_tests::Finished::of(&mut command);
    assert!(bad.code == Some(2) && bad.stderr.contains("row 1 has a START_TIME"), "{}", bad.stderr);
}
