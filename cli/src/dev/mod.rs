//! `hoopctl dev`: the whole product on loopback, for trying it out, for scripts and for the tests.

mod demo;
mod story;
mod users;

use std::{fs::Permissions, os::unix::fs::PermissionsExt, path::PathBuf};

use hoop_dev::stack::{Stack, StackOptions, failpoints};
use serde_json::json;
use url::Url;

use crate::{
    args::Dev,
    connect::Signals,
    exit::{Exit, Failure},
    output::{Printer, waiting},
};

pub(crate) async fn run(args: Dev, printer: Printer) -> Result<u8, Failure> {
    let (data_dir, kept) = data_dir(args.data_dir)?;
    let options = StackOptions {
        data_dir: data_dir.clone(),
        snowflake: urls("--snowflake", &args.snowflake)?,
        mcp: urls("--mcp", &args.mcp)?,
        mcp_stdio: args.mcp_stdio,
        failpoints: failpoints::from_environment()
            .map_err(|why| Failure::new(Exit::Usage, "dev_did_not_start", why))?,
        ..StackOptions::default()
    };
    let (stack, users) = waiting("starting issuer, upstreams, gateway and agent", async {
        let stack = Stack::start(options)
            .await
            .map_err(|error| Failure::new(Exit::Failed, "dev_did_not_start", error.to_string()))?;
        let users = users::log_in(&stack, &data_dir).await?;
        Ok::<_, Failure>((stack, users))
    })
    .await?;
    let outcome = if args.demo {
        demo::run(&stack, &users, &data_dir, printer).await
    } else {
        stay(&stack, &users, &data_dir, printer).await
    };
    stack.stop().await;
    drop(kept);
    outcome
}

async fn stay(
    stack: &Stack,
    users: &users::Users,
    data_dir: &std::path::Path,
    printer: Printer,
) -> Result<u8, Failure> {
    let mut signals = Signals::listen()?;
    announce(stack, users, data_dir, printer);
    tokio::select! {
        asked = signals.asked_to_end() => Ok(asked as u8),
        why = stack.trail_failed() => {
            let text = format!("the trail cannot be written any more ({why}); nothing was passed since");
            Err(Failure::new(Exit::Failed, "trail_failed", text))
        }
    }
}

/// The folder asked for, or a temporary one that goes when the second value does.
fn data_dir(asked: Option<PathBuf>) -> Result<(PathBuf, Option<tempfile::TempDir>), Failure> {
    match asked {
        Some(dir) => Ok((std::path::absolute(dir)?, None)),
        None => {
            // Keys and tokens lie in it.
            let private = Permissions::from_mode(0o700);
            let dir = tempfile::Builder::new().prefix("hoop-dev-").permissions(private).tempdir()?;
            Ok((dir.path().to_owned(), Some(dir)))
        }
    }
}

fn urls(flag: &str, texts: &[String]) -> Result<Vec<Url>, Failure> {
    texts
        .iter()
        .map(|text| {
            text.parse().map_err(|error| {
                Failure::new(Exit::Usage, "bad_url", format!("{flag} {text}: {error}; write http://HOST:PORT/PATH"))
            })
        })
        .collect()
}

fn announce(stack: &Stack, users: &users::Users, data_dir: &std::path::Path, printer: Printer) {
    let connections: Vec<_> =
        stack.connections.iter().map(|(name, kind)| json!({ "name": name, "type": kind })).collect();
    let document = json!({
        "gateway": stack.gateway,
        "issuer": stack.issuer.as_str().trim_end_matches('/'),
        "console": null,
        "data_dir": data_dir,
        "connections": connections,
        "users": users.environments(),
    });
    printer.result("dev", &document, |_| words(stack, users, data_dir));
}

fn words(stack: &Stack, users: &users::Users, data_dir: &std::path::Path) -> String {
    let mut text = format!(
        "gateway      {}\nissuer       {}\ndata         {}\nconnections  {}\n\n",
        stack.gateway,
        stack.issuer,
        data_dir.display(),
        stack.connections.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>().join(", "),
    );
    for (name, role) in users::ROLES {
        if let Some(environment) = users.environment(name) {
            let words: Vec<_> = environment.iter().map(|(key, value)| format!("{key}={value}")).collect();
            text.push_str(&format!("# {name}, {role}\nexport {}\n", words.join(" ")));
        }
    }
    text.push_str("\nThen, in another terminal: hoopctl connect snowflake. Ctrl-C here ends it all.");
    text
}
