//! A child of the agent: one pipe, many calls.

use std::sync::Arc;

use hoop_mcp::{Message, stdio};
use hoop_model::{Fault, Retry, Side};
use hoop_tunnel::{ReceiveHalf, SendHalf};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{super::posted::Posted, Incoming, routes::Routes};
use crate::{Gateway, fault, pipeline::Authorized};

/// Bytes read from the child at a time.
const READ: usize = 64 * 1024;

pub(in super::super) struct StdioUpstream {
    stdin: tokio::sync::Mutex<SendHalf>,
    routes: Routes,
}

impl StdioUpstream {
    pub(super) async fn open(gateway: &Arc<Gateway>, first: &Authorized<Posted>) -> Result<Arc<Self>, Fault> {
        let session = &first.exchange().session;
        let (stdin, stdout) = gateway.links.stdio(first).await?.0.split();
        let this = Arc::new(Self { stdin: tokio::sync::Mutex::new(stdin), routes: Routes::default() });
        let reader = this.clone();
        let ended = session.ended.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = reader.read(stdout) => {}
                () = ended.cancelled() => {}
            }
            reader.routes.fail(&child_gone());
        });
        Ok(this)
    }

    pub(super) async fn send(&self, posted: Authorized<Posted>) -> Result<Incoming, Fault> {
        let pieces = self.routes.expect(&posted.request().message)?;
        let line = stdio::encode(&posted.request().message).map_err(fault::internal)?;
        let mut stdin = self.stdin.lock().await;
        let written = async {
            stdin.write_all(&line).await?;
            stdin.flush().await
        };
        written.await.map_err(|error| child_gone().detail(error))?;
        Ok(Incoming::streamed(posted.exchange().clone(), pieces))
    }

    pub(super) fn listen(&self, listening: Authorized<()>) -> Incoming {
        Incoming::streamed(listening.exchange().clone(), self.routes.listen())
    }

    pub(super) async fn close(&self) -> Result<(), Fault> {
        self.stdin.lock().await.shutdown().await.map_err(|error| child_gone().detail(error))
    }

    async fn read(&self, mut stdout: ReceiveHalf) {
        let mut decoder = stdio::Decoder::new();
        let mut buffer = vec![0; READ];
        while let Ok(read @ 1..) = stdout.read(&mut buffer).await {
            let lines = match decoder.push(buffer.get(..read).unwrap_or_default()) {
                Ok(lines) => lines,
                Err(error) => return self.routes.fail(&fault::unreadable(error)),
            };
            for line in lines {
                match Message::parse(&line) {
                    Ok(message) => self.routes.route(message).await,
                    // Servers print banners there, which no client takes for a message.
                    Err(error) if !line.trim_ascii_start().starts_with(b"{") => {
                        tracing::warn!(%error, "a child's line that is no message was dropped");
                    }
                    // It may be an answer: whoever waits for one must not wait for ever.
                    Err(error) => return self.routes.fail(&fault::unreadable(error)),
                }
            }
        }
    }
}

fn child_gone() -> Fault {
    Fault::new(
        Side::Upstream,
        "server_ended",
        Retry::Unsafe,
        "the MCP server's process ended; the call may have run. Connect again for a new one.",
    )
}
