//! Logging in against a certified identity provider, people through a real browser, CI jobs with their tokens.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
};

use hoop_dev::client;
use hoop_tests::{Finished, Program, Site, site};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

fn listener(site: &Site, user: &str, connection: &str) -> (Program, Value) {
    let mut program = Program::start(site.hoopctl(user).args(["connect", connection, "--output", "json"]));
    let ready = program.json_line();
    assert_eq!(ready["kind"], "connect", "{ready}");
    (program, ready)
}

fn whoami(site: &Site, user: &str) -> Value {
    site.run(user, &["whoami", "--output", "json"]).ok().json()
}

#[track_caller]
fn refused(finished: &Finished, exit: i32, code: &str, words: &str) {
    let all = format!("stdout: {}\nstderr: {}", finished.stdout, finished.stderr);
    assert_eq!(finished.code, Some(exit), "{all}");
    let document = finished.json();
    assert_eq!((&document["kind"], &document["exit"]), (&json!("error"), &json!(exit)), "{all}");
    assert_eq!(document["code"], code, "{all}");
    assert!(finished.stderr.contains(words), "{all}");
}

#[test]
fn a_person_logs_in_works_and_logs_out() {
    let site = Site::with_agent();
    let login = site.login("alice").ok().json();
    assert_eq!((&login["kind"], &login["principal"]["subject"]["sub"]), (&"login".into(), &"alice".into()));

    let me = whoami(&site, "alice");
    assert_eq!(me["principal"]["subject"], json!({ "issuer": site.issuer(), "sub": "alice" }));
    assert_eq!(me["principal"]["groups"], json!(["engineers", "payments"]));
    assert_eq!((&me["admin"], &whoami(&site, "carol")["admin"]), (&json!(false), &json!(true)));

    let connections = site.run("alice", &["connections", "--output", "json"]).ok().json();
    let names: Vec<_> =
        connections["connections"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["tools", "warehouse"]);
    assert!(site.run("carol", &["connections", "--output", "json"]).ok().stdout.contains("[]"), "no policy lets her");

    let runtime = Runtime::new().unwrap();
    let (warehouse, ready) = listener(&site, "alice", "warehouse");
    let rows = runtime.block_on(async {
        let address = ready["address"].as_str().unwrap().parse().unwrap();
        let mut client = client::snowflake::Client::connect(address, ready["secret"].as_str().unwrap()).await.unwrap();
        client.query("SELECT card_number FROM payments WHERE id = 1").await.unwrap()
    });
    let card = rows.rows[0][0].clone().unwrap();
    assert!(card.contains("******"), "{card}");

    let (tools, ready) = listener(&site, "alice", "tools");
    let said = runtime.block_on(async {
        let address = ready["address"].as_str().unwrap().parse().unwrap();
        let mut client = client::mcp::Client::connect(address, ready["secret"].as_str().unwrap()).await.unwrap();
        client.call("echo", json!({ "text": "to 4111111111111111" })).await.unwrap()
    });
    assert_eq!(said.pointer("/content/0/text"), Some(&json!("to 411111******1111")));

    let logout = site.run("alice", &["logout", "--output", "json"]).ok().json();
    assert_eq!((&logout["ended_at_gateway"], &logout["ended_at_provider"]), (&json!(true), &json!(true)), "{logout}");
    refused(&site.run("alice", &["whoami", "--output", "json"]), 4, "not_logged_in", "hoopctl login");
    // The listeners go with the login.
    assert_eq!(warehouse.finish().code, Some(4));
    assert_eq!(tools.finish().code, Some(4));
}

/// Signing keys change, logins go on; who is disabled at the provider gets no further.
#[test]
fn a_login_is_renewed_over_new_keys_until_the_person_is_gone() {
    let site = Site::start();
    site.login("alice").ok();
    let first = whoami(&site, "alice")["session_expires_at"].clone();
    for rotation in ["/test/rotate?keep", "/test/rotate"] {
        let kids = site.hook(rotation)["kids"].as_array().unwrap().len();
        assert_eq!(kids, if rotation.ends_with("keep") { 4 } else { 2 });
        // The gateway fetches keys at most every ten seconds; until then a token of the new ones is refused.
        site.wait_for("the gateway to have the new keys", |site| {
            let login = site.login("bob");
            if login.code != Some(0) {
                refused(&login, 4, "token_signature", "log in again");
            }
            login.code == Some(0)
        });
        assert_eq!(whoami(&site, "bob")["principal"]["groups"], json!(["approvers"]));
        site.age_login("alice");
        assert_ne!(whoami(&site, "alice")["session_expires_at"], first, "renewed after {rotation}");
    }
    site.hook("/test/disable?sub=alice");
    whoami(&site, "alice");
    site.age_login("alice");
    refused(&site.run("alice", &["whoami", "--output", "json"]), 4, "not_logged_in", "does not renew it");
    refused(&site.run("alice", &["connections", "--output", "json"]), 4, "not_logged_in", "hoopctl login");
    assert_eq!(whoami(&site, "bob")["principal"]["subject"]["sub"], "bob", "others are not touched");
    site.hook("/test/enable?sub=alice");
    site.login("alice").ok();
    whoami(&site, "alice");
}

