//! What a lying upstream answers, and what becomes of it.

use std::sync::Arc;

use hoop_tests::{Raw, Stack, cards};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::{
    NEVER,
    crooked::{Crooked, Said, gzip, rows},
    refused,
};

struct Scene {
    crooked: Crooked,
    /// Somewhere that nobody may be led to.
    elsewhere: Crooked,
    stack: Stack,
    talk: Raw,
    token: String,
}

fn scene() -> Scene {
    let runtime = Arc::new(Runtime::new().unwrap());
    let (crooked, elsewhere) = (Crooked::start(&runtime), Crooked::start(&runtime));
    let stack = Stack::with(&["--snowflake", &crooked.url("")]);
    let talk = Raw::open(&stack, "alice", &runtime, &NEVER);
    let (token, _) = talk.tokens();
    Scene { crooked, elsewhere, stack, talk, token }
}

impl Scene {
    /// The statement that has this answer.
    fn answered(&self, name: &str, said: Said) -> Value {
        let sql = format!("SELECT '{name}'");
        self.crooked.says(|script| drop(script.answers.insert(sql.clone(), said)));
        self.talk.query(&self.token, &sql)
    }

    fn fine(&self) {
        let fine = self.talk.query(&self.token, "SELECT 'fine'");
        assert_eq!(fine["data"]["rowset"], json!([["fine"]]), "{fine}");
    }
}

fn success(data: Value) -> Said {
    Said::json(&json!({ "success": true, "data": data, "code": null, "message": null }))
}

/// `data` of one text column with these members besides, or in place of its own.
fn with(members: Value) -> Said {
    let mut data = rows("[]");
    data.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    success(data)
}

#[test]
fn answers_that_cannot_be_read_are_blocked() {
    let scene = scene();
    let card = json!([[cards::VISA]]);
    let stage = json!({ "locationType": "S3", "creds": { "AWS_KEY_ID": "UPSTREAMONLY" } });
    let whole = json!({ "success": true, "data": rows("[[\"x\"]]") }).to_string();
    let mut broken_off = Said::bytes(&whole[..40]);
    broken_off.breaks_off = true;
    let cases: Vec<(&str, Said)> = vec![
        ("rows under another name", with(json!({ "rowset": null, "rows2": card }))),
        ("rows in an object of another name", with(json!({ "extra": { "rowset": card } }))),
        ("a url under another name", with(json!({ "resultUrl": "https://storage.example/UPSTREAMONLY" }))),
        ("long text under another name", with(json!({ "note": format!("{}{}", cards::VISA, " ".repeat(80)) }))),
        ("rows in two forms", with(json!({ "rowset": card, "rowsetBase64": "NDExMTExMTExMTExMTExMQ==" }))),
        ("rows that are no list", with(json!({ "rowset": { "0": [cards::VISA] } }))),
        ("rows that are text", with(json!({ "rowset": cards::VISA }))),
        ("a row that is no list", with(json!({ "rowset": [cards::VISA] }))),
        ("a cell that is a list", with(json!({ "rowset": [[[cards::VISA]]] }))),
        ("a row of more cells than columns", with(json!({ "rowset": [["x", cards::VISA]] }))),
        ("a row of fewer cells than columns", with(json!({ "rowset": [[]] }))),
        ("Arrow that is no base64", with(json!({ "rowset": null, "rowsetBase64": "%%%%" }))),
        ("Arrow that is no Arrow", with(json!({ "rowset": null, "rowsetBase64": "NDExMTExMTExMTExMTExMQ==" }))),
        ("Arrow that is a number", with(json!({ "rowset": null, "rowsetBase64": 4111 }))),
        ("chunks that are text", with(json!({ "chunks": "https://storage.example/UPSTREAMONLY" }))),
        ("a chunk without a url", with(json!({ "chunks": [{ "rowCount": 1 }] }))),
        ("a chunk without a count", with(json!({ "chunks": [{ "url": "http://127.0.0.1/x" }] }))),
        ("a chunk of a negative count", with(json!({ "chunks": [{ "url": "http://127.0.0.1/x", "rowCount": -1 }] }))),
        (
            "chunks of an unknown form",
            with(json!({ "queryResultFormat": "csv", "chunks": [{ "url": "http://127.0.0.1/x", "rowCount": 1 }] })),
        ),
        ("no JSON", Said::bytes("<html>UPSTREAMONLY 4111111111111111</html>")),
        ("half of the JSON", Said::bytes(&whole[..whole.len() / 2])),
        ("a list", Said::bytes("[\"4111111111111111\"]")),
        ("data that is text", success(json!(cards::VISA))),
        ("nothing at all", Said::bytes("")),
        ("gzip that is none", {
            let mut said = Said::bytes([&[0x1f, 0x8b][..], cards::VISA.as_bytes()].concat());
            said.headers.push(("content-encoding", "gzip".to_owned()));
            said
        }),
        ("gzip that inflates to 300 MiB", Said::gzip(&vec![b' '; 300 << 20])),
        ("half of a gzip", Said::bytes(&gzip(whole.as_bytes())[..30])),
        ("in progress without saying where", Said::json(&json!({ "success": true, "code": "333333", "data": {} }))),
        (
            "in progress at another host",
            Said::json(&json!({
                "success": true, "code": "333333", "data": { "getResultUrl": scene.elsewhere.url("/queries/x/result") },
            })),
        ),
        ("an answer that breaks off", broken_off),
        ("HTTP 403", Said::status(403, cards::VISA)),
        ("HTTP 500", Said::status(500, cards::VISA)),
        ("a redirect", Said::redirect(&scene.elsewhere.url("/queries/v1/query-request"))),
    ];
    let count = cases.len();
    for (name, said) in cases {
        let answer = scene.answered(name, said);
        assert_eq!((&answer["success"], answer["data"].get("rowset")), (&false.into(), None), "{name}: {answer}");
        assert!(!answer["message"].as_str().unwrap().is_empty(), "{name}: {answer}");
    }
    for (name, value) in [("stageInfo", stage), ("command", json!("UPLOAD")), ("src_locations", json!(["/tmp/x"]))] {
        refused(&scene.answered(name, with(json!({ name: value }))), "003001", "PUT and GET");
    }
    scene.fine();
    assert_eq!(scene.elsewhere.seen(), Vec::<String>::new());
    let (blocked, failed) =
        (scene.talk.recorded(&scene.stack, "blocked"), scene.talk.recorded(&scene.stack, "upstream_error"));
    assert_eq!(blocked + failed, count + 3, "{blocked} blocked, {failed} failed");
}

