//! What fuzzing begins with: what clients and servers send, and what none of them should.

const MESSAGES: &[&str] = &[
    r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}"#,
    r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
    r#"{"jsonrpc":"2.0","id":"a","method":"tools/list","params":{"cursor":"opaque=="}}"#,
    r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"read_query","arguments":{"query":"SELECT 1"},"_meta":{"progressToken":7}}}"#,
    r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"pay","arguments":null,"task":{"ttl":1},"_meta":{"progressToken":"x","other":[]}},"extra":{"k":1}}"#,
    r#"{"jsonrpc":"2.0","id":3,"result":{"content":[{"type":"text","text":"4111111111111111"}],"structuredContent":{"n":4111111111111111},"isError":false}}"#,
    r#"{"jsonrpc":"2.0","id":4,"error":{"code":-32602,"message":"Unknown tool: x","data":{"a":[null,true]}}}"#,
    r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2,"reason":"late"}}"#,
    r#"{"jsonrpc":"2.0","method":"notifications/surprise","params":[1,"2",{}]}"#,
    r#"{"jsonrpc":"2.0","id":12345678901234567890123,"method":"ping"}"#,
    r#"{"jsonrpc":"2.0","id":-0,"result":{"a":-0.0,"b":1E5,"c":1e+400,"d":0.10,"e":1.7976931348623157e308}}"#,
    r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#,
    r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
    r#"{"jsonrpc":"2.0","method":"a","method":"b"}"#,
    r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"sql":"x","s\u0071l":"y"}}}"#,
    r#"{"jsonrpc":"2.0","id":1,"id":1,"result":{}}"#,
    r#"{"jsonrpc":"2.0","id":1,"result":1,"error":{}}"#,
    r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#,
    r#"{"jsonrpc":"2.0","id":1,"method":"a","params":"text"}"#,
    r#"{"jsonrpc":"1.0","id":1,"method":"a"}"#,
    r#"[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"a"}]"#,
    r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"$serde_json::private::RawValue":"{\"sql\":1,\"sql\":2}"}}"#,
    r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"a":{"$serde_json::private::Number":"4111111111111111"}}}"#,
    r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"a":[{"\u0024serde_json::private::Number":"1"}]}}"#,
    r#"{"jsonrpc":"2.0","id":{"$serde_json::private::Number":"1"},"method":"a"}"#,
    r#"{"jsonrpc":"2.0","id":"\ud800","method":"lone"}"#,
    r#"{"jsonrpc":"2.0","id":"\ud83d\ude00\u0000\b\f\n\r\t\/\"\\\u2028\u007f","method":"escapes\u202e"}"#,
    r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"":{"":{"":[[[[[[]]]]]]}},"\u0061":1,"b":1}}"#,
    "\u{feff}{\"jsonrpc\":\"2.0\",\"method\":\"bom\"}",
    "\r\n\t {\"jsonrpc\" : \"2.0\" ,\r\"id\":\n1, \"method\": \"spaced\"} \n",
    "{\"jsonrpc\":\"2.0\",\"method\":\"raw\u{1}control\"}",
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"half",
    "{\"jsonrpc\":\"2.0\",\"method\":\"a\"} {\"jsonrpc\":\"2.0\",\"method\":\"b\"}",
    "{\"jsonrpc\":\"2.0\",\"method\":\"a\"}\u{0}",
    "7",
    "",
];

