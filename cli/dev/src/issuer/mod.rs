//! An OpenID provider for development: authorization code with PKCE, rotating refresh tokens, signed ID tokens, no
//! passwords. It believes whoever clicks, so it serves loopback alone.

mod authorize;
mod grants;
mod key;
mod page;
mod token;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use grants::Grants;
use hoop_model::{Clock, Secret, SystemClock};
use key::SigningKey;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;
use url::Url;

/// The only client.
pub const CLIENT_ID: &str = "hoopctl";
/// Life of an ID token, in seconds.
const ID_TOKEN_LIFE: i64 = 300;
const MOST_KEYS: usize = 4;

/// Somebody who can log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub name: String,
    pub groups: Vec<String>,
    /// Shown beside the button.
    pub role: String,
}

impl User {
    pub fn new(name: &str, group: &str, role: &str) -> Self {
        Self { name: name.to_owned(), groups: vec![group.to_owned()], role: role.to_owned() }
    }
}

/// alice, bob and carol.
pub fn demo_users() -> Vec<User> {
    vec![
        User::new("alice", "engineers", "engineer"),
        User::new("bob", "approvers", "approver"),
        User::new("carol", "admins", "admin"),
    ]
}

/// Why the issuer did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerError {
    #[error("{0} can be reached from other machines, and this issuer lets anybody in: give it a loopback address")]
    NotLoopback(SocketAddr),
    #[error("the issuer's socket cannot be used: {0}")]
    Socket(#[from] io::Error),
    #[error("the issuer's signing key cannot be made")]
    Key,
}

/// A running issuer. It ends when this is dropped.
pub struct Issuer {
    url: Url,
    inner: Arc<Inner>,
    _serving: AbortOnDropHandle<()>,
}

struct Inner {
    /// As tokens spell it: without a slash at the end.
    name: String,
    host: String,
    clock: Arc<dyn Clock>,
    users: Vec<User>,
    state: Mutex<Shared>,
}

#[derive(Default)]
struct Shared {
    /// The newest signs; all are published.
    keys: Vec<Arc<SigningKey>>,
    disabled: BTreeSet<String>,
    /// Of users whose groups have changed.
    groups: BTreeMap<String, Vec<String>>,
    unavailable: bool,
    grants: Grants,
}

impl Issuer {
    /// Serves the demo's users on `listener`, with the machine's clock.
    pub async fn start(listener: TcpListener) -> Result<Self, IssuerError> {
        Self::serve(listener, demo_users(), Arc::new(SystemClock)).await
    }

    /// Serves `users` on `listener`, which must be on loopback.
    pub async fn serve(listener: TcpListener, users: Vec<User>, clock: Arc<dyn Clock>) -> Result<Self, IssuerError> {
        let address = listener.local_addr()?;
        if !address.ip().is_loopback() {
            return Err(IssuerError::NotLoopback(address));
        }
        let url: Url = format!("http://{address}/").parse().map_err(io::Error::other)?;
        let state = Shared { keys: vec![Arc::new(SigningKey::generate()?)], ..Shared::default() };
        let inner = Arc::new(Inner {
            name: format!("http://{address}"),
            host: address.to_string(),
            clock,
            users,
            state: Mutex::new(state),
        });
        let router = router(inner.clone());
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the development issuer ended");
            }
        });
        Ok(Self { url, inner, _serving: AbortOnDropHandle::new(serving) })
    }

    /// With a slash at the end; [`Issuer::name`] is what tokens say.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// `iss` of its tokens.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// What a login of `user` in a browser would bring, without one: for `hoopctl dev`. `None` when there is no such
    /// user, or they are disabled.
    pub fn mint(&self, user: &str, audience: &str, nonce: &str) -> Option<Minted> {
        let grant = grants::Grant::new(user, audience, Some(nonce.to_owned()), self.inner.clock.now().as_second());
        let id_token = self.inner.id_token(&grant)?;
        let refresh_token = self.inner.state().grants.add(grant);
        Some(Minted { id_token: Secret::new(id_token), refresh_token: Secret::new(refresh_token) })
    }

    /// A token with exactly these claims, whatever they are, signed with the issuer's key; `iss` is added where it is
    /// missing. For workloads, and for tokens that must be refused.
    pub fn mint_workload(&self, mut claims: Map<String, Value>) -> Secret<String> {
        claims.entry("iss").or_insert_with(|| Value::from(self.name()));
        Secret::new(self.inner.sign(&claims.into()).unwrap_or_default())
    }

    /// Makes a new signing key. The old ones stay published with `keep`, and go without.
    pub fn rotate_keys(&self, keep: bool) -> Result<(), IssuerError> {
        let key = Arc::new(SigningKey::generate()?);
        let mut state = self.inner.state();
        if !keep {
            state.keys.clear();
        }
        state.keys.insert(0, key);
        state.keys.truncate(MOST_KEYS);
        Ok(())
    }

    /// From now on this user gets no token, by login or refresh.
    pub fn disable(&self, user: &str) {
        self.inner.state().disabled.insert(user.to_owned());
    }

    /// From now on this user's tokens name these groups.
    pub fn set_groups(&self, user: &str, groups: &[&str]) {
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        self.inner.state().groups.insert(user.to_owned(), groups);
    }

    /// Whether the token endpoint says 503 and leaves every grant as it is, as providers do in an outage.
    pub fn set_unavailable(&self, unavailable: bool) {
        self.inner.state().unavailable = unavailable;
    }
}