#[test]
fn a_workload_logs_in_with_a_token_once() {
    let site = Site::with_agent();
    let token = site.workload_token("sub=ci&repository_id=4711");
    let login = site.login_workload("nightly", &token).ok().json();
    assert_eq!(login["principal"]["kind"], "workload");
    assert_eq!(login["principal"]["groups"], json!(["ci"]));
    assert_eq!(whoami(&site, "nightly")["principal"]["subject"], login["principal"]["subject"]);
    // A variable holds one token: nothing renews this login, so a session ends with it.
    assert!(site.run("nightly", &["whoami"]).ok().stdout.contains(", not renewed"));
    let (_warehouse, ready) = listener(&site, "nightly", "warehouse");
    assert_eq!(ready["ends_at"], login["expires_at"]);
    let rows = Runtime::new().unwrap().block_on(async {
        let address = ready["address"].as_str().unwrap().parse().unwrap();
        let mut client = client::snowflake::Client::connect(address, ready["secret"].as_str().unwrap()).await.unwrap();
        client.query("SELECT id FROM payments").await.unwrap()
    });
    assert_eq!(rows.rows.len(), 50);

    refused(&site.login_workload("thief", &token), 4, "token_already_used", "already used");
    refused(&site.run("thief", &["whoami", "--output", "json"]), 4, "not_logged_in", "hoopctl login");
    let elsewhere = site.workload_token("sub=ci&repository_id=4711&aud=https://elsewhere.test");
    refused(&site.login_workload("wrong", &elsewhere), 4, "token_audience", "log in again");
    let other = site.workload_token("sub=ci&repository_id=666");
    refused(&site.login_workload("wrong", &other), 3, "workload_not_trusted", "no trust rule");
    let expired = site.workload_token("sub=ci&repository_id=4711&ttl=-600");
    refused(&site.login_workload("wrong", &expired), 4, "token_expired", "log in again");
    refused(&site.login_workload("wrong", "not-a-token"), 1, "workload_token", "no JSON Web Token");

    site.age_login("nightly");
    refused(&site.run("nightly", &["whoami", "--output", "json"]), 4, "not_logged_in", "--workload");
}

#[test]
fn github_actions_is_asked_for_the_gateways_audience() {
    let site = Site::start();
    let platform = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/token?api-version=2.0", platform.local_addr().unwrap());
    let issuer = site.issuer().to_owned();
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = platform.accept().unwrap();
        let head: Vec<_> =
            BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
        let token = site::get_json(&issuer, "/test/token?sub=ci&repository_id=4711");
        let body = json!({ "value": token["token"], "count": 1 }).to_string();
        write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        head
    });
    let login = Finished::of(
        site.login_command("job")
            .arg("--workload=github")
            .env("ACTIONS_ID_TOKEN_REQUEST_URL", url)
            .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "request-token"),
    );
    assert_eq!(login.ok().json()["principal"]["groups"], json!(["ci"]));
    let asked = asked.join().unwrap();
    assert!(asked[0].contains("api-version=2.0&audience=https%3A%2F%2Fgateway.test "), "{asked:?}");
    assert!(asked.iter().any(|line| line.to_lowercase() == "authorization: bearer request-token"), "{asked:?}");
    assert_eq!(whoami(&site, "job")["principal"]["kind"], "workload");
}

#[test]
fn a_workload_decides_nothing() {
    let site = Site::with_agent();
    site.login("alice").ok();
    site.login_workload("release", &site.workload_token("sub=ci&repository_id=4712")).ok();
    let (_tools, ready) = listener(&site, "alice", "tools");
    let runtime = Runtime::new().unwrap();
    let held = runtime.spawn(async move {
        let address = ready["address"].as_str().unwrap().parse().unwrap();
        let mut client = client::mcp::Client::connect(address, ready["secret"].as_str().unwrap()).await.unwrap();
        client.call("delete_payment", json!({ "id": 1 })).await
    });
    let pending = |site: &Site| {
        let requests = site.run("alice", &["requests", "--output", "json"]).ok().json();
        requests["requests"].as_array().unwrap().first().cloned()
    };
    site.wait_for("a request", |site| pending(site).is_some());
    let id = pending(&site).unwrap()["request"]["id"].as_str().unwrap().to_owned();
    refused(
        &site.run("release", &["approve", &id, "--output", "json"]),
        3,
        "workload_cannot_approve",
        "a workload cannot decide",
    );
    site.run("alice", &["requests", "withdraw", &id]).ok();
    let outcome = runtime.block_on(held).unwrap();
    assert!(format!("{outcome:?}").contains("withdrawn"), "{outcome:?}");
}
