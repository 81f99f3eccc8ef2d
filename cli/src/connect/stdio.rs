//! `hoopctl mcp connect`: the editor's pipe is the stream; every line is read, judged and masked by the gateway.

use hoop_wire::open::ClientOpen;
use tokio::io::AsyncWriteExt;

use super::{Signals, connection_name, ended, open, secret};
use crate::{
    exit::{Exit, Failure},
    gateway::Gateway,
    output::Printer,
};

pub async fn mcp(gateway: Gateway, name: &str, reason: Option<String>, printer: Printer) -> Result<u8, Failure> {
    let name = connection_name(name)?;
    let (opened, session_stream) = open(&gateway, name, &secret()?, None, reason).await?;
    let stream = gateway.open(&ClientOpen::Stdio { session: opened.session }).await?;
    let (mut from_gateway, mut to_gateway) = tokio::io::split(stream);
    let upward = async {
        tokio::io::copy(&mut tokio::io::stdin(), &mut to_gateway).await?;
        to_gateway.shutdown().await
    };
    let downward = async {
        let mut stdout = tokio::io::stdout();
        tokio::io::copy(&mut from_gateway, &mut stdout).await?;
        stdout.flush().await
    };
    let mut signals = Signals::listen()?;
    // The editor closing our stdin ends the session once the answers under way are out.
    let both = async { tokio::try_join!(upward, downward) };
    let outcome = tokio::select! {
        done = both => done.map(|_| Exit::Ok).map_err(|error| gateway.lost(&error.to_string())),
        failure = ended(&gateway, session_stream, printer) => Err(failure),
        exit = signals.asked_to_end() => Ok(exit),
    };
    gateway.close().await;
    outcome.map(|exit| exit as u8)
}
