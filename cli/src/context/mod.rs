//! The gateways a person knows, and which of them is meant.

mod file;
pub(crate) mod folder;
mod trust;

use std::path::Path;

pub use file::{Contexts, Entry};
pub use folder::Folder;
use serde_json::json;
pub use trust::TrustBy;

use crate::{
    exit::{Exit, Failure},
    login,
    output::{Printer, human},
};

/// One gateway, and where the login there is kept.
#[derive(Debug, Clone)]
pub struct Context {
    pub folder: Folder,
    pub name: String,
    /// `host:port`.
    pub gateway: String,
    pub server_name: Option<String>,
    pub trust: TrustBy,
}

impl Context {
    pub fn new(folder: Folder, name: String, entry: Entry) -> Self {
        Self { folder, name, gateway: entry.gateway, server_name: entry.server_name, trust: entry.trust }
    }

    /// Reads what the gateway is to be trusted by.
    pub fn trust(&self) -> Result<hoop_tunnel::Trust, Failure> {
        self.trust.resolve()
    }
}

/// The context named (`--context`, `HOOPCTL_CONTEXT`), or the current one.
pub fn current(named: Option<&str>) -> Result<Context, Failure> {
    current_in(Folder::of_user()?, named)
}

/// The same, of another folder.
pub fn current_in(folder: Folder, named: Option<&str>) -> Result<Context, Failure> {
    let mut known = Contexts::load(&folder)?;
    let name = named.map(str::to_owned).or(known.current.take()).ok_or_else(|| {
        Failure::not_logged_in("you have not logged in to a gateway yet; run `hoopctl login HOST:PORT`")
    })?;
    let entry = known.contexts.remove(&name).ok_or_else(|| unknown(&name))?;
    check(&name, &entry)?;
    Ok(Context::new(folder, name, entry))
}

/// The context for `hoopctl login`: of `gateway` where one is named, with what else was said about it; else the
/// current one. It is not kept before the login succeeds: see [`keep`].
pub(crate) fn for_login(args: &crate::args::Login, named: Option<&str>) -> Result<Context, Failure> {
    for_login_in(Folder::of_user()?, args, named)
}

fn for_login_in(folder: Folder, args: &crate::args::Login, named: Option<&str>) -> Result<Context, Failure> {
    let mut known = Contexts::load(&folder)?;
    let gateway = match &args.gateway {
        Some(gateway) => gateway.clone(),
        None => current_in(folder.clone(), named)?.gateway,
    };
    let chosen = named.and_then(|name| known.contexts.get(name));
    if let (Some(name), Some(entry)) = (named, chosen)
        && entry.gateway != gateway
    {
        let text = format!(
            "the context \"{name}\" is the gateway {}, not {gateway}; name another with --context, or forget this one \
             first with `hoopctl context remove {name}`",
            entry.gateway
        );
        return Err(Failure::new(Exit::Usage, "other_gateway", text));
    }
    // The same gateway may be known by two names, and trusted in two ways: the one that was named counts.
    let before = chosen.or_else(|| known.contexts.values().find(|entry| entry.gateway == gateway));
    let mut entry = before.cloned().unwrap_or(Entry { gateway, server_name: None, trust: TrustBy::System });
    if args.ca_file.is_some() || args.pin.is_some() {
        entry.trust = trust_by(args.ca_file.as_deref(), args.pin.as_deref())?;
    }
    entry.server_name = args.server_name.clone().or(entry.server_name);
    let name = known.enter(named, entry.clone());
    check(&name, &entry)?;
    Ok(Context::new(folder, name, entry))
}

/// Remembers `context` and makes it the current one.
pub fn keep(context: &Context) -> Result<(), Failure> {
    let mut known = Contexts::load(&context.folder)?;
    let entry = Entry {
        gateway: context.gateway.clone(),
        server_name: context.server_name.clone(),
        trust: context.trust.clone(),
    };
    known.enter(Some(&context.name), entry);
    known.current = Some(context.name.clone());
    known.save(&context.folder)
}

