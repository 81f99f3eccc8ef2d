//! What an application needs to use the listener, per client.

use std::{collections::BTreeMap, net::SocketAddr};

use hoop_model::{ConnectionKind, Secret};
use hoop_wire::open::SessionOpened;
use serde_json::{Value, json};

use crate::{args::Client, output::Printer};

/// The settings of one open listener.
pub(super) struct Settings {
    opened: SessionOpened,
    address: SocketAddr,
    secret: Secret<String>,
}

/// Snowflake drivers insist on an account and a user; the gateway takes neither from them.
const ACCOUNT: &str = "hoop";
const USER: &str = "hoop";

impl Settings {
    pub(super) fn new(opened: &SessionOpened, address: SocketAddr, secret: &Secret<String>) -> Self {
        Self { opened: opened.clone(), address, secret: secret.clone() }
    }

    /// Carries the secret as its first path segment, for clients that take nothing but a URL.
    fn url(&self) -> String {
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
                "python": {
                    "account": ACCOUNT, "user": USER, "password": secret,
                    "host": host, "port": port, "protocol": "http",
                },
                "node": {
                    "account": ACCOUNT, "username": USER, "password": secret,
                    "accessUrl": self.url(), "host": host, "port": port, "protocol": "http",
                },
                "env": self.environment(),
            }),
        }
    }

    /// Says within a second what the person needs to know: address, upstream, what is masked and held, when it ends.
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
            "ends_at": opened.ends_at,
            "settings": self.clients(),
        });
        printer.result("connect", &document, |_| self.snippet(client));
        let held = if opened.held.is_empty() { "nothing".to_owned() } else { opened.held.join("; ") };
        if !printer.is_json() {
            printer.say(&format!(
                "\nconnected  {} ({}) → {}\nmasked     {}\nheld       {held}\nends       {} or with Ctrl-C",
                opened.connection,
                opened.kind,
                opened.upstream,
                opened.masked.join("; "),
                opened.ends_at.strftime("%Y-%m-%d %H:%M UTC"),
            ));
        }
    }

    fn snippet(&self, client: Option<Client>) -> String {
        let (secret, address) = (self.secret.expose(), self.address);
        let (host, port) = (address.ip(), address.port());
        let environment = || {
            let lines = self.environment().into_iter().map(|(name, value)| format!("export {name}='{value}'"));
            lines.collect::<Vec<_>>().join("\n")
        };
        match (self.opened.kind, client) {
            (_, Some(Client::Env)) => environment(),
            (ConnectionKind::Mcp, Some(Client::Curl)) => format!(
                "curl -sS http://{address}/mcp -H 'Authorization: Bearer {secret}' \\\n  \
                 -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' -d @-"
            ),
            (ConnectionKind::Mcp, _) => {
                format!("{}\n\nor http://{address}/mcp with the header\nAuthorization: Bearer {secret}", self.url())
            }
            (ConnectionKind::Snowflake, Some(Client::Node)) => format!(
                "snowflake.createConnection({{ account: '{ACCOUNT}', username: '{USER}',\n  password: '{secret}',\n  \
                 accessUrl: 'http://{address}', host: '{host}', port: {port}, protocol: 'http' }})"
            ),
            (ConnectionKind::Snowflake, _) => format!(
                "snowflake.connector.connect(account='{ACCOUNT}', user='{USER}',\n    password='{secret}',\n    \
                 host='{host}', port={port}, protocol='http')"
            ),
        }
    }
}
