//! A SIEM that could not be reached for a while: how fast the gateway sends it what it has missed, beside how fast one client
//! lets the trail grow.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::DefaultBodyLimit, http::StatusCode, routing::post};
use hoop_audit::{Counts, Draft, RecordType};
use hoop_gateway::Settings;
use hoop_model::{Clock, ConnectionKind, ExchangeId, SessionId, SystemClock};
use hoop_recording::{Recorder, Seeds};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::Notify, time::Instant};

/// Times that 1000 calls a second fit into what is sent: more of them than two cores are meant for.
pub const LEAST_TIMES: f64 = 5.0;
/// What those let the trail grow by, a request, an answer and an end each.
pub const GROWTH: f64 = 3_000.0;
/// Longest wait for the receiver.
const PATIENCE: Duration = Duration::from_secs(120);
/// Calls whose records are written together, as far as nobody measures it.
const TOGETHER: u32 = 80;

/// Records a second.
pub struct Outage {
    /// By one client that waits for nothing but the disk.
    pub live: f64,
    pub sent: f64,
}

/// `live` calls are written one behind the other, `missed` more at once; then the gateway starts.
pub async fn measure(live: u32, missed: u32) -> Outage {
    let dir = TempDir::new().expect("a temporary folder");
    let data = dir.path().join("data");
    let (grew, last) = trail(&data, live, missed).await;
    let (received, more) = (Arc::new(AtomicU64::new(0)), Arc::new(Notify::new()));
    let (counted, told) = (received.clone(), more.clone());
    let receiver = move |body: String| async move {
        counted.fetch_add(body.matches("\"record_hash\"").count() as u64, Ordering::AcqRel);
        told.notify_one();
        StatusCode::NO_CONTENT
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    let router = Router::new().route("/hook", post(receiver)).layer(DefaultBodyLimit::disable());
    tokio::spawn(async move { axum::serve(listener, router).await });
    fs::write(dir.path().join("token"), "0123456789abcdef0123456789abcdef").expect("a file");
    let settings = settings(dir.path(), &data, &url);
    // It sends before it has started in full.
    let began = Instant::now();
    let gateway = hoop_gateway::start(settings, Arc::new(SystemClock)).await.expect("a gateway");
    let caught_up = async {
        while received.load(Ordering::Acquire) < last {
            more.notified().await;
        }
    };
    tokio::time::timeout(PATIENCE, caught_up).await.expect("the receiver to catch up");
    let sent = last as f64 / began.elapsed().as_secs_f64();
    gateway.stop().await;
    Outage { live: grew, sent }
}

/// A gateway's trail under `data`: by how many records a second it grew, and how many it has.
async fn trail(data: &Path, live: u32, missed: u32) -> (f64, u64) {
    let seed = [7; 32];
    fs::create_dir_all(data).expect("a folder");
    fs::write(data.join("trail.key"), seed).expect("a key");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let recorder = Recorder::open(&data.join("trail"), Seeds::new(vec![seed]), clock).expect("a trail");
    let session = SessionId::new();
    let began = Instant::now();
    for _ in 0..live {
        let [request, chunk, end] = drafts(session);
        recorder.append(request).await.expect("a record");
        recorder.append_all(vec![chunk.into(), end.into()]).await.expect("records");
    }
    let live = f64::from(live) * 3.0 / began.elapsed().as_secs_f64();
    for _ in 0..missed.div_ceil(TOGETHER) {
        let many = (0..TOGETHER).flat_map(|_| drafts(session)).map(Into::into).collect();
        recorder.append_all(many).await.expect("records");
    }
    recorder.close().await.expect("the trail's end");
    (live, recorder.head().map_or(0, |head| head.seq + 1))
}

fn settings(dir: &Path, data: &Path, url: &str) -> Settings {
    let text = format!(
        r#"
data_dir = "{data}"
[listen]
quic = "127.0.0.1:0"
names = ["127.0.0.1"]
[identity.oidc]
issuer = "https://idp.test"
client_id = "hoopctl"
[policy]
file = "all.cedar"
[[siem]]
name = "hook"
kind = "webhook"
url = "{url}"
token = "file:{dir}/token"
"#,
        data = data.display(),
        dir = dir.display(),
    );
    Settings::parse(&text, "@id(\"all\") permit (principal, action, resource);".to_owned()).expect("settings")
}

fn drafts(session: SessionId) -> [Draft; 3] {
    let exchange = ExchangeId::new();
    [RecordType::Request, RecordType::ResponseChunk, RecordType::End].map(|kind| {
        let mut draft = Draft::new(kind);
        draft.session_id = Some(session);
        draft.exchange_id = Some(exchange);
        draft.connection = Some("warehouse".parse().expect("a name"));
        draft.protocol = Some(ConnectionKind::Snowflake);
        draft.command = (kind == RecordType::Request).then(|| "SELECT id, name FROM products WHERE id < 7".to_owned());
        draft.counts = Some(Counts { rows: 7, bytes: 420, ..Counts::default() });
        draft
    })
}
