//! `hoop-gateway`: runs the gateway, checks its configuration, or masks what it is given.

use std::{io::Write, path::PathBuf, process::ExitCode, sync::Arc};

use clap::{Parser, Subcommand};
use hoop_gateway::{ArchiveCommand, MaskOptions, SetAside, Settings, TrailCommand};
use hoop_model::SystemClock;
use tokio::signal::unix::{SignalKind, signal};

/// An answer is many small allocations: with glibc's allocator 64 queries in flight took 40 % longer
/// (`gateway/docs/performance.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The gateway in front of card data: identity, policy, masking, approval and trail on the data path.
#[derive(Debug, Parser)]
#[command(name = "hoop-gateway", version, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve until SIGTERM or SIGINT.
    #[command(after_help = "Example:\n  hoop-gateway run --config /etc/hoop/gateway.toml")]
    Run {
        #[arg(long, value_name = "FILE", env = "HOOP_GATEWAY_CONFIG")]
        config: PathBuf,
    },
    /// Read configuration and policy, say what is wrong, serve nothing.
    Check {
        #[arg(long, value_name = "FILE", env = "HOOP_GATEWAY_CONFIG")]
        config: PathBuf,
    },
    /// Mask standard input to standard output by the gateway's rules: to try them on samples, and for pipes.
    #[command(after_help = MASK_EXAMPLES)]
    Mask(MaskOptions),
    /// The trail's copy in S3.
    #[command(subcommand)]
    Archive(ArchiveCommand),
    /// The trail on this machine.
    #[command(subcommand)]
    Trail(TrailCommand),
}

const MASK_EXAMPLES: &str = "\
What is decided is written at once, so lines come back while more is typed or followed.
A line that --format json or sse cannot read is left out, and the exit code is 1. A line like
@@CASE 7@@ between documents or events passes as it is.

Examples:
  echo 'pan 4111 1111 1111 1111' | hoop-gateway mask
  hoop-gateway mask --config /etc/hoop/gateway.toml --report found.json <sample.json >masked.json
  tail -f app.log | hoop-gateway mask --format text";

fn main() -> ExitCode {
    hoop_telemetry::init("hoop-gateway");
    hoop_telemetry::keep_in_memory();
    let outcome = match Cli::parse().command {
        Command::Run { config } => run(config).map(done),
        Command::Check { config } => check(&config).map(done),
        Command::Mask(options) => hoop_gateway::mask(&options).map(done).map_err(anyhow::Error::from),
        Command::Archive(command) => archive(command),
        Command::Trail(command) => trail(command).map(done),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            // Each error's text holds that of its cause.
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn done(_: ()) -> ExitCode {
    ExitCode::SUCCESS
}

fn check(config: &std::path::Path) -> anyhow::Result<()> {
    let settings = Settings::load(config)?;
    settings.check()?;
    eprintln!(
        "{}: {} connections, policy, masking, identity and settings are good",
        config.display(),
        settings.connections.len()
    );
    if let Some(pin) = settings.authority_pin() {
        eprintln!("the authority's pin is {pin}");
    }
    Ok(())
}

fn archive(command: ArchiveCommand) -> anyhow::Result<ExitCode> {
    let runtime = hoop_gateway::runtime().build()?;
    Ok(runtime.block_on(hoop_gateway::run_archive(command))?)
}

fn trail(command: TrailCommand) -> anyhow::Result<()> {
    let SetAside { before, folder } = hoop_gateway::begin_anew(command)?;
    let signed = before.head.map_or_else(|| "none of its records".to_owned(), |head| format!("{} records", head.size));
    eprintln!(
        "{} is set aside in {}, with {signed} signed; the next `hoop-gateway run` begins another trail. Give its key, as \
         `hoopctl admin keys show` prints it, to whoever verifies.",
        before.origin,
        folder.display()
    );
    Ok(())
}

fn run(config: PathBuf) -> anyhow::Result<()> {
    let settings = Settings::load(&config)?;
    let authority = settings.data_dir.join("authority/ca.pem");
    let runtime = hoop_gateway::runtime().build()?;
    runtime.block_on(async {
        let running = hoop_gateway::start(settings, Arc::new(SystemClock)).await?;
        eprintln!("hoop-gateway listens on {} (UDP); its authority's pin is {}", running.address, running.authority_pin);
        if let Some(endpoint) = running.mcp_endpoint {
            eprintln!("remote MCP clients reach it on {endpoint} (HTTPS)");
        }
        // Listened for before anybody is told that it is up: who asks it to stop at once gets a trail that is closed.
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        announce(&running, &authority)?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            why = running.trail_failed() => anyhow::bail!("the trail cannot be written any more ({why}); nothing was passed since"),
        }
        tracing::info!("stopping");
        running.stop().await;
        Ok(())
    })
}

/// One line for scripts that wait until the gateway is up.
fn announce(running: &hoop_gateway::Running, authority: &std::path::Path) -> std::io::Result<()> {
    let mut line = serde_json::json!({
        "kind": "gateway",
        "version": 1,
        "address": running.address.to_string(),
        "authority": authority,
        "authority_pin": running.authority_pin,
    });
    if let (Some(endpoint), Some(fields)) = (running.mcp_endpoint, line.as_object_mut()) {
        fields.insert("mcp_endpoint".to_owned(), endpoint.to_string().into());
    }
    writeln!(std::io::stdout(), "{line}")
}
