//! Remote MCP clients: the SDKs' own OAuth against a certified provider, and what comes without the right token.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    process::Command,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use hoop_audit::{Record, RecordType};
use hoop_model::{Subject, Timestamp};
use hoop_store::Store;
use hoop_tests::{
    Finished, Site,
    cards::{VISA, VISA_MASKED},
    peers,
    raw::holds,
};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Design, promise 7.
const WITHIN: Duration = Duration::from_secs(5);
const PAGE: &str = "https://app.example.com";

/// A site with its endpoint, and everything that reached the upstream.
struct Endpoint {
    site: Site,
    certificates: TempDir,
    runtime: Runtime,
    http: Client,
    upstream: Arc<Mutex<Vec<u8>>>,
}

impl Endpoint {
    fn start() -> Self {
        let certificates = certificates();
        let folder = certificates.path().display();
        let mut site = Site::with(&format!(
            "[mcp_endpoint]\nlisten = \"127.0.0.1:0\"\nurl = \"https://127.0.0.1:0\"\nscope = \"mcp\"\n\
             origins = [\"{PAGE}\"]\ncertificate = \"{folder}/leaf.pem\"\nkey = \"file:{folder}/leaf.key\"\n"
        ));
        let (url, upstream) = overheard(site.mcp());
        site.tools = Some(url);
        site.let_agent_in();
        let runtime = Runtime::new().unwrap();
        let http = client(&certificates);
        Self { site, certificates, runtime, http, upstream }
    }

    fn origin(&self) -> String {
        format!("https://{}", self.site.mcp_endpoint.as_deref().expect("an endpoint"))
    }

    fn resource(&self, connection: &str) -> String {
        format!("{}/mcp/{connection}", self.origin())
    }

    /// A token of the provider for `resource`; `more` as a query.
    fn token(&self, sub: &str, groups: &str, resource: &str, more: &str) -> String {
        self.site.workload_token(&format!("sub={sub}&groups={groups}&aud={resource}&client_id=assistant&{more}"))
    }

    fn alice(&self) -> String {
        self.token("alice", "engineers", &self.resource("tools"), "scope=mcp")
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.origin()))
    }

    fn post(&self, path: &str, message: &Value) -> RequestBuilder {
        self.request(Method::POST, path)
            .header(header::ACCEPT, "application/json, text/event-stream")
            .header(header::CONTENT_TYPE, "application/json")
            .body(message.to_string())
    }

    #[track_caller]
    fn send(&self, request: RequestBuilder) -> Response {
        self.runtime.block_on(request.send()).unwrap_or_else(|error| panic!("{error:?}"))
    }

    #[track_caller]
    fn text(&self, request: RequestBuilder) -> (StatusCode, String) {
        let response = self.send(request);
        (response.status(), self.runtime.block_on(response.text()).unwrap())
    }

    /// The status that `initialize` with this token comes to.
    #[track_caller]
    fn status(&self, token: &str) -> StatusCode {
        self.send(self.post("/mcp/tools", &initialize()).bearer_auth(token)).status()
    }

    /// An MCP session of this token.
    #[track_caller]
    fn begin(&self, token: &str) -> String {
        let response = self.send(self.post("/mcp/tools", &initialize()).bearer_auth(token));
        assert_eq!(response.status(), StatusCode::OK);
        let session = response.headers()["mcp-session-id"].to_str().unwrap().to_owned();
        let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        let ready = self.send(self.post("/mcp/tools", &ready).bearer_auth(token).header("mcp-session-id", &session));
        assert_eq!(ready.status(), StatusCode::ACCEPTED);
        session
    }

    fn call(&self, token: &str, session: &str, tool: &str, arguments: Value) -> RequestBuilder {
        let params = json!({ "name": tool, "arguments": arguments });
        let message = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params });
        self.post("/mcp/tools", &message).bearer_auth(token).header("mcp-session-id", session)
    }

    /// What carol sees of alice's sessions on `tools`, the newest first.
    #[track_caller]
    fn sessions(&self) -> Vec<Value> {
        let all = self.site.run("carol", &["sessions", "--output", "json"]).ok().json();
        let all = all["sessions"].as_array().expect("sessions").clone();
        all.into_iter().filter(|one| one["subject"]["sub"] == "alice" && one["connection"] == "tools").collect()
    }

    /// What the trail says of access tokens: of whom, from which client, and why not.
    #[track_caller]
    fn tokens(&self) -> Vec<[Option<String>; 3]> {
        let mut tokens = Vec::new();
        let of_token = |record: Record, _: &[u8]| {
            let draft = record.draft;
            if draft.kind == RecordType::Auth && draft.detail.get("event").is_some_and(|event| event == "access_token")
            {
                let detail = |name: &str| draft.detail.get(name).cloned();
                tokens.push([draft.origin.map(|origin| origin.subject.sub), detail("client"), detail("code")]);
            }
        };
        hoop_recording::records(&self.site.trail(), of_token).unwrap();
        tokens
    }

    /// Fails where one of the tokens went upstream or came to rest.
    #[track_caller]
    fn kept_to_itself(&self, tokens: &[&str]) {
        let upstream = self.upstream.lock().unwrap();
        assert!(holds(&upstream, b"tools/call"), "the calls were overheard");
        assert!(!holds(&upstream.to_ascii_lowercase(), b"authorization"), "{}", upstream.escape_ascii());
        let database = self.site.path("gateway/gateway.sqlite");
        let mut rest = vec![database.clone(), database.with_extension("sqlite-wal")];
        rest.extend(std::fs::read_dir(self.site.trail()).unwrap().map(|entry| entry.unwrap().path()));
        for token in tokens {
            // Its signature: a part of it is as bad.
            let token = token.rsplit('.').next().unwrap().as_bytes();
            assert!(!holds(&upstream, token), "a token went upstream");
            for file in rest.iter().filter(|file| file.is_file()) {
                assert!(!holds(&std::fs::read(file).unwrap(), token), "a token is in {}", file.display());
            }
        }
    }
}