const STREAMS: &[&str] = &[
    "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n",
    "id: s1-0\ndata:\n\nretry: 3000\n\nid: s1-1\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"a\"}\n\n",
    ": keep-alive\n\n: another\n\ndata: x\n\n",
    "data: {\"jsonrpc\":\"2.0\",\ndata: \"method\":\ndata: \"a\"}\n\n",
    "data: a\r\n\r\ndata: b\r\n\r\n",
    "data: a\r\rdata: b\r\r",
    "data: a\r\n\rdata: b\n\r\ndata: c\r\r\n",
    "data: a\n\rdata: b\n\r\n",
    "data: a\r",
    "data: a\r\n\r",
    "data: half",
    "data: half\n",
    "\u{feff}data: marked\n\n",
    "\u{feff}\u{feff}data: twice\n\n",
    "\n\u{feff}data: late\n\n",
    "data: \u{feff}inside\n\n",
    "data:  two spaces\ndata:\tno space\n\n",
    "data\n\ndata\ndata\n\ndata:\n\n",
    "event: ping\n\ndata: x\n\n",
    "event: a\nevent: b\ndata: x\nevent: c\n\n",
    "id: 1\n\nid\n\nid:\u{0}nul\ndata: x\n\n",
    "id: only\n\n",
    "DATA: x\nData: y\ndata : z\n data: w\n\n",
    "unknown: x\nretry: abc\n:\n::\n\n",
    "data: \u{0}\u{1}\u{7f}\u{85}\u{2028}\u{2029}\n\n",
    "data: é漢字🂡\n\n",
    "event: endpoint\ndata: https://elsewhere.example/mcp\n\n",
    "data: {\"a\":\"\\n\\r\\u000a\"}\n\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":{\"b\":1,\"b\":2}}\n\n",
    "\n\n\n\r\r\r\r\n\r\n",
    "",
];

const PIPES: &[&str] = &[
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n",
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\r\n{\"jsonrpc\":\"2.0\",\"method\":\"a\"}\r\n",
    "{\"jsonrpc\":\"2.0\",\"method\":\"a\"}\n{\"jsonrpc\":\"2.0\",\"method\":\"b\"}\n{\"jsonrpc\":\"2.0\",\"method\":\"c\"}",
    "Server listening on stdio\n{\"jsonrpc\":\"2.0\",\"method\":\"a\"}\n",
    "\u{1b}[32mready\u{1b}[0m\n",
    "\n\n\r\n \t \n\u{b}\n\u{c}\n\u{85}\n\u{a0}\n",
    "{\"jsonrpc\":\"2.0\",\n\"method\":\"a\"}\n",
    "{\"jsonrpc\":\"2.0\",\"method\":\"a\"}\r{\"jsonrpc\":\"2.0\",\"method\":\"b\"}\n",
    " \t{\"jsonrpc\":\"2.0\",\"method\":\"indented\"} \r\r\n",
    "\u{feff}{\"jsonrpc\":\"2.0\",\"method\":\"bom\"}\n",
    "{\"jsonrpc\":\"2.0\",\"method\":\"half",
    "half\"}\n{\"jsonrpc\":\"2.0\",\"method\":\"whole\"}\n",
    "{\"jsonrpc\":\"2.0\",\"method\":\"a\\u000ab\\r\\n\"}\n",
    "{\"jsonrpc\":\"2.0\",\"method\":\"a\u{2028}b\u{2029}c\"}\n",
    "{\"jsonrpc\":\"2.0\",\"method\":\"a\u{0}\"}\n",
    "{\"jsonrpc\":\"2.0\",\"method\":\"a\"}\u{0}\n",
    "\u{0}\n\u{0}\u{0}\n",
    "[{\"jsonrpc\":\"2.0\",\"method\":\"a\"}]\n",
    "Content-Length: 40\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n",
    "{\"jsonrpc\":\"2.0\",\"id\":12345678901234567890123,\"result\":{\"n\":1e400,\"m\":-0.0}}\n",
    "{\"jsonrpc\":\"2.0\",\"id\":\"\\ud800\",\"method\":\"lone\"}\n",
    "{\"jsonrpc\":\"2.0\",\"id\":\"\\ud83d\\ude00\",\"method\":\"pair\"}\n",
    "{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"method\":\"b\"}\n",
    "{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":{\"$serde_json::private::Number\":\"1\"}}\n",
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"4111111111111111\\n4111111111111111\"}]}}\n",
    "é漢字🂡\n",
    "{}\n[]\n7\n\"x\"\nnull\n",
    "",
];

/// What no text holds: bytes that are not UTF-8, a character cut in two.
const BYTES: &[(&str, &[u8])] = &[
    ("message", b"{\"jsonrpc\":\"2.0\",\"method\":\"\xff\"}"),
    ("message", b"\xef\xbb{\"jsonrpc\":\"2.0\",\"method\":\"a\"}"),
    ("message", b"\xff\xfe{\0\"\0"),
    ("sse", b"data: \xff\n\ndata: x\n\n"),
    ("sse", b"data: \xe6\xbc\r\n\xa2\n\n"),
    ("sse", b"\xef\xbb\n\xbfdata: x\n\n"),
    ("stdio", b"\xff\xfe\n{\"jsonrpc\":\"2.0\",\"method\":\"a\"}\n"),
    ("stdio", b"{\"jsonrpc\":\"2.0\",\"method\":\"\xe6\xbc\xa2"),
    ("stdio", b"\xc3\x28\n\xe2\x80\n\xa8\n"),
];

/// Target, file name, content.
pub fn all() -> Vec<(&'static str, String, Vec<u8>)> {
    let mut seeds = Vec::new();
    for (target, list) in [("message", MESSAGES), ("sse", STREAMS), ("stdio", PIPES)] {
        for (number, text) in list.iter().enumerate() {
            seeds.push((target, format!("sent-{number:02}"), text.as_bytes().to_vec()));
        }
    }
    for (number, (target, bytes)) in BYTES.iter().enumerate() {
        seeds.push((*target, format!("bytes-{number:02}"), bytes.to_vec()));
    }
    for depth in [126, 128, 400] {
        let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let message = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{nested}}}"#);
        seeds.push(("message", format!("depth-{depth}"), message.clone().into_bytes()));
        seeds.push(("sse", format!("depth-{depth}"), format!("data: {message}\n\n").into_bytes()));
        seeds.push(("stdio", format!("depth-{depth}"), format!("{message}\n").into_bytes()));
    }
    seeds
}
