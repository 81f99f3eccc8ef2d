//! HTTP headers of our own on tunnel streams. An upstream never sees them and a client's are dropped.
//!
//! And what [`INFLATES`] stands for: an answer may come compressed to the tunnel's end, as its `Content-Encoding` says then,
//! and [`PLAIN_LENGTH`] how long it is without. An application sees neither.

/// On an agent's HTTP answer: the failure is the agent's, as JSON [`hoop_model::Fault`]; the body is empty.
pub const FAULT: &str = "hoop-fault";
/// On a request to the agent for a Snowflake upstream: JSON [`SnowflakeLogin`], used when the session has no upstream
/// login yet.
pub const SNOWFLAKE_LOGIN: &str = "hoop-snowflake-login";
/// On a client's request, all of its `Accept-Encoding`: its end of the tunnel inflates an answer. What an application itself
/// accepts is nothing to the gateway.
pub const INFLATES: &str = "zstd";
/// On an answer that comes as [`INFLATES`] says: its length in bytes, inflated.
pub const PLAIN_LENGTH: &str = "hoop-plain-length";
/// On [`crate::open::UpstreamOpen::Fetch`]: the absolute URL to get.
pub const FETCH_URL: &str = "hoop-fetch-url";
/// On a request to the agent for an MCP upstream: path and query at the upstream's own origin, in the place of its URL's.
pub const MCP_ENDPOINT: &str = "hoop-mcp-endpoint";

/// What the gateway wants of the upstream session that the agent opens.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SnowflakeLogin {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warehouse: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// `LOGIN_NAME`-independent session parameters, `QUERY_TAG` among them.
    #[serde(default)]
    pub session_parameters: std::collections::BTreeMap<String, serde_json::Value>,
    /// The client's `CLIENT_APP_ID` and `CLIENT_APP_VERSION`: Snowflake picks the result format by them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_app_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_app_version: Option<String>,
}
