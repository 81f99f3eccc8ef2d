//! Renewal of a live tunnel against the gateway itself.
#![cfg(feature = "dev")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use hoop_dev::{
    client::{ClientError, Connection, snowflake::Client},
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

struct World {
    stack: Stack,
    context: Context,
    dir: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let options = StackOptions { data_dir: dir.path().join("data"), ..StackOptions::default() };
        let stack = Stack::start(options).await.unwrap();
        let authority = dir.path().join("ca.pem");
        std::fs::write(&authority, &stack.authority).unwrap();
        let entry = Entry { gateway: stack.gateway.to_string(), server_name: None, trust: TrustBy::CaFile(authority) };
        let context = Context::new(Folder::at(dir.path().join("alice")), "dev".to_owned(), entry);
        Self { stack, context, dir }
    }

    async fn log_in(&self) -> Credentials {
        let vault = Vault::open(Choice::File, &self.context.folder).await.unwrap();
        let door = Door::at(&self.context);
        session::log_in(&self.context, &vault, &door, &Visitor("alice"), SystemClock.now()).await.unwrap()
    }

    fn trail(&self) -> String {
        let folder = self.dir.path().join("data/gateway/trail");
        let segments = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
        segments.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
    }
}

/// Who loses a group at the identity provider loses with the next renewal what it gave, in sessions that are open.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_lost_is_lost_in_an_open_session() {
    const ROWS: &str = "SELECT id FROM payments WHERE id = 1";
    let world = World::new().await;
    let live = world.log_in().await;
    let gateway = Gateway::dial(&world.context, &live).await.unwrap();
    let open = Open::new(&gateway, "snowflake", "127.0.0.1:0".parse().unwrap(), None).await.unwrap();
    let mut client = Client::connect(open.address, open.secret.expose()).await.unwrap();
    client.query(ROWS).await.unwrap();

    let live = gateway.renew(&world.context, &live).await.unwrap();
    client.query(ROWS).await.unwrap();

    world.stack.issuer().set_groups("alice", &["interns"]);
    let renewed = gateway.renew(&world.context, &live).await.unwrap();
    assert!(!renewed.principal.groups.iter().any(|group| group.0 == "engineers"));
    match client.query(ROWS).await {
        Err(ClientError::Refused { text, .. }) => assert!(text.contains("refused by policy"), "{text}"),
        other => panic!("rows for somebody without a group: {other:?}"),
    }
    assert_eq!(world.trail().matches("\"event\":\"renewal\"").count(), 2);
}
