//! Somebody else changes the file between `--write` and `--remove`.

use serde_json::Value;

use super::{McpClient, State, at, file, plan, remove, shape, write};

/// What a file says after `--write`, a change and `--remove`.
fn changed(client: McpClient, before: &str, from: &str, to: &str) -> State {
    let mut state = write(client, &file(before), &["pay"]);
    assert!(state.text().contains(from), "{}", state.text());
    state.file = Some(state.text().replacen(from, to, 1));
    remove(client, &state, &["pay"])
}

#[test]
fn edits_around_our_entry_stay() {
    for (before, from, to) in [
        ("{\"a\":1}", "\"a\":1", "\"a\": /* two */ 2"),
        ("{\n  \"a\": 1 // a\n}\n", "// a", "// b"),
        ("{\n  \"a\": 1\n}", "{\n", "{\n  // top\n"),
        ("{\n  \"mcpServers\": {\n    \"x\": {}\n  }\n}\n", "\"x\": {}", "\"y\": {},\n    \"x\": {}"),
        ("\u{feff}{\n}\n", "\n}\n", "\n}\n// end\n"),
    ] {
        assert_eq!(changed(McpClient::Cursor, before, from, to), file(&before.replacen(from, to, 1)), "{before}");
    }
    let codex = changed(McpClient::Codex, "a = 1", "a = 1", "a = 2 # two");
    assert_eq!(codex, file("a = 2 # two"));
    let appended = changed(McpClient::Codex, "a = 1\n", "2100\n", "2100\n\n[projects.x]\nb = 1\n");
    assert_eq!(appended, file("a = 1\n\n[projects.x]\nb = 1\n"));
}

#[test]
fn an_entry_beside_ours_stays_where_none_was() {
    for (before, to, after) in [
        ("{}", "},\n    \"x\": {}", "{\n  \"mcpServers\": {\n    \"x\": {}\n  }\n}"),
        ("{\n  \"a\": 1\n}\n", "}, \"x\": {}", "{\n  \"a\": 1,\n  \"mcpServers\": {\"x\": {}\n  }\n}\n"),
    ] {
        let state = changed(McpClient::Cursor, before, "\n    }", &format!("\n    {to}"));
        let meaning = |text: &str| Value::Object(shape(None).meaning(text).unwrap());
        assert_eq!(meaning(state.text()), meaning(after), "{}", state.text());
        assert_eq!(state.backup, None);
    }
}

#[test]
fn without_the_copy_the_entry_alone_is_taken_out() {
    for (before, after) in [
        ("{\n  \"a\": 1\n}\n", "{\n  \"a\": 1\n}\n"),
        ("{\"a\":1}", "{\"a\":1}"),
        ("{\n  \"a\": 1, // a\n  // end\n}", "{\n  \"a\": 1, // a\n  // end\n}"),
        ("{\n  \"a\": 1 // a\n}", "{\n  \"a\": 1 // a\n}"),
        ("{\n  \"a\": 1\n}", "{\n  \"a\": 1\n}"),
        // What closes the object must not get into the comment.
        ("{\"a\":1,// {\n\"mcpServers\":{}}", "{\"a\":1// {\n}"),
        (
            "{\r\n  \"mcpServers\": {\r\n    \"x\": {}\r\n  }\r\n}",
            "{\r\n  \"mcpServers\": {\r\n    \"x\": {}\r\n  }\r\n}",
        ),
    ] {
        let state = State { backup: None, ..write(McpClient::Cursor, &file(before), &["pay"]) };
        assert_eq!(remove(McpClient::Cursor, &state, &["pay"]), file(after));
    }
    let before = "# top\r\n[mcp_servers.x] # x\r\ncommand = 'npx'\r\n# end\r\n";
    let state = State { backup: None, ..write(McpClient::Codex, &file(before), &["pay"]) };
    assert_eq!(remove(McpClient::Codex, &state, &["pay"]), file(before));
}

#[test]
fn an_entry_that_was_edited_itself_goes_with_its_edits() {
    let state = changed(McpClient::Cursor, "{\"a\":1}", "\"connect\"", "\"connect\" /* c */");
    assert_eq!(state, file("{\"a\":1}"));
    let before = "a = 1\n# end\n\n[z]\nb = 1\n";
    let own = "2100\nenabled = false # not now\nenv.A = \"b\"\n# mine\n\n[mcp_servers.pay.tools.x]\na = [\n  1,\n]\n";
    let state = changed(McpClient::Codex, before, "2100\n", own);
    assert_eq!(state, file(&format!("{before}# mine\n")));
}

#[test]
fn a_hoopctl_that_moved_is_entered_anew_and_settings_beside_it_stay() {
    for (client, own) in [
        (McpClient::Cursor, (", \"mcp", ", /* own */ \"disabled\": true, \"mcp")),
        (McpClient::Codex, ("tool_timeout_sec = 2100", "tool_timeout_sec = 60")),
    ] {
        let before = if client == McpClient::Codex { "a = 1\n" } else { "{\"a\": 1}" };
        let state = write(client, &file(before), &["pay"]);
        let moved = |state: &State| {
            plan::write(shape(Some(client)), state, &[at(client, "pay", "/new/hoopctl", None)]).unwrap()
        };
        let there = moved(&state);
        assert_eq!(there.text(), state.text().replace("/opt/hoop/bin/hoopctl", "/new/hoopctl"));
        assert_eq!((moved(&there), remove(client, &there, &["pay"])), (there.clone(), file(before)));

        let (from, to) = own;
        let from = if client == McpClient::Cursor { "\"command\":" } else { from };
        let to = if client == McpClient::Cursor { "\"disabled\": true, \"command\":" } else { to };
        let edited = State { file: Some(state.text().replacen(from, to, 1)), ..state };
        let there = moved(&edited);
        assert_eq!(there.text(), edited.text().replace("/opt/hoop/bin/hoopctl", "/new/hoopctl"));
        assert_eq!(remove(client, &there, &["pay"]), file(before));
    }
}

#[test]
fn a_stale_copy_is_not_believed() {
    let stale = State { file: None, backup: Some("{}".to_owned()) };
    let state = write(McpClient::Cursor, &stale, &["pay"]);
    assert_eq!(state.backup, None);
    assert_eq!(remove(McpClient::Cursor, &state, &["pay"]), State::default());
    let stale = State { file: Some("{\"b\": 2}".to_owned()), backup: Some("{}".to_owned()) };
    let state = write(McpClient::Cursor, &stale, &["pay"]);
    assert_eq!(remove(McpClient::Cursor, &state, &["pay"]), file("{\"b\": 2}"));
}
