//! `hoopctl login`, `whoami` and `logout`: from an identity provider or a CI platform to a session certificate.

pub mod browser;
mod callback;
mod error;
mod key;
mod provider;
pub mod session;
mod state;
mod web;
pub mod workload;

pub use error::LoginError;
use hoop_model::{Clock, Group, SystemClock, Timestamp};
use hoop_wire::login::{LoginAnswer, LoginRequest};
pub use key::SessionKey;
pub use provider::Tokens;
use serde_json::{Value, json};
use session::{Credentials, LoggedOut};
use state::State;

use crate::{
    args,
    context::{self, Context},
    exit::{Exit, Failure},
    gateway::{Door, Gateway},
    output::Printer,
    secrets::{self, Choice, Vault},
};

/// The secrets of the login at `context`'s gateway.
async fn vault(context: &Context) -> Result<Vault, Failure> {
    let place = State::load(context)?.and_then(|state| state.secrets);
    Ok(Vault::reopen(place, &context.folder).await?)
}

/// The login at `context`'s gateway, renewed where it is due.
pub async fn current(context: &Context) -> Result<Credentials, Failure> {
    let vault = vault(context).await?;
    session::current(context, &vault, async || Ok(Door::at(context)), SystemClock.now()).await
}

/// Renews the login of a live tunnel: `ask` brings the request to the gateway.
pub(crate) async fn renew_live(
    context: &Context,
    live: &Credentials,
    ask: impl AsyncFnOnce(LoginRequest) -> Result<LoginAnswer, Failure>,
) -> Result<Credentials, Failure> {
    session::renew_live(context, &vault(context).await?, live, ask, SystemClock.now()).await
}

pub(crate) async fn run(args: args::Login, named: Option<&str>, printer: Printer) -> Result<u8, Failure> {
    let context = context::for_login(&args, named)?;
    let desktop = browser::Desktop { no_browser: args.no_browser };
    if args.workload.is_none() {
        desktop.check()?;
    }
    let vault = Vault::open(Choice::of_user()?, &context.folder).await?;
    let door = Door::at(&context);
    let now = SystemClock.now();
    let credentials = match args.workload.as_deref() {
        None => session::log_in(&context, &vault, &door, &desktop, now).await?,
        Some(provider) => {
            let source = if provider == "auto" { workload::Source::detect()? } else { provider.parse()? };
            printer.say(&format!("logging in with the token of {source}"));
            session::log_in_workload(&context, &vault, &door, &source, now).await?
        }
    };
    context::keep(&context)?;
    let document = json!({
        "context": context.name,
        "gateway": context.gateway,
        "principal": credentials.principal,
        "expires_at": credentials.expires_at,
    });
    printer.result("login", &document, |_| {
        let principal = &credentials.principal;
        let groups = groups(principal.groups.iter().map(|Group(name)| name.as_str()));
        format!("logged in to {} as {} ({groups})", context.gateway, principal.display_name())
    });
    Ok(Exit::Ok as u8)
}

fn groups<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.collect();
    if names.is_empty() { "in no group".to_owned() } else { names.join(", ") }
}

pub(crate) async fn whoami(args: args::Whoami, named: Option<&str>, printer: Printer) -> Result<u8, Failure> {
    let context = context::current(named)?;
    let credentials = current(&context).await?;
    let gateway = Gateway::dial(&context, &credentials).await?;
    let mut me: Value = gateway.get("/v1/whoami").await?;
    gateway.close().await;
    if let Value::Object(me) = &mut me {
        me.insert("renewable".to_owned(), json!(credentials.renewable));
    }
    printer.result("whoami", &me, |me| {
        let text = |pointer: &str| me.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let time = |pointer: &str| {
            let text = text(pointer);
            text.parse().map_or(text, |at: Timestamp| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
        };
        let list = me.pointer("/principal/groups").and_then(Value::as_array).into_iter().flatten();
        let sub = text("/principal/subject/sub");
        let email = Some(text("/principal/email")).filter(|email| !email.is_empty());
        let renewal = if credentials.renewable {
            format!("renewed by itself until {}", time("/login_ends_at"))
        } else {
            "not renewed".to_owned()
        };
        let mut lines = vec![
            format!("you are  {}", email.as_deref().unwrap_or(&sub)),
            format!("groups   {}", groups(list.filter_map(Value::as_str))),
            format!("gateway  {} (context {})", context.gateway, context.name),
            format!("session  until {}, {renewal}", time("/session_expires_at")),
        ];
        if args.claims {
            lines.push(format!("subject  {sub}"));
            lines.push(format!("issuer   {}", text("/principal/subject/issuer")));
            lines.push(format!(
                "login    {}, {}",
                text("/principal/login_method"),
                time("/principal/authenticated_at")
            ));
        }
        lines.iter().map(|line| crate::output::human::plain(line)).collect::<Vec<_>>().join("\n")
    });
    Ok(Exit::Ok as u8)
}

pub(crate) async fn logout(named: Option<&str>, printer: Printer) -> Result<u8, Failure> {
    let context = context::current(named)?;
    let vault = vault(&context).await?;
    let end = async |credentials: &Credentials| end_at_gateway(&context, credentials).await;
    let LoggedOut { at_gateway, at_provider } = session::log_out(&context, &vault, end, SystemClock.now()).await?;
    if let Err(failure) = &at_gateway {
        printer.say(&format!(
            "the gateway was not told ({failure}). The session there ends by itself within 15 minutes; if it must end \
             now, tell the gateway's admin"
        ));
    }
    if let Some(Err(trouble)) = &at_provider {
        printer.say(&format!("the login at the identity provider was not ended ({trouble}); log out on its own pages"));
    }
    let document = json!({
        "context": context.name,
        "ended_at_gateway": at_gateway.is_ok(),
        "ended_at_provider": at_provider.map(|ended| ended.is_ok()),
    });
    printer.result("logout", &document, |_| format!("logged out of {}", context.gateway));
    Ok(Exit::Ok as u8)
}

async fn end_at_gateway(context: &Context, credentials: &Credentials) -> Result<(), Failure> {
    let gateway = Gateway::dial(context, credentials).await?;
    let ended = gateway.delete("/v1/login").await;
    gateway.close().await;
    ended
}

/// Removes what is kept of the login at a context that is itself removed.
pub(crate) fn forget(context: &Context) -> Result<(), Failure> {
    let context = context.clone();
    // A keyring may be asked, which blocks, and which some systems do with a runtime of their own.
    let forgotten = std::thread::spawn(move || {
        // What cannot be read of it is removed all the same.
        let place = State::load(&context).ok().flatten().and_then(|state| state.secrets);
        let store = secrets::reopen(place, &context.folder)?;
        session::forget(&context, &*store)
    });
    forgotten.join().unwrap_or(Err(secrets::SecretError::Lost.into()))
}
