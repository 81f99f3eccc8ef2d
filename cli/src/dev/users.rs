//! The development users, each logged in with a configuration folder of their own: by the real login, the browser's
//! part played here.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use hoop_dev::{client::Connection, stack::Stack};
use hoop_model::{Clock, SystemClock};
use serde_json::{Map, Value, json};
use url::Url;

use crate::{
    context::{self, Context, Entry, Folder, TrustBy},
    exit::{Exit, Failure},
    gateway::{Door, Gateway},
    login::{browser::Opener, session},
    secrets::{FileStore, Vault},
};

/// Who there is, and what for.
pub(super) const ROLES: [(&str, &str); 3] = [("alice", "engineer"), ("bob", "approver"), ("carol", "admin")];
/// Redirects that lead from the issuer back to the login's listener; one more than there are.
const REDIRECTS: usize = 4;

pub(super) struct Users(BTreeMap<&'static str, User>);

struct User {
    context: Context,
    vault: Vault,
    dir: PathBuf,
}

/// Logs everybody in.
pub(super) async fn log_in(stack: &Stack, data_dir: &Path) -> Result<Users, Failure> {
    let authority = data_dir.join("gateway-ca.pem");
    std::fs::write(&authority, &stack.authority)?;
    let mut users = BTreeMap::new();
    for (name, _) in ROLES {
        let dir = data_dir.join("users").join(name);
        let folder = Folder::at(&dir);
        let entry =
            Entry { gateway: stack.gateway.to_string(), server_name: None, trust: TrustBy::CaFile(authority.clone()) };
        let context = Context::new(folder.clone(), "dev".to_owned(), entry);
        let vault = Vault::new(FileStore::new(folder.secrets()));
        let door = Door::at(&context);
        session::log_in(&context, &vault, &door, &Visitor { name }, SystemClock.now()).await?;
        context::keep(&context)?;
        users.insert(name, User { context, vault, dir });
    }
    Ok(Users(users))
}

impl Users {
    /// A tunnel as this user.
    pub(super) async fn gateway(&self, name: &str) -> Result<Gateway, Failure> {
        let user = self.0.get(name).ok_or_else(|| Failure::new(Exit::Failed, "internal", format!("no user {name}")))?;
        let credentials = session::held(&user.context, &user.vault).await?;
        Gateway::dial(&user.context, &credentials).await
    }

    /// What makes another `hoopctl` this user.
    pub(super) fn environment(&self, name: &str) -> Option<BTreeMap<&'static str, String>> {
        let user = self.0.get(name)?;
        Some(BTreeMap::from([
            ("HOOPCTL_CONFIG_DIR", user.dir.display().to_string()),
            ("HOOPCTL_SECRET_STORE", "file".to_owned()),
        ]))
    }

    pub(super) fn environments(&self) -> Value {
        let users =
            ROLES.iter().filter_map(|(name, _)| Some(((*name).to_owned(), json!({ "env": self.environment(name)? }))));
        Value::Object(users.collect::<Map<_, _>>())
    }
}

/// Goes where a browser would, as one of the issuer's users.
struct Visitor {
    name: &'static str,
}

impl Opener for Visitor {
    fn open(&self, url: &str) {
        let Ok(mut url) = url.parse::<Url>() else { return };
        url.query_pairs_mut().append_pair("login_hint", self.name).append_pair("prompt", "none");
        tokio::spawn(async move {
            if let Err(error) = visit(url).await {
                tracing::error!(%error, "the development login's browser failed");
            }
        });
    }
}

async fn visit(mut url: Url) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    for _ in 0..REDIRECTS {
        let address: SocketAddr = url.socket_addrs(|| None)?.into_iter().next().ok_or("an address without host")?;
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let answer = Connection::open(address).await?.send("GET", &path, &[], Bytes::new()).await?;
        match answer.headers.get("location") {
            Some(location) => url = url.join(location.to_str()?)?,
            None => return Ok(()),
        }
    }
    Err("too many redirects".into())
}
