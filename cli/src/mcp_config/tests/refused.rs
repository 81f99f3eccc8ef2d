use std::path::Path;

use super::{McpClient, at, entry, file, plan, shape};
use crate::mcp_config::error::Problem;

fn refusal(client: McpClient, text: &str) -> Problem {
    plan::write(shape(Some(client)), &file(text), &[entry(client, "pay")]).unwrap_err()
}

#[test]
fn what_cannot_be_read_is_named_with_its_line_and_not_quoted() {
    for (client, text, line) in [
        (McpClient::Cursor, "{\n  \"token\": \"s3cret\"\n  \"b\": 1\n}", 2),
        (McpClient::Cursor, "{\n  'token': \"s3cret\"}", 2),
        (McpClient::Cursor, "{\n  \"a\": 1,\n", 1),
        (McpClient::Cursor, "{}\n{}", 2),
        (McpClient::Cursor, "{\"a\": 0x10}", 1),
        (McpClient::Codex, "a = 1\ntoken = \"s3cret\" b\n", 2),
        (McpClient::Codex, "[a]\n[a]\n", 2),
    ] {
        let problem = refusal(client, text);
        assert!(matches!(problem, Problem::Broken { line: there, .. } if there == line), "{text}: {problem:?}");
        let failure = problem.failure(Path::new("/home/ann/x.json"));
        assert!(failure.text.starts_with(&format!("/home/ann/x.json, line {line}: ")), "{}", failure.text);
        assert!(!failure.text.contains("s3cret"), "{}", failure.text);
    }
}

#[test]
fn what_is_not_a_table_is_not_made_one() {
    for text in ["[]", "null", "1", "{\"mcpServers\": []}", "{\"mcpServers\": null}"] {
        assert!(matches!(refusal(McpClient::Cursor, text), Problem::NoPlace { key: "mcpServers" }), "{text}");
    }
    assert!(matches!(refusal(McpClient::Codex, "mcp_servers = 1"), Problem::NoPlace { .. }));
    assert!(matches!(refusal(McpClient::Codex, "mcp_servers = { x = { command = 'npx' } }"), Problem::NotEdited));
}

#[test]
fn the_last_of_two_tables_of_one_name_is_the_one_that_counts() {
    let text = "{\"mcpServers\": {\"pay\": 1}, \"mcpServers\": {}}";
    let client = McpClient::Cursor;
    let state = plan::write(shape(Some(client)), &file(text), &[entry(client, "pay")]).unwrap();
    assert!(state.text().starts_with("{\"mcpServers\": {\"pay\": 1}, \"mcpServers\": {\"pay\": {"), "{}", state.text());
}

#[test]
fn anothers_entry_is_left_alone() {
    let client = McpClient::Cursor;
    let wanted = |context| [at(client, "pay", "/opt/hoop/bin/hoopctl", context)];
    for there in ["{\"command\": \"npx\"}", "1", "{\"command\": \"hoopctl\", \"args\": [\"status\"]}"] {
        let text = format!("{{\"mcpServers\": {{\"pay\": {there}}}}}");
        let shape = shape(Some(client));
        let write = plan::write(shape, &file(&text), &wanted(None)).unwrap_err();
        assert!(matches!(write, Problem::Taken { hoopctls: false, .. }), "{there}");
        let remove = plan::remove(shape, &file(&text), &["pay".to_owned()]).unwrap_err();
        assert!(matches!(remove, Problem::Taken { hoopctls: false, .. }), "{there}");
    }
    let other = plan::write(shape(Some(client)), &file("{}"), &wanted(Some("work"))).unwrap();
    for context in [None, Some("home")] {
        let problem = plan::write(shape(Some(client)), &other, &wanted(context)).unwrap_err();
        assert!(matches!(problem, Problem::Taken { hoopctls: true, .. }), "{context:?}");
    }
    assert_eq!(plan::write(shape(Some(client)), &other, &wanted(Some("work"))).unwrap(), other);
    assert_eq!(plan::remove(shape(Some(client)), &other, &["pay".to_owned()]).unwrap(), file("{}"));
}