#[test]
fn a_card_is_masked_wherever_an_answer_carries_it() {
    let scene = scene();
    let spaced = "4111 1111 1111 1111";
    for (name, said) in [
        ("a cell", with(json!({ "rowset": [[cards::VISA]] }))),
        ("a spaced cell", with(json!({ "rowset": [[spaced]] }))),
        (
            "a cell spelt with escapes",
            Said::bytes(
                json!({ "success": true, "data": rows("[[\"X\"]]") })
                    .to_string()
                    .replace("\"X\"", "\"\\u0034\\u0031\\u0031\\u0031111111111111\""),
            ),
        ),
        ("the name of a column", with(json!({ "rowtype": [{ "name": cards::VISA, "type": "text" }] }))),
        ("a parameter", with(json!({ "parameters": [{ "name": "P", "value": cards::VISA }] }))),
        ("the name of a schema", with(json!({ "finalSchemaName": cards::VISA }))),
        (
            "the message of a success",
            Said::json(&json!({ "success": true, "data": rows("[]"), "message": cards::VISA })),
        ),
        (
            "the message of a failure",
            Said::json(&json!({ "success": false, "data": {}, "code": "1", "message": cards::VISA })),
        ),
        (
            "the code of a failure",
            Said::json(&json!({ "success": false, "data": {}, "code": cards::VISA, "message": "no" })),
        ),
        (
            "an errorMessage",
            Said::json(&json!({ "success": false, "data": { "errorMessage": cards::VISA }, "code": "1" })),
        ),
        ("base64 in a cell", with(json!({ "rowset": [["NDExMTExMTExMTExMTExMQ=="]] }))),
        ("JSON in a cell", with(json!({ "rowset": [[format!("{{\"pan\":\"{}\"}}", cards::VISA)]] }))),
    ] {
        // `Raw::send` looks for it in every byte.
        let answer = scene.answered(name, said);
        assert!(answer.is_object(), "{name}");
    }
    scene.fine();
}

