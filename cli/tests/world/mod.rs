//! A person's login with the gateway played here: the development issuer is the provider, an HTTP client the browser,
//! and what the gateway would check is checked.
#![allow(dead_code, reason = "each test takes what it needs")]

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hoop_dev::issuer::{CLIENT_ID, Issuer, demo_users};
use hoop_identity::PersonVerifier;
use hoop_model::{Clock, ManualClock, Timestamp, later};
use hoop_wire::login::{Grant, LoginAnswer, LoginOptions, LoginRequest, PersonLogin};
use hoopctl::{
    context::{Context, Entry, Folder, TrustBy},
    exit::Failure,
    login::{
        browser::Opener,
        session::{self, Credentials, Gateway, LoggedOut},
    },
    secrets::{Choice, Vault},
};
use reqwest::{Client, Response, redirect};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use tokio::net::TcpListener;
use url::Url;

pub const MINUTE: i64 = 60;

/// Checks ID tokens as the gateway does, and counts.
pub struct Door {
    pub login: PersonLogin,
    pub verifier: PersonVerifier,
    pub clock: Arc<ManualClock>,
    pub logins: AtomicUsize,
    pub down: AtomicBool,
}

impl Gateway for &Door {
    async fn options(&self) -> Result<LoginOptions, Failure> {
        Ok(LoginOptions { person: Some(self.login.clone()), workload_audiences: Vec::new() })
    }

    async fn login(&self, request: LoginRequest) -> Result<LoginAnswer, Failure> {
        if self.down.load(Ordering::SeqCst) {
            return Err(Failure::unreachable("down"));
        }
        let LoginRequest::Person { id_token, certificate_request, binding } = request else { panic!("a person") };
        let request = rcgen::CertificateSigningRequestParams::from_pem(&certificate_request).unwrap();
        let spki = rcgen::PublicKeyData::subject_public_key_info(&request.public_key);
        let binding = URL_SAFE_NO_PAD.decode(binding).unwrap();
        let now = self.clock.now();
        Ok(match self.verifier.verify(&id_token, &spki, &binding, now).await {
            Ok(principal) => {
                let number = self.logins.fetch_add(1, Ordering::SeqCst);
                let expires_at = later(now, std::time::Duration::from_secs(15 * 60));
                LoginAnswer::Granted(Grant { certificate: format!("certificate {number}"), principal, expires_at })
            }
            Err(error) => LoginAnswer::Refused(error.into_fault()),
        })
    }
}

pub struct World {
    pub issuer: Issuer,
    pub clock: Arc<ManualClock>,
    pub door: Door,
    pub context: Context,
    pub vault: Vault,
    _dir: tempfile::TempDir,
}

impl World {
    pub async fn new() -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::now()));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let issuer = Issuer::serve(listener, demo_users(), clock.clone()).await.unwrap();
        let login = PersonLogin {
            issuer: issuer.name().to_owned(),
            client_id: CLIENT_ID.to_owned(),
            scopes: ["openid", "offline_access", "groups"].map(str::to_owned).to_vec(),
            redirect_ports: Vec::new(),
        };
        let verifier = PersonVerifier::new(issuer.name(), CLIENT_ID, "groups", clock.clone()).unwrap();
        let (logins, down) = Default::default();
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::at(dir.path());
        let vault = Vault::open(Choice::File, &folder).await.unwrap();
        let entry = Entry { gateway: "gateway.test:7443".to_owned(), server_name: None, trust: TrustBy::System };
        let context = Context::new(folder, "dev".to_owned(), entry);
        let door = Door { login, verifier, clock: clock.clone(), logins, down };
        Self { issuer, clock, door, context, vault, _dir: dir }
    }

    pub fn pass(&self, seconds: i64) {
        self.clock.advance(jiff::SignedDuration::from_secs(seconds));
    }

    pub async fn log_in(&self, user: &'static str) -> Result<Credentials, Failure> {
        let robot = Robot(move |url: Url| async move { drop(click(url, user).await) });
        session::log_in(&self.context, &self.vault, &&self.door, &robot, self.clock.now()).await
    }

    pub async fn current(&self) -> Result<Credentials, Failure> {
        session::current(&self.context, &self.vault, async || Ok(&self.door), self.clock.now()).await
    }

    /// Logs out, and whether the gateway was told.
    pub async fn log_out(&self, vault: &Vault) -> (Result<LoggedOut, Failure>, bool) {
        let mut told = false;
        let end = async |_: &Credentials| {
            told = true;
            Ok(())
        };
        let out = session::log_out(&self.context, vault, end, self.clock.now()).await;
        (out, told)
    }

    pub fn logins(&self) -> usize {
        self.door.logins.load(Ordering::SeqCst)
    }
}

/// Runs what it holds where a browser would open.
pub struct Robot<F>(pub F);

impl<F, R> Opener for Robot<F>
where
    F: Fn(Url) -> R,
    R: Future<Output = ()> + Send + 'static,
{
    fn open(&self, url: &str) {
        tokio::spawn((self.0)(url.parse().unwrap()));
    }
}

pub fn client() -> Client {
    let tls = ClientConfig::builder_with_provider(aws_lc_rs::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Client::builder().tls_backend_preconfigured(tls).redirect(redirect::Policy::none()).no_proxy().build().unwrap()
}

pub async fn get(url: Url) -> Response {
    client().get(url).send().await.unwrap()
}

pub fn target(response: &Response) -> Url {
    response.url().join(response.headers()["location"].to_str().unwrap()).unwrap()
}

/// The provider's answer for `user`: where the browser is sent.
pub async fn answered(mut url: Url, user: &str) -> Url {
    url.query_pairs_mut().append_pair("login_hint", user).append_pair("prompt", "none");
    target(&get(url).await)
}

/// Follows the login to its end; the last page.
pub async fn click(url: Url, user: &str) -> Response {
    let back = get(answered(url, user).await).await;
    get(target(&back)).await
}
