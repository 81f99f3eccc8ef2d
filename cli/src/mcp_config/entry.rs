//! One server's entry: the client starts this hoopctl, which speaks MCP on its stdin and stdout.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::args::McpClient;

/// How long a client waits for an answer, in seconds, where it has a setting for that: the time in which an approver
/// decides unless the policy says otherwise (30 min, `hoop_approval::DEFAULT_WINDOW`), and five minutes to run.
const PATIENCE: u64 = 35 * 60;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) value: Value,
}

/// What an entry leads to.
#[derive(Debug, PartialEq, Eq)]
struct Target<'a> {
    context: Option<&'a str>,
    connection: &'a str,
}

/// What the client cannot know of this process.
#[derive(Debug)]
pub(super) struct Start<'a> {
    pub(super) command: &'a str,
    pub(super) context: Option<&'a str>,
    /// `HOOPCTL_CONFIG_DIR`, where it is set: the client has another environment.
    pub(super) config_dir: Option<&'a Path>,
}

impl Entry {
    pub(super) fn new(name: &str, connection: &str, start: &Start<'_>, client: Option<McpClient>) -> Self {
        let mut value = Map::new();
        match client {
            Some(McpClient::ClaudeCode | McpClient::Vscode) => value.insert("type".to_owned(), json!("stdio")),
            Some(McpClient::Zed) => value.insert("source".to_owned(), json!("custom")),
            _ => None,
        };
        let mut args = vec!["mcp", "connect", connection];
        if let Some(context) = start.context {
            args.splice(0..0, ["--context", context]);
        }
        value.insert("command".to_owned(), json!(start.command));
        value.insert("args".to_owned(), json!(args));
        match client {
            Some(McpClient::Codex) => value.insert("tool_timeout_sec".to_owned(), json!(PATIENCE)),
            Some(McpClient::Gemini) => value.insert("timeout".to_owned(), json!(PATIENCE * 1000)),
            _ => None,
        };
        if let Some(dir) = start.config_dir {
            value.insert("env".to_owned(), json!({ "HOOPCTL_CONFIG_DIR": dir.display().to_string() }));
        }
        Self { name: name.to_owned(), value: Value::Object(value) }
    }

    pub(super) fn command(&self) -> &str {
        command(&self.value).unwrap_or_default()
    }

    /// Whether `there` leads where this entry leads, if perhaps by another hoopctl.
    pub(super) fn leads_as(&self, there: &Value) -> bool {
        target(there).is_some_and(|there| target(&self.value) == Some(there))
    }
}

pub(super) fn command(entry: &Value) -> Option<&str> {
    entry.get("command")?.as_str()
}

/// Whether hoopctl wrote `entry`, of whatever version and wherever it stood then.
pub(super) fn is_ours(entry: &Value) -> bool {
    target(entry).is_some()
}

fn target(entry: &Value) -> Option<Target<'_>> {
    if Path::new(command(entry)?).file_stem()? != "hoopctl" {
        return None;
    }
    let args: Vec<&str> = entry.get("args")?.as_array()?.iter().filter_map(Value::as_str).collect();
    let at = args.windows(2).position(|pair| pair == ["mcp", "connect"])?;
    let context = args.windows(2).find_map(|pair| match pair {
        ["--context", context] => Some(*context),
        _ => None,
    });
    Some(Target { context, connection: args.get(at + 2)? })
}
