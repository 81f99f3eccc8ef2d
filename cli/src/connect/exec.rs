//! `--exec -- CMD`: the command runs with the settings in its environment, and its exit code is ours.

use std::{os::unix::process::ExitStatusExt, process::ExitStatus, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{process::Child, time::timeout};

use super::{private::PrivateFolder, settings::Settings, signals::Signals};
use crate::exit::{Exit, Failure};

/// For the command to end by itself, once its session is gone.
const GRACE: Duration = Duration::from_secs(5);

/// Runs the command to its end. A session that ends first ends the command too, and says why.
pub(super) async fn run(
    command: &[String],
    settings: &Settings,
    session_ended: impl Future<Output = Failure>,
) -> Result<u8, Failure> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(Failure::new(Exit::Usage, "no_command", "give the command after `--`: --exec -- CMD ARG…"));
    };
    let folder = PrivateFolder::of(settings)?;
    let mut signals = Signals::listen()?;
    let mut child = tokio::process::Command::new(program)
        .args(arguments)
        .envs(settings.environment())
        .envs(folder.environment())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| Failure::new(Exit::Failed, "cannot_exec", format!("cannot run {program}: {error}")))?;
    tokio::pin!(session_ended);
    loop {
        tokio::select! {
            status = child.wait() => return Ok(code(status?)),
            signal = signals.next() => match signal {
                // The terminal sends Ctrl-C to the command as well: it decides what that means.
                Signal::INT => {}
                signal => tell(&child, signal),
            },
            failure = &mut session_ended => {
                end(&mut child).await;
                return Err(failure);
            }
        }
    }
}

fn tell(child: &Child, signal: Signal) {
    if let Some(id) = child.id().and_then(|id| Pid::from_raw(id.cast_signed()))
        && let Err(error) = kill_process(id, signal)
    {
        tracing::debug!(%error, "the command could not be signalled");
    }
}

async fn end(child: &mut Child) {
    tell(child, Signal::TERM);
    if timeout(GRACE, child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
}

/// As shells do: a command ended by a signal exits with 128 and the signal's number.
fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}
