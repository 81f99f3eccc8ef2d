//! `--exec -- CMD`: the command runs with the settings in its environment, and its exit code is ours.

use std::os::unix::process::ExitStatusExt;

use super::settings::Settings;
use crate::exit::{Exit, Failure};

/// Runs the command to its end; a session that ends first ends it too.
pub(super) async fn run(
    command: &[String],
    settings: &Settings,
    session_ended: impl Future<Output = Result<(), Failure>>,
) -> Result<u8, Failure> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(Failure::new(Exit::Usage, "no_command", "give the command after `--`: --exec -- CMD ARG…"));
    };
    let mut child = tokio::process::Command::new(program)
        .args(arguments)
        .envs(settings.environment())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| Failure::new(Exit::Failed, "cannot_exec", format!("cannot run {program}: {error}")))?;
    tokio::select! {
        status = child.wait() => {
            let status = status?;
            // As shells do: a command ended by a signal exits with 128 and the signal's number.
            let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
            Ok(u8::try_from(code).unwrap_or(1))
        }
        ended = session_ended => {
            ended?;
            Err(Failure::unreachable("the session ended before the command did"))
        }
    }
}
