//! `hoopctl mcp connect`: the editor's pipe is the stream; every line is read, judged and masked by the gateway.

use hoop_wire::open::ClientOpen;
use tokio::io::AsyncWriteExt;

use super::{connection_name, interrupted, notices, open, secret};
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
    // The editor closing our stdin ends the session once the answers under way are out.
    let both = async { tokio::try_join!(upward, downward) };
    let outcome = tokio::select! {
        done = both => done.map(|_| ()).map_err(|error| Failure::unreachable(format!("the gateway broke off: {error}"))),
        ended = notices::follow(session_stream, printer) => ended,
        failure = gateway.closed() => Err(failure),
        () = interrupted() => Ok(()),
    };
    gateway.close().await;
    outcome.map(|()| Exit::Ok as u8)
}
