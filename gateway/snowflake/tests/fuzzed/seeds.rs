//! What fuzzing begins with: what drivers and upstreams send, and what none of them should.

use std::sync::Arc;

use arrow_array::{types::Int32Type, *};
use arrow_ipc::writer::StreamWriter;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

const CARD: &str = "4111111111111111";

const LOGINS: &[&str] = &[
    "databaseName=D&schemaName=S&warehouse=W&roleName=R&requestId=7b-3\n{\"data\":{\"ACCOUNT_NAME\":\"a\",\"LOGIN_NAME\":\"u\",\"PASSWORD\":\"listener-secret-1\",\"CLIENT_APP_ID\":\"PythonConnector\",\"CLIENT_APP_VERSION\":\"4.8.1\",\"SESSION_PARAMETERS\":{\"TIMEZONE\":\"UTC\"}}}",
    "\n{\"data\":{\"AUTHENTICATOR\":\"OAUTH\",\"TOKEN\":\"a-token-of-somebody\",\"CLIENT_APP_ID\":\"Go\",\"CLIENT_ENVIRONMENT\":{\"OS\":\"linux\"}}}",
    "roleName=R\n{\"data\":{\"PASSWORD\":\"\",\"TOKEN\":\"second-choice-1\"}}",
    "roleName=listener-secret-1\n{\"data\":{\"PASSWORD\":\"listener-secret-1\"}}",
    "a=%00&databaseName=%ff&databaseName=two\n{\"data\":{\"PASSWORD\":\"one\",\"PASSWORD\":\"two-two-two\"}}",
    "\n{\"data\":{\"PASSWORD\":[\"x\"],\"TOKEN\":{\"y\":1},\"CLIENT_APP_ID\":7}}",
    "\n{\"data\":{\"pass\\u0057ord\":\"x\",\"PASS\\u0057ORD\":\"escaped-secret\"}}",
    "\n{\"data\":null}",
    "\n{\"data\":[{\"PASSWORD\":\"x\"}]}",
    "\n{\"data\":{\"SESSION_PARAMETERS\":[1],\"PASSWORD\":\"4111111111111111\"}}",
    "\n{\"data\":{\"SESSION_PARAMETERS\":{\"A\":{\"B\":null}},\"PASSWORD\":\"\\ud83d\\ude00-quoted-\\\"\"}}",
    "\n[]",
];

const QUERIES: &[&str] = &[
    r#"{"sqlText":"select 1","asyncExec":false,"sequenceId":1,"querySubmissionTime":1795563926275,"isInternal":false}"#,
    r#"{"sqlText":"select ?","bindings":{"1":{"type":"TEXT","value":"x"},"2":{"type":"FIXED","value":["0","1"]}},"describeOnly":true}"#,
    r#"{"sqlText":"begin; commit","parameters":{"MULTI_STATEMENT_COUNT":2,"_PLAN_UUID":"a","QUERY_TAG":"q"},"describedJobId":"01b2"}"#,
    r#"{"sqlText":"select 1","asyncExec":true,"disableOfflineChunks":false,"dataframeAst":"CgQ=","bindStage":null}"#,
    r#"{"sqlText":"select 1","queryContextDTO":{"entries":[{"id":0,"timestamp":1,"priority":0,"context":{"base64Data":"x"}}]}}"#,
    r#"{"sqlText":"one","sqlText":"two","bindings":null,"newThing":null}"#,
    r#"{"sql\u0054ext":"escaped","parameters":{"MULTI_STATEMENT_COUNT":"3"}}"#,
    r#"{"sqlText":"x","bindStage":"@~/b"}"#,
    r#"{"sqlText":"x","bind\u0053tage":"@~/b","BindStage":1}"#,
    r#"{"sqlText":"x","parameters":{"MULTI_STATEMENT_COUNT":2.0}}"#,
    r#"{"sqlText":"x","bindings":[[[[[{"a":1e400,"b":-0,"c":1.10}]]]]],"parameters":{}}"#,
    r#"{"sqlText":{"$serde_json::private::Number":"1"},"bindings":{"$serde_json::private::RawValue":"[1]"}}"#,
    r#"{"statement":"select ?","timeout":60,"database":"D","role":"R","bindings":{"1":{"type":"FIXED","value":"1"}}}"#,
    r#"{"statement":"a; b","parameters":{"MULTI_STATEMENT_COUNT":"2"},"resultSetMetaData":{"format":"jsonv2"},"timeout":0}"#,
    r#"{"statement":"a","sqlText":"b","parameters":{"STATEMENT_TIMEOUT_IN_SECONDS":1},"timeout":2}"#,
    "{\"sqlText\":\"select * from table(result_scan('019ac2f0-4b1e-7d03-9a51-0c4b6a7b8c9d')) -- \u{e9}\"}",
];

