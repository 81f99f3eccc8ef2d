//! What an assessor gets of the trail, for auditors and admins.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hoop_model::{ConnectionName, Timestamp, later};

use super::Witnessed;

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  hoopctl evidence --from 2026-01-01 --to 2026-03-31 --out q1
                                     the first quarter, sealed by the gateway
  hoopctl evidence --from 2026-04-01 --to 2026-06-30 --previous q1 --out q2
                                     the next one, which continues it
  hoopctl evidence --from 2026-01-01 --to 2026-01-31 --connection warehouse --out january
  hoopctl evidence --from 2026-01-01 --to 2026-01-31 --trail export --out january
                                     from a copy of the trail, not sealed
  hoopctl evidence verify q1 --state head.json"
)]
pub struct Evidence {
    #[command(subcommand)]
    pub command: Option<EvidenceCommand>,
    #[command(flatten)]
    pub make: Option<MakeEvidence>,
}

/// A period, and where the pack goes.
#[derive(Debug, Args)]
pub struct MakeEvidence {
    /// From when on: a date (its beginning, UTC), or a time as RFC 3339 has it.
    #[arg(long, value_name = "DATE", value_parser = begin)]
    pub from: Timestamp,
    /// Until when: a date (its end, UTC), or a time that is no longer in it.
    #[arg(long, value_name = "DATE", value_parser = end)]
    pub to: Timestamp,
    /// A new folder, or an empty one.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Only what is of this connection, or of none.
    #[arg(long, value_name = "NAME")]
    pub connection: Option<ConnectionName>,
    /// A copy of the trail in the gateway's place, as `hoopctl audit verify DIR` takes it; the pack is not sealed then.
    #[arg(long, value_name = "DIR")]
    pub trail: Option<PathBuf>,
    /// The pack before this one: proves that the log continues what that one was made of.
    #[arg(long, value_name = "DIR")]
    pub previous: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum EvidenceCommand {
    /// Check a pack, without network: files, rows, records and the ten machine checks.
    ///
    /// Exit codes: 0 all hold and the log was held against something outside, 10 all hold but there was nothing to hold it
    /// against, 9 something does not hold; the file and row are named.
    Verify(VerifyEvidence),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  hoopctl evidence verify q1                           files, rows and checks
  hoopctl evidence verify q1 --state head.json         and remember the log's head, or hold the log against it
  hoopctl evidence verify q1 --trust gateway.vkey      with the key that you have from elsewhere")]
pub struct VerifyEvidence {
    /// The pack.
    pub dir: PathBuf,
    /// Remembers the newest verified head and the keys here; shared with `hoopctl audit verify --state`.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Only these keys may have signed, one verifier key a line, as `hoopctl admin keys show` prints it.
    #[arg(long, value_name = "FILE")]
    pub trust: Option<PathBuf>,
    /// A signed head (C2SP checkpoint) that was kept elsewhere; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub head: Vec<PathBuf>,
    #[command(flatten)]
    pub witnessed: Witnessed,
}

/// The beginning of a date, or a time.
pub(super) fn begin(text: &str) -> Result<Timestamp, String> {
    date(text).or_else(|| text.parse().ok()).ok_or_else(|| bad(text))
}

fn end(text: &str) -> Result<Timestamp, String> {
    const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);
    date(text).map(|begin| later(begin, DAY)).or_else(|| text.parse().ok()).ok_or_else(|| bad(text))
}

/// The beginning of a day.
fn date(text: &str) -> Option<Timestamp> {
    (text.len() == 10).then(|| format!("{text}T00:00:00Z").parse().ok()).flatten()
}

fn bad(text: &str) -> String {
    format!("{text:?} is neither a date (2026-01-31) nor a time (2026-01-31T00:00:00Z)")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_date_is_a_whole_day() {
        assert_eq!(begin("2026-01-31").unwrap(), "2026-01-31T00:00:00Z".parse().unwrap());
        assert_eq!(end("2026-01-31").unwrap(), "2026-02-01T00:00:00Z".parse().unwrap());
        assert_eq!(end("2026-01-31T12:00:00+02:00").unwrap(), "2026-01-31T10:00:00Z".parse().unwrap());
        for wrong in ["", "2026-02-30", "yesterday", "2026-01-31T12:00:00"] {
            assert!(begin(wrong).is_err() && end(wrong).is_err(), "{wrong}");
        }
    }
}
