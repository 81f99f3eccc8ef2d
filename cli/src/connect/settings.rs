//! What an application needs to use the listener, per client.

use std::{collections::BTreeMap, net::SocketAddr};

use hoop_model::{ConnectionKind, Secret};
use hoop_wire::open::SessionOpened;
use serde_json::{Value, json};

use super::snippet::{choices, snippet};
use crate::{
    args::Client,
    exit::{Exit, Failure},
    output::Printer,
};

/// The settings of one open listener.
pub(super) struct Settings {
    opened: SessionOpened,
    address: SocketAddr,
    secret: Secret<String>,
}

/// Snowflake drivers insist on an account and a user; the gateway takes neither from them.
pub(super) const ACCOUNT: &str = "hoop";
pub(super) const USER: &str = "hoop";
/// What a connection of ours is called in a file of several.
pub(super) const CONNECTION: &str = "hoop";

impl Settings {
    pub(super) fn new(opened: &SessionOpened, address: SocketAddr, secret: &Secret<String>) -> Self {
        Self { opened: opened.clone(), address, secret: secret.clone() }
    }

    pub(super) fn kind(&self) -> ConnectionKind {
        self.opened.kind
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn secret(&self) -> &str {
        self.secret.expose()
    }

    /// Carries the secret as its first path segment, for clients that take nothing but a URL.
    pub(super) fn url(&self) -> String {
        match self.opened.kind {
            ConnectionKind::Mcp => format!("http://{}/{}/mcp", self.address, self.secret.expose()),
            ConnectionKind::Snowflake => format!("http://{}", self.address),
        }
    }

    /// For `--exec`, and `--client env`.
    pub(super) fn environment(&self) -> BTreeMap<&'static str, String> {
        let secret = self.secret.expose().clone();
        match self.opened.kind {
            ConnectionKind::Mcp => BTreeMap::from([
                ("HOOP_MCP_URL", self.url()),
                ("HOOP_MCP_ADDRESS", format!("http://{}/mcp", self.address)),
                ("HOOP_MCP_SECRET", secret),
            ]),
            ConnectionKind::Snowflake => BTreeMap::from([
                ("SNOWFLAKE_ACCOUNT", ACCOUNT.to_owned()),
                ("SNOWFLAKE_USER", USER.to_owned()),
                ("SNOWFLAKE_PASSWORD", secret),
                ("SNOWFLAKE_HOST", self.address.ip().to_string()),
                ("SNOWFLAKE_PORT", self.address.port().to_string()),
                ("SNOWFLAKE_PROTOCOL", "http".to_owned()),
            ]),
        }
    }

    /// Ready-to-paste settings by client.
    fn clients(&self) -> Value {
        let (host, port, secret) = (self.address.ip().to_string(), self.address.port(), self.secret.expose());
        let connector = || {
            json!({
                "account": ACCOUNT, "user": USER, "password": secret, "host": host, "port": port, "protocol": "http",
            })
        };
        match self.opened.kind {
            ConnectionKind::Mcp => json!({
                "http": { "url": self.url() },
                "bearer": {
                    "url": format!("http://{}/mcp", self.address),
                    "headers": { "Authorization": format!("Bearer {secret}") },
                },
                "env": self.environment(),
            }),
            ConnectionKind::Snowflake => json!({
                "python": connector(),
                "node": {
                    "account": ACCOUNT, "username": USER, "password": secret,
                    "accessUrl": self.url(), "host": host, "port": port, "protocol": "http",
                },
                "snow": connector(),
                "dbt": {
                    "type": "snowflake", "account": ACCOUNT, "user": USER, "password": secret,
                    "host": host, "port": port, "protocol": "http",
                },
                "jdbc": { "url": snippet(self, Some(Client::Jdbc)) },
                "odbc": { "connection_string": snippet(self, Some(Client::Odbc)) },
                "go": { "dsn": snippet(self, Some(Client::Go)) },
                "curl": {
                    "url": format!("http://{}/api/v2/statements", self.address),
                    "headers": { "Authorization": format!("Bearer {secret}") },
                },
                "env": self.environment(),
            }),
        }
    }

    pub(super) fn check(&self, client: Option<Client>) -> Result<(), Failure> {
        match client {
            Some(client) if !choices(self.opened.kind).contains(&client) => {
                let choices: Vec<_> = choices(self.opened.kind).iter().map(|client| client.name()).collect();
                let text = format!(
                    "{} is a connection of type {}, for which there are no settings of --client {}; it can be {}",
                    self.opened.connection,
                    self.opened.kind,
                    client.name(),
                    choices.join(", "),
                );
                Err(Failure::new(Exit::Usage, "no_such_client", text))
            }
            _ => Ok(()),
        }
    }

    /// Says within a second what the person needs to know: address, upstream, what is masked, shown and held, when it ends.
    pub(super) fn announce(&self, printer: Printer, client: Option<Client>) {
        let opened = &self.opened;
        let document = json!({
            "name": opened.connection,
            "type": opened.kind,
            "address": self.address,
            "url": self.url(),
            "secret": self.secret.expose(),
            "session": opened.session,
            "upstream": opened.upstream,
            "masked": opened.masked,
            "held": opened.held,
            "shown": opened.shown,
            "ends_at": opened.ends_at,
            "settings": self.clients(),
        });
        printer.result("connect", &document, |_| snippet(self, client));
        let held = if opened.held.is_empty() { "nothing".to_owned() } else { opened.held.join("; ") };
        let shown = match opened.shown.as_slice() {
            [] => String::new(),
            shown => format!("\nshown      {}", shown.join("; ")),
        };
        if !printer.is_json() {
            printer.say(&format!(
                "\nconnected  {} ({}) → {}\nmasked     {}{shown}\nheld       {held}\nends       {} or with Ctrl-C",
                opened.connection,
                opened.kind,
                opened.upstream,
                opened.masked.join("; "),
                opened.ends_at.strftime("%Y-%m-%d %H:%M UTC"),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn settings(kind: ConnectionKind) -> Settings {
        let opened = SessionOpened {
            session: hoop_model::SessionId::new(),
            connection: "pay".parse().unwrap(),
            kind,
            upstream: "upstream.test".to_owned(),
            masked: Vec::new(),
            held: Vec::new(),
            shown: Vec::new(),
            ends_at: hoop_model::Timestamp::UNIX_EPOCH,
        };
        Settings::new(&opened, "127.0.0.1:4000".parse().unwrap(), &Secret::new("s".to_owned()))
    }

    #[test]
    fn a_client_of_another_kind_is_refused_with_the_possible_ones() {
        for (kind, wrong, possible) in
            [(ConnectionKind::Mcp, Client::Python, "curl, env"), (ConnectionKind::Mcp, Client::Node, "curl, env")]
        {
            let failure = settings(kind).check(Some(wrong)).unwrap_err();
            assert_eq!(failure.exit, Exit::Usage);
            assert!(failure.text.ends_with(&format!("it can be {possible}")), "{failure}");
        }
        for kind in [ConnectionKind::Snowflake, ConnectionKind::Mcp] {
            let settings = settings(kind);
            assert!(settings.check(None).is_ok());
            let mut snippets: Vec<_> = choices(kind).iter().map(|client| snippet(&settings, Some(*client))).collect();
            snippets.sort();
            snippets.dedup();
            assert_eq!(snippets.len(), choices(kind).len(), "each client has settings of its own");
        }
    }
}
