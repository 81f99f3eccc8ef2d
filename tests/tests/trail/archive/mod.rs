//! The trail in a real S3 server: the lock holds, nothing is lost or doubled, and what is brought back verifies.

mod aged;
mod lock;
mod outage;
mod proxy;
mod round_trip;
mod tampered;

#[path = "../../../../cli/tests/live/mod.rs"]
pub(crate) mod live;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, OnceLock},
    time::Instant,
};

use hoop_archive::{Archive, Bucket, Client, Keys, Layout, Part, Terms};
use hoop_dev::{
    client::snowflake,
    stack::{StackError, StackOptions},
};
use hoop_gateway::Failpoints;
use hoop_model::{Secret, SystemClock};
use hoop_tests::{Finished, S3, hoopctl, program::PATIENCE, program::path, s3};
use hoopctl::{connect::Open, gateway::Gateway};
use live::Live;
use serde_json::Value;
use std::time::Duration;

const BUCKET: &str = "trail";
/// Bytes of a full segment: so that there are several.
const SEGMENT: u64 = 20_000;
/// Records behind which there are so many segments.
const ENOUGH: u64 = 100;

/// Our own client, apart from any gateway.
fn client(s3: &S3, bucket: &str) -> Arc<Client> {
    let secret = |text: &str| Secret::new(text.to_owned());
    let keys = Keys { id: secret(s3::KEY_ID), secret: secret(s3::SECRET) };
    let (endpoint, name, region) = (s3.endpoint().parse().unwrap(), bucket.to_owned(), s3::REGION.to_owned());
    Arc::new(Client::new(Bucket { endpoint, name, region }, &keys, s3::tls()).unwrap())
}

fn archive(s3: &S3, origin: &str, retention: Duration) -> Archive {
    let layout = Layout::new("v1", origin).unwrap();
    let terms = Terms { retention, locked: true };
    Archive::new(client(s3, BUCKET), layout, terms, Arc::new(SystemClock))
}

/// A gateway that archives, in this process, with somebody at work.
struct Scene {
    live: Live,
    alice: Gateway,
    carol: Gateway,
    settings: String,
    worker: OnceLock<Open>,
}

impl Scene {
    async fn start(settings: &str) -> Self {
        Self::of(Live::with(options(settings)).await, settings).await
    }

    async fn of(live: Live, settings: &str) -> Self {
        let ((alice, _), (carol, _)) = (live.log_in("alice").await, live.log_in("carol").await);
        Self { live, alice, carol, settings: settings.to_owned(), worker: OnceLock::new() }
    }

    async fn work(&mut self) -> snowflake::Client {
        if self.worker.get().is_none() {
            let _ = self.worker.set(self.live.open(&self.alice, "snowflake").await);
        }
        let open = self.worker.get().unwrap();
        snowflake::Client::connect(open.address, open.secret.expose()).await.unwrap()
    }

    /// So many statements, and so some segments more.
    async fn query(&self, client: &mut snowflake::Client, count: usize) {
        for number in 0..count {
            client.query(&format!("SELECT id, name, 'n{number}' AS tag FROM products")).await.unwrap();
        }
    }

    async fn status(&self) -> Value {
        let status: Value = self.carol.get("/v1/status").await.unwrap();
        status["archive"].clone()
    }

    /// The archive's status, once it is so.
    #[track_caller]
    fn until(&self, holds: impl Fn(&Value) -> bool) -> impl Future<Output = Value> {
        let place = std::panic::Location::caller();
        async move {
            let deadline = Instant::now() + PATIENCE;
            loop {
                let status = self.status().await;
                if holds(&status) {
                    return status;
                }
                assert!(Instant::now() < deadline, "{place}: {status}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }

    /// Once all that is sealed now is archived.
    async fn caught_up(&self) -> u64 {
        let newest = segments(&self.trail()).into_keys().last().unwrap();
        let status = self.until(|status| status["archived_records"].as_u64().unwrap() >= newest).await;
        status["archived_records"].as_u64().unwrap()
    }

    fn trail(&self) -> PathBuf {
        self.live.gateway_dir().join("trail")
    }

    /// `hoop-gateway archive fetch` by a gateway of the same settings.
    fn fetch(&self, out: &Path, more: &[&str]) -> Finished {
        fetch(&self.settings, out, more)
    }
}

fn options(settings: &str) -> StackOptions {
    let failpoints = Failpoints::new(SEGMENT, |_| {});
    StackOptions { settings: settings.to_owned(), failpoints, ..StackOptions::default() }
}

fn fetch(settings: &str, out: &Path, more: &[&str]) -> Finished {
    let dir = tempfile::tempdir().unwrap();
    let head = r#"
data_dir = "data"
[listen]
quic = "127.0.0.1:0"
names = ["localhost"]
[identity.oidc]
issuer = "https://idp.test"
client_id = "hoopctl"
[policy]
file = "none.cedar"
"#;
    let config = dir.path().join("gateway.toml");
    fs::write(&config, format!("{head}{settings}")).unwrap();
    fs::write(dir.path().join("none.cedar"), "").unwrap();
    let mut command = Command::new(path("hoop-gateway"));
    Finished::of(command.args(["archive", "fetch", "--config"]).arg(config).arg("--out").arg(out).args(more))
}

/// Holds what was fetched against the head that came with it.
#[track_caller]
fn verify(fetched: &Value) -> Finished {
    let dir = fetched["dir"].as_str().unwrap();
    let head = fetched["head"].as_str().unwrap();
    Finished::of(hoopctl().args(["--output", "json", "audit", "verify", dir, "--head", head]))
}

/// The segments in a folder, by their first record.
fn segments(dir: &Path) -> BTreeMap<u64, Vec<u8>> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let segment = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.strip_prefix("segment-")?.strip_suffix(".log")?.to_owned();
        Some((name.parse().unwrap(), fs::read(path).unwrap()))
    };
    entries.filter_map(segment).collect()
}

/// Each object of the archive was put once: no version but the first, and no delete marker. Says what there is.
async fn each_once(s3: &S3) -> Vec<Part> {
    let mut parts = Vec::new();
    for (key, history) in client(s3, BUCKET).histories("v1/hoop-gateway/").await.unwrap() {
        assert_eq!((history.versions.len(), history.markers), (1, 0), "{key}");
        parts.push(Layout::read("v1", &key).unwrap().1);
    }
    parts
}

/// Every segment whose first record is below `end` is there, with both of its objects.
async fn none_missing(s3: &S3, trail: &Path, end: u64) {
    let parts = each_once(s3).await;
    let sealed: Vec<_> = segments(trail).into_keys().filter(|first| *first < end).collect();
    assert!(sealed.len() >= 2, "{sealed:?}");
    for first in sealed {
        assert!(parts.contains(&Part::Log(first)) && parts.contains(&Part::Payload(first)), "{first}: {parts:?}");
    }
}

/// Why a gateway with these settings does not start.
async fn refusal(settings: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let options = StackOptions { data_dir: dir.path().join("data"), ..options(settings) };
    match hoop_dev::stack::Stack::start(options).await {
        Err(StackError::Gateway(error)) => error.to_string(),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it starts"),
    }
}
