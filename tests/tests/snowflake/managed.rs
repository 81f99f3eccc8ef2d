//! A Snowflake-managed MCP server behind the gateway: its SQL is judged as a driver's is, no byte of an answer holds a
//! card number, and its token stays with the agent.

use std::{cell::RefCell, sync::Arc};

use hoop_dev::{client::mcp::Client, snowflake::MANAGED_MCP};
use hoop_tests::{
    Listener, Raw, Stack, Upstream,
    cards::made,
    raw::{holds, parsed},
    upstream::TOKEN,
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Rows of each result; each holds a card number of its own in every column that can.
const ROWS: usize = 60;

struct Scene {
    upstream: Upstream,
    stack: Stack,
    client: Raw,
    runtime: Arc<Runtime>,
    /// The MCP session's id, once it has begun.
    session: RefCell<String>,
}

impl Scene {
    fn new(token: &str) -> Self {
        let upstream = Upstream::start();
        let url = format!("{}{MANAGED_MCP}", upstream.snowflake.url());
        let stack = Stack::with_environment(&[("MCP_TOKEN", token)], &["--mcp", &url]);
        let runtime = Arc::new(Runtime::new().unwrap());
        let mut client = Raw::at(Listener::open(&stack, "alice", "mcp"), &runtime, &["UPSTREAMONLY"]);
        for pan in (0..ROWS).map(made) {
            client.never(pan.bytes().flat_map(|byte| format!("{byte:02X}").into_bytes()).collect());
            client.never(pan.into_bytes());
        }
        Self { upstream, stack, client, runtime, session: RefCell::default() }
    }

    #[track_caller]
    fn begin(&self) {
        let begun = self.send("initialize", json!({ "protocolVersion": "2025-06-18" }));
        assert_eq!(begun["result"]["serverInfo"]["name"], "PAYMENTS_MCP", "{begun}");
    }

    #[track_caller]
    fn send(&self, method: &str, params: Value) -> Value {
        let bearer = format!("Bearer {}", self.client.listener.secret());
        let session = self.session.borrow().clone();
        let headers = [
            ("authorization", bearer.as_str()),
            ("accept", "application/json, text/event-stream"),
            ("mcp-protocol-version", "2025-06-18"),
            ("mcp-session-id", session.as_str()),
        ];
        let headers = &headers[..headers.len() - usize::from(session.is_empty())];
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let answer = self.client.send_with("POST", "/mcp", headers, message.to_string());
        if let Some(begun) = answer.headers.get("mcp-session-id") {
            *self.session.borrow_mut() = begun.to_str().unwrap().to_owned();
        }
        parsed(&answer)
    }

    #[track_caller]
    fn call(&self, tool: &str, arguments: Value) -> Value {
        self.send("tools/call", json!({ "name": tool, "arguments": arguments }))["result"].clone()
    }
}

/// What is searched for is there, as long as nobody masks it.
#[test]
fn the_upstream_itself_shows_every_card() {
    let upstream = Upstream::start();
    let bytes = upstream.runtime.block_on(async {
        let mut connection = hoop_dev::client::Connection::open(upstream.snowflake.address()).await.unwrap();
        let bearer = format!("Bearer {TOKEN}");
        let sql = format!("SELECT /*hoop: table=types rows={ROWS} */ * FROM products");
        let params = json!({ "name": "run-sql", "arguments": { "sql": sql } });
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let headers = [("authorization", bearer.as_str())];
        connection.send("POST", MANAGED_MCP, &headers, message.to_string().into()).await.unwrap().body
    });
    for index in (0..ROWS).filter(|index| index % 5 != 4) {
        let pan = made(index);
        let packed: String = pan.bytes().map(|byte| format!("{byte:02X}")).collect();
        assert!(holds(&bytes, pan.as_bytes()) && holds(&bytes, packed.as_bytes()), "row {index}");
    }
}

#[test]
fn no_byte_of_an_answer_holds_a_card_or_the_token() {
    let scene = Scene::new(TOKEN);
    scene.begin();
    assert_eq!(scene.send("tools/list", json!({}))["result"]["tools"].as_array().unwrap().len(), 2);
    for table in ["payments", "types"] {
        let sql = format!("SELECT /*hoop: table={table} rows={ROWS} */ * FROM products");
        let result = scene.call("run-sql", json!({ "sql": sql }));
        let rows = &result["structuredContent"]["result_set"];
        assert_eq!(rows["data"].as_array().unwrap().len(), ROWS, "{result}");
        let text: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
        assert_eq!(text["result_set"]["data"], rows["data"], "the same rows, masked alike");
        assert!(rows.to_string().contains("411111**"), "{rows}");
    }
    let card = made(7);
    for sql in [
        "SHOW TABLES".to_owned(),
        "DESCRIBE TABLE payments".to_owned(),
        "SELECT card_number, pan, holder FROM payments".to_owned(),
        format!("SELECT '{card}' AS A, {card} AS B, '{card}' AS \"{card}\""),
    ] {
        assert_eq!(scene.call("run-sql", json!({ "sql": sql }))["isError"], false, "{sql}");
    }
    for wrong in [format!("SELECT /*hoop: error={card} */ 1"), format!("SELECT no_such_column, '{card}' FROM payments")]
    {
        assert_eq!(scene.call("run-sql", json!({ "sql": wrong }))["isError"], true, "{wrong}");
    }
    // Plain words, though the argument's name is one that SQL has elsewhere.
    let found = scene.call("search-payments", json!({ "query": "a" }));
    assert_eq!(found["isError"], false, "{found}");
}

#[test]
fn its_sql_is_judged_as_a_drivers_is() {
    let scene = Scene::new(TOKEN);
    let delete = "DELETE FROM payments WHERE id = 1";
    let address = scene.client.listener.address().parse().unwrap();
    let secret = scene.client.listener.secret().to_owned();
    let ask = |decision: &[&str]| {
        let secret = secret.clone();
        let call = scene.runtime.spawn(async move {
            let mut client = Client::connect(address, &secret).await.unwrap();
            client.call("run-sql", json!({ "sql": delete })).await.unwrap()
        });
        let request = scene.stack.held();
        assert!(request["request"]["command"].as_str().unwrap().contains(delete), "{request}");
        let id = request["request"]["id"].as_str().unwrap().to_owned();
        let executed = scene.upstream.executed(delete);
        scene.stack.run("bob", &[&[decision[0], &id], &decision[1..]].concat()).ok();
        (executed, scene.runtime.block_on(call).unwrap())
    };
    let (before, denied) = ask(&["deny", "--reason", "not without a ticket"]);
    assert_eq!((before, denied["isError"].clone()), (0, json!(true)), "{denied}");
    assert!(denied.to_string().contains("not without a ticket"), "{denied}");
    assert_eq!(scene.upstream.executed(delete), 0);
    let (before, approved) = ask(&["approve", "--reason", "ticket OPS-7"]);
    assert_eq!((before, approved["isError"].clone()), (0, json!(false)), "{approved}");
    assert_eq!(scene.upstream.executed(delete), 1);
    scene.begin();
    // Whoever reads otherwise than it runs is refused before anybody could approve.
    let refused = scene.call("run-sql", json!({ "sql": "SELECT 1 -- \u{202e}" }));
    assert!(refused.is_null() || refused["isError"] == true, "{refused}");
    assert_eq!(scene.upstream.snowflake.statements().len(), 1);
}

#[test]
fn a_token_that_is_no_good_shows_snowflakes_own_words() {
    let scene = Scene::new("UPSTREAMONLY-expired");
    let answer = scene.send("initialize", json!({ "protocolVersion": "2025-06-18" }));
    let text = answer["error"]["message"].as_str().unwrap_or_else(|| panic!("{answer}"));
    assert!(text.contains("401") && text.contains("Invalid OAuth access token"), "{text}");
}
