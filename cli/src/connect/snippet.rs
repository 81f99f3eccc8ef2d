//! Settings as they are pasted into each client. Those that the suite runs with a real client are said in
//! `gateway/docs/snowflake.md`.

use hoop_model::ConnectionKind;

use super::settings::{ACCOUNT, CONNECTION, Settings, USER};
use crate::args::Client;

/// The clients that `--client` can name for this kind of connection; the first is what is shown without.
pub(super) fn choices(kind: ConnectionKind) -> &'static [Client] {
    match kind {
        ConnectionKind::Mcp => &[Client::Curl, Client::Env],
        ConnectionKind::Snowflake => &[
            Client::Python,
            Client::Node,
            Client::Snow,
            Client::Dbt,
            Client::Jdbc,
            Client::Odbc,
            Client::Go,
            Client::Curl,
            Client::Env,
        ],
    }
}

pub(super) fn snippet(settings: &Settings, client: Option<Client>) -> String {
    match (settings.kind(), client) {
        (_, Some(Client::Env)) => environment(settings),
        (ConnectionKind::Mcp, client) => mcp(settings, client),
        (ConnectionKind::Snowflake, client) => snowflake(settings, client.unwrap_or(Client::Python)),
    }
}

fn environment(settings: &Settings) -> String {
    let lines = settings.environment().into_iter().map(|(name, value)| format!("export {name}='{value}'"));
    lines.collect::<Vec<_>>().join("\n")
}

fn mcp(settings: &Settings, client: Option<Client>) -> String {
    let (secret, address) = (settings.secret(), settings.address());
    match client {
        Some(Client::Curl) => format!(
            "curl -sS http://{address}/mcp -H 'Authorization: Bearer {secret}' \\\n  \
             -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' -d @-"
        ),
        _ => format!("{}\n\nor http://{address}/mcp with the header\nAuthorization: Bearer {secret}", settings.url()),
    }
}

fn snowflake(settings: &Settings, client: Client) -> String {
    let (secret, address) = (settings.secret(), settings.address());
    let (host, port) = (address.ip(), address.port());
    match client {
        Client::Node => format!(
            "snowflake.createConnection({{ account: '{ACCOUNT}', username: '{USER}',\n  password: '{secret}',\n  \
             accessUrl: 'http://{address}', host: '{host}', port: {port}, protocol: 'http' }})"
        ),
        Client::Snow => connection_table(settings),
        Client::Dbt => format!(
            "type: snowflake\naccount: {ACCOUNT}\nuser: {USER}\npassword: '{secret}'\nhost: '{host}'\nport: {port}\n\
             protocol: http"
        ),
        Client::Jdbc => format!("jdbc:snowflake://{address}/?account={ACCOUNT}&user={USER}&password={secret}&ssl=off"),
        Client::Odbc => format!(
            "Driver=SnowflakeDSIIDriver;Server={host};Port={port};Account={ACCOUNT};UID={USER};PWD={secret};SSL=off"
        ),
        Client::Go => format!("{USER}:{secret}@{address}/?account={ACCOUNT}&protocol=http"),
        Client::Curl => format!(
            "curl -sS http://{address}/api/v2/statements -H 'Authorization: Bearer {secret}' \\\n  \
             -H 'Content-Type: application/json' -d '{{\"statement\": \"SELECT 1\"}}'"
        ),
        Client::Python | Client::Env => format!(
            "snowflake.connector.connect(account='{ACCOUNT}', user='{USER}',\n    password='{secret}',\n    \
             host='{host}', port={port}, protocol='http')"
        ),
    }
}

/// As it stands in a `connections.toml`.
pub(super) fn connection_table(settings: &Settings) -> String {
    let (secret, address) = (settings.secret(), settings.address());
    format!(
        "[{CONNECTION}]\naccount = \"{ACCOUNT}\"\nuser = \"{USER}\"\npassword = \"{secret}\"\nhost = \"{}\"\nport = {}\n\
         protocol = \"http\"",
        address.ip(),
        address.port()
    )
}
