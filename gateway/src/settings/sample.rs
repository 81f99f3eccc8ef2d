//! For tests: the least that a gateway runs with, and what is to be said beside it.

use super::Settings;

const LEAST: &str = r#"
data_dir = "/var/lib/hoop"
[listen]
quic = "127.0.0.1:7443"
names = ["gateway.test"]
[identity.oidc]
issuer = "https://idp.test"
client_id = "hoopctl"
[policy]
file = "payments.cedar"
"#;

/// `more`: tables of their own.
pub(super) fn with(more: &str) -> Result<Settings, String> {
    Settings::parse(&format!("{LEAST}{more}"), String::new()).map_err(|error| error.to_string())
}