/// An authority, and a certificate of it for 127.0.0.1.
fn certificates() -> TempDir {
    let dir = TempDir::new().unwrap();
    let (authority_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // Another name than the leaf's, which would pass for self-signed.
    params.distinguished_name.push(DnType::CommonName, "test authority");
    let authority = params.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(params, authority_key);
    let mut params = CertificateParams::new(["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
    params.use_authority_key_identifier_extension = true;
    let leaf = params.signed_by(&key, &issuer).unwrap();
    for (name, text) in [("ca.pem", authority.pem()), ("leaf.pem", leaf.pem()), ("leaf.key", key.serialize_pem())] {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

fn client(certificates: &TempDir) -> Client {
    let mut roots = rustls::RootCertStore::empty();
    let pem = std::fs::read_to_string(certificates.path().join("ca.pem")).unwrap();
    roots.add_parsable_certificates(hoop_tunnel::certificates(&pem).unwrap());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap()
}

/// A way to the server at `url` on which every byte towards it is kept.
fn overheard(url: &str) -> (String, Arc<Mutex<Vec<u8>>>) {
    let target = url.trim_start_matches("http://").split('/').next().unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keep = kept.clone();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let server = TcpStream::connect(&target).unwrap();
            let (back, forth) = ((server.try_clone().unwrap(), client.try_clone().unwrap()), (client, server));
            thread::spawn(move || carry(back.0, back.1, |_| {}));
            let keep = keep.clone();
            thread::spawn(move || carry(forth.0, forth.1, |bytes| keep.lock().unwrap().extend_from_slice(bytes)));
        }
    });
    (format!("http://{address}/mcp"), kept)
}

fn carry(mut from: TcpStream, mut to: TcpStream, overhear: impl Fn(&[u8])) {
    let mut bytes = [0; 8192];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        overhear(&bytes[..read]);
        if to.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

fn initialize() -> Value {
    let params = json!({
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "raw", "version": "1" },
    });
    json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params })
}

#[track_caller]
fn challenge(response: &Response) -> String {
    response.headers()[header::WWW_AUTHENTICATE].to_str().unwrap().to_owned()
}