pub(crate) fn list(printer: Printer) -> Result<u8, Failure> {
    let known = Contexts::load(&Folder::of_user()?)?;
    let contexts: Vec<_> = known
        .contexts
        .iter()
        .map(|(name, entry)| {
            json!({ "name": name, "gateway": entry.gateway, "current": known.current.as_ref() == Some(name) })
        })
        .collect();
    printer.list("contexts", "contexts", &contexts, |contexts| {
        let text = |context: &serde_json::Value, field: &str| {
            context.get(field).and_then(|value| value.as_str()).unwrap_or_default().to_owned()
        };
        let rows: Vec<Vec<String>> = contexts
            .iter()
            .map(|context| {
                let mark = if context.get("current") == Some(&json!(true)) { "*" } else { "" };
                vec![mark.to_owned(), text(context, "name"), text(context, "gateway")]
            })
            .collect();
        human::table(&["CURRENT", "NAME", "GATEWAY"], &rows)
    });
    if contexts.is_empty() {
        printer.say("no gateway is known yet; run `hoopctl login HOST:PORT`");
    }
    Ok(Exit::Ok as u8)
}

pub(crate) fn choose(name: &str, printer: Printer) -> Result<u8, Failure> {
    let folder = Folder::of_user()?;
    let mut known = Contexts::load(&folder)?;
    if !known.contexts.contains_key(name) {
        return Err(unknown(name));
    }
    known.current = Some(name.to_owned());
    known.save(&folder)?;
    printer.result("context", &json!({ "name": name }), |_| format!("{name} is the current context"));
    Ok(Exit::Ok as u8)
}

pub(crate) fn add(
    name: &str,
    gateway: &str,
    ca_file: Option<&Path>,
    pin: Option<&str>,
    server_name: Option<String>,
    printer: Printer,
) -> Result<u8, Failure> {
    let folder = Folder::of_user()?;
    let mut known = Contexts::load(&folder)?;
    let entry = Entry { gateway: gateway.to_owned(), server_name, trust: trust_by(ca_file, pin)? };
    check(name, &entry)?;
    known.enter(Some(name), entry);
    known.current.get_or_insert_with(|| name.to_owned());
    known.save(&folder)?;
    printer.result("context", &json!({ "name": name, "gateway": gateway }), |_| {
        format!("{name} is {gateway}; log in with `hoopctl login --context {name}`")
    });
    Ok(Exit::Ok as u8)
}

pub(crate) fn remove(name: &str, printer: Printer) -> Result<u8, Failure> {
    let folder = Folder::of_user()?;
    let mut known = Contexts::load(&folder)?;
    let entry = known.contexts.remove(name).ok_or_else(|| unknown(name))?;
    login::forget(&Context::new(folder.clone(), name.to_owned(), entry))?;
    if known.current.as_deref() == Some(name) {
        known.current = None;
    }
    known.save(&folder)?;
    printer
        .result("context_removed", &json!({ "name": name }), |_| format!("{name} and the login there are forgotten"));
    Ok(Exit::Ok as u8)
}

fn trust_by(ca_file: Option<&Path>, pin: Option<&str>) -> Result<TrustBy, Failure> {
    let trust = match (ca_file, pin) {
        (Some(path), _) => TrustBy::CaFile(std::path::absolute(path)?),
        (None, Some(pin)) => TrustBy::Pin(pin.to_owned()),
        (None, None) => TrustBy::System,
    };
    // What cannot be used is said now, not at the first connection.
    trust.resolve()?;
    Ok(trust)
}

fn check(name: &str, entry: &Entry) -> Result<(), Failure> {
    file::check_name(name)?;
    let port = entry.gateway.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port.parse::<u16>());
    match port {
        Some(Ok(_)) => Ok(()),
        _ => Err(Failure::new(
            Exit::Usage,
            "bad_gateway_address",
            format!("\"{}\" is no gateway address; write HOST:PORT, such as gateway.example.com:7443", entry.gateway),
        )),
    }
}

