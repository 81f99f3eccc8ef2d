//! The command line, as clap reads it. One table feeds parsing, help, completions and man pages.

mod alerts;
mod audit;
mod evidence;
mod mcp;
mod sessions;
mod tools;

use std::{net::SocketAddr, path::PathBuf};

pub use alerts::{Alerts, AlertsCommand, AnswerAlert};
pub use audit::{AddHold, Audit, Holds, Keys, ReconcileTrail, SearchCommand, SearchTrail, VerifyTrail, Witnessed};
use clap::{Args, Parser, Subcommand, ValueEnum};
pub use evidence::{Evidence, EvidenceCommand, MakeEvidence, VerifyEvidence};
pub use mcp::{Mcp, McpClient, McpConfig};
pub use sessions::{ExportSession, Follow, Format, ListSessions, Look, Replay, Sessions, SessionsCommand, Speed};
pub use tools::{ReviewTools, Tools};

/// Reach card data through the gateway: as yourself, masked, recorded.
#[derive(Debug, Parser)]
#[command(
    name = "hoopctl",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Examples:
  hoopctl dev --demo                 see the whole story on this machine
  hoopctl login gateway.example.com:7443 --ca-file gateway-ca.pem
                                     log in through the browser
  hoopctl connect warehouse          a local listener for your Snowflake driver
  hoopctl approve --oldest           let the longest-waiting request through"
)]
pub struct Cli {
    /// Which gateway, by the name that `hoopctl context list` shows.
    #[arg(long, global = true, env = "HOOPCTL_CONTEXT", value_name = "NAME")]
    pub context: Option<String>,
    /// How to print: words for people, or stable JSON for scripts.
    #[arg(short, long, global = true, value_enum, default_value_t = Output::Human)]
    pub output: Output,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    Human,
    /// One JSON document.
    Json,
    /// One JSON document a line.
    Jsonl,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Log in: a person through the browser, a CI job through its workload token.
    Login(Login),
    /// End the login here, at the gateway and at the identity provider.
    Logout,
    /// Show whom the gateway takes you for.
    Whoami(Whoami),
    /// Show whether the gateway is there; for its admins and auditors, its agents and its trail.
    Status,
    /// Choose between gateways.
    #[command(subcommand)]
    Context(Context),
    /// List what you may reach, how, and what is held there.
    Connections,
    /// Open a local listener for a connection.
    Connect(Connect),
    /// MCP for editors and assistants.
    #[command(subcommand)]
    Mcp(Mcp),
    /// List requests for approval: yours, and those you may decide.
    Requests(Requests),
    /// Let a held command run, once.
    Approve(Approve),
    /// Refuse a held command.
    Deny(Deny),
    /// List sessions, and what happened in them.
    Sessions(Sessions),
    /// Verify or export the trail.
    #[command(subcommand)]
    Audit(Audit),
    /// Make evidence of a period for an assessor, or check it.
    Evidence(Evidence),
    /// For the gateway's admins.
    #[command(subcommand)]
    Admin(Admin),
    /// Gateway, agent, issuer and demo upstreams in one process on loopback.
    #[cfg(feature = "dev")]
    Dev(Dev),
    /// Print a completion script for your shell.
    Completions {
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Write the man pages into a folder.
    #[command(hide = true)]
    Man { dir: PathBuf },
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  hoopctl login gateway.example.com:7443 --ca-file gateway-ca.pem
  hoopctl login --no-browser
  hoopctl login gateway.example.com:7443 --pin \"$HOOP_PIN\" --workload=github")]
pub struct Login {
    /// HOST:PORT of the gateway; without it, the current context's.
    pub gateway: Option<String>,
    /// Log in as a workload; the source is detected when none is named (github, file:PATH, env:NAME).
    #[arg(long, value_name = "PROVIDER", num_args = 0..=1, default_missing_value = "auto", require_equals = true)]
    pub workload: Option<String>,
    /// Print the address to open and start no browser.
    #[arg(long)]
    pub no_browser: bool,
    /// Trust the gateway by this CA certificate (PEM).
    #[arg(long, value_name = "FILE", conflicts_with = "pin")]
    pub ca_file: Option<PathBuf>,
    /// Trust the gateway by the SHA-256 of its CA's public key, in hex, as `hoop-gateway run` prints it.
    #[arg(long, value_name = "SHA256")]
    pub pin: Option<String>,
    /// The name in the gateway's certificate, where it differs from HOST.
    #[arg(long, value_name = "NAME")]
    pub server_name: Option<String>,
}

#[derive(Debug, Args)]
pub struct Whoami {
    /// Also show what the identity provider said of you.
    #[arg(long)]
    pub claims: bool,
}