const ROUTES: &[&str] = &[
    "POST /session/v1/login-request?requestId=7b-3&databaseName=D",
    "POST /session/v1/login-request?request_id=7b-3",
    "POST /session/token-request",
    "POST /session?delete=true",
    "POST /session/heartbeat",
    "POST /queries/v1/query-request?requestId=019ac2f0-4b1e-7d03-9a51-0c4b6a7b8c9d",
    "GET /queries/01b2-aa/result",
    "GET /monitoring/queries//01b2-aa",
    "POST /queries/v1/abort-request",
    "POST /queries/01b2-aa/abort-request",
    "POST /telemetry/send/sessionless",
    "GET /hoop/chunk/abc_d-9/12",
    "GET /hoop/chunk/abc/99999999999999999999",
    "GET /queries/..%2f/result",
    "GET /QUERIES/01b2/result?requestId=%0d%0a",
    "POST /api/v2/statements?requestId=7b-3",
    "GET /api/v2/statements/01b2-aa?partition=1",
    "POST /api/v2/statements/01b2-aa/cancel",
    "POST /api/v2/cortex/agent:run",
];

/// Members of `data` beside two columns, the first called `A` and of text.
const ANSWERS: &[&str] = &[
    r#""rowset":[["4111111111111111","4111111111111111"],[null,"7"]],"total":2,"returned":2,"queryId":"01b2-aa","queryResultFormat":"json""#,
    r#""rowset":[["x","1"]],"chunks":[{"url":"https://storage.example/1?sig=s3cr3t-signature","rowCount":2,"uncompressedSize":70}],"qrmk":"k3y-of-the-bucket","chunkHeaders":{"x-amz-key":"k3y-of-the-bucket"}"#,
    r#""rowset":[],"chunks":[{"url":"https://storage.example/2?sig=s3cr3t","rowCount":"2"}]"#,
    r#""rowset":[],"qrmk":"k3y-of-the-bucket","chunks":[{"url":"https://storage.example/3?sig=s3cr3t","rowCount":2,"uncompressedSize":"https://storage.example/3?sig=s3cr3t"}]"#,
    r#""getResultUrl":"/queries/01b2-aa/result","queryId":"01b2-aa","progressDesc":"4111111111111111","queryAbortsAfterSecs":300"#,
    r#""parameters":[{"name":"TIMEZONE","value":"4111111111111111"}],"queryContext":{"entries":[{"id":4111111111111111}]},"sqlState":"4111111111111111""#,
    r#""resultIds":"01b2-a,01b2-b","resultTypes":"4096,4096","statementTypeId":40960,"finalDatabaseName":"D","finalRoleName":"R""#,
    r#""rowset":[["1"]],"rowsetBase64":"NDExMTExMTExMTExMTExMQ==""#,
    r#""row\u0073et":[["4111111111111111","1"]],"rowset":[["4111 1111 1111 1111","2"]]"#,
    r#""newRows":[["4111111111111111"]]"#,
    r#""stageInfo":{"creds":{"AWS_KEY_ID":"x"}},"command":"UPLOAD""#,
    r#""errorCode":"100038","errorMessage":"Numeric value '4111111111111111' is not recognized","internalError":false,"line":-1"#,
    r#""version":[["4111111111111111"]]"#,
    r#""rowset":[["{\"n\":4111111111111111}","4.111111111111111e15"]],"4111111111111111":true"#,
];