fn unknown(name: &str) -> Failure {
    Failure::new(
        Exit::Usage,
        "unknown_context",
        format!(
            "there is no context \"{name}\"; `hoopctl context list` shows them, `hoopctl login HOST:PORT` makes one"
        ),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn context(folder: &Folder, name: &str, gateway: &str) -> Context {
        let entry = Entry { gateway: gateway.to_owned(), server_name: None, trust: TrustBy::Pin("00".repeat(32)) };
        Context::new(folder.clone(), name.to_owned(), entry)
    }

    #[test]
    fn a_kept_context_is_current_and_survives() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::at(dir.path());
        assert_eq!(current_in(folder.clone(), None).unwrap_err().exit, Exit::NotLoggedIn);
        keep(&context(&folder, "one", "gateway.test:7443")).unwrap();
        keep(&context(&folder, "two", "other.test:7443")).unwrap();
        assert_eq!(current_in(folder.clone(), None).unwrap().name, "two");
        let one = current_in(folder.clone(), Some("one")).unwrap();
        assert_eq!((one.gateway.as_str(), &one.trust), ("gateway.test:7443", &TrustBy::Pin("00".repeat(32))));
        assert_eq!(current_in(folder, Some("three")).unwrap_err().exit, Exit::Usage);
    }

    #[test]
    fn a_login_by_name_uses_that_names_trust_and_no_other_gateway() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::at(dir.path());
        let mut known = Contexts::default();
        let entry = |trust| Entry { gateway: "gateway.test:7443".to_owned(), server_name: None, trust };
        known.enter(Some("a"), entry(TrustBy::System));
        known.enter(Some("prod"), entry(TrustBy::Pin("00".repeat(32))));
        known.save(&folder).unwrap();
        let login = |gateway: Option<&str>| crate::args::Login {
            gateway: gateway.map(str::to_owned),
            workload: None,
            no_browser: false,
            ca_file: None,
            pin: None,
            server_name: None,
        };
        for gateway in [None, Some("gateway.test:7443")] {
            let context = for_login_in(folder.clone(), &login(gateway), Some("prod")).unwrap();
            assert_eq!((context.name.as_str(), &context.trust), ("prod", &TrustBy::Pin("00".repeat(32))));
        }
        let failure = for_login_in(folder, &login(Some("other.test:7443")), Some("prod")).unwrap_err();
        assert_eq!((failure.exit, failure.code.as_str()), (Exit::Usage, "other_gateway"));
    }

    #[test]
    fn contexts_get_the_hosts_name_or_keep_the_one_they_have() {
        let mut known = Contexts::default();
        let entry = |gateway: &str| Entry { gateway: gateway.to_owned(), server_name: None, trust: TrustBy::System };
        assert_eq!(known.enter(None, entry("gateway.test:1")), "gateway.test");
        assert_eq!(known.enter(None, entry("gateway.test:2")), "gateway.test-2");
        assert_eq!(known.enter(None, entry("gateway.test:1")), "gateway.test");
        assert_eq!(known.enter(None, entry("[::1]:7443")), "1");
        assert_eq!(known.enter(Some("work"), entry("gateway.test:1")), "work");
    }

    #[test]
    fn a_broken_file_is_named_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("contexts.toml"), "current = \"a\"\n[contexts.a]\ngatewya = \"x:1\"\n").unwrap();
        let text = current_in(Folder::at(dir.path()), None).unwrap_err().text;
        assert!(text.contains("contexts.toml") && text.contains("line 3") && text.contains("gatewya"), "{text}");
    }

    #[test]
    fn names_that_leave_the_folder_are_refused() {
        for name in ["../x", "a/b", "", ".", "..", "a b", "-a"] {
            assert!(file::check_name(name).is_err(), "{name}");
        }
        assert!(file::check_name("gateway.test-2").is_ok());
    }

    #[test]
    fn a_gateway_address_has_a_port() {
        let entry = |gateway: &str| Entry { gateway: gateway.to_owned(), server_name: None, trust: TrustBy::System };
        for address in ["gateway.test", ":7443", "gateway.test:x", "https://gateway.test"] {
            assert!(check("a", &entry(address)).is_err(), "{address}");
        }
        assert!(check("a", &entry("[::1]:7443")).is_ok());
    }
}
