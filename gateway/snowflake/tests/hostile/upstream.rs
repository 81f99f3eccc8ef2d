//! Upstreams' answers.

use hoop_masking::{Findings, Masker};
use hoop_snowflake::{Answer, AnswerError, Place, ReleasedAnswer};
use serde_json::{Value, json};

use super::{CARD, MASKED, ZEROED, each};

const TYPES: &str = r#""rowtype":[{"name":"A","type":"text"},{"name":"N","type":"fixed","scale":0}]"#;

fn mask(body: &str) -> Result<ReleasedAnswer, AnswerError> {
    let place = Place { listener: "http://127.0.0.1:1", token: "t", query_id: None };
    Answer::parse(body.as_bytes())?.mask(&Masker::default(), &place, &mut Findings::default())
}

/// The whole of what the driver gets.
fn told(body: &str) -> Result<Value, AnswerError> {
    let body = mask(body)?.body.into_inner();
    Ok(serde_json::from_slice(&body).unwrap())
}

/// The members of `data` that the driver gets, without the two counts that are put in.
fn released(members: &str) -> Result<Value, AnswerError> {
    let mut told = told(&format!(r#"{{"data":{{{members}}},"code":null,"message":null,"success":true}}"#))?;
    let mut data = told["data"].take();
    for count in ["returned", "total"] {
        data.as_object_mut().unwrap().shift_remove(count);
    }
    Ok(data)
}

fn rows(reason: &str) -> AnswerError {
    AnswerError::Rows { reason: reason.to_owned() }
}

fn refused(members: &str) -> AnswerError {
    released(members).map_or_else(|error| error, |data| panic!("released: {data}"))
}

#[test]
fn rows_that_are_none() {
    let no_rows = || rows("a rowset that is no list of rows of text");
    let width = |row, cells| rows(&format!("row {row} has {cells} cells where 2 columns were declared"));
    let base64 = || rows("rowsetBase64 is no base64");
    let cases = [
        ("ragged rows", r#""rowset":[["a","1"],["b"]]"#, width(1, 1)),
        ("more cells than columns", r#""rowset":[["a","1","4111111111111111"]]"#, width(0, 3)),
        ("a row without cells", r#""rowset":[[]]"#, width(0, 0)),
        ("a number for text", r#""rowset":[["a",4111111111111111]]"#, no_rows()),
        ("a truth for text", r#""rowset":[["a",true]]"#, no_rows()),
        ("an object for text", r#""rowset":[["a",{"x":"4111111111111111"}]]"#, no_rows()),
        ("a list for text", r#""rowset":[["a",["4111111111111111"]]]"#, no_rows()),
        ("an object for a row", r#""rowset":[{"A":"4111111111111111","N":"1"}]"#, no_rows()),
        ("text for a row", r#""rowset":["4111111111111111"]"#, no_rows()),
        ("a null for a row", r#""rowset":[null]"#, no_rows()),
        ("text for all rows", r#""rowset":"[[\"4111111111111111\",\"1\"]]""#, no_rows()),
        ("an object for all rows", r#""rowset":{}"#, no_rows()),
        ("rows in a list of rows", r#""rowset":[[["4111111111111111","1"]]]"#, no_rows()),
        ("rows in two forms", r#""rowset":[],"rowsetBase64":"""#, rows("the same answer holds them in two forms")),
        ("base64 with a space", r#""rowsetBase64":"QVJS T1cx""#, base64()),
        ("base64 with a line's end", r#""rowsetBase64":"QVJST1cx\n""#, base64()),
        ("base64 without its padding", r#""rowsetBase64":"QVJST1c""#, base64()),
        ("base64 of URLs", r#""rowsetBase64":"_-__""#, base64()),
        ("a number for base64", r#""rowsetBase64":4111111111111111"#, rows("rowsetBase64 is no text")),
        (
            "a list for base64",
            r#""rowsetBase64":["4111111111111111"]"#,
            AnswerError::NoScalar { field: "rowsetBase64".into() },
        ),
        (
            "base64 of something else",
            r#""rowsetBase64":"NDExMTExMTExMTExMTExMQ==""#,
            rows("the Arrow stream could not be read or written: it is not a valid stream"),
        ),
    ];
    each(cases, |members| refused(&format!("{TYPES},{members}")));
    let cases = [
        ("no columns", "", "row 0 has 1 cells where 0 columns were declared"),
        ("columns that are text", r#""rowtype":"A","#, "row 0 has 1 cells where 0 columns were declared"),
        ("columns that are an object", r#""rowtype":{"name":"A"},"#, "row 0 has 1 cells where 0 columns were declared"),
    ];
    each(cases.map(|(name, types, reason)| (name, types, rows(reason))), |types| {
        refused(&format!(r#"{types}"rowset":[["4111111111111111"]]"#))
    });
}

#[test]
fn members_that_are_refused() {
    let unknown = |field: &str| AnswerError::UnknownField { field: field.to_owned() };
    let scalar = |field: &str| AnswerError::NoScalar { field: field.to_owned() };
    let bad_chunk = || rows("a chunk without rowCount");
    let no_list = || rows("chunks that are no list");
    let no_url = || rows("a chunk without URL");
    let cases = [
        ("rows by another name", r#""rows":[["4111111111111111"]]"#, unknown("rows")),
        ("rows in another case", r#""ROWSET":[["4111111111111111"]]"#, unknown("ROWSET")),
        ("a card number for a name", r#""4111111111111111":[1]"#, unknown("(a name not shown)")),
        ("a URL in a member that is not known", r#""next":"https://x""#, unknown("next")),
        (
            "a long text in one",
            r#""next":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#,
            unknown("next"),
        ),
        ("rows for a version", r#""version":[["4111111111111111"]]"#, scalar("version")),
        ("an object for a format", r#""queryResultFormat":{"x":1}"#, scalar("queryResultFormat")),
        ("a list for a key", r#""qrmk":["x"]"#, scalar("qrmk")),
        ("a list of ids", r#""resultIds":["01b2"]"#, scalar("resultIds")),
        ("a stage", r#""stageInfo":{"location":"x"}"#, AnswerError::Stage),
        ("a stage, escaped", r#""st\u0061geInfo":{"location":"x"}"#, AnswerError::Stage),
        ("a stage behind rows", r#""newRows":[1],"command":"UPLOAD""#, unknown("newRows")),
        ("an id that is a path", r#""queryId":"../session""#, AnswerError::NoId { field: "queryId" }),
        ("an id that is a URL", r#""queryId":"https://x/""#, AnswerError::NoId { field: "queryId" }),
        ("an id with a line's end", r#""queryId":"a\r\nb""#, AnswerError::NoId { field: "queryId" }),
        ("two ids for one", r#""queryId":"a,b""#, AnswerError::NoId { field: "queryId" }),
        ("an empty id among others", r#""resultIds":"a,,b""#, AnswerError::NoId { field: "resultIds" }),
        ("a path among ids", r#""resultIds":"a,../../session?x""#, AnswerError::NoId { field: "resultIds" }),
        ("chunks that are text", r#""chunks":"https://x""#, no_list()),
        ("chunks that are an object", r#""chunks":{"url":"https://x"}"#, no_list()),
        ("a chunk that is text", r#""chunks":["https://x"]"#, no_url()),
        ("a chunk without URL", r#""chunks":[{"rowCount":1}]"#, no_url()),
        ("a chunk with a list of URLs", r#""chunks":[{"url":["https://x"],"rowCount":1}]"#, no_url()),
        ("a chunk with an empty URL", r#""chunks":[{"url":"","rowCount":1}]"#, no_url()),
        ("a chunk without a count", r#""chunks":[{"url":"https://x"}]"#, bad_chunk()),
        ("a count below zero", r#""chunks":[{"url":"https://x","rowCount":-1}]"#, bad_chunk()),
        ("a count as text", r#""chunks":[{"url":"https://x","rowCount":"1"}]"#, bad_chunk()),
        ("a count beyond all", r#""chunks":[{"url":"https://x","rowCount":1e30}]"#, bad_chunk()),
        ("a broken count", r#""chunks":[{"url":"https://x","rowCount":1.5}]"#, bad_chunk()),
        (
            "chunks in a form nobody knows",
            r#""queryResultFormat":"csv","chunks":[{"url":"https://x","rowCount":1}]"#,
            rows("an unknown result format"),
        ),
        (
            "chunks in a form that is a number",
            r#""queryResultFormat":1,"chunks":[{"url":"https://x","rowCount":1}]"#,
            rows("an unknown result format"),
        ),
    ];
    each(cases, refused);
}

#[test]
fn answers_that_are_none() {
    let deep = format!(r#"{{"data":{{"queryContext":{}{}}}}}"#, "[".repeat(126), "]".repeat(126));
    let mark = r#"{"data":{"$serde_json::private::RawValue":"{\"rowset\":[[\"4111111111111111\"]]}"}}"#;
    let cases = [
        ("nothing", ""),
        ("a page", "<html>4111111111111111</html>"),
        ("a list", "[]"),
        ("text", r#""4111111111111111""#),
        ("data that is a list", r#"{"data":[["4111111111111111"]]}"#),
        ("data that is text", r#"{"data":"4111111111111111"}"#),
        ("more behind", r#"{"data":null}{"data":{}}"#),
        ("cut off", r#"{"data":{"rowset":[["4111"#),
        ("deep nesting", deep.as_str()),
        ("JSON in serde_json's own mark", mark),
    ];
    each(cases.map(|(name, body)| (name, body, Some(AnswerError::Unreadable))), |body| told(body).err());
    let shallow = format!(r#"{{"data":{{"queryContext":{}{}}}}}"#, "[".repeat(125), "]".repeat(125));
    assert!(told(&shallow).is_ok());
}

#[test]
fn what_is_released_of_rows() {
    let mask_of = |rowset: Value| Ok(rowset);
    let cases = [
        (
            "two rowsets: the last counts",
            r#""rowset":[["a","1"]],"rowset":[["4111111111111111","4111111111111111"]]"#,
            mask_of(json!([[MASKED, ZEROED]])),
        ),
        (
            "an escaped second rowset",
            r#""rowset":[["a","1"]],"row\u0073et":[["4111111111111111",null]]"#,
            mask_of(json!([[MASKED, null]])),
        ),
        ("an escaped card number", r#""rowset":[["\u0034111111111111111","1"]]"#, mask_of(json!([[MASKED, "1"]]))),
        (
            "text in a column of numbers",
            r#""rowset":[["a","card 4111111111111111"]]"#,
            mask_of(json!([["a", format!("card {MASKED}")]])),
        ),
        (
            "JSON in a column of numbers",
            r#""rowset":[["a","{\"n\":4111111111111111}"]]"#,
            mask_of(json!([["a", r#"{"n":4111110000001111}"#]])),
        ),
        (
            "arrow said of JSON",
            r#""queryResultFormat":"arrow","rowset":[["4111111111111111","1"]]"#,
            mask_of(json!([[MASKED, "1"]])),
        ),
        (
            "a form nobody knows, said of rows",
            r#""queryResultFormat":"csv","rowset":[["4111111111111111","1"]]"#,
            mask_of(json!([[MASKED, "1"]])),
        ),
        (
            "rows beside a null form",
            r#""rowsetBase64":null,"rowset":[["4111111111111111","1"]]"#,
            mask_of(json!([[MASKED, "1"]])),
        ),
    ];
    each(cases, |members| Ok::<_, AnswerError>(released(&format!("{TYPES},{members}"))?["rowset"].take()));
    let types = [
        ("a type nobody knows", r#"{"name":"A","type":"new"}"#, MASKED),
        ("a type that is a list", r#"{"name":"A","type":["fixed"]}"#, MASKED),
        ("a column that is text", r#""A""#, MASKED),
        ("a column without anything", "{}", MASKED),
        ("a time with a card number in it", r#"{"name":"A","type":"timestamp_ntz"}"#, MASKED),
        ("a date with one", r#"{"name":"A","type":"date"}"#, MASKED),
        ("a truth with one", r#"{"name":"A","type":"boolean"}"#, MASKED),
        ("a real number", r#"{"name":"A","type":"real"}"#, ZEROED),
        ("a scale beyond all", r#"{"name":"A","type":"fixed","scale":1e9}"#, ZEROED),
    ];
    each(types.map(|(name, of, cell)| (name, of, json!([[cell]]))), |of| {
        released(&format!(r#""rowtype":[{of}],"rowset":[["{CARD}"]]"#)).unwrap()["rowset"].take()
    });
}

#[test]
fn what_is_released_beside_rows() {
    let text = format!("Numeric value '{CARD}' is not recognized");
    let masked = format!("Numeric value '{MASKED}' is not recognized");
    let number = |text: &str| text.parse::<serde_json::Number>().unwrap();
    let cases = [
        ("a card number in errorMessage", json!({ "errorMessage": text }), json!({ "errorMessage": masked })),
        (
            "in a column's name",
            json!({ "rowtype": [{ "name": CARD, "type": "text" }] }),
            json!({ "rowtype": [{ "name": MASKED, "type": "text" }] }),
        ),
        (
            "in a column's type",
            json!({ "rowtype": [{ "name": "A", "type": CARD }] }),
            json!({ "rowtype": [{ "name": "A", "type": MASKED }] }),
        ),
        (
            "in a parameter",
            json!({ "parameters": [{ "name": "X", "value": CARD }] }),
            json!({ "parameters": [{ "name": "X", "value": MASKED }] }),
        ),
        ("in a parameter's name", json!({ "parameters": [{ CARD: 1 }] }), json!({ "parameters": [{ MASKED: 1 }] })),
        (
            "in queryContext",
            json!({ "queryContext": { "entries": [{ "id": number(CARD) }] } }),
            json!({ "queryContext": { "entries": [{ "id": number(ZEROED) }] } }),
        ),
        ("in sqlState", json!({ "sqlState": CARD }), json!({ "sqlState": MASKED })),
        ("in an id", json!({ "queryId": CARD }), json!({ "queryId": MASKED })),
        ("in progressDesc", json!({ "progressDesc": text }), json!({ "progressDesc": masked })),
        ("in a version, as a number", json!({ "version": number(CARD) }), json!({ "version": number(ZEROED) })),
        ("a flag nobody knows", json!({ "newFlag": number(CARD) }), json!({})),
        ("short text nobody knows", json!({ "newText": CARD }), json!({})),
        ("an empty stage", json!({ "stageInfo": {}, "command": "" }), json!({})),
        ("a key without chunks", json!({ "qrmk": "k3y", "chunkHeaders": { "a": "k3y" } }), json!({})),
        ("where to ask, without an id", json!({ "getResultUrl": "https://evil.example/x" }), json!({})),
        (
            "where to ask, at another host",
            json!({ "getResultUrl": "https://evil.example/queries/a/result", "queryId": "01b2" }),
            json!({ "queryId": "01b2", "getResultUrl": "/queries/01b2/result" }),
        ),
        (
            "where to ask, by dots",
            json!({ "getResultUrl": "/queries/../x", "queryId": "01b2" }),
            json!({ "queryId": "01b2", "getResultUrl": "/queries/01b2/result" }),
        ),
    ];
    each(cases, |data| released(data.to_string().trim_start_matches('{').strip_suffix('}').unwrap()).unwrap());
}

#[test]
fn what_is_released_beside_data() {
    let cases = [
        (
            "a card number in message",
            r#""message":"4111111111111111 is no number""#,
            json!({ "message": format!("{MASKED} is no number") }),
        ),
        ("in code", r#""code":"4111111111111111""#, json!({ "code": MASKED })),
        ("in code, as a number", r#""code":4111111111111111"#, json!({ "code": MASKED })),
        ("a list for message", r#""message":["4111111111111111"]"#, json!({})),
        ("an object for code", r#""code":{"x":"4111111111111111"}"#, json!({})),
        ("two messages", r#""message":"x","message":"4111111111111111""#, json!({ "message": MASKED })),
        ("a success that is text", r#""success":"true""#, json!({ "success": false })),
        ("a success that is a number", r#""success":1"#, json!({ "success": false })),
        ("headers", r#""headers":{"x":"4111111111111111"}"#, json!({})),
        ("rows beside data", r#""rowset":[["4111111111111111"]]"#, json!({})),
        ("two data", r#""data":{"stageInfo":{"x":1}},"data":{}"#, json!({})),
    ];
    let whole = |members: Value| {
        let mut whole =
            json!({ "data": { "returned": 0, "total": 0 }, "code": null, "message": null, "success": false });
        whole.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        whole
    };
    each(cases.map(|(name, members, expected)| (name, members, whole(expected))), |members| {
        told(&format!("{{{members}}}")).unwrap()
    });
}

/// What is fetched: URLs, and headers.
type Fetched = (Vec<String>, Vec<(String, String)>);

#[test]
fn what_is_kept_of_chunks() {
    let chunk = |url: &str| format!(r#""chunks":[{{"url":"{url}","rowCount":1,"sig":"s3cret"}}]"#);
    let fetched = |url: &str, headers: &[(&str, &str)]| -> Fetched {
        (vec![url.to_owned()], headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    };
    let aes = |key| {
        [
            ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
            ("x-amz-server-side-encryption-customer-key", key),
        ]
    };
    let url = "https://storage.example/1?sig=s3cret";
    let cases = [
        ("two chunk lists", format!("{},{}", chunk("https://a"), chunk(url)), fetched(url, &[])),
        ("two keys", format!(r#"{},"qrmk":"s3cret-a","qrmk":"s3cret-b""#, chunk(url)), fetched(url, &aes("s3cret-b"))),
        ("an escaped key", format!(r#"{},"qr\u006dk":"s3cret""#, chunk(url)), fetched(url, &aes("s3cret"))),
        ("a key that is a number", format!(r#"{},"qrmk":7"#, chunk(url)), fetched(url, &[])),
        (
            "headers beside a key",
            format!(r#"{},"qrmk":"s3cret","chunkHeaders":{{"a":"s3cret"}}"#, chunk(url)),
            fetched(url, &[("a", "s3cret")]),
        ),
        ("headers that are a list", format!(r#"{},"chunkHeaders":["s3cret"]"#, chunk(url)), fetched(url, &[])),
        (
            "a header that is an object",
            format!(r#"{},"chunkHeaders":{{"a":{{"s3cret":1}},"b":"s3cret"}}"#, chunk(url)),
            fetched(url, &[("b", "s3cret")]),
        ),
        (
            "a size that is a URL",
            format!(r#""chunks":[{{"url":"{url}","rowCount":1,"uncompressedSize":"{url}"}}]"#),
            fetched(url, &[]),
        ),
        (
            "a card number in a URL",
            chunk("https://s3cret/4111111111111111"),
            fetched("https://s3cret/4111111111111111", &[]),
        ),
    ];
    each(cases, |members| {
        let released = mask(&format!(r#"{{"data":{{"rowset":[],{members}}},"success":true}}"#)).unwrap();
        let told: Value = serde_json::from_slice(released.body.as_ref()).unwrap();
        let ours = json!({ "url": "http://127.0.0.1:1/hoop/chunk/t/0", "rowCount": 1, "uncompressedSize": 0, "compressedSize": 0 });
        let data = json!({ "chunks": [ours], "returned": 0, "total": 0, "rowset": [] });
        assert_eq!(told["data"], data);
        let delivery = released.delivery.unwrap();
        (delivery.chunks.into_iter().map(|chunk| chunk.url).collect::<Vec<_>>(), delivery.headers)
    });
}

#[test]
fn a_card_number_in_an_id_is_not_recorded() {
    let released = mask(r#"{"data":{"queryId":"4111111111111111"}}"#).unwrap();
    assert_eq!(released.query_id.as_deref(), Some(MASKED));
}

#[test]
fn only_an_upstreams_own_result_is_polled() {
    let cases = [
        ("as it should be", "/queries/01b2-aa/result", true),
        ("another host", "https://evil.example/queries/01b2/result", false),
        ("another host without a scheme", "//evil.example/queries/01b2/result", false),
        ("dots", "/queries/../session/result", false),
        ("dots behind", "/queries/01b2/../../session", false),
        ("escaped dots", "/queries/%2e%2e/result", false),
        ("another path", "/session?delete=true", false),
        ("a user", "/queries/a@evil.example/result", false),
        ("a line's end", "/queries/a/result\\r\\nHost: x", false),
        ("a line's end in the query", "/queries/a/result?x\\r\\ny", false),
        ("no id", "/queries//result", false),
    ];
    each(cases, |url| {
        let body = format!(r#"{{"code":"333333","data":{{"getResultUrl":"{url}"}}}}"#);
        Answer::parse(body.as_bytes()).unwrap().result_path().is_some()
    });
}
