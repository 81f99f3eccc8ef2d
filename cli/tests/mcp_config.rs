//! `hoopctl mcp config` as it is run: for each client, in a home of its own, without a login.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::{Value, json};
use tempfile::TempDir;

const HOOPCTL: &str = env!("CARGO_BIN_EXE_hoopctl");

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(HOOPCTL);
        command.env_clear().env("HOME", self.0.path()).env("XDG_CONFIG_HOME", self.path(".config"));
        command.args(["mcp", "config"]).args(args);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn json(&self, args: &[&str]) -> Value {
        let output = self.command(args).args(["--output", "json"]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn refused(&self, args: &[&str], exit: i32, code: &str) -> String {
        let output = self.command(args).args(["--output", "json"]).output().unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((output.status.code(), &document["code"]), (Some(exit), &json!(code)), "{document}");
        document["text"].as_str().unwrap().to_owned()
    }

    /// Every file, with what it holds.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        collect(self.0.path(), &mut files);
        files.sort();
        files
    }
}

fn collect(dir: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
}

struct Client {
    name: &'static str,
    file: &'static str,
    key: &'static str,
    entry: Value,
    /// What somebody may have in it.
    before: &'static str,
}

fn clients() -> Vec<Client> {
    let with = |more: Value| {
        let mut entry = json!({ "command": HOOPCTL, "args": ["mcp", "connect", "payments"] });
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        entry
    };
    let (common, plain) = ("mcpServers", with(json!({})));
    let file = if cfg!(target_os = "macos") { "Library/Application Support" } else { ".config" };
    let (claude, code): (&'static str, &'static str) = match file {
        ".config" => (".config/Claude/claude_desktop_config.json", ".config/Code/User/mcp.json"),
        _ => (
            "Library/Application Support/Claude/claude_desktop_config.json",
            "Library/Application Support/Code/User/mcp.json",
        ),
    };
    let object = "{\n  \"theme\": \"dark\", // at night\n  \"KEY\": {\n    \"x\": { \"command\": \"npx\" },\n  },\n}\n";
    let client = |name, file, key, entry, before| Client { name, file, key, entry, before };
    vec![
        client("claude-desktop", claude, common, plain.clone(), "{}"),
        client("claude-code", ".claude.json", common, with(json!({ "type": "stdio" })), "{\"a\":1,\"mcpServers\":{}}"),
        client("cursor", ".cursor/mcp.json", common, plain.clone(), object),
        client("vscode", code, "servers", with(json!({ "type": "stdio" })), object),
        client("windsurf", ".codeium/windsurf/mcp_config.json", common, plain, ""),
        client(
            "gemini",
            ".gemini/settings.json",
            common,
            with(json!({ "timeout": 2_100_000 })),
            "{\r\n\t\"a\": 1\r\n}",
        ),
        client("zed", ".config/zed/settings.json", "context_servers", with(json!({ "source": "custom" })), object),
        client(
            "codex",
            ".codex/config.toml",
            "mcp_servers",
            with(json!({ "tool_timeout_sec": 2100 })),
            "# mine\nmodel = \"x\" # best\n\n[mcp_servers.x]\ncommand = \"npx\"",
        ),
    ]
}

/// Without comments and trailing commas, which is enough of the files here.
fn servers(client: &Client, text: &str) -> Value {
    let all: Value = if client.name == "codex" {
        serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap()
    } else {
        let plain = text.replace("// at night", "").replace(",\n}", "\n}").replace(",\n  }", "\n  }");
        serde_json::from_str(&plain).unwrap_or_else(|error| panic!("{error}: {plain}"))
    };
    all[client.key].clone()
}

#[test]
fn each_client_gets_its_entry_and_its_file_back() {
    for client in clients() {
        for before in [Some(client.before.replace("KEY", client.key)), None] {
            let home = Home::new();
            let file = home.path(client.file);
            if let Some(before) = &before {
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(&file, before).unwrap();
                fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
            }
            let there = home.files();
            let args = |last: &'static str| ["payments", "--client", client.name, last];

            let printed = home.json(&["payments", "--client", client.name]);
            assert_eq!((&printed["kind"], &printed["version"]), (&json!("mcp_config"), &json!(1)));
            let item = json!({
                "client": client.name, "file": file, "key": client.key, "name": "payments", "entry": client.entry
            });
            assert_eq!(printed["entries"], json!([item]));
            let words = home.run(&["payments", "--client", client.name]);
            let snippet = String::from_utf8(words.stdout).unwrap();
            assert_eq!(servers(&client, &snippet), json!({ "payments": client.entry }), "{snippet}");
            assert!(String::from_utf8(words.stderr).unwrap().contains(file.to_str().unwrap()));
            assert_eq!(home.files(), there, "printing writes nothing");

            let written = home.json(&args("--write"));
            let backup = before.as_ref().map(|_| format!("{}.hoopctl-backup", file.display()));
            assert_eq!(written["kind"], "mcp_config_written");
            assert_eq!((&written["changed"], &written["backup"]), (&json!(true), &json!(backup)));
            let text = fs::read_to_string(&file).unwrap();
            assert_eq!(servers(&client, &text)["payments"], client.entry, "{text}");
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&file), if before.is_some() { 0o640 } else { 0o600 });
            if let (Some(before), Some(backup)) = (&before, &backup) {
                assert_eq!((&fs::read_to_string(backup).unwrap(), mode(Path::new(backup))), (before, 0o600));
            }

            let now = home.files();
            let again = home.json(&args("--write"));
            assert_eq!((&again["changed"], home.files()), (&json!(false), now));
            let words = String::from_utf8(home.run(&args("--write")).stdout).unwrap();
            assert!(words.contains("nothing was changed"), "{words}");

            let removed = home.json(&args("--remove"));
            assert_eq!((&removed["changed"], &removed["deleted"]), (&json!(true), &json!(before.is_none())));
            assert_eq!(home.files(), there, "{}: {before:?}", client.name);
            assert_eq!(home.json(&args("--remove"))["changed"], json!(false));
        }
    }
}

