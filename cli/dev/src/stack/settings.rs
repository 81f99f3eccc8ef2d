//! The gateway's configuration as an admin would write it.

use std::path::Path;

use hoop_model::{ConnectionKind, ConnectionName};
use url::Url;

/// Everything on loopback; the example policy of `hoop-policy`.
pub(super) fn toml(
    data_dir: &Path,
    issuer: &Url,
    connections: &[(ConnectionName, ConnectionKind)],
    agent: &str,
) -> String {
    // A JSON string of a path is a TOML basic string too.
    let data_dir = serde_json::Value::from(data_dir.join("gateway").display().to_string());
    let mut text = format!(
        r#"data_dir = {data_dir}

[listen]
quic = "127.0.0.1:0"
names = ["localhost", "127.0.0.1"]

[identity.oidc]
issuer = "{issuer}"
client_id = "hoopctl"
groups_claim = "groups"

[roles]
admins = ["admins"]
auditors = ["admins"]

[policy]
file = "payments.cedar"

[[policy.table_group]]
name = "payments"
patterns = ["*.*.*PAYMENT*", "*.*.*CARD*", "*.*PAYMENT*.*", "*PAYMENT*.*.*", "*.*.CUSTOMERS", "*.*.REFUNDS"]
"#,
        issuer = issuer.as_str().trim_end_matches('/'),
    );
    for (name, kind) in connections {
        text.push_str(&format!("\n[[connection]]\nname = \"{name}\"\ntype = \"{kind}\"\nagent = \"{agent}\"\n"));
    }
    text
}