#[derive(Debug, Subcommand)]
pub enum Context {
    /// List the gateways you know.
    List,
    /// Make NAME the current one.
    Use { name: String },
    /// Add a gateway without logging in.
    Add {
        name: String,
        /// HOST:PORT
        gateway: String,
        #[arg(long, value_name = "FILE", conflicts_with = "pin")]
        ca_file: Option<PathBuf>,
        #[arg(long, value_name = "SHA256")]
        pin: Option<String>,
        #[arg(long, value_name = "NAME")]
        server_name: Option<String>,
    },
    /// Forget a gateway and the login there.
    Remove { name: String },
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  hoopctl connect warehouse                          print host, port and driver settings
  hoopctl connect warehouse --client python          settings for the Python connector
  hoopctl connect warehouse --client curl            a request to the SQL API
  hoopctl connect warehouse --exec -- python etl.py  run a command with the settings in place
  hoopctl connect warehouse --exec -- snow sql       the same: it finds its connection by itself")]
pub struct Connect {
    /// The connection, as `hoopctl connections` names it.
    pub name: String,
    /// Loopback address of the listener; port 0 takes any free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Print the settings of this client alone; for MCP curl or env, for Snowflake any.
    #[arg(long, value_enum)]
    pub client: Option<Client>,
    /// Why: goes into the trail, and policies may ask for it.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Run the command after `--` with the settings in its environment, for Snowflake also in a `connections.toml` of its
    /// own; its exit code becomes ours.
    #[arg(long, requires = "command")]
    pub exec: bool,
    /// The command for --exec and its arguments.
    #[arg(last = true, value_name = "CMD", requires = "exec")]
    pub command: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Client {
    Python,
    Node,
    Snow,
    Dbt,
    Jdbc,
    Odbc,
    Go,
    Curl,
    Env,
}

impl Client {
    /// As it is written on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Requests {
    /// Decided ones as well.
    #[arg(long)]
    pub all: bool,
    #[command(subcommand)]
    pub command: Option<RequestsCommand>,
}

#[derive(Debug, Subcommand)]
pub enum RequestsCommand {
    /// Show one request with its command.
    Show { id: String },
    /// Wait until a request is decided; exit 0 approved, 6 denied, 5 otherwise.
    Wait {
        id: String,
        /// Give up after this many seconds.
        #[arg(long, default_value_t = 1800, value_name = "SECONDS")]
        timeout: u64,
    },
    /// Take your own request back.
    Withdraw { id: String },
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  hoopctl approve req-0192… --reason 'ticket OPS-7'
  hoopctl approve --oldest")]
pub struct Approve {
    #[arg(required_unless_present = "oldest", conflicts_with = "oldest")]
    pub id: Option<String>,
    /// The request that has waited longest among those you may decide.
    #[arg(long)]
    pub oldest: bool,
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

#[derive(Debug, Args)]
pub struct Deny {
    pub id: String,
    /// Told to the requester and kept in the trail.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Agents: the programs inside the private networks.
    #[command(subcommand)]
    Agents(Agents),
    /// The key that signs the trail.
    #[command(subcommand)]
    Keys(Keys),
    /// Legal holds: recordings that are kept whatever their age.
    #[command(subcommand)]
    Holds(Holds),
    /// Tools of MCP servers: what they say, and whether it was reviewed.
    #[command(subcommand)]
    Tools(Tools),
    /// What the automatic review of the trail found, and what was said of it.
    Alerts(Alerts),
}

#[derive(Debug, Subcommand)]
pub enum Agents {
    /// List agents and whether they are connected.
    List,
    /// Make a one-time join token for a new agent.
    Add { name: String },
    /// Remove an agent and end its tunnel.
    Remove { id: String },
}

#[cfg(feature = "dev")]
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  hoopctl dev --demo
  hoopctl dev --mcp http://127.0.0.1:3001/mcp --snowflake http://127.0.0.1:8000")]
pub struct Dev {
    /// Drive the whole story once in this terminal; exit 0 only if each step held.
    #[arg(long)]
    pub demo: bool,
    /// A real Snowflake in the demo one's place; credentials from SNOWFLAKE_USER and SNOWFLAKE_PASSWORD.
    #[arg(long, value_name = "URL", conflicts_with = "demo")]
    pub snowflake: Vec<String>,
    /// A real streamable-HTTP MCP server in the demo one's place; a bearer token for it from MCP_TOKEN.
    #[arg(long, value_name = "URL")]
    pub mcp: Vec<String>,
    /// A command that speaks MCP on stdio.
    #[arg(long, value_name = "CMD")]
    pub mcp_stdio: Vec<String>,
    /// Keep the data here instead of in a temporary folder.
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}
