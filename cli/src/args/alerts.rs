//! Alerts of the automatic review, for auditors and admins.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  hoopctl admin alerts                                            what waits for somebody
  hoopctl admin alerts --all                                      closed ones as well
  hoopctl admin alerts show al-0192…                              one of them, and who answered what
  hoopctl admin alerts ack al-0192… --reason 'asking alice'       somebody knows
  hoopctl admin alerts close al-0192… --reason 'a test, OPS-7'    it is dealt with
  hoopctl admin alerts --output json | jq '.alerts[].what'        for scripts"
)]
pub struct Alerts {
    /// Closed ones as well.
    #[arg(long)]
    pub all: bool,
    #[command(subcommand)]
    pub command: Option<AlertsCommand>,
}

#[derive(Debug, Subcommand)]
pub enum AlertsCommand {
    /// Show one alert: what was found, in which records, and what was said of it.
    Show { id: String },
    /// Say that you know of it.
    Ack(AnswerAlert),
    /// Say that it is dealt with; without an acknowledgement before, a reason is needed.
    Close(AnswerAlert),
}

#[derive(Debug, Args)]
pub struct AnswerAlert {
    pub id: String,
    /// Kept in the trail, masked.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}
