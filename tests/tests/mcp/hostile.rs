//! Bad input from a client of the MCP listener: each is refused with the right code, and the upstream hears nothing.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Json, Router,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use hoop_tests::{Listener, Stack, program::PATIENCE};
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime::Runtime};

/// An upstream that answers anything, and counts what it was asked.
struct Upstream {
    asked: Arc<AtomicUsize>,
    url: String,
    _runtime: Runtime,
}

impl Upstream {
    fn start() -> Self {
        let asked = Arc::new(AtomicUsize::new(0));
        let runtime = Runtime::new().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
        let url = format!("http://{}/mcp", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(any).with_state(asked.clone());
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { asked, url, _runtime: runtime }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn any(State(asked): State<Arc<AtomicUsize>>, _headers: HeaderMap, body: String) -> Response {
    asked.fetch_add(1, Ordering::SeqCst);
    let message: Value = serde_json::from_str(&body).unwrap_or_default();
    let result =
        json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": { "name": "any", "version": "1" } });
    let answer = json!({ "jsonrpc": "2.0", "id": message["id"], "result": result });
    ([("mcp-session-id", "upstream-own")], Json(answer)).into_response()
}

/// What a client sends, byte for byte.
struct Request {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// In the place of the `Content-Length`.
    framing: Option<&'static str>,
}

impl Request {
    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(own, _)| *own != name);
        self
    }

    fn having(self, name: &'static str, value: &str) -> Self {
        self.without(name).with(name, value)
    }

    fn method(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }

    fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    fn framed(mut self, framing: &'static str) -> Self {
        self.framing = Some(framing);
        self
    }

    /// Status and body.
    #[track_caller]
    fn send(&self, address: &str) -> (u16, String) {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        match self.framing {
            Some(framing) => head.push_str(framing),
            None => head.push_str(&format!("Content-Length: {}\r\n", self.body.len())),
        }
        head.push_str("Connection: close\r\n\r\n");
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
        stream.write_all(head.as_bytes()).expect("the head is sent");
        // Whoever refuses may do so before it has all.
        let _ = stream.write_all(&self.body);
        let mut answer = Vec::new();
        if stream.read_to_end(&mut answer).is_err() && answer.is_empty() {
            return (0, String::new());
        }
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        (status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
    }
}

/// One client and the session that it has opened.
struct Client {
    _listener: Listener,
    address: String,
    path: String,
    session: String,
}

impl Client {
    fn open(stack: &Stack, user: &str) -> Self {
        let listener = Listener::open(stack, user, "mcp");
        let address = listener.address().to_owned();
        let path = format!("/{}/mcp", listener.secret());
        let mut client = Self { _listener: listener, address, path, session: String::new() };
        let begin = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "hostile", "version": "1" },
        } });
        let request = client.post(begin.to_string()).without("Mcp-Session-Id");
        let head = {
            let mut stream = TcpStream::connect(&client.address).expect("a connection");
            let headers: String = request.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let (length, body) = (request.body.len(), String::from_utf8(request.body).expect("text"));
            let text = format!(
                "POST {} HTTP/1.1\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}",
                client.path
            );
            stream.write_all(text.as_bytes()).expect("sent");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("an answer");
            answer
        };
        let line = head.lines().find_map(|line| line.strip_prefix("mcp-session-id: ")).expect("a session");
        line.clone_into(&mut client.session);
        client
    }

    fn post(&self, body: impl Into<Vec<u8>>) -> Request {
        let header = |name: &'static str, value: &str| (name, value.to_owned());
        Request {
            method: "POST",
            path: self.path.clone(),
            headers: vec![
                header("Host", &self.address),
                header("Content-Type", "application/json"),
                header("Accept", "application/json, text/event-stream"),
                header("Mcp-Session-Id", &self.session),
            ],
            body: body.into(),
            framing: None,
        }
    }

    fn list(&self) -> Request {
        self.post(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)
    }

    /// A request of the new era.
    fn modern(&self, method: &str, params: &Value) -> Request {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        self.post(body.to_string())
            .without("Mcp-Session-Id")
            .with("MCP-Protocol-Version", "2026-07-28")
            .with("Mcp-Method", method)
    }
}

const META: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

fn meta() -> Value {
    json!({ META: "2026-07-28", CAPABILITIES: {} })
}

fn call(name: &str) -> Value {
    json!({ "name": name, "arguments": {}, "_meta": meta() })
}

