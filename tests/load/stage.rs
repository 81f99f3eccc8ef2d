//! The product between an application and its upstreams. The upstreams are in this process, so that they can also be
//! asked without it, but on threads of their own, as upstreams are.

use std::{net::SocketAddr, path::Path};

use hoop_dev::{client, mcp, payments::Database, snowflake};
use hoop_model::Secret;
use hoop_tests::{Folder, Listener, Stack};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
};

use crate::tunnel::Tunnel;

/// What logs in at the Snowflake stand-in without the gateway.
const DIRECT: &str = "direct";

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Mcp,
    Snowflake,
}

impl Protocol {
    pub fn call(self) -> &'static str {
        match self {
            Self::Mcp => "MCP tools/call",
            Self::Snowflake => "Snowflake query",
        }
    }

    /// The bars for what a small call may take longer beside making records durable: of how many, and milliseconds.
    pub fn most_added(self) -> &'static [(&'static str, f64, f64)] {
        match self {
            Self::Mcp => &[("p50", 0.5, 0.4), ("p99", 0.99, 1.5)],
            Self::Snowflake => &[("p50", 0.5, 0.5)],
        }
    }

    /// The bar for calls a second with so many in flight.
    pub fn least_per_second(self, in_flight: usize) -> Option<f64> {
        (self == Self::Mcp && in_flight == 32).then_some(8000.0)
    }
}

/// Where a client connects, and what lets it in there.
#[derive(Clone)]
pub struct Way {
    pub address: SocketAddr,
    pub secret: String,
}

pub struct Stage {
    stack: Stack,
    snowflake: snowflake::Handle,
    mcp: SocketAddr,
    through: [Listener; 2],
    tunnels: [Tunnel; 2],
    upstreams: Option<Runtime>,
    _dir: TempDir,
}

/// What the gateway says of its trail.
#[derive(Clone, Copy)]
pub struct Syncs {
    pub count: f64,
    pub seconds: f64,
}

impl Stage {
    /// With the trail below `folder`.
    pub fn start(folder: &Path) -> Self {
        let dir = TempDir::new_in(folder).expect("a temporary folder");
        let upstreams = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let (snowflake, mcp) = upstreams.block_on(serve(dir.path()));
        let arguments = ["--snowflake", snowflake.url(), "--mcp", &format!("http://{mcp}/mcp")];
        let stack = Stack::within(Folder::new_in(folder), &arguments);
        let through = ["mcp", "snowflake"].map(|name| Listener::open(&stack, "alice", name));
        let tunnels = [mcp, snowflake.address()].map(|upstream| upstreams.block_on(Tunnel::start(upstream)));
        Self { stack, snowflake, mcp, through, tunnels, upstreams: Some(upstreams), _dir: dir }
    }

    pub fn direct(&self, protocol: Protocol) -> Way {
        let address = if protocol == Protocol::Mcp { self.mcp } else { self.snowflake.address() };
        Way { address, secret: DIRECT.to_owned() }
    }

    /// Both hops of the tunnel, and nothing of the product else.
    pub fn tunnel(&self, protocol: Protocol) -> Way {
        let [mcp, snowflake] = &self.tunnels;
        let tunnel = if protocol == Protocol::Mcp { mcp } else { snowflake };
        Way { address: tunnel.address, secret: DIRECT.to_owned() }
    }

    pub fn through(&self, protocol: Protocol) -> Way {
        let [mcp, snowflake] = &self.through;
        let listener = if protocol == Protocol::Mcp { mcp } else { snowflake };
        Way { address: listener.address().parse().expect("an address"), secret: listener.secret().to_owned() }
    }

    /// The memory of gateway and agent, which are one process here, from now on.
    pub fn memory(&self) -> Memory {
        let process = self.stack.program.id();
        // 5: the high-water mark begins anew (proc(5), clear_refs).
        std::fs::write(format!("/proc/{process}/clear_refs"), "5").expect("Linux");
        Memory { process, at_first: resident(process, "VmRSS") }
    }

    pub fn syncs(&self) -> Syncs {
        let status = self.stack.run("carol", &["status", "--output", "json"]).ok().json();
        let number = |pointer| status.pointer(pointer).and_then(Value::as_f64).expect("the trail's figures");
        Syncs { count: number("/trail/syncs"), seconds: number("/trail/sync_seconds") }
    }
}

/// What a process had when it was looked at first.
pub struct Memory {
    process: u32,
    at_first: f64,
}

impl Memory {
    /// The most it has had since, in MiB above that.
    pub fn grown_mib(&self) -> f64 {
        resident(self.process, "VmHWM") - self.at_first
    }
}

/// A line of a process's status, in MiB.
fn resident(process: u32, line: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("Linux");
    let line = status.lines().find(|found| found.starts_with(line)).expect("the line");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).expect("kB") / 1024.0
}

impl Drop for Stage {
    fn drop(&mut self) {
        // A runtime may not be waited for from within another.
        if let Some(upstreams) = self.upstreams.take() {
            upstreams.shutdown_background();
        }
    }
}

/// Starts both upstreams over one database in `dir`.
async fn serve(dir: &Path) -> (snowflake::Handle, SocketAddr) {
    let database = Database::open(dir.join("upstream.sqlite")).await.expect("a database");
    let credential = |user: &str, password: &str| snowflake::Credential::Password {
        user: user.to_owned(),
        password: Secret::new(password.to_owned()),
    };
    // The first is what `hoopctl dev --snowflake URL` logs in with; the second what the client sends itself.
    let credentials = vec![credential("SVC_HOOP", "unset"), credential("hoop", DIRECT)];
    let options = snowflake::Options::new(database.pool().clone(), credentials);
    let snowflake = snowflake::serve(loopback().await, options).await.expect("the Snowflake stand-in");
    let listener = loopback().await;
    let mcp = listener.local_addr().expect("bound");
    tokio::spawn(mcp::serve_http(listener, mcp::Server::new(database, mcp::Journal::default())));
    (snowflake, mcp)
}

/// An application's connection.
pub enum Caller {
    Mcp(client::mcp::Client),
    Snowflake(client::snowflake::Client),
}

impl Caller {
    pub async fn connect(protocol: Protocol, way: &Way) -> Self {
        match protocol {
            Protocol::Mcp => {
                Self::Mcp(client::mcp::Client::connect(way.address, &way.secret).await.expect("an MCP session"))
            }
            Protocol::Snowflake => {
                let client = client::snowflake::Client::connect(way.address, &way.secret).await;
                Self::Snowflake(client.expect("a Snowflake session"))
            }
        }
    }

    /// Ends the session, so that others find room.
    pub async fn close(self) {
        let closed = match self {
            Self::Mcp(client) => client.close().await,
            Self::Snowflake(client) => client.close().await,
        };
        closed.expect("the session ends");
    }

    /// One small exchange whose answer holds a card number.
    pub async fn call(&mut self) {
        match self {
            Self::Mcp(client) => {
                let result = client.call("find_payment", json!({ "id": 1 })).await.expect("an answer");
                assert!(result["structuredContent"]["rows"].as_array().is_some_and(|rows| rows.len() == 1), "{result}");
            }
            Self::Snowflake(client) => {
                let rows = client.query("SELECT id, card_number FROM payments WHERE id = 1").await.expect("an answer");
                assert_eq!(rows.rows.len(), 1);
            }
        }
    }
}

async fn loopback() -> TcpListener {
    TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port")
}
