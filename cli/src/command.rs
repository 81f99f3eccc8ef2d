//! From parsed arguments to the command that does it.

use std::io::Write;

use crate::{
    admin, approvals,
    args::{Admin, Cli, Command, Context as ContextCommand, Mcp},
    audit, connect, connections, context, evidence,
    exit::{Exit, Failure},
    gateway::Gateway,
    login, mcp_config,
    output::Printer,
    sessions, shell, status,
};

pub(crate) async fn run(cli: Cli, printer: Printer) -> Result<u8, Failure> {
    let named = cli.context.as_deref();
    match cli.command {
        Command::Login(args) => login::run(args, named, printer).await,
        Command::Logout => login::logout(named, printer).await,
        Command::Whoami(args) => login::whoami(args, named, printer).await,
        Command::Status => status::show(named, printer).await,
        Command::Context(command) => contexts(command, printer),
        Command::Connections => connections::list(&gateway(named).await?, printer).await,
        Command::Connect(args) => connect::connect(lasting(named).await?, args, printer).await,
        Command::Mcp(Mcp::Connect { name, reason }) => {
            connect::mcp(lasting(named).await?, &name, reason, printer).await
        }
        Command::Mcp(Mcp::Config(args)) => mcp_config::run(&args, named, printer),
        Command::Requests(args) => approvals::requests(&gateway(named).await?, args, printer).await,
        Command::Approve(args) => approvals::approve(&gateway(named).await?, args, printer).await,
        Command::Deny(args) => approvals::deny(&gateway(named).await?, args, printer).await,
        Command::Sessions(args) => sessions::run(&gateway(named).await?, args, printer).await,
        Command::Audit(command) => {
            let context = context::current(named).ok();
            audit::run(command, context.as_ref(), async || gateway(named).await, printer).await
        }
        Command::Evidence(args) => {
            let context = context::current(named).ok();
            evidence::run(args, context.as_ref(), async || gateway(named).await, printer).await
        }
        Command::Admin(Admin::Agents(command)) => admin::agents(&gateway(named).await?, command, printer).await,
        Command::Admin(Admin::Holds(command)) => admin::holds(&gateway(named).await?, command, printer).await,
        Command::Admin(Admin::Keys(command)) => admin::keys(&gateway(named).await?, command, printer).await,
        Command::Admin(Admin::Tools(command)) => admin::tools(&gateway(named).await?, command, printer).await,
        Command::Admin(Admin::Alerts(args)) => admin::alerts(&gateway(named).await?, args, printer).await,
        #[cfg(feature = "dev")]
        Command::Dev(args) => crate::dev::run(args, printer).await,
        Command::Completions { shell } => {
            std::io::stdout().write_all(&shell::completions(shell))?;
            Ok(Exit::Ok as u8)
        }
        Command::Man { dir } => shell::man(&dir).map(|()| Exit::Ok as u8),
    }
}

/// A tunnel as whoever is logged in.
async fn gateway(context: Option<&str>) -> Result<Gateway, Failure> {
    let context = context::current(context)?;
    let credentials = login::current(&context).await?;
    Gateway::dial(&context, &credentials).await
}

/// The same for as long as the login can be renewed.
async fn lasting(context: Option<&str>) -> Result<Gateway, Failure> {
    let context = context::current(context)?;
    let credentials = login::current(&context).await?;
    let gateway = Gateway::dial(&context, &credentials).await?;
    gateway.keep_renewed(&context, &credentials);
    Ok(gateway)
}

fn contexts(command: ContextCommand, printer: Printer) -> Result<u8, Failure> {
    match command {
        ContextCommand::List => context::list(printer),
        ContextCommand::Use { name } => context::choose(&name, printer),
        ContextCommand::Add { name, gateway, ca_file, pin, server_name } => {
            context::add(&name, &gateway, ca_file.as_deref(), pin.as_deref(), server_name, printer)
        }
        ContextCommand::Remove { name } => context::remove(&name, printer),
    }
}
