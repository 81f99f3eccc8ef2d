//! MCP for editors and assistants.

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub enum Mcp {
    /// Speak MCP on stdin and stdout: for editors and assistants to start.
    Connect {
        name: String,
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Enter connections into an editor's or an assistant's own settings.
    ///
    /// Without --write nothing is changed: the entry is printed, and which file it belongs into. No token and no
    /// password stands in it, only that the client is to start this hoopctl.
    Config(McpConfig),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  hoopctl mcp config payments                                print the entry as most clients read it
  hoopctl mcp config payments --client cursor                the same, and Cursor's file for it
  hoopctl mcp config payments ledger --client codex --write  enter two connections
  hoopctl mcp config payments --client codex --remove        take one out again
  hoopctl mcp config payments --client zed --as cards --write
                                                             under another name")]
pub struct McpConfig {
    /// The connections, as `hoopctl connections` names them.
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<String>,
    /// Whose settings.
    #[arg(long, value_enum)]
    pub client: Option<McpClient>,
    /// Call the entry ENTRY and not like its connection; for one connection at a time.
    #[arg(long = "as", value_name = "ENTRY")]
    pub entry: Option<String>,
    /// Add what is missing to the client's file and change nothing else in it. The file as it is without hoopctl's
    /// entries is kept beside it, with `.hoopctl-backup` after its name, until --remove takes the last of them out.
    #[arg(long, requires = "client")]
    pub write: bool,
    /// Take the entries out of the client's file: with nothing else changed since --write, it is byte for byte what it
    /// was (or gone, if it was not there); what others changed meanwhile stays.
    #[arg(long, requires = "client", conflicts_with = "write")]
    pub remove: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum McpClient {
    ClaudeDesktop,
    ClaudeCode,
    Cursor,
    Vscode,
    Windsurf,
    Codex,
    Gemini,
    Zed,
}

impl McpClient {
    /// As it is written on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}