/// A client of an SDK finds out by itself where to sign in, and works.
fn signs_in_by_itself(mut sdk: Command) {
    let endpoint = Endpoint::start();
    let authority = endpoint.certificates.path().join("ca.pem");
    sdk.env("NODE_EXTRA_CA_CERTS", &authority).env("SSL_CERT_FILE", &authority);
    sdk.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
    sdk.args(["--user", "alice", "--call", "echo", &json!({ "text": format!("to {VISA}") }).to_string()]);
    let saw = Finished::of(sdk.arg(endpoint.resource("tools"))).ok().json();

    assert_ne!(saw["unauthorized"], false, "it came without a token at first");
    let asked = &saw["authorization"];
    assert_eq!(asked["resource"], endpoint.resource("tools"), "{saw}");
    assert_eq!((&asked["code_challenge_method"], &asked["scope"]), (&json!("S256"), &json!("mcp")), "{saw}");
    assert_eq!(saw["calls"][0]["content"][0]["text"], format!("to {VISA_MASKED}"), "{saw}");
    assert!(saw["tools"].as_array().unwrap().contains(&json!("list_payments")), "{saw}");

    let sessions = endpoint.sessions();
    assert_eq!(sessions.len(), 1, "{sessions:?}");
    assert_eq!(sessions[0]["subject"], json!({ "issuer": endpoint.site.issuer(), "sub": "alice" }));
    assert_eq!((&sessions[0]["live"], &sessions[0]["masked"]), (&json!(true), &json!(1)), "{sessions:?}");
    let tokens = endpoint.tokens();
    assert!(tokens.len() == 1 && tokens[0][0].as_deref() == Some("alice") && tokens[0][1].is_some(), "{tokens:?}");
    let token = saw["access_token"].as_str().unwrap();
    endpoint.kept_to_itself(&[token]);

    // What was issued for one connection serves no other, nor does what was issued for the client itself.
    let elsewhere = endpoint.send(endpoint.post("/mcp/other", &initialize()).bearer_auth(token));
    assert_eq!(elsewhere.status(), StatusCode::UNAUTHORIZED);
    assert!(challenge(&elsewhere).ends_with("error=\"invalid_token\""), "{}", challenge(&elsewhere));
    assert_eq!(endpoint.status(token), StatusCode::OK);
}

#[test]
fn the_typescript_sdk_signs_in_by_itself() {
    signs_in_by_itself(peers::node("mcp-remote.mjs"));
}

#[test]
fn the_python_sdk_signs_in_by_itself() {
    let mut python = peers::python("mcp");
    python.arg(peers::path("mcp_remote.py"));
    signs_in_by_itself(python);
}

