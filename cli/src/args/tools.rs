//! Tools of MCP servers, for admins.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum Tools {
    /// List tools: those that are pinned, and those that are new or changed and therefore hidden.
    List {
        /// Of this connection alone.
        connection: Option<String>,
    },
    /// Show what a hidden tool says now and what it said before, and let it in or not.
    ///
    /// On a terminal each tool is asked about in turn. Elsewhere nothing is decided without --approve or --reject.
    Review(ReviewTools),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  hoopctl admin tools review payments                      each tool that waits, one after the other
  hoopctl admin tools review payments read_query           one of them
  hoopctl admin tools review payments read_query --approve let it in as it is shown
  hoopctl admin tools review payments --output json        what waits, for scripts")]
pub struct ReviewTools {
    /// The connection, as `hoopctl connections` names it.
    pub connection: String,
    /// The tool; without it, all that wait.
    pub tool: Option<String>,
    /// Pin the definition that is shown: from now on it is the one that may be used.
    #[arg(long, conflicts_with = "reject")]
    pub approve: bool,
    /// Leave it hidden, and do not ask again unless it changes.
    #[arg(long)]
    pub reject: bool,
}