#[test]
fn a_broken_file_and_anothers_entry_are_left_alone() {
    let home = Home::new();
    let file = home.path(".cursor/mcp.json");
    fs::create_dir(file.parent().unwrap()).unwrap();
    for (text, code, says) in [
        (&b"{\n  \"a\": 1,\n  b\n}"[..], "client_file_broken", "mcp.json, line 3: "),
        (b"{\n\n \"a\": \"\xff\"}", "client_file_broken", "mcp.json, line 3: "),
        (b"{\"mcpServers\": {\"payments\": {\"command\": \"npx\"}}}", "entry_taken", "\"payments\" is not hoopctl's"),
    ] {
        fs::write(&file, text).unwrap();
        let there = home.files();
        for last in ["--write", "--remove"] {
            let text = home.refused(&["payments", "--client", "cursor", last], 1, code);
            assert!(text.contains(says) && text.contains("nothing was changed"), "{text}");
            assert_eq!(home.files(), there);
        }
    }
    let other = ["payments", "--client", "cursor", "--as", "cards"];
    home.json(&[&other[..], &["--write"]].concat());
    assert!(fs::read_to_string(&file).unwrap().contains("\"cards\""));
    home.json(&[&other[..], &["--remove"]].concat());
    assert_eq!(fs::read_to_string(&file).unwrap(), "{\"mcpServers\": {\"payments\": {\"command\": \"npx\"}}}");
    home.refused(&["a", "b", "--as", "c"], 2, "bad_entry_name");
    home.refused(&["a", "--as", "c.d"], 2, "bad_entry_name");
    home.refused(&["../a"], 2, "bad_name");
}

#[test]
fn a_link_stays_a_link() {
    let home = Home::new();
    let (link, target) = (home.path(".gemini/settings.json"), home.path("dotfiles/gemini.json"));
    fs::create_dir(link.parent().unwrap()).unwrap();
    fs::create_dir(target.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink("../dotfiles/gemini.json", &link).unwrap();
    let text = home.refused(&["payments", "--client", "gemini", "--write"], 1, "client_file_unusable");
    assert!(text.contains("leads") || text.contains("link"), "{text}");
    fs::write(&target, "{ }").unwrap();
    home.json(&["payments", "--client", "gemini", "--write"]);
    assert_eq!(fs::read_link(&link).unwrap(), Path::new("../dotfiles/gemini.json"));
    assert!(fs::read_to_string(&target).unwrap().contains("payments"));
    assert_eq!(fs::read_dir(target.parent().unwrap()).unwrap().count(), 1, "nothing is left beside the file itself");
    home.json(&["payments", "--client", "gemini", "--remove"]);
    assert_eq!(fs::read_link(&link).unwrap(), Path::new("../dotfiles/gemini.json"));
    assert_eq!(fs::read_to_string(&target).unwrap(), "{ }");
}

#[test]
fn an_entry_says_what_the_client_cannot_know() {
    let home = Home::new();
    let output = home
        .command(&["payments", "ledger", "payments", "--client", "codex", "--context", "work", "--write", "-o", "json"])
        .env("CODEX_HOME", home.path("codex"))
        .env("HOOPCTL_CONFIG_DIR", home.path("hoop"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = fs::read_to_string(home.path("codex/config.toml")).unwrap();
    let table: toml::Table = toml::from_str(&text).unwrap();
    let servers = table["mcp_servers"].as_table().unwrap();
    assert_eq!(servers.keys().collect::<Vec<_>>(), ["payments", "ledger"]);
    let entry = serde_json::to_value(&servers["ledger"]).unwrap();
    assert_eq!(entry["args"], json!(["--context", "work", "mcp", "connect", "ledger"]));
    assert_eq!(entry["env"], json!({ "HOOPCTL_CONFIG_DIR": home.path("hoop") }));

    let lines = home.command(&["payments", "ledger", "-o", "jsonl"]).output().unwrap().stdout;
    let lines: Vec<Value> =
        String::from_utf8(lines).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        (&lines[1]["client"], &lines[1]["file"], &lines[1]["name"]),
        (&json!(null), &json!(null), &json!("ledger"))
    );
    assert_eq!(home.run(&["payments", "--write"]).status.code(), Some(2), "--write needs a client");
}
