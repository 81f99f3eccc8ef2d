//! Bulk: bytes through both hops of the tunnel, and a chunked result through the whole product.

use std::{
    io::Read,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use flate2::read::GzDecoder;
use hoop_dev::client::snowflake::Client;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::{relays::Relays, stage::Way, tunnel::Tunnel, wire};

/// MB/s of one round.
pub struct Bulk {
    pub tcp: f64,
    pub relays: f64,
    pub tls_relays: f64,
    pub tunnel: f64,
}

/// The chains, standing.
pub struct Chains {
    source: SocketAddr,
    relays: Relays,
    tls_relays: Relays,
    tunnel: Tunnel,
    _source: crate::party::Party,
}

impl Chains {
    pub async fn start() -> Self {
        let (source, party) = wire::source().await;
        Self {
            source,
            relays: Relays::plain(source).await,
            tls_relays: Relays::tls(source).await,
            tunnel: Tunnel::start(source).await,
            _source: party,
        }
    }

    /// The time of a small exchange, sorted: with nothing between, and through the tunnel.
    pub async fn pings(&self, times: usize) -> (Vec<Duration>, Vec<Duration>) {
        (wire::ping(self.source, times).await, wire::ping(self.tunnel.address, times).await)
    }

    pub async fn measure(&self, bytes: u64) -> Bulk {
        Bulk {
            tcp: rate(self.source, bytes).await,
            relays: rate(self.relays.address, bytes).await,
            tls_relays: rate(self.tls_relays.address, bytes).await,
            tunnel: self.tunnel(bytes).await,
        }
    }

    /// MB/s through the tunnel alone.
    pub async fn tunnel(&self, bytes: u64) -> f64 {
        rate(self.tunnel.address, bytes).await
    }
}

async fn rate(address: SocketAddr, bytes: u64) -> f64 {
    bytes as f64 / 1e6 / wire::download(address, bytes).await.as_secs_f64()
}

/// Chunks that a driver fetches at a time (`CLIENT_PREFETCH_THREADS`).
const PREFETCHED: usize = 4;

/// Downloads a chunked result as drivers do; its size before any compression, and how long that took.
pub async fn result(way: &Way, rows: usize, chunks: usize, format: &str) -> (usize, Duration) {
    let mut client = Client::connect(way.address, &way.secret).await.expect("a Snowflake session");
    let sql = format!("SELECT * FROM payments /*hoop: rows={rows} chunks={chunks} inline=0 format={format} */");
    let started = Instant::now();
    let answer = client.answer(&sql).await.expect("an answer");
    let data = &answer["data"];
    let listed = data["chunks"].as_array().expect("chunks");
    assert_eq!(listed.iter().filter_map(|chunk| chunk["rowCount"].as_u64()).sum::<u64>(), rows as u64);
    let urls: Vec<String> = listed.iter().filter_map(|chunk| Some(chunk["url"].as_str()?.to_owned())).collect();
    let (urls, next) = (Arc::new(urls), Arc::new(AtomicUsize::new(0)));
    let mut fetchers = JoinSet::new();
    for _ in 0..PREFETCHED {
        let client = client.again().await.expect("a connection");
        fetchers.spawn(fetch(client, data["chunkHeaders"].clone(), urls.clone(), next.clone()));
    }
    let bytes = fetchers.join_all().await.into_iter().sum::<usize>();
    assert!(bytes > rows, "{bytes} bytes in {rows} rows");
    let took = started.elapsed();
    client.close().await.expect("the session ends");
    (bytes, took)
}

/// Downloads whatever is next of `urls` until there is no more; the bytes, inflated.
async fn fetch(mut client: Client, headers: Value, urls: Arc<Vec<String>>, next: Arc<AtomicUsize>) -> usize {
    let headers = headers.as_object().into_iter().flatten();
    let headers: Vec<_> = headers.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect();
    let mut bytes = 0;
    while let Some(url) = urls.get(next.fetch_add(1, Ordering::Relaxed)) {
        let url: hyper::Uri = url.parse().expect("a URL");
        let path = url.path_and_query().expect("a path").as_str();
        bytes += inflated(&client.chunk(path, &headers).await.expect("a chunk"));
    }
    bytes
}

/// Inflates what is gzip, as a driver does; the size.
fn inflated(body: &[u8]) -> usize {
    if !body.starts_with(&[0x1f, 0x8b]) {
        return body.len();
    }
    let mut plain = Vec::with_capacity(body.len() * 4);
    GzDecoder::new(body).read_to_end(&mut plain).expect("gzip")
}
