//! What each client reads: which file, under which key, written how.

use std::path::{Path, PathBuf};

use super::{error::Problem, shape::Shape};
use crate::args::McpClient;

/// Under which most clients keep their servers.
pub(super) const COMMON: Shape = Shape::json("mcpServers");

pub(super) fn shape(client: Option<McpClient>) -> Shape {
    match client {
        Some(McpClient::Vscode) => Shape::json("servers"),
        Some(McpClient::Zed) => Shape::json("context_servers"),
        Some(McpClient::Codex) => Shape::toml("mcp_servers"),
        _ => COMMON,
    }
}

/// As the person knows it.
pub(super) fn title(client: McpClient) -> &'static str {
    match client {
        McpClient::ClaudeDesktop => "Claude Desktop",
        McpClient::ClaudeCode => "Claude Code",
        McpClient::Cursor => "Cursor",
        McpClient::Vscode => "VS Code",
        McpClient::Windsurf => "Windsurf",
        McpClient::Codex => "Codex",
        McpClient::Gemini => "Gemini CLI",
        McpClient::Zed => "Zed",
    }
}

/// The person's own settings, not a project's: a path to this machine's hoopctl is of no use to others.
pub(super) fn file(client: McpClient) -> Result<PathBuf, Problem> {
    let (home, config) = (dirs::home_dir().ok_or(Problem::NoHome)?, dirs::config_dir().ok_or(Problem::NoHome)?);
    let codex = std::env::var_os("CODEX_HOME").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    Ok(match client {
        McpClient::ClaudeDesktop => config.join("Claude/claude_desktop_config.json"),
        McpClient::ClaudeCode => home.join(".claude.json"),
        McpClient::Cursor => home.join(".cursor/mcp.json"),
        McpClient::Vscode => config.join("Code/User/mcp.json"),
        McpClient::Windsurf => home.join(".codeium/windsurf/mcp_config.json"),
        McpClient::Codex => codex.unwrap_or_else(|| home.join(".codex")).join("config.toml"),
        McpClient::Gemini => home.join(".gemini/settings.json"),
        McpClient::Zed => zed(&home, &config).join("settings.json"),
    })
}

/// Zed keeps to `~/.config` on macOS as well.
fn zed(home: &Path, config: &Path) -> PathBuf {
    if cfg!(target_os = "macos") {
        home.join(".config/zed")
    } else if cfg!(target_os = "windows") {
        config.join("Zed")
    } else {
        config.join("zed")
    }
}
