//! Start: every part is opened and proved before the door is.

use std::{io, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use aws_lc_rs::{hmac, rand};
use hoop_model::{Clock, Timestamp};
use hoop_recording::{Failpoints, Recorder};
use hoop_store::Store;
use hoop_tunnel::Listener;
use hoop_wire::alpn;
use tokio::{task::JoinHandle, time::Instant};

use crate::{
    Gateway, Settings, archive, authority, clock,
    incidents::{self, Incidents},
    link,
    listener::{self, remote::Endpoint},
    pipeline, retention, review, revocations,
    server_certificate::{self, ServerCertificate},
    session, siem, timestamp, tools, trail, trail_key, witness,
};

/// A gateway that is up.
pub struct Running {
    /// The address the tunnel listens on (the port is known here even when 0 was asked for).
    pub address: SocketAddr,
    /// The address that remote MCP clients reach, where there is one for them.
    pub mcp_endpoint: Option<SocketAddr>,
    /// PEM of the CA that signed the gateway's certificate: what clients and agents are told to trust.
    pub authority: String,
    /// Hex SHA-256 of the CA's public key: what `--pin` takes instead.
    pub authority_pin: String,
    pub(crate) gateway: Arc<Gateway>,
    serving: JoinHandle<()>,
}

/// Why the gateway did not start. The text says which part, why, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    #[error("the data folder {path} cannot be used: {source}; make it writable for the gateway alone")]
    DataDir {
        path: String,
        #[source]
        source: io::Error,
    },
    #[error(transparent)]
    Authority(#[from] authority::AuthorityError),
    #[error(transparent)]
    Settings(#[from] crate::SettingsError),
    #[error(transparent)]
    Clock(#[from] clock::ClockError),
    #[error("the store cannot be opened: {0}")]
    Store(#[from] hoop_store::StoreError),
    #[error("the trail cannot be opened: {0}; the gateway does not run without it")]
    Record(#[from] hoop_recording::RecordError),
    #[error("the masker failed its own samples, so nothing may be served: {0}")]
    Masker(#[from] hoop_masking::ProofFailure),
    #[error("the gateway's own certificate cannot be used: {0}")]
    Certificate(#[from] hoop_tunnel::PemError),
    #[error("the gateway's own certificate cannot be used: {0}")]
    Identity(#[source] hoop_tunnel::BindError),
    #[error("cannot listen on {address}: {source}; is another gateway running, or the port taken?")]
    Listen {
        address: SocketAddr,
        #[source]
        source: hoop_tunnel::BindError,
    },
    #[error(transparent)]
    Remote(#[from] listener::remote::RemoteError),
    #[error("the trail cannot be forwarded: {0}")]
    Cursor(#[from] hoop_siem::CursorError),
    #[error(transparent)]
    Archive(#[from] archive::ArchiveError),
    #[error("the trail did not take the start record: {0}")]
    FirstRecord(#[from] hoop_model::Fault),
}

/// The runtime a gateway is meant for: all cores but one, which the trail's writer, the store and the kernel's network
/// keep busy. On two cores that takes 0.1 ms off a small call and costs no throughput (`gateway/docs/performance.md`).
pub fn runtime() -> tokio::runtime::Builder {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(cores().saturating_sub(1).max(1)).enable_all();
    builder
}

pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Opens everything and serves until [`Running::stop`].
pub async fn start(settings: Settings, clock: Arc<dyn Clock>) -> Result<Running, StartError> {
    start_with(settings, clock, Failpoints::default()).await
}

/// The same for a test that ends the process on the way.
pub async fn start_with(
    settings: Settings,
    clock: Arc<dyn Clock>,
    failpoints: Failpoints,
) -> Result<Running, StartError> {
    let dir = settings.data_dir.clone();
    let data_dir = |source| StartError::DataDir { path: dir.display().to_string(), source };
    private_dir(&dir).map_err(data_dir)?;
    let now = clock.now();
    let policies = settings.policies()?;
    let (people, workloads) = settings.verifiers(&clock)?;
    let masker = settings.masker()?;
    settings.reveals(&policies, &masker, now)?;
    masker.prove()?;
    let receivers = siem::receivers(&settings, &clock)?;
    let witnesses = witness::clients(&settings)?;
    let authority_of_time = timestamp::client(&settings)?;
    let target = archive::target(&settings, &clock).await?;
    let watched_clock = clock::Watched::open(clock, &settings.clock).await?;
    let clock: Arc<dyn Clock> = watched_clock.clone();
    let authority = authority::Authority::open(&dir.join("authority"), now)?;
    let store = Store::open(&dir.join("gateway.sqlite")).await?;
    let tools = tools::Tools::load(&store).await?;
    let seeds = trail_key::seeds(&dir).map_err(data_dir)?;
    let payload_keys = settings.payload_keys()?;
    let recorder = Recorder::open_with(&dir.join("trail"), seeds, clock.clone(), failpoints)?;
    let recorder = recorder.with_payload_keys(payload_keys);
    trail_key::settle(&dir, &recorder).map_err(data_dir)?;
    let digest_key = hmac::Key::new(hmac::HMAC_SHA256, &key(&dir.join("digest.key")).map_err(data_dir)?);
    let binding_key = hoop_approval::BindingKey::new(&key(&dir.join("binding.key")).map_err(data_dir)?);
    let (identity, due) = server_certificate::issue(&authority, &settings.names, now)?;
    let clients = hoop_tunnel::certificates(authority.certificate())?;
    let tunnel =
        Listener::bind(settings.listen, identity, clients, &[alpn::LOGIN, alpn::CLIENT, alpn::ENROL, alpn::AGENT])
            .map_err(|source| StartError::Listen { address: settings.listen, source })?;
    let address = tunnel.local_addr().map_err(data_dir)?;
    let (remote, mcp_endpoint) = listener::remote::bind(&settings).await?.unzip();
    private_dir(&dir.join("siem")).map_err(data_dir)?;
    let siem = siem::Forwarding::open(&dir.join("siem"), receivers, &settings, &recorder, &clock)?;
    let archive = archive::Archiving::open(&dir, target, &settings, &recorder, &clock)?;
    let witnesses = witness::Witnessing::open(witnesses, &recorder);
    let stamping = timestamp::Stamping::open(authority_of_time, &recorder);
    let legal_holds = retention::Holds::default();
    let purging = retention::Purging::start(
        recorder.clone(),
        store.clone(),
        legal_holds.clone(),
        settings.retention.clone(),
        clock.clone(),
        archive.archive(),
    );
    let watched = &settings.review;
    let incidents = Arc::new(Incidents::new(watched.owner.clone(), watched.calm, clock.clone()));
    let gateway = Arc::new(Gateway {
        settings,
        clock,
        watched_clock,
        store,
        recorder: incidents::Trail::new(recorder, incidents.clone()),
        incidents,
        review: review::Standing::default(),
        policies,
        tools,
        masker,
        people,
        workloads,
        authority,
        links: link::Links::default(),
        sessions: session::Sessions::default(),
        holds: pipeline::Holds::default(),
        deciding: tokio::sync::Mutex::default(),
        traffic: listener::Traffic::default(),
        revocations: revocations::Revocations::new(Instant::now()),
        siem,
        archive,
        witnesses,
        stamping,
        large_work: Arc::new(tokio::sync::Semaphore::new(cores())),
        legal_holds,
        _purging: purging,
        rotating: tokio::sync::Mutex::default(),
        digest_key,
        binding_key,
    });
    trail::configured(&gateway).await?;
    let authority = gateway.authority.certificate().to_owned();
    let authority_pin = gateway.authority.pin()?;
    let serving = tokio::spawn(serve(gateway.clone(), Arc::new(tunnel), remote, due));
    tracing::info!(%address, "gateway is up");
    Ok(Running { address, mcp_endpoint, authority, authority_pin, gateway, serving })
}

/// Until the gateway's end is over: revocations are heard of to the last.
async fn serve(gateway: Arc<Gateway>, tunnel: Arc<Listener>, remote: Option<Endpoint>, due: Timestamp) {
    let remote = {
        let gateway = gateway.clone();
        async move {
            match remote {
                Some(endpoint) => endpoint.serve(gateway).await,
                None => std::future::pending().await,
            }
        }
    };
    let certificate = ServerCertificate::new(tunnel.clone(), due);
    tokio::select! {
        () = listener::serve(gateway.clone(), tunnel) => {}
        () = remote => {}
        () = revocations::follow(gateway.clone()) => {}
        () = incidents::follow(gateway.clone()) => {}
        () = clock::follow(gateway.clone()) => {}
        () = review::follow(gateway.clone()) => {}
        () = certificate.keep_fresh(gateway) => {}
    }
}

impl Running {
    /// A join token for an agent of this name, as `hoopctl admin agents add` prints it.
    pub async fn join_token(&self, name: &str) -> Result<String, hoop_model::Fault> {
        crate::api::join_token(&self.gateway, name, None).await
    }

    /// Names of the agents that are connected.
    pub fn agents(&self) -> Vec<String> {
        self.gateway.links.names()
    }

    /// Completes once an agent of this name is connected.
    pub async fn agent_connected(&self, name: &str) {
        self.gateway.links.connected(name).await;
    }

    /// Completes when the trail can no longer be written, with why: nothing passes any more, so the process should end.
    pub async fn trail_failed(&self) -> String {
        self.gateway.recorder.failed().await
    }

    /// How long the trail's fsyncs took so far: for the benchmark, which counts them apart.
    pub fn sync_stats(&self) -> hoop_recording::SyncStats {
        self.gateway.recorder.sync_stats()
    }

    /// Stops accepting, lets exchanges finish for a while, closes the trail.
    pub async fn stop(self) {
        self.gateway.traffic.stopping.cancel();
        let _ = self.serving.await;
        if let Err(error) = self.gateway.recorder.close().await {
            tracing::error!(%error, "the trail did not close cleanly");
        }
        self.gateway.archive.stop();
        let gateway = &self.gateway;
        tokio::join!(gateway.siem.stop(gateway), gateway.witnesses.stop(), gateway.stamping.stop());
        // A store that does not answer must not keep the process: what it was told is durable.
        let _ = tokio::time::timeout(Duration::from_secs(2), self.gateway.store.close()).await;
    }
}

fn private_dir(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    if !dir.exists() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    }
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))
}

/// A key of 256 bits in a file of mode 0600, made once.
pub(crate) fn key(path: &Path) -> io::Result<[u8; 32]> {
    if !path.exists() {
        let mut bytes = [0; 32];
        rand::fill(&mut bytes).map_err(|_| io::Error::other("the system gave no random bytes"))?;
        authority::write_private(path, &bytes)?;
    }
    let bytes = std::fs::read(path)?;
    bytes.try_into().map_err(|_| io::Error::new(io::ErrorKind::InvalidData, format!("{} is no key", path.display())))
}
