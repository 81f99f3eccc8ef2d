//! An MCP server as a child process of its session: started without a shell, in a group of its own, with an environment
//! that holds only what it is given.

use std::{
    process::Stdio,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use hoop_model::{Fault, Retry, SessionId, Side};
use hoop_tunnel::Stream;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    process::{self, ChildStderr, Command},
    time::timeout,
};
use tokio_util::io::InspectReader;

use crate::{ChildValue, StdioTarget, receipts::Passing};

/// After its stdin is closed a server ends by itself (MCP, stdio transport, "shutdown"); then it is asked, then made to.
const LEAVE_LIMIT: Duration = Duration::from_secs(5);
const TERMINATE_LIMIT: Duration = Duration::from_secs(2);
/// From our own environment; everything else stays with the agent.
const INHERITED: [&str; 3] = ["PATH", "HOME", "LANG"];

pub(super) struct StdioUpstream {
    target: StdioTarget,
}

impl StdioUpstream {
    pub(super) fn new(target: StdioTarget) -> Self {
        Self { target }
    }

    /// A fresh child.
    pub(super) async fn start(&self) -> Result<RunningChild, Fault> {
        let mut command = Command::new(&self.target.program);
        command
            .args(&self.target.arguments)
            .env_clear()
            .envs(INHERITED.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        for (name, value) in &self.target.environment {
            match value {
                ChildValue::Plain(text) => command.env(name, text),
                ChildValue::Secret(reference) => {
                    let secret = reference.resolve().await.map_err(|error| unstartable(&error))?;
                    command.env(name, secret.expose())
                }
            };
        }
        let child = command.spawn().map_err(|error| unstartable(&error))?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Ok(RunningChild { child, group: Group(group) })
    }
}

fn unstartable(error: &dyn std::error::Error) -> Fault {
    let text = "The agent could not start the upstream's program. An administrator must look at the agent's log.";
    Fault::new(Side::Agent, "upstream_unstartable", Retry::Safe, text).detail(error)
}

pub(super) struct RunningChild {
    child: process::Child,
    group: Group,
}

/// The child's process group; what is left of it is killed when this is dropped.
struct Group(Option<Pid>);

impl Group {
    fn signal(&self, signal: Signal) {
        if let Some(group) = self.0 {
            // Fails if all have gone: that is what was wanted.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

impl RunningChild {
    /// Joins the child's stdin and stdout to the stream until either side ends, then ends the other.
    pub(super) async fn join(mut self, session: SessionId, stream: &mut Stream, passing: &Passing) {
        let (Some(mut stdin), Some(stdout)) = (self.child.stdin.take(), self.child.stdout.take()) else { return };
        let lines = AtomicU64::new(0);
        let stderr = self.child.stderr.take();
        let noise = async {
            count_lines(stderr, &lines).await;
            std::future::pending::<()>().await;
        };
        let (from_gateway, mut to_gateway) = tokio::io::split(&mut *stream);
        let mut from_gateway = InspectReader::new(from_gateway, |bytes| passing.sent().pass(bytes));
        let mut stdout = InspectReader::new(stdout, |bytes| passing.received().pass(bytes));
        let up = async {
            let ended = copy(&mut from_gateway, &mut stdin).await;
            let _ = stdin.shutdown().await;
            drop(stdin);
            match ended {
                // Its last answers may still come, but not for ever.
                Ok(_) => tokio::time::sleep(LEAVE_LIMIT).await,
                Err(error) => tracing::debug!(%session, %error, "the stream to a child broke"),
            }
        };
        let down = async { copy(&mut stdout, &mut to_gateway).await.is_ok() };
        let whole = tokio::select! {
            whole = down => whole,
            () = up => false,
            () = noise => false,
        };
        self.end(session).await;
        tracing::debug!(%session, stderr_lines = lines.load(Ordering::Relaxed), "a child has ended");
        // Otherwise the stream is dropped unfinished: the gateway must not take it for the server's own end.
        if whole {
            passing.whole();
            let _ = stream.finish().await;
        }
    }

    async fn end(&mut self, session: SessionId) {
        if let Ok(Ok(status)) = timeout(TERMINATE_LIMIT, self.child.wait()).await {
            return tracing::info!(%session, %status, "a child has exited");
        }
        self.group.signal(Signal::TERM);
        if timeout(TERMINATE_LIMIT, self.child.wait()).await.is_err() {
            tracing::warn!(%session, "a child did not end when asked to; killing its group");
            self.group.signal(Signal::KILL);
            let _ = self.child.wait().await;
        }
    }
}

/// Only counted: what a server writes to stderr may hold card data.
async fn count_lines(stderr: Option<ChildStderr>, lines: &AtomicU64) {
    let Some(mut stderr) = stderr else { return };
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stderr.read(&mut buffer).await {
        let ends = buffer.iter().take(count).filter(|byte| **byte == b'\n').count();
        lines.fetch_add(ends as u64, Ordering::Relaxed);
    }
}
