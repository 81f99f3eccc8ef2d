//! `hoop-agent run | enroll | receipts | check`.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use hoop_agent::{AgentSettings, JoinToken, SecretRef};
use tokio::signal::unix::{SignalKind, signal};

/// As in the gateway.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
use tokio_util::sync::CancellationToken;

/// Connects the private network's MCP servers and Snowflake accounts to a hoop gateway.
#[derive(Parser)]
#[command(name = "hoop-agent", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Link to the gateway and serve until SIGTERM, then drain.
    Run(Config),
    /// Trade a one-time join token for this agent's certificate.
    #[command(visible_alias = "enrol")]
    Enroll(Enroll),
    /// Print the key that this agent signs for its work with, and its newest head that the gateway has.
    ///
    /// `hoopctl audit verify --agent FILE` holds a gateway's trail against it: a gateway that hid something is found out.
    Receipts(Config),
    /// Look at the settings, the secrets they refer to and the certificate, without dialling.
    Check(Config),
}

#[derive(Args)]
struct Config {
    /// The settings file.
    #[arg(long, env = "HOOP_AGENT_CONFIG", default_value = "/etc/hoop/agent.toml")]
    config: PathBuf,
}

#[derive(Args)]
struct Enroll {
    /// The settings file, where gateway and state folder are not given here.
    #[arg(long, env = "HOOP_AGENT_CONFIG")]
    config: Option<PathBuf>,
    /// The gateway's host:port.
    #[arg(long, requires = "state_dir", required_unless_present = "config")]
    gateway: Option<String>,
    /// The name in the gateway's certificate, if it is not the gateway's host.
    #[arg(long)]
    server_name: Option<String>,
    /// Where to keep the key and certificate.
    #[arg(long)]
    state_dir: Option<PathBuf>,
    /// Where the join token is: a file, or env:NAME. Never the token itself: others can read command lines.
    #[arg(long, value_name = "FILE|env:NAME", default_value = "env:HOOP_JOIN_TOKEN")]
    token: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    hoop_telemetry::init("hoop-agent");
    hoop_telemetry::keep_in_memory();
    let result = match Arguments::parse().command {
        Command::Run(config) => run(&config.config).await,
        Command::Enroll(enroll) => self::enroll(enroll).await,
        Command::Receipts(config) => receipts(&config.config),
        Command::Check(config) => check(&config.config).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // stderr may be closed; the exit code still says it.
            let _ = writeln!(std::io::stderr(), "hoop-agent: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(config: &Path) -> anyhow::Result<()> {
    let settings = AgentSettings::load(config)?;
    let shutdown = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be waited for")?;
    let stop = shutdown.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        stop.cancel();
    });
    Ok(hoop_agent::run(settings, shutdown).await?)
}

async fn enroll(arguments: Enroll) -> anyhow::Result<()> {
    let mut settings = match (&arguments.config, &arguments.gateway, &arguments.state_dir) {
        (_, Some(gateway), Some(state_dir)) => AgentSettings::new(gateway, state_dir),
        (Some(config), _, _) => AgentSettings::load(config)?,
        _ => anyhow::bail!("give --config, or --gateway and --state-dir"),
    };
    if arguments.server_name.is_some() {
        settings.server_name = arguments.server_name;
    }
    let reference: SecretRef = match arguments.token.parse() {
        Ok(reference) => reference,
        Err(_) => SecretRef::File(arguments.token.into()),
    };
    let token: JoinToken = reference.resolve().await.context("--token")?.expose().parse()?;
    let name = hoop_agent::enroll(&settings, &token).await?;
    writeln!(std::io::stdout(), "enrolled as {name}").context("stdout")
}

fn receipts(config: &Path) -> anyhow::Result<()> {
    let settings = AgentSettings::load(config)?;
    let head = hoop_agent::receipts(&settings)?;
    write!(std::io::stdout(), "{head}").context("stdout")
}

async fn check(config: &Path) -> anyhow::Result<()> {
    let settings = AgentSettings::load(config)?;
    for line in hoop_agent::check(&settings).await? {
        writeln!(std::io::stdout(), "{line}").context("stdout")?;
    }
    Ok(())
}
