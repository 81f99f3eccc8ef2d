//! `hoop-gateway archive fetch`: the trail as S3 has it, for `hoopctl audit verify`.

use std::{io::Write, path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use hoop_archive::{FetchError, Fetched, fetch::Wanted};
use hoop_model::SystemClock;
use serde_json::json;

use crate::{Settings, SettingsError};

/// The archive is not as it was written (design, "Exit codes").
const TAMPERED: u8 = 9;

#[derive(Debug, Subcommand)]
pub enum Archive {
    /// Bring the trail back from S3 into a folder that `hoopctl audit verify` reads.
    #[command(after_help = EXAMPLE)]
    Fetch(Fetch),
}

const EXAMPLE: &str = "\
Of each object the first version is taken. What was overwritten, hidden, is missing or cannot be
read is told as a finding, and the exit code is 9.

Example:
  hoop-gateway archive fetch --config /etc/hoop/gateway.toml --out trail
  hoopctl audit verify trail --head trail/checkpoints/1000";

#[derive(Debug, Args)]
pub struct Fetch {
    #[arg(long, value_name = "FILE", env = "HOOP_GATEWAY_CONFIG")]
    config: PathBuf,
    /// A folder that is empty or not there yet.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Which log, where the archive has several: hoop-gateway/ID, as its key is named.
    #[arg(long)]
    origin: Option<String>,
}

/// Why nothing was brought back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveFailure {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("{0} has no [trail.archive]; name the configuration of a gateway that archives its trail")]
    None(PathBuf),
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("the result cannot be printed: {0}")]
    Print(#[from] std::io::Error),
}

/// The exit code: 0, or 9 where something was found.
pub async fn archive(command: Archive) -> Result<ExitCode, ArchiveFailure> {
    let Archive::Fetch(Fetch { config, out, origin }) = command;
    let settings = Settings::load(&config)?;
    let Some(set) = &settings.archive else { return Err(ArchiveFailure::None(config)) };
    let client = set.client(&settings)?;
    let wanted = Wanted { prefix: set.prefix(), origin: origin.as_deref(), terms: set.terms(&settings.retention) };
    let fetched = hoop_archive::fetch(&client, wanted, &SystemClock, &out).await?;
    told(&fetched, &out)?;
    Ok(if fetched.findings.is_empty() { ExitCode::SUCCESS } else { TAMPERED.into() })
}

fn told(fetched: &Fetched, out: &std::path::Path) -> std::io::Result<()> {
    let result = json!({
        "kind": "archive_fetch",
        "version": 1,
        "dir": out,
        "origin": fetched.origin,
        "segments": fetched.segments,
        "records": fetched.records,
        "anchored_records": fetched.anchored_records,
        "head": fetched.head,
        "purged": fetched.purged,
        "findings": fetched.findings,
    });
    writeln!(std::io::stdout(), "{result}")?;
    for finding in &fetched.findings {
        eprintln!("finding: {finding}");
    }
    eprintln!("{} records in {} segments of {}", fetched.records, fetched.segments, fetched.origin);
    let later = fetched.anchored_records.saturating_sub(fetched.records);
    if later > 0 {
        eprintln!("{later} more were signed and are not archived yet: they are in the gateway's newest segment");
    }
    if !fetched.purged.is_empty() {
        eprintln!("of {} segments what was delivered is gone: its time was over", fetched.purged.len());
    }
    if let Some(head) = &fetched.head {
        eprintln!("verify them with: hoopctl audit verify {} --head {}", out.display(), head.display());
    }
    Ok(())
}