#[test]
fn chunks_from_elsewhere_or_unreadable_are_not_served() {
    let scene = scene();
    let own = |path: &str, said: Said| {
        scene.crooked.says(|script| drop(script.paths.insert(path.to_owned(), said)));
        scene.crooked.url(path)
    };
    let card = format!("[\"{}\"]", cards::VISA);
    let mut broken_off = Said::bytes(card.as_bytes());
    broken_off.breaks_off = true;
    let with_password = scene.crooked.url("/chunks/password").replace("http://", "http://user:UPSTREAMONLY@");
    let cases = [
        ("another port of the machine", scene.elsewhere.url("/chunk")),
        ("the metadata service", "http://169.254.169.254/latest/meta-data/iam".to_owned()),
        ("the metadata service over TLS", "https://169.254.169.254/latest/meta-data/iam".to_owned()),
        ("the metadata service in six", "http://[::ffff:169.254.169.254]/latest".to_owned()),
        ("another name for this machine", scene.elsewhere.url("/chunk").replace("127.0.0.1", "localhost")),
        ("a file", "file:///etc/passwd".to_owned()),
        ("a host that looks like a cloud", "https://amazonaws.com.evil.test/x".to_owned()),
        ("a url with a password", with_password),
        ("no url", "not a url".to_owned()),
        ("a url with line breaks", "http://127.0.0.1/\r\nX-Evil: 1".to_owned()),
        ("a redirect", own("/chunks/redirect", Said::redirect(&scene.elsewhere.url("/chunk")))),
        ("a page", own("/chunks/page", Said::bytes(format!("<html>{}</html>", cards::VISA)))),
        ("a refusal", own("/chunks/403", Said::status(403, cards::VISA))),
        ("an object", own("/chunks/object", Said::bytes(format!("{{\"a\":{card}}}")))),
        ("a row of two cells", own("/chunks/two", Said::bytes(format!("[\"x\",\"{}\"]", cards::VISA)))),
        ("a row of none", own("/chunks/none", Said::bytes("[]"))),
        ("rows within brackets", own("/chunks/brackets", Said::bytes(format!("[{card}]")))),
        ("rows that do not end", own("/chunks/open", Said::bytes(format!("[\"{}", cards::VISA)))),
        ("something behind the rows", own("/chunks/behind", Said::bytes(format!("[\"x\"]{}", cards::VISA)))),
        ("Arrow where JSON is said", own("/chunks/arrow", Said::bytes(b"\xff\xff\xff\xff\x10\0\0\0".to_vec()))),
        ("a gzip of 300 MiB", own("/chunks/bomb", Said::gzip(&vec![b' '; 300 << 20]))),
        ("half of a gzip", own("/chunks/half", Said::bytes(&gzip(card.as_bytes())[..15]))),
        ("a chunk that breaks off", own("/chunks/broken", broken_off)),
    ];
    for (name, url) in cases {
        let chunk = json!({ "url": url, "rowCount": 1, "uncompressedSize": 9, "compressedSize": 9 });
        let answer = scene.answered(name, with(json!({ "chunks": [chunk] })));
        let Some(url) = answer.pointer("/data/chunks/0/url").and_then(Value::as_str) else {
            assert_eq!(answer["success"], false, "{name}: {answer}");
            continue;
        };
        let path = url.strip_prefix(scene.talk.listener.url()).unwrap_or_else(|| panic!("{name}: {url}"));
        let served = scene.talk.send("GET", path, &scene.token, "");
        assert_eq!(served.status, 503, "{name}: {:?}", served.body);
        assert!(served.headers.contains_key("retry-after"), "{name}");
    }
    // Found to be so by the same road on which a right one is served.
    let right = own("/chunks/right", Said::bytes(card.as_bytes()));
    let chunk = json!({ "url": right, "rowCount": 1 });
    let answer = scene.answered("right", with(json!({ "chunks": [chunk] })));
    let path = answer.pointer("/data/chunks/0/url").and_then(Value::as_str).unwrap();
    let path = path.strip_prefix(scene.talk.listener.url()).unwrap().to_owned();
    let served = scene.talk.send("GET", &path, &scene.token, "");
    assert_eq!(served.body, format!("[\"{}\"]", cards::VISA_MASKED));
    assert_eq!(scene.elsewhere.seen(), Vec::<String>::new());
}