/// Rows without the outer brackets.
const ROWS: &[&str] = &[
    r#"["4111111111111111","4111111111111111"],[null,"7"]"#,
    r#"["x"],["4111111111111111"],[null]"#,
    r#"["\u0034111111111111111","4.111111111111111e15","34313131313131313131313131313131"]"#,
    r#" [ "4111 1111 1111 1111" , null ] "#,
    r#"["1","2"],["3"]"#,
    r#"[["4111111111111111"]]"#,
    r#"["a",7]"#,
    r#"["{\"n\":4111111111111111}","NDExMTExMTExMTExMTExMQ=="]"#,
    "",
    ",",
];

/// Target, file name, content.
pub fn all() -> Vec<(&'static str, String, Vec<u8>)> {
    let mut seeds = Vec::new();
    let mut add = |target, name: String, bytes: Vec<u8>| seeds.push((target, name, bytes));
    for (target, list) in [("login", LOGINS), ("query_request", QUERIES), ("route", ROUTES)] {
        for (number, text) in list.iter().enumerate() {
            add(target, format!("sent-{number:02}"), text.as_bytes().to_vec());
        }
    }
    for (number, members) in ANSWERS.iter().enumerate() {
        add("answer", format!("json-{number:02}"), answer(number, members).into_bytes());
    }
    for (number, rows) in ROWS.iter().enumerate() {
        let what = [0x10, 0x00, 0x20, 0x14, 0x13, 0x05, 0x10, 0x11, 0x00, 0x00][number];
        let how = [0x0c, 0x0e, 0x08, 0x04][number % 4];
        add("chunk", format!("json-{number:02}"), [&[how, what], rows.as_bytes()].concat());
    }
    for number in 0..8 {
        let ipc = stream(number);
        let members = format!(r#""rowsetBase64":"{}","queryResultFormat":"arrow""#, STANDARD.encode(&ipc));
        add("answer", format!("arrow-{number:02}"), answer(number, &members).into_bytes());
        add("chunk", format!("arrow-{number:02}"), [&[0x0d | (number as u8 & 1) << 1, 0x10], ipc.as_slice()].concat());
    }
    seeds
}

fn answer(number: usize, members: &str) -> String {
    let kind = ["fixed", "text", "timestamp_ntz", "real", "binary"][number % 5];
    let rowtype = json!([
        { "name": "A", "type": "text", "nullable": true, "length": 16 },
        { "name": if number == 3 { CARD } else { "N" }, "type": kind, "scale": 0, "precision": 38, "table": "T" },
    ]);
    let message = [Value::Null, "card 4111111111111111 is not numeric".into()][number % 2].clone();
    let code = [Value::Null, "001003".into(), 333_333.into()][number % 3].clone();
    let success = !number.is_multiple_of(4);
    format!(
        r#"{{"data":{{"rowtype":{rowtype},{members}}},"code":{code},"message":{message},"success":{success},"headers":null}}"#
    )
}

/// Two columns that take turns in their types, two batches.
fn stream(number: usize) -> Vec<u8> {
    let values = || vec![Some("note 4111111111111111"), None, Some("x"), Some(CARD)];
    let pan = 4_111_111_111_111_111_i64;
    let left: ArrayRef = match number % 3 {
        0 => Arc::new(StringArray::from(values())),
        1 => Arc::new(LargeStringArray::from(values())),
        _ => Arc::new(values().into_iter().collect::<DictionaryArray<Int32Type>>()),
    };
    let right: ArrayRef = match number % 4 {
        0 => Arc::new(Int64Array::from(vec![Some(pan), None, Some(-pan), Some(7)])),
        1 => Arc::new(Decimal128Array::from(vec![i128::from(pan), 1, 2, 3])),
        2 => Arc::new(StringArray::from(values())),
        _ => Arc::new(Float64Array::from(vec![pan as f64, 0.5, f64::NAN, -1e300])),
    };
    let batch = RecordBatch::try_from_iter([("A", left), ("N", right)]).unwrap();
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.write(&batch.slice(1, 2)).unwrap();
    writer.finish().unwrap();
    writer.into_inner().unwrap()
}
