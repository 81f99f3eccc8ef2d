use proptest::prelude::*;
use serde_json::json;

use super::{McpClient, State, file, holds, remove, shape, write};

const JSON: &[&str] = &[
    "",
    "\n",
    " \t\r\n",
    "{}",
    "{ }",
    "{\n}",
    "{\n}\n",
    "{}\n\n",
    "{\r\n}\r\n",
    "\u{feff}{}",
    "\u{feff}",
    "// only a comment",
    "// only a comment\n",
    "/* only */ /* comments */",
    "// before\n{ /* inside */ } // after",
    "{ // inside\n}",
    "{\n  // inside\n\n}\n",
    r#"{"a":1}"#,
    r#"{"a":1,}"#,
    r#"{"a": 1, /* c */ }"#,
    r#"{"a":1 /* c */}"#,
    r#"{ "a": { "mcpServers": {} } }"#,
    r#"{"mcpServers":{}}"#,
    r#"{"mcpServers":{ }, "a": "é💳\u00e9"}"#,
    r#"{"mcpServers":{"x":{"command":"npx"}}}"#,
    r#"{"mcpServers":{"x":{"command":"npx"},},}"#,
    "{\n  \"mcpServers\": {}\n}",
    "{\n  \"mcpServers\": {\n  }\n}",
    "{\n  \"mcpServers\": { // none yet\n  }\n}",
    "{\n\t\"a\": [\n\t\t1,\n\t\t2, // two\n\t],\n}\n",
    "{\n    \"a\": 1 // about a\n    // the end\n}\n",
    "{\n    \"a\": 1, // about a\n    // the end\n}\n",
    "{\n\n    \"a\": 1\n\n\n}\n",
    "{\"a\": 1,\n \"b\": 2}",
    "{\r\n\t\"mcpServers\": {\r\n\t\t\"x\": {\r\n\t\t\t\"command\": \"npx\", // x\r\n\t\t}, /* last */\r\n\t},\r\n}",
    "  {\n    \"mcpServers\"  :  {\"x\": {\"url\": \"https://x.test//y\"}} , \"z\": null\n  }  \n// end",
    "{\n  \"big\": 123456789012345678901234567890.10,\n  \"mcpServers\": {\"x\": {}}\n}\n",
    "{\"mcpServers\":\n{\"x\": {}\n// c\n}\n}",
];

const TOML: &[&str] = &[
    "",
    "\n",
    "# only a comment",
    "\u{feff}model = \"x\"\n",
    "model = \"x\"",
    "model = \"x\"\n\n\n",
    "model = \"x\" # c\r\n\r\n[mcp_servers.x]\r\ncommand = \"npx\"\r\nargs = [\r\n  \"a\", # b\r\n]\r\n",
    "[mcp_servers]\n",
    "[mcp_servers]\nx = { command = \"npx\" }\n",
    "[mcp_servers.x]\ncommand = \"npx\"\n[mcp_servers.x.env]\nA = '''\na\r\nb'''\n\n# the end",
    "mcp_servers.x.command = \"npx\"\n[projects.\"/a\"]\ntrust_level = \"trusted\"\n",
    "d = 1979-05-27T07:32:00Z\nf = 1.50\ni = 1_000\n[[a]]\n[[a]]\n",
];

#[test]
fn awkward_files_come_back() {
    for text in JSON {
        holds(McpClient::Cursor, &file(text));
        holds(McpClient::Gemini, &file(text));
        holds(McpClient::Zed, &file(&text.replace("mcpServers", "context_servers")));
    }
    TOML.iter().for_each(|text| holds(McpClient::Codex, &file(text)));
    for client in [McpClient::Cursor, McpClient::Vscode, McpClient::Codex] {
        holds(client, &State::default());
    }
}