#[test]
fn each_request_needs_a_token_for_this_very_connection() {
    let endpoint = Endpoint::start();
    let (good, tools) = (endpoint.alice(), endpoint.resource("tools"));
    assert_eq!(endpoint.status(&good), StatusCode::OK);

    // Without one, a client is told where to read on, and reads there.
    let missing = endpoint.send(endpoint.post("/mcp/tools", &initialize()));
    let metadata = format!("{}/.well-known/oauth-protected-resource/mcp/tools", endpoint.origin());
    assert_eq!(missing.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(challenge(&missing), format!("Bearer resource_metadata=\"{metadata}\", scope=\"mcp\""));
    let (status, document) = endpoint.text(endpoint.http.get(&metadata));
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        serde_json::from_str::<Value>(&document).unwrap(),
        json!({
            "resource": tools,
            "authorization_servers": [endpoint.site.issuer()],
            "scopes_supported": ["mcp"],
            "bearer_methods_supported": ["header"],
        })
    );

    let alice = |resource: &str, more: &str| endpoint.token("alice", "engineers", resource, more);
    assert_eq!(endpoint.status(&alice(&tools, "scope=openid+mcp&typ=at%2Bjwt")), StatusCode::OK);
    let mut forged = good.clone();
    forged.replace_range(forged.len() - 8.., "AAAAAAAA");
    let session = endpoint.begin(&good);
    for (wrong, token) in [
        ("another connection's", alice(&endpoint.resource("warehouse"), "scope=mcp")),
        ("the client's own, as an ID token", alice("assistant", "scope=mcp")),
        ("the gateway's, as hoopctl has it", alice("https://gateway.test", "scope=mcp")),
        ("expired", alice(&tools, "scope=mcp&ttl=-600")),
        ("of another type", alice(&tools, "scope=mcp&typ=dpop%2Bjwt")),
        ("a machine's", endpoint.token("assistant", "engineers", &tools, "scope=mcp")),
        ("of somebody without groups", endpoint.site.workload_token(&format!("sub=alice&aud={tools}&scope=mcp"))),
        ("forged", forged),
        ("no token", "x".to_owned()),
    ] {
        // Also in the middle of a session that another token began.
        let call = endpoint.call(&token, &session, "echo", json!({ "text": "x" }));
        for request in [endpoint.post("/mcp/tools", &initialize()).bearer_auth(&token), call] {
            let response = endpoint.send(request);
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{wrong}");
            assert!(challenge(&response).ends_with("error=\"invalid_token\""), "{wrong}: {}", challenge(&response));
        }
    }
    let lacking = endpoint.send(endpoint.post("/mcp/tools", &initialize()).bearer_auth(alice(&tools, "scope=openid")));
    assert_eq!(lacking.status(), StatusCode::FORBIDDEN);
    assert!(challenge(&lacking).ends_with("scope=\"mcp\", error=\"insufficient_scope\""), "{}", challenge(&lacking));
    let refused: BTreeSet<_> = endpoint.tokens().into_iter().filter_map(|[_, _, code]| code).collect();
    let codes =
        ["groups_unknown", "scope_lacking", "token_audience", "token_claim", "token_expired", "token_malformed"];
    assert_eq!(refused, codes.into_iter().chain(["token_signature", "token_type"]).map(str::to_owned).collect());
    let queried = format!("/mcp/tools?access_token={good}");
    for request in [endpoint.post(&queried, &initialize()), endpoint.post(&queried, &initialize()).bearer_auth(&good)] {
        let response = endpoint.send(request);
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert!(challenge(&response).ends_with("error=\"invalid_request\""), "{}", challenge(&response));
    }

    // A client renews its token, and its session goes on; another client's session is not within reach.
    let renewed = alice(&tools, "scope=mcp&jti=renewed");
    let call = |token: &str, text: &str| endpoint.text(endpoint.call(token, &session, "echo", json!({ "text": text })));
    let (status, said) = call(&renewed, &format!("to {VISA}"));
    assert!(status == StatusCode::OK && said.contains(VISA_MASKED) && !said.contains(VISA), "{status}: {said}");
    let other = endpoint.token("bob", "engineers", &tools, "scope=mcp");
    assert_eq!(call(&other, "x").0, StatusCode::NOT_FOUND);

    // An admin ends the session; the client may begin anew.
    let live = endpoint.sessions();
    assert_eq!(live.len(), 1, "one for all of her tokens: {live:?}");
    endpoint.site.run("carol", &["sessions", "kill", live[0]["id"].as_str().unwrap()]).ok();
    assert_eq!(call(&renewed, "x").0, StatusCode::NOT_FOUND);
    let anew = endpoint.begin(&renewed);
    let said = endpoint.text(endpoint.call(&renewed, &anew, "echo", json!({ "text": "again" })));
    assert!(said.0 == StatusCode::OK && said.1.contains("again"), "{said:?}");
    endpoint.kept_to_itself(&[&good, &renewed]);
}

