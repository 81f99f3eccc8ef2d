//! `hoopctl`: logs people and CI jobs in, opens tunnels and local listeners, decides requests, reads the trail.
//!
//! Arguments ([`args`]) become one command each; every command ends in an [`exit::Exit`].

mod admin;
pub mod approvals;
pub mod args;
pub mod audit;
mod command;
pub mod connect;
mod connections;
pub mod context;
#[cfg(feature = "dev")]
mod dev;
mod evidence;
pub mod exit;
pub mod gateway;
pub mod login;
mod mcp_config;
pub mod output;
pub mod secrets;
pub mod sessions;
pub mod shell;
mod status;

use std::process::ExitCode;

use clap::Parser;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    hoop_telemetry::init("hoopctl");
    hoop_telemetry::keep_in_memory();
    let cli = args::Cli::parse();
    let printer = output::Printer::new(cli.output);
    let runtime = match runtime(&cli.command).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            printer.failure(&exit::Failure::from(error));
            return exit::Exit::Failed.into();
        }
    };
    let code = match runtime.block_on(command::run(cli, printer)) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            printer.failure(&failure);
            failure.exit.into()
        }
    };
    // A read of stdin that nobody will answer must not keep the process.
    runtime.shutdown_background();
    code
}

/// One thread: an exchange passes through without being handed from core to core, which costs it more than a tenth of a
/// millisecond each way. `dev` is the gateway too.
fn runtime(command: &args::Command) -> tokio::runtime::Builder {
    match command {
        #[cfg(feature = "dev")]
        args::Command::Dev(_) => hoop_dev::runtime(),
        _ => tokio::runtime::Builder::new_current_thread(),
    }
}