/// What must be said: an HTTP status, and a JSON-RPC error code where the message could be read as one.
type Case = (&'static str, Request, u16, Option<i64>);

/// What is no JSON, or no JSON-RPC.
fn bodies(client: &Client) -> Vec<Case> {
    let deep = |open: &str, close: &str| {
        let inner = format!("{}1{}", open.repeat(300), close.repeat(300));
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{{"a":{inner}}}}}"#)
    };
    let mut huge = br#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"a":""#.to_vec();
    huge.resize(16 * 1024 * 1024 + 1, b'a');
    let parse: &[(&'static str, Vec<u8>)] = &[
        ("nothing", Vec::new()),
        ("an end in the middle", br#"{"jsonrpc":"2.0","id":1,"#.to_vec()),
        ("words behind it", br#"{"jsonrpc":"2.0","id":1,"method":"ping"} x"#.to_vec()),
        ("two messages", br#"{"jsonrpc":"2.0","id":1,"method":"ping"}{"jsonrpc":"2.0","id":2,"method":"ping"}"#.to_vec()),
        ("a method twice", br#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}"#.to_vec()),
        ("a method twice, once escaped", br#"{"jsonrpc":"2.0","id":1,"method":"ping","\u006dethod":"tools/call"}"#.to_vec()),
        ("SQL twice", br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"q","arguments":{"sql":"SELECT 1","sql":"DROP TABLE t"}}}"#.to_vec()),
        ("an id twice", br#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#.to_vec()),
        ("300 arrays deep", deep("[", "]").into_bytes()),
        ("300 objects deep", deep(r#"{"a":"#, "}").into_bytes()),
        ("no UTF-8", b"{\"jsonrpc\":\"2.0\",\"id\":\"\xff\",\"method\":\"ping\"}".to_vec()),
        ("half a surrogate pair", br#"{"jsonrpc":"2.0","id":"\ud800","method":"ping"}"#.to_vec()),
        ("a NUL", b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\0\"}".to_vec()),
        ("a byte order mark", b"\xef\xbb\xbf{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}".to_vec()),
        ("NaN", br#"{"jsonrpc":"2.0","id":NaN,"method":"ping"}"#.to_vec()),
        ("a comment", br#"{"jsonrpc":"2.0",/*"method":"a",*/"id":1,"method":"ping"}"#.to_vec()),
        ("a parser's own number", br#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"a":{"$serde_json::private::Number":"4111"}}}"#.to_vec()),
        ("a parser's own text", br#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"a":{"$serde_json::private::RawValue":"{}"}}}"#.to_vec()),
    ];
    let shape: &[(&'static str, &str)] = &[
        ("null", "null"),
        ("a number", "7"),
        ("an empty batch", "[]"),
        ("a batch", r#"[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"tools/list"}]"#),
        ("an empty object", "{}"),
        ("no version", r#"{"id":1,"method":"ping"}"#),
        ("version 1.0", r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#),
        ("a version that is a number", r#"{"jsonrpc":2.0,"id":1,"method":"ping"}"#),
        ("the id null", r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#),
        ("half an id", r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#),
        ("the id true", r#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#),
        ("an id that is an object", r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#),
        ("a method that is a number", r#"{"jsonrpc":"2.0","id":1,"method":7}"#),
        ("parameters that are text", r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}"#),
        ("result and error", r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#),
        ("method and result", r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#),
        ("a result of nothing", r#"{"jsonrpc":"2.0","result":{}}"#),
    ];
    let parse = parse.iter().map(|(name, body)| (*name, client.post(body.clone()), 400, Some(-32700)));
    let shape = shape.iter().map(|(name, body)| (*name, client.post(*body), 400, Some(-32600)));
    parse.chain(shape).chain([("over 16 MiB", client.post(huge), 413, None)]).collect()
}

/// Messages that ask for what nobody offers, or answer what nobody asked.
fn messages(client: &Client) -> Vec<Case> {
    let unknown = |body: &str| client.post(body.to_owned());
    vec![
        ("an unknown method", unknown(r#"{"jsonrpc":"2.0","id":1,"method":"admin/dump"}"#), 200, Some(-32601)),
        ("no method at all", unknown(r#"{"jsonrpc":"2.0","id":1,"method":""}"#), 200, Some(-32601)),
        (
            "a method of the other era",
            unknown(r#"{"jsonrpc":"2.0","id":1,"method":"server/discover"}"#),
            200,
            Some(-32601),
        ),
        (
            "a call of no tool",
            unknown(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}"#),
            200,
            Some(-32601),
        ),
        (
            "a tool that is a number",
            unknown(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":1}}"#),
            200,
            Some(-32601),
        ),
        (
            "arguments that are text",
            unknown(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":"y"}}"#),
            200,
            Some(-32601),
        ),
        ("an unknown notification", unknown(r#"{"jsonrpc":"2.0","method":"notifications/surprise"}"#), 202, None),
        (
            "an answer that nobody asked for",
            unknown(r#"{"jsonrpc":"2.0","id":999,"result":{"action":"accept"}}"#),
            400,
            None,
        ),
        (
            "an error that nobody asked for",
            unknown(r#"{"jsonrpc":"2.0","id":"1","error":{"code":-1,"message":"no"}}"#),
            400,
            None,
        ),
    ]
}

/// Sessions, events and secrets that are not this client's.
fn strangers(client: &Client, other: &Client) -> Vec<Case> {
    let get = || client.list().method("GET").having("Accept", "text/event-stream");
    vec![
        ("no session", client.list().without("Mcp-Session-Id"), 400, None),
        (
            "a session never opened",
            client.list().having("Mcp-Session-Id", "0123456789abcdef0123456789abcdef"),
            404,
            None,
        ),
        ("another person's session", client.list().having("Mcp-Session-Id", &other.session), 404, None),
        ("the upstream's own session", client.list().having("Mcp-Session-Id", "upstream-own"), 404, None),
        ("two sessions", client.list().with("Mcp-Session-Id", &client.session), 400, None),
        ("an empty session", client.list().having("Mcp-Session-Id", ""), 400, None),
        ("a session with a space", client.list().having("Mcp-Session-Id", "a b"), 400, None),
        ("a session of 300 bytes", client.list().having("Mcp-Session-Id", &"a".repeat(300)), 400, None),
        (
            "the end of another's session",
            client.list().method("DELETE").having("Mcp-Session-Id", &other.session),
            404,
            None,
        ),
        ("an event never sent", get().with("Last-Event-ID", "1-1"), 400, None),
        ("two events", get().with("Last-Event-ID", "1").with("Last-Event-ID", "2"), 400, None),
        ("no secret", client.list().path("/mcp"), 401, None),
        ("a wrong secret", client.list().path("/not-the-secret/mcp"), 401, None),
        ("a wrong bearer", client.list().path("/mcp").with("Authorization", "Bearer not-the-secret"), 401, None),
        ("a secret in the query", client.list().path(&format!("/mcp?access_token={}", client.path)), 401, None),
        ("another path", client.list().path(&client.path.replace("/mcp", "/admin")), 404, None),
        ("a path that climbs", client.list().path(&format!("{}/../admin", client.path)), 404, None),
    ]
}

/// Headers that a web page or a smuggler would send.
fn headers(client: &Client) -> Vec<Case> {
    let chunked = "Transfer-Encoding: chunked\r\n";
    let mut bad_chunk = client.post("zz\r\n{}\r\n0\r\n\r\n").framed(chunked);
    bad_chunk.headers.retain(|(name, _)| *name != "Mcp-Session-Id");
    vec![
        ("no type", client.list().without("Content-Type"), 415, None),
        ("another type", client.list().having("Content-Type", "text/plain"), 415, None),
        ("two types", client.list().with("Content-Type", "text/plain"), 415, None),
        ("a form", client.list().having("Content-Type", "application/x-www-form-urlencoded"), 415, None),
        ("JSON only", client.list().having("Accept", "application/json"), 406, None),
        ("a page", client.list().having("Accept", "text/html"), 406, None),
        ("a foreign host", client.list().having("Host", "evil.example"), 403, None),
        ("our name at another port", client.list().having("Host", "127.0.0.1:1"), 403, None),
        ("no host", client.list().without("Host"), 403, None),
        ("a foreign origin", client.list().with("Origin", "http://evil.example"), 403, None),
        ("the origin null", client.list().with("Origin", "null"), 403, None),
        (
            "our host as a part of another",
            client.list().with("Origin", &format!("http://{}.evil.example", client.address)),
            403,
            None,
        ),
        ("PUT", client.list().method("PUT"), 405, None),
        ("PATCH", client.list().method("PATCH"), 405, None),
        ("OPTIONS", client.list().method("OPTIONS"), 405, None),
        ("a method of nobody", client.list().method("BREW"), 405, None),
        ("a GET for a page", client.list().method("GET").having("Accept", "text/html"), 406, None),
        (
            "a revision of nobody's",
            client
                .list()
                .method("GET")
                .having("Accept", "text/event-stream")
                .with("MCP-Protocol-Version", "1999-01-01"),
            400,
            None,
        ),
        ("two lengths", client.list().framed("Content-Length: 3\r\nContent-Length: 46\r\n"), 400, None),
        ("a length that is none", client.list().framed("Content-Length: -1\r\n"), 400, None),
        ("a chunk that is none", bad_chunk, 400, None),
        ("a folded header", client.list().framed("Content-Length: 46\r\nX-A: b\r\n\tc\r\n"), 400, None),
        ("a space before the colon", client.list().framed("Content-Length : 46\r\n"), 400, None),
    ]
}

/// The new era's own rules.
fn modern(client: &Client) -> Vec<Case> {
    let list = || client.modern("tools/list", &json!({ "_meta": meta() }));
    let named = || client.modern("tools/call", &call("pay")).with("Mcp-Name", "pay");
    let with_meta = |meta: Value| client.modern("tools/list", &json!({ "_meta": meta }));
    let mut cases = vec![
        ("no _meta", client.modern("tools/list", &json!({})), 400, Some(-32602)),
        ("a _meta that is text", with_meta(json!("x")), 400, Some(-32602)),
        ("no revision in it", with_meta(json!({ CAPABILITIES: {} })), 400, Some(-32602)),
        ("no capabilities in it", with_meta(json!({ META: "2026-07-28" })), 400, Some(-32602)),
        (
            "capabilities that are text",
            with_meta(json!({ META: "2026-07-28", CAPABILITIES: "all" })),
            400,
            Some(-32602),
        ),
        ("two revisions", with_meta(json!({ META: "2025-11-25", CAPABILITIES: {} })), 400, Some(-32020)),
        ("the revision in the body only", list().without("MCP-Protocol-Version"), 400, Some(-32020)),
        ("the revision twice", list().with("MCP-Protocol-Version", "2025-11-25"), 400, Some(-32020)),
        ("no method beside it", list().without("Mcp-Method"), 400, Some(-32020)),
        ("another method beside it", list().having("Mcp-Method", "ping"), 400, Some(-32020)),
        ("two methods beside it", list().with("Mcp-Method", "ping"), 400, Some(-32020)),
        ("no name beside it", named().without("Mcp-Name"), 400, Some(-32020)),
        ("another name beside it", named().having("Mcp-Name", "read"), 400, Some(-32020)),
        ("another name, wrapped", named().having("Mcp-Name", "=?base64?cmVhZA==?="), 400, Some(-32020)),
        ("a name that cannot be unwrapped", named().having("Mcp-Name", "=?base64?%%?="), 400, Some(-32020)),
        ("two names beside it", named().with("Mcp-Name", "read"), 400, Some(-32020)),
        ("an argument twice beside it", named().with("Mcp-Param-A", "1").with("Mcp-Param-A", "2"), 400, Some(-32020)),
        (
            "an answer that nobody asked for",
            client
                .post(r#"{"jsonrpc":"2.0","id":999,"result":{"action":"accept"}}"#)
                .without("Mcp-Session-Id")
                .with("MCP-Protocol-Version", "2026-07-28"),
            400,
            None,
        ),
        ("a GET", list().method("GET").having("Accept", "text/event-stream"), 405, None),
        ("a DELETE", list().method("DELETE"), 405, None),
    ];
    for method in
        ["initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe", "admin/dump"]
    {
        cases.push((
            "a method that the revision lacks",
            client.modern(method, &json!({ "_meta": meta() })),
            404,
            Some(-32601),
        ));
    }
    cases
}

#[test]
fn bad_input_is_refused_and_goes_nowhere() {
    let upstream = Upstream::start();
    let stack = Stack::with(&["--mcp", &upstream.url]);
    let (alice, bob) = (Client::open(&stack, "alice"), Client::open(&stack, "bob"));
    let before = upstream.asked();
    let mut cases = bodies(&alice);
    cases.extend(messages(&alice));
    cases.extend(strangers(&alice, &bob));
    cases.extend(headers(&alice));
    cases.extend(modern(&alice));
    assert!(cases.len() >= 60, "{}", cases.len());
    let mut wrong = Vec::new();
    for (name, request, status, code) in &cases {
        let (answered, body) = request.send(&alice.address);
        let said = serde_json::from_str::<Value>(&body).ok().and_then(|body| body["error"]["code"].as_i64());
        if answered != *status || said != *code || upstream.asked() != before {
            wrong.push(format!("{name}: {answered} {body:?}, upstream asked {}", upstream.asked() - before));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));

    // After all of it the session still works.
    assert_eq!(alice.list().send(&alice.address).0, 200);
    assert_eq!(upstream.asked(), before + 1);
}

#[test]
fn a_revision_that_nobody_speaks_is_answered_with_those_of_the_upstream() {
    let upstream = Upstream::start();
    let stack = Stack::with(&["--mcp", &upstream.url]);
    let alice = Client::open(&stack, "alice");
    let request = alice
        .modern("tools/list", &json!({ "_meta": { META: "v999", CAPABILITIES: {} } }))
        .having("MCP-Protocol-Version", "v999");
    let (status, body) = request.send(&alice.address);
    let error = serde_json::from_str::<Value>(&body).expect("JSON")["error"].clone();
    assert_eq!((status, &error["code"], &error["data"]["requested"]), (400, &json!(-32022), &json!("v999")), "{body}");
}