#[test]
fn what_is_hidden_is_not_there_and_pages_stay_out() {
    let endpoint = Endpoint::start();
    let as_alice = |path: &str| {
        let token = endpoint.token("alice", "engineers", &format!("{}{path}", endpoint.origin()), "scope=mcp");
        endpoint.text(endpoint.post(path, &initialize()).bearer_auth(token))
    };
    let hidden = endpoint.token("carol", "admins", &endpoint.resource("tools"), "scope=mcp");
    let hidden = endpoint.text(endpoint.post("/mcp/tools", &initialize()).bearer_auth(hidden));
    assert_eq!(hidden.0, StatusCode::NOT_FOUND);
    // What is none, what speaks another protocol, and what is no place at all.
    for path in ["/mcp/nothing", "/mcp/warehouse", "/mcp/Nothing", "/", "/v1/whoami"] {
        assert_eq!(as_alice(path), hidden, "{path}");
    }
    let metadata = |name: &str| {
        endpoint.text(endpoint.request(Method::GET, &format!("/.well-known/oauth-protected-resource/mcp/{name}")))
    };
    assert_eq!(metadata("nothing").1, metadata("tools").1.replace("/tools", "/nothing"));

    let alice = endpoint.alice();
    let initialized = || endpoint.post("/mcp/tools", &initialize()).bearer_auth(&alice);
    for origin in ["https://evil.example.com", "null", "http://127.0.0.1", "https://app.example.com.evil.example.com"] {
        let response = endpoint.send(initialized().header(header::ORIGIN, origin));
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{origin}");
        assert!(!response.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
    }
    let listed = endpoint.send(initialized().header(header::ORIGIN, PAGE));
    assert_eq!(listed.status(), StatusCode::OK);
    assert_eq!(listed.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], PAGE);
    let asks = endpoint
        .request(Method::OPTIONS, "/mcp/tools")
        .header(header::ORIGIN, PAGE)
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization,content-type");
    let may = endpoint.send(asks);
    assert_eq!(may.status(), StatusCode::NO_CONTENT);
    assert_eq!(may.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS], "authorization,content-type");
    for host in ["evil.example.com", "localhost"] {
        let status = endpoint.send(initialized().header(header::HOST, host)).status();
        assert_eq!(status, StatusCode::MISDIRECTED_REQUEST, "{host}");
    }
}

#[test]
fn who_is_revoked_is_out_within_five_seconds() {
    let endpoint = Endpoint::start();
    let (shown, unshown) =
        (endpoint.alice(), endpoint.token("alice", "engineers", &endpoint.resource("tools"), "scope=mcp&jti=2"));
    let bob = endpoint.token("bob", "engineers", &endpoint.resource("tools"), "scope=mcp");
    let (session, bobs) = (endpoint.begin(&shown), endpoint.begin(&bob));
    // A call that waits for an approver: its answer is under way.
    let mut waiting = endpoint.send(endpoint.call(&shown, &session, "delete_payment", json!({ "id": 1 })));
    assert_eq!(waiting.status(), StatusCode::OK);

    endpoint.runtime.block_on(async {
        let store = Store::open(&endpoint.site.path("gateway/gateway.sqlite")).await.unwrap();
        let alice = Subject { issuer: endpoint.site.issuer().to_owned(), sub: "alice".to_owned() };
        assert_eq!(store.revoke_subject(&alice, Timestamp::now()).await.unwrap().len(), 1);
    });
    let revoked = Instant::now();
    let broken = endpoint.runtime.block_on(async {
        let rest = async {
            while let Some(_chunk) = waiting.chunk().await? {}
            Ok::<_, reqwest::Error>(())
        };
        tokio::time::timeout(WITHIN, rest).await
    });
    assert!(broken.expect("the answer ends").is_err(), "it is not whole");
    assert!(revoked.elapsed() < WITHIN);
    for token in [&shown, &unshown] {
        let response = endpoint.send(endpoint.call(token, &session, "echo", json!({ "text": "x" })));
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert!(challenge(&response).ends_with("error=\"invalid_token\""), "{}", challenge(&response));
    }
    assert!(revoked.elapsed() < WITHIN);
    endpoint.site.wait_for("the end of the session in the trail", |_| {
        let sessions = endpoint.sessions();
        sessions.len() == 1 && sessions[0]["live"] == false && !sessions[0]["ended_at"].is_null()
    });
    let call = endpoint.text(endpoint.call(&bob, &bobs, "echo", json!({ "text": "still here" })));
    assert!(call.0 == StatusCode::OK && call.1.contains("still here"), "{call:?}");
    // Whom the provider lets in anew, with a token made after that.
    endpoint.site.wait_for("a new token to be good", |_| endpoint.status(&endpoint.alice()) == StatusCode::OK);

    // Over a restart too, at the same address.
    let mut endpoint = endpoint;
    assert_eq!(endpoint.site.stop_gateway().code, Some(0));
    let bound = endpoint.site.mcp_endpoint.clone().expect("an endpoint");
    endpoint.site.more = endpoint.site.more.replace("listen = \"127.0.0.1:0\"", &format!("listen = \"{bound}\""));
    endpoint.site.start_gateway();
    endpoint.site.agent_connected();
    assert_eq!(endpoint.status(&shown), StatusCode::UNAUTHORIZED);
    assert_eq!(endpoint.status(&bob), StatusCode::OK);
}
