//! No card number in any byte that a client gets: over every way to a result, in both formats, inline and in the first and
//! the last chunk. Text is searched for as text, numbers as the bytes of an Arrow buffer too.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use hoop_dev::client::Connection;
use hoop_tests::{
    Raw, Stack, Upstream,
    cards::made,
    raw::{holds, parsed, unique},
    upstream,
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Rows of each result; each holds a card number of its own, in every column that can.
const ROWS: usize = 60;
const CHUNKS: usize = 2;

/// How a statement is asked for.
#[derive(Debug, Clone, Copy)]
enum Way {
    Query,
    Again,
    Asynchronous,
    Scanned,
    Described,
}

struct Scene {
    _upstream: Upstream,
    _stack: Stack,
    client: Raw,
    token: String,
}

impl Scene {
    fn new() -> Self {
        let runtime = Arc::new(Runtime::new().unwrap());
        let upstream = Upstream::start();
        let stack = Stack::with(&["--snowflake", upstream.snowflake.url()]);
        let mut client = Raw::open(&stack, "alice", &runtime, &["UPSTREAMONLY"]);
        for spelled in (0..ROWS).flat_map(|index| spellings(&made(index))) {
            client.never(spelled);
        }
        let (token, _) = client.tokens();
        Self { _upstream: upstream, _stack: stack, client, token }
    }

    /// Searches what is packed into the answer, and every chunk; the rows there are.
    #[track_caller]
    fn read(&self, answer: &Value) -> u64 {
        assert_eq!(answer["success"], true, "{answer}");
        let data = &answer["data"];
        if let Some(packed) = data["rowsetBase64"].as_str() {
            self.client.search(&STANDARD.decode(packed).unwrap(), "rowsetBase64");
        }
        let chunks = data["chunks"].as_array().cloned().unwrap_or_default();
        for chunk in &chunks {
            let path = chunk["url"].as_str().unwrap().strip_prefix(self.client.listener.url()).unwrap();
            let served = self.client.send("GET", path, &self.token, "");
            assert_eq!(served.status, 200);
            assert!(!served.body.is_empty());
        }
        assert!(chunks.is_empty() || chunks.len() == CHUNKS, "{} chunks", chunks.len());
        data["total"].as_u64().unwrap()
    }

    #[track_caller]
    fn ask(&self, sql: &str, way: Way) -> u64 {
        let (client, token) = (&self.client, &self.token);
        let first = match way {
            Way::Asynchronous => client.query_with(token, json!({ "sqlText": sql, "asyncExec": true })),
            Way::Described => client.query_with(token, json!({ "sqlText": sql, "describeOnly": true })),
            _ => client.query(token, sql),
        };
        let id = first["data"]["queryId"].as_str().unwrap_or_default().to_owned();
        match way {
            Way::Query | Way::Asynchronous | Way::Described => self.read(&first),
            Way::Again => self.read(&parsed(&client.send("GET", &format!("/queries/{id}/result"), token, ""))),
            Way::Scanned => self.read(&client.query(token, &format!("SELECT * FROM TABLE(RESULT_SCAN('{id}'))"))),
        }
    }
}

/// As text, as text in hexadecimal, and as the integer that Arrow holds in eight or sixteen bytes.
fn spellings(pan: &str) -> [Vec<u8>; 3] {
    let packed = pan.bytes().flat_map(|byte| format!("{byte:02X}").into_bytes()).collect();
    [pan.as_bytes().to_vec(), packed, pan.parse::<i64>().unwrap().to_le_bytes().to_vec()]
}

/// What is searched for is there, as long as nobody masks it.
#[test]
fn the_upstream_itself_sends_every_spelling() {
    let upstream = Upstream::start();
    let connect =
        json!({ "data": { "LOGIN_NAME": upstream::USER, "PASSWORD": upstream::PASSWORD, "CLIENT_APP_ID": "Go" } });
    let mut bytes = Vec::new();
    upstream.runtime.block_on(async {
        let mut connection = Connection::open(upstream.snowflake.address()).await.unwrap();
        let login = "/session/v1/login-request?requestId=l";
        let answer = connection.send("POST", login, &[], connect.to_string().into()).await.unwrap();
        let authorization = format!("Snowflake Token=\"{}\"", parsed(&answer)["data"]["token"].as_str().unwrap());
        let headers = [("authorization", authorization.as_str())];
        for (table, format) in [("types", "json"), ("types", "arrow"), ("payments", "json"), ("payments", "arrow")] {
            let sql = format!("SELECT /*hoop: table={table} rows={ROWS} format={format} */ * FROM products");
            let path = format!("/queries/v1/query-request?requestId={table}-{format}");
            let body = json!({ "sqlText": sql }).to_string();
            let answer = connection.send("POST", &path, &headers, body.into()).await.unwrap();
            bytes.extend_from_slice(&answer.body);
            if let Some(packed) = parsed(&answer)["data"]["rowsetBase64"].as_str() {
                bytes.extend(STANDARD.decode(packed).unwrap());
            }
        }
    });
    for index in 0..ROWS {
        let [text, packed, integer] = spellings(&made(index));
        assert!(holds(&bytes, &text) && holds(&bytes, &integer), "row {index}");
        // Of the table with binaries, every fifth row is null.
        assert!(holds(&bytes, &packed) || index % 5 == 4, "row {index}: {}", packed.escape_ascii());
    }
}

#[test]
fn by_every_way_in_every_form() {
    let scene = Scene::new();
    for table in ["payments", "types"] {
        for format in ["json", "arrow"] {
            for chunks in ["", "chunks=2", "chunks=2 inline=0", "chunks=2 secret=qrmk"] {
                let sql =
                    format!("SELECT /*hoop: table={table} rows={ROWS} format={format} {chunks} */ * FROM products");
                for way in [Way::Query, Way::Again, Way::Asynchronous, Way::Scanned] {
                    assert_eq!(scene.ask(&sql, way), ROWS as u64, "{sql} by {way:?}");
                }
                scene.ask(&sql, Way::Described);
            }
        }
    }
}

#[test]
fn by_statements_about_the_data_and_by_errors() {
    let scene = Scene::new();
    let card = made(7);
    for format in ["JSON", "ARROW"] {
        let formatted = |sql: &str| json!({ "sqlText": sql, "parameters": { "GO_QUERY_RESULT_FORMAT": format } });
        for sql in [
            "SHOW TABLES".to_owned(),
            "DESCRIBE TABLE payments".to_owned(),
            "SELECT card_number, pan FROM payments".to_owned(),
            format!("SELECT '{card}' AS A, {card} AS B, '{card}' || '' AS \"{card}\""),
            "SELECT 1; SELECT card_number FROM payments; SHOW TABLES".to_owned(),
        ] {
            let count = 1 + sql.matches(';').count();
            let mut request = formatted(&sql);
            request["parameters"]["MULTI_STATEMENT_COUNT"] = count.into();
            let answer = scene.client.query_with(&scene.token, request);
            scene.read(&answer);
            for id in answer["data"]["resultIds"].as_str().unwrap_or_default().split(',').filter(|id| !id.is_empty()) {
                let result = scene.client.send("GET", &format!("/queries/{id}/result"), &scene.token, "");
                scene.read(&parsed(&result));
            }
        }
        for wrong in
            [format!("SELECT /*hoop: error={card} */ 1"), format!("SELECT no_such_column, '{card}' FROM payments")]
        {
            let error = scene.client.query_with(&scene.token, formatted(&wrong));
            assert_eq!(error["success"], false, "{error}");
        }
    }
}

#[test]
fn by_the_sql_api() {
    let scene = Scene::new();
    let bearer = format!("Bearer {}", scene.client.listener.secret());
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    for table in ["payments", "types"] {
        for chunks in ["", "chunks=2", "chunks=2 inline=0"] {
            let sql = format!("SELECT /*hoop: table={table} rows={ROWS} {chunks} */ * FROM products");
            let path = format!("/api/v2/statements?requestId={}", unique());
            let body = json!({ "statement": sql }).to_string();
            let answer = parsed(&scene.client.send_with("POST", &path, &headers, body));
            let partitions =
                answer["resultSetMetaData"]["partitionInfo"].as_array().unwrap_or_else(|| panic!("{answer}"));
            let mut rows = 0;
            for number in 0..partitions.len() {
                let path = format!("{}?partition={number}", answer["statementStatusUrl"].as_str().unwrap());
                rows += parsed(&scene.client.send_with("GET", &path, &headers, ""))["data"].as_array().unwrap().len();
            }
            assert_eq!(rows, ROWS, "{sql}");
        }
    }
}