/// What a login brought.
pub struct Minted {
    pub id_token: Secret<String>,
    pub refresh_token: Secret<String>,
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, Shared> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn user(&self, name: &str) -> Option<&User> {
        let user = self.users.iter().find(|user| user.name == name)?;
        (!self.state().disabled.contains(name)).then_some(user)
    }

    fn id_token(&self, grant: &grants::Grant) -> Option<String> {
        let user = self.user(&grant.user)?;
        let now = self.clock.now().as_second();
        let groups = self.state().groups.get(&user.name).cloned().unwrap_or_else(|| user.groups.clone());
        let mut claims = json!({
            "iss": self.name,
            "sub": user.name,
            "aud": grant.client_id,
            "azp": grant.client_id,
            "iat": now,
            "exp": now.saturating_add(ID_TOKEN_LIFE),
            "auth_time": grant.auth_time,
            "email": format!("{}@example.test", user.name),
            "email_verified": true,
            "groups": groups,
        });
        if let (Some(nonce), Some(claims)) = (&grant.nonce, claims.as_object_mut()) {
            claims.insert("nonce".to_owned(), Value::from(nonce.as_str()));
        }
        self.sign(&claims)
    }

    fn sign(&self, claims: &Value) -> Option<String> {
        let key = self.state().keys.first().cloned()?;
        key.sign(claims).inspect_err(|error| tracing::error!(%error, "the development issuer cannot sign")).ok()
    }
}

fn router(inner: Arc<Inner>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/jwks", get(jwks))
        .route("/authorize", get(authorize::ask))
        .route("/login", post(authorize::answer))
        .route("/token", post(token::token))
        .route("/revoke", post(token::revoke))
        .layer(middleware::from_fn_with_state(inner.clone(), own_host))
        .with_state(inner)
}

/// A page elsewhere that has its name resolve to loopback (DNS rebinding) gets nothing.
async fn own_host(State(inner): State<Arc<Inner>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).map(|host| host.as_bytes());
    if host == Some(inner.host.as_bytes()) {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, "this issuer answers to its loopback address only\n").into_response()
    }
}

async fn discovery(State(inner): State<Arc<Inner>>) -> Json<Value> {
    let at = |path: &str| format!("{}/{path}", inner.name);
    Json(json!({
        "issuer": inner.name,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "revocation_endpoint": at("revoke"),
        "jwks_uri": at("jwks"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "scopes_supported": ["openid", "offline_access", "groups", "email", "profile"],
        "claims_supported": ["sub", "email", "email_verified", "groups", "auth_time", "azp", "nonce"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn jwks(State(inner): State<Arc<Inner>>) -> Json<Value> {
    let keys: Vec<Value> = inner.state().keys.iter().map(|key| key.public().clone()).collect();
    Json(json!({ "keys": keys }))
}

/// 244 random bits in hex.
fn random() -> String {
    format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple())
}
