//! `hoopctl connect`: a local listener whose every exchange goes through the gateway.

mod exec;
mod inflate;
mod listener;
mod notices;
mod private;
mod settings;
mod signals;
mod snippet;
mod stdio;

use std::{net::SocketAddr, sync::Arc};

use aws_lc_rs::{digest, rand};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use data_encoding::HEXLOWER;
use hoop_model::{ConnectionName, Secret};
use hoop_tunnel::Stream;
use hoop_wire::open::{ClientOpen, SessionAnswer, SessionOpened, SessionRequest};
pub(crate) use signals::Signals;
pub use stdio::mcp;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    args::Connect,
    exit::{Exit, Failure},
    gateway::Gateway,
    output::Printer,
};

/// Opens the listener and serves until the session ends or the person interrupts; with `--exec`, until the command
/// ends, and its exit code is the answer.
pub async fn connect(gateway: Gateway, args: Connect, printer: Printer) -> Result<u8, Failure> {
    let open = Open::new(&gateway, &args.name, args.listen, args.reason.clone()).await?;
    let settings = settings::Settings::new(&open.opened, open.address, &open.secret);
    let ended = ended(&gateway, open.session, printer);
    let outcome = if let Err(failure) = settings.check(args.client) {
        Err(failure)
    } else if args.exec {
        exec::run(&args.command, &settings, ended).await
    } else {
        let mut signals = Signals::listen()?;
        settings.announce(printer, args.client);
        tokio::select! {
            failure = ended => Err(failure),
            exit = signals.asked_to_end() => Ok(exit as u8),
        }
    };
    gateway.close().await;
    outcome
}

/// Shows notices until the session ends, which nobody here asked for; says why it did.
async fn ended(gateway: &Gateway, session: Stream, printer: Printer) -> Failure {
    tokio::select! {
        told = notices::follow(session, printer) => {
            told.unwrap_or_else(|| gateway.lost("the session's stream ended"))
        }
        failure = gateway.closed() => failure,
    }
}

/// An open session with its local listener. Dropping it closes both.
pub struct Open {
    pub opened: SessionOpened,
    pub address: SocketAddr,
    pub secret: Secret<String>,
    session: Stream,
    _serving: Serving,
}

struct Serving(JoinHandle<()>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Open {
    pub async fn new(
        gateway: &Gateway,
        name: &str,
        listen: SocketAddr,
        reason: Option<String>,
    ) -> Result<Self, Failure> {
        let name = connection_name(name)?;
        let socket = bind(listen).await?;
        let address = socket.local_addr()?;
        let secret = secret()?;
        let (opened, session) = open(gateway, name, &secret, Some(address), reason).await?;
        let listener = Arc::new(listener::Listener { gateway: gateway.clone(), session: opened.session, address });
        let serving = Serving(tokio::spawn(listener.serve(socket)));
        Ok(Self { opened, address, secret, session, _serving: serving })
    }
}

pub(crate) fn connection_name(name: &str) -> Result<ConnectionName, Failure> {
    name.parse()
        .map_err(|error| Failure::new(Exit::Usage, "bad_name", format!("\"{name}\" cannot be a connection: {error}")))
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    if !address.ip().is_loopback() {
        return Err(Failure::new(
            Exit::Usage,
            "listener_not_loopback",
            format!("{address} can be reached from other machines; listen on 127.0.0.1 or [::1]"),
        ));
    }
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => Failure::new(
            Exit::Failed,
            "port_in_use",
            format!("port {} is taken by another program; leave --listen away for a free port", address.port()),
        ),
        _ => Failure::new(Exit::Failed, "cannot_listen", format!("cannot listen on {address}: {error}")),
    })
}

/// 256 random bits, base64url: what lets an application through the local listener.
fn secret() -> Result<Secret<String>, Failure> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| Failure::new(Exit::Failed, "no_random", "the system gave no random bytes"))?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}

async fn open(
    gateway: &Gateway,
    connection: ConnectionName,
    secret: &Secret<String>,
    listener: Option<SocketAddr>,
    reason: Option<String>,
) -> Result<(SessionOpened, Stream), Failure> {
    let digest = digest::digest(&digest::SHA256, secret.expose().as_bytes());
    let secret_digest = HEXLOWER.encode(digest.as_ref());
    let request = SessionRequest { connection, secret_digest, listener, reason };
    let mut stream = gateway.open(&ClientOpen::Session(request)).await?;
    match stream.read_frame().await {
        Ok(SessionAnswer::Opened(mut opened)) => {
            // The gateway counts on renewals, and cannot know that there will be none.
            opened.ends_at = gateway.ends_at.map_or(opened.ends_at, |ends_at| opened.ends_at.min(ends_at));
            Ok((opened, stream))
        }
        Ok(SessionAnswer::Refused(fault)) => Err(fault.into()),
        Err(error) => Err(gateway.lost(&error.to_string())),
    }
}
