//! Sessions, and what happened in them.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use hoop_model::Timestamp;

use super::evidence::begin;

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  hoopctl sessions --limit 20
  hoopctl sessions --since 2026-03-01 --output json
  hoopctl sessions --before s-0190f3a1000070008000000000000001      the next page"
)]
pub struct Sessions {
    #[command(subcommand)]
    pub command: Option<SessionsCommand>,
    #[command(flatten)]
    pub list: ListSessions,
}

/// Which sessions are listed.
#[derive(Debug, Args)]
pub struct ListSessions {
    /// How many, the newest first.
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    pub limit: usize,
    /// Only those that began then or later: a date (its beginning, UTC), or a time as RFC 3339 has it.
    #[arg(long, value_name = "DATE", value_parser = begin)]
    pub since: Option<Timestamp>,
    /// Only those that began before this one: the next page.
    #[arg(long, value_name = "ID")]
    pub before: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum SessionsCommand {
    /// Show every exchange of one session.
    Show { id: String },
    /// Show what was asked and what came back, as it went, and verify it meanwhile.
    ///
    /// Nothing is run again. That somebody looked, and why, is recorded. Exit code 9 where a record does not hold.
    Replay(Replay),
    /// Show a live session as it goes on, from its beginning, until it ends.
    Follow(Follow),
    /// Write what happened in a session into a folder that others can check without the gateway.
    ///
    /// Its records, what was delivered, and a proof that they are in the signed log. That somebody took it, and why, is
    /// recorded. Exit code 9 where a record does not hold.
    Export(ExportSession),
    /// End a live session.
    Kill { id: String },
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  hoopctl sessions replay s-0190f3a1000070008000000000000001
  hoopctl sessions replay s-0190f3a1000070008000000000000001 --speed 10 --reason 'incident 42'
  hoopctl sessions replay s-0190f3a1000070008000000000000001 --format ndjson > session.ndjson
  hoopctl sessions replay s-0190f3a1000070008000000000000001 --format html > session.html")]
pub struct Replay {
    pub id: String,
    /// Begin so many seconds after the session's start.
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0)]
    pub at: f64,
    /// How many times as fast as it was; `max` without waiting.
    #[arg(long, value_name = "TIMES", default_value = "max", value_parser = speed)]
    pub speed: Speed,
    #[command(flatten)]
    pub look: Look,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  hoopctl sessions export s-0190f3a1000070008000000000000001 --out case-42 --reason 'incident 42'
  hoopctl audit verify case-42 --trust gateway.vkey")]
pub struct ExportSession {
    pub id: String,
    /// A new folder, or an empty one.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Why you take it; goes into the trail.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  hoopctl sessions follow s-0190f3a1000070008000000000000001 --reason 'unusual volume'")]
pub struct Follow {
    pub id: String,
    #[command(flatten)]
    pub look: Look,
}

/// What is asked of either.
#[derive(Debug, Args)]
pub struct Look {
    /// How to show what came back.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Rows shown of a result.
    #[arg(long, value_name = "ROWS", default_value_t = 20)]
    pub rows: usize,
    /// Why you look; goes into the trail.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Speed {
    Times(f64),
    Max,
}

fn speed(text: &str) -> Result<Speed, String> {
    if text == "max" {
        return Ok(Speed::Max);
    }
    match text.trim_end_matches('x').parse() {
        Ok(times) if times > 0.0 && f64::is_finite(times) => Ok(Speed::Times(times)),
        _ => Err("it is a number such as 1 or 10x, or max".to_owned()),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: commands, decisions, and results as tables.
    Table,
    /// One JSON document a line: each record, and what was delivered with it.
    Ndjson,
    /// The same as one JSON document.
    Json,
    /// A page for a browser, to be read or printed without hoopctl; it runs no script and loads nothing.
    Html,
}