#[test]
fn entries_are_written_as_the_file_is() {
    for (before, after) in [
        ("{}", "{\n  \"mcpServers\": {\n    \"pay\": ENTRY4\n  }\n}"),
        (r#"{"a":1}"#, r#"{"a":1, "mcpServers": {"pay":ENTRY}}"#),
        (r#"{"mcpServers":{}}"#, r#"{"mcpServers":{"pay": ENTRY}}"#),
        ("{\n  \"a\": 1 // a\n}\n", "{\n  \"a\": 1, // a\n  \"mcpServers\": {\n    \"pay\": ENTRY4\n  }\n}\n"),
        ("{\n  \"mcpServers\": {},\n}", "{\n  \"mcpServers\": {\n    \"pay\": ENTRY4\n  },\n}"),
    ] {
        let (command, args) = ("\"command\":", "\"args\":");
        let entry = format!("{{{command}\"/opt/hoop/bin/hoopctl\",{args}[\"mcp\",\"connect\",\"pay\"]}}");
        let lines = format!(
            "{{\n      {command} \"/opt/hoop/bin/hoopctl\",\n      {args} [\n        \"mcp\",\n        \
             \"connect\",\n        \"pay\"\n      ]\n    }}"
        );
        let after = after.replace("ENTRY4", &lines).replace("ENTRY", &entry);
        assert_eq!(write(McpClient::Cursor, &file(before), &["pay"]).text(), after);
    }
}

/// Blanks and comments, as they may stand between any two words.
fn space() -> impl Strategy<Value = String> {
    let one = prop_oneof![
        6 => Just(String::new()),
        3 => Just(" ".to_owned()),
        2 => Just("\n".to_owned()),
        1 => Just("\r\n".to_owned()),
        1 => Just("\n\t".to_owned()),
        1 => Just("/* , } */".to_owned()),
        1 => Just("// \" {\n".to_owned()),
        1 => Just(" /* \n */\n    ".to_owned()),
    ];
    prop::collection::vec(one, 0..3).prop_map(|spaces| spaces.concat())
}

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("1.50".to_owned()),
        Just("null".to_owned()),
        Just(r#""//\"é}""#.to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            members(prop::collection::vec(inner.clone(), 0..4)),
            (prop::collection::vec(inner, 1..3), space())
                .prop_map(|(values, space)| format!("[{space}{}{space}]", values.join(","))),
        ]
    })
}

/// An object; its second member is the table of the servers, where it has one.
fn members(values: impl Strategy<Value = Vec<String>>) -> impl Strategy<Value = String> {
    (values, prop::collection::vec(space(), 24), any::<bool>()).prop_map(|(values, spaces, trailing)| {
        let mut spaces = spaces.into_iter();
        let mut space = || spaces.next().unwrap_or_default();
        let mut text = format!("{{{}", space());
        for (index, value) in values.iter().enumerate() {
            let name = if index == 1 && value.starts_with('{') { "mcpServers".to_owned() } else { format!("m{index}") };
            let comma = if trailing || index + 1 < values.len() { "," } else { "" };
            text += &format!("\"{name}\"{}:{}{value}{}{comma}{}", space(), space(), space(), space());
        }
        text + "}"
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_file_comes_back(
        root in members(prop::collection::vec(value(), 0..5)), before in space(), after in space(),
        mark in any::<bool>(),
    ) {
        let text = format!("{}{before}{root}{after}", if mark { "\u{feff}" } else { "" });
        holds(McpClient::Cursor, &file(&text));

        // Without the copy nobody knows how the blanks and commas were, nor whether there was an empty table or object.
        let alone = State { backup: None, ..write(McpClient::Cursor, &file(&text), &["pay"]) };
        let alone = remove(McpClient::Cursor, &alone, &["pay"]);
        let said = shape(Some(McpClient::Cursor)).meaning(&text).unwrap();
        if !said.is_empty() && said.get("mcpServers").is_none_or(|servers| *servers != json!({})) {
            let words = |text: &str| text.replace([' ', '\t', '\r', '\n', ','], "");
            prop_assert_eq!(words(alone.text()), words(&text));
        }
    }
}
