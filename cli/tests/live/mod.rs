//! A development stack in this process, with people logged in at it as `hoopctl` does it.
#![allow(dead_code, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use hoop_dev::{
    client::Connection,
    stack::{Stack, StackOptions},
};
use hoop_model::{Clock, SystemClock};
use hoopctl::{
    connect::Open,
    context::{Context, Entry, Folder, TrustBy},
    gateway::{Door, Gateway},
    login::{
        browser::Opener,
        session::{self, Credentials},
    },
    secrets::{Choice, Vault},
};
use url::Url;

/// Clicks through the development issuer.
struct Visitor(&'static str);

impl Opener for Visitor {
    fn open(&self, url: &str) {
        let mut url: Url = url.parse().unwrap();
        url.query_pairs_mut().append_pair("login_hint", self.0).append_pair("prompt", "none");
        tokio::spawn(async move {
            loop {
                let address = url.socket_addrs(|| None).unwrap()[0];
                let path = format!("{}?{}", url.path(), url.query().unwrap_or_default());
                let mut connection = Connection::open(address).await.unwrap();
                let answer = connection.send("GET", &path, &[], bytes::Bytes::new()).await.unwrap();
                match answer.headers.get("location") {
                    Some(location) => url = url.join(location.to_str().unwrap()).unwrap(),
                    None => return,
                }
            }
        });
    }
}

pub struct Live {
    pub stack: Stack,
    authority: std::path::PathBuf,
    dir: tempfile::TempDir,
}

impl Live {
    pub async fn start(mcp_hold_seconds: Option<u16>) -> Self {
        Self::with(StackOptions { mcp_hold_seconds, ..StackOptions::default() }).await
    }

    /// In a folder of its own.
    pub async fn with(options: StackOptions) -> Self {
        Self::over(tempfile::tempdir().unwrap(), options).await
    }

    /// Ends it, and starts another in its place.
    pub async fn again(self, options: StackOptions) -> Self {
        self.stack.stop().await;
        Self::over(self.dir, options).await
    }

    async fn over(dir: tempfile::TempDir, options: StackOptions) -> Self {
        let data_dir = dir.path().join("data");
        let stack = Stack::start(StackOptions { data_dir, ..options }).await.unwrap();
        let authority = dir.path().join("ca.pem");
        std::fs::write(&authority, &stack.authority).unwrap();
        Self { stack, authority, dir }
    }

    pub fn context(&self, user: &str) -> Context {
        let trust = TrustBy::CaFile(self.authority.clone());
        let entry = Entry { gateway: self.stack.gateway.to_string(), server_name: None, trust };
        Context::new(Folder::at(self.dir.path().join(user)), "dev".to_owned(), entry)
    }

    pub async fn log_in(&self, user: &'static str) -> (Gateway, Credentials) {
        let context = self.context(user);
        let vault = Vault::open(Choice::File, &context.folder).await.unwrap();
        let door = Door::at(&context);
        let credentials = session::log_in(&context, &vault, &door, &Visitor(user), SystemClock.now()).await.unwrap();
        (Gateway::dial(&context, &credentials).await.unwrap(), credentials)
    }

    pub async fn open(&self, gateway: &Gateway, connection: &str) -> Open {
        self.open_for(gateway, connection, None).await
    }

    /// As `hoopctl connect --reason` does it.
    pub async fn open_for(&self, gateway: &Gateway, connection: &str, reason: Option<&str>) -> Open {
        let listen = "127.0.0.1:0".parse().unwrap();
        Open::new(gateway, connection, listen, reason.map(str::to_owned)).await.unwrap()
    }

    /// The gateway's own folder.
    pub fn gateway_dir(&self) -> std::path::PathBuf {
        self.dir.path().join("data/gateway")
    }

    pub fn trail(&self) -> String {
        let folder = self.dir.path().join("data/gateway/trail");
        let segments = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
        segments.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
    }
}
