//! The Snowflake double in the test's own process, so that what it executed can be looked at.

use std::net::Ipv4Addr;

use hoop_dev::{
    payments::Database,
    snowflake::{Credential, Handle, Options, serve},
};
use hoop_model::Secret;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime::Runtime};

/// What `hoopctl dev --snowflake URL` logs in with when its environment names nothing else.
pub const USER: &str = "SVC_HOOP";
pub const PASSWORD: &str = "unset";
/// Its programmatic access token, which no client may ever see.
pub const TOKEN: &str = "UPSTREAMONLY-programmatic-access-token";

pub struct Upstream {
    pub runtime: Runtime,
    pub snowflake: Handle,
    _dir: TempDir,
}

impl Upstream {
    pub fn start() -> Self {
        let (user, password, token) =
            (USER.to_owned(), Secret::new(PASSWORD.to_owned()), Secret::new(TOKEN.to_owned()));
        Self::with(vec![Credential::Password { user: user.clone(), password }, Credential::Token { user, token }])
    }

    /// That lets nobody else in.
    pub fn with(credentials: Vec<Credential>) -> Self {
        let dir = TempDir::new().expect("a temporary folder");
        let runtime = Runtime::new().expect("a runtime");
        let snowflake = runtime.block_on(async {
            let database = Database::open(dir.path().join("upstream.sqlite")).await.expect("a database");
            let mut options = Options::new(database.pool().clone(), credentials);
            options.journal = Some(dir.path().join("journal.jsonl"));
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
            serve(listener, options).await.expect("the Snowflake double")
        });
        Self { runtime, snowflake, _dir: dir }
    }

    /// For a Python connector that goes there directly.
    pub fn settings(&self) -> Value {
        let address = self.snowflake.address();
        json!({
            "account": "acct", "user": USER, "password": PASSWORD,
            "host": address.ip(), "port": address.port(), "protocol": "http",
        })
    }

    /// How often a statement was executed.
    pub fn executed(&self, sql: &str) -> usize {
        self.snowflake.statements().iter().filter(|one| one.sql == sql).count()
    }
}
