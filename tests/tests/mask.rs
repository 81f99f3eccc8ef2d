//! `hoop-gateway mask` as an admin or a script uses it: in pipes, with frames of the caller's, by rules, with a report.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
    sync::Arc,
    thread,
};

use arrow_array::{RecordBatch, StringArray};
use arrow_ipc::{reader::StreamReader, writer::StreamWriter};
use arrow_schema::{DataType, Field, Schema};
use hoop_tests::{
    Program,
    cards::{VISA, VISA_MASKED},
    program,
};
use serde_json::{Value, json};

fn gateway(arguments: &[&str]) -> Command {
    let mut command = Command::new(program::path("hoop-gateway"));
    command.args(arguments).env_remove("HOOP_GATEWAY_CONFIG");
    command
}

/// Runs `hoop-gateway mask` over `input`, which comes in writes of `size` bytes.
fn run(arguments: &[&str], input: &[u8], size: usize) -> Output {
    let mut command = gateway(&["mask"]);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (mut stdin, input) = (child.stdin.take().unwrap(), input.to_owned());
    // A program that has refused reads no more.
    let writer = thread::spawn(move || input.chunks(size).try_for_each(|piece| stdin.write_all(piece)));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    output
}

#[track_caller]
fn masked(arguments: &[&str], input: &str) -> String {
    let output = run(arguments, input.as_bytes(), usize::MAX);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Asserts a failure that says all of `words`, and returns what was written before it.
#[track_caller]
fn failed(output: Output, code: i32, words: &[&str]) -> String {
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    for word in words {
        assert!(stderr.contains(word), "{word:?} is missing: {stderr}");
    }
    assert!(!stderr.contains(VISA), "{stderr}");
    String::from_utf8(output.stdout).unwrap()
}

const MIXED: &str = r#"@@CASE text@@
a card, 4111 1111 1111 1111, and an order 4111111111111112
@@CASE json@@
{"pan":4111111111111111,"cvv":"123","id":"550e8400-e29b-41d4-a716-446655440000"}
@@CASE pretty@@
{
  "cards": [
    "4111111111111111"
  ]
}
@@CASE broken@@
{"pan": "4111111111111111", "next": [
@@CASE sse@@
event: message
data: {"card":"4111111111111111"}

@@CASE table@@
id,pan,cvv
7,4111111111111111,123
@@CASE open text@@
{"note": "4111111111111111
@@CASE 4111@@
last 4111-1111-1111-1111"#;

const MIXED_MASKED: &str = r#"@@CASE text@@
a card, 4111 11** **** 1111, and an order 4111111111111112
@@CASE json@@
{"pan":4111110000001111,"cvv":"***","id":"550e8400-e29b-41d4-a716-446655440000"}
@@CASE pretty@@
{
  "cards": [
    "411111******1111"
  ]
}
@@CASE broken@@
{"pan": "411111******1111", "next": [
@@CASE sse@@
event: message
data: {"card":"411111******1111"}

@@CASE table@@
id,pan,cvv
7,411111******1111,***
@@CASE open text@@
{"note": "411111******1111
@@CASE 4111@@
last 4111-11**-****-1111"#;

#[test]
fn frames_survive_and_pieces_do_not_matter() {
    assert_eq!(masked(&[], MIXED), MIXED_MASKED);
    for size in [1, 7, 64 * 1024] {
        let output = run(&[], MIXED.as_bytes(), size);
        assert_eq!(String::from_utf8(output.stdout).unwrap(), MIXED_MASKED, "by {size}");
    }
    assert_eq!(masked(&[], MIXED_MASKED), MIXED_MASKED, "masked twice");
    let frames = |text: &str| text.lines().filter(|line| line.starts_with("@@")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(frames(&masked(&["--format", "text"], MIXED)), frames(MIXED));
}

const LINE: &str = "card 4111111111111111, and thanks for ordering with us today, dear customer";
const LINE_MASKED: &str = "card 411111******1111, and thanks for ordering with us today, dear customer";

/// No line waits for the next, nor for the end.
#[test]
fn a_line_comes_back_before_the_next_is_written() {
    let text = [("hello", "hello"), (LINE, LINE_MASKED), ("@@CASE 7@@", "@@CASE 7@@")];
    let documents = [("{\"cvv\":\"123\"}", "{\"cvv\":\"***\"}"), ("@@CASE 7@@", "@@CASE 7@@")];
    let numbers = [("4111111111111111", "4111110000001111"), ("[4111111111111111]", "[4111110000001111]")];
    let events = [("event: a", "event: a"), ("data: {\"cvv\":\"123\"}", "data: {\"cvv\":\"***\"}"), ("", "")];
    for (format, lines) in [
        ("auto", [&text[..], &documents, &events].concat()),
        ("text", text.to_vec()),
        ("json", [&documents[..], &numbers].concat()),
        ("sse", events.to_vec()),
    ] {
        let mut program = Program::start(&mut gateway(&["mask", "--format", format]));
        for (line, expected) in lines {
            program.write_line(line);
            assert_eq!(program.line(), expected, "{format}");
        }
        program.close_stdin();
        program.finish().ok();
    }
}

#[test]
fn documents_stay_documents() {
    let input = "{\"pan\":\"4111111111111111\",\"n\":[4111111111111111,{\"cvv\":123}]}\n\"4111111111111111\"\n4111111111111111\n\
                 @@CASE 2@@\n{\"text\":\"{\\\"pan\\\":\\\"4111111111111111\\\"}\"}\n";
    for format in ["json", "auto"] {
        let output = masked(&["--format", format], input);
        assert!(!output.contains(VISA), "{output}");
        for line in output.lines().filter(|line| line.starts_with('{') || format == "json" && !line.starts_with('@')) {
            serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        }
    }
}

#[test]
fn what_cannot_be_read_is_left_out_and_named() {
    let input = format!("{{\"a\":1}}\n{{\"a\":1,}} {VISA}\nword {VISA}\n[2]\n");
    let words = ["error: line 2 cannot be read as JSON", "a key in quotes", "one more line", "--format auto"];
    let left = failed(run(&["--format", "json"], input.as_bytes(), usize::MAX), 1, &words);
    assert_eq!(left, "{\"a\":1}\n{\"a\":1,\n\n[2]\n");
    let words = ["line 1 cannot be read as an event stream", "NAME: VALUE"];
    failed(run(&["--format", "sse"], input.as_bytes(), usize::MAX), 1, &words);
    let words = ["Arrow stream could not be read", "not a valid stream"];
    assert_eq!(failed(run(&["--format", "arrow"], input.as_bytes(), usize::MAX), 1, &words), "");
    failed(run(&["--format", "xml"], b"", 1), 2, &["xml", "auto, text, json, sse, arrow"]);
}

#[test]
fn the_report_says_what_was_found_where() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("found.json");
    let report = |arguments: &[&str], input: &str| -> Value {
        let path = path.to_str().unwrap();
        run(&[&["--report", path], arguments].concat(), input.as_bytes(), usize::MAX);
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    };
    let lines = format!("{{\"card\":\"{VISA}\",\"cvv\":\"123\",\"order_id\":\"{VISA}\"}}\n").repeat(3);
    let found = report(&[], &format!("{lines}pan {VISA}\n"));
    assert_eq!((&found["kind"], &found["version"]), (&json!("masking_report"), &json!(1)));
    assert_eq!((&found["format"], &found["total"], &found["left_out"]), (&json!("auto"), &json!(10), &json!(0)));
    let counts = found["findings"].as_array().unwrap();
    let of = |rule: &str| {
        counts.iter().filter(|one| one["rule"] == rule).map(|one| one["count"].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!((of("pan"), of("sad"), of("unexpected_pan")), (4, 3, 3), "{found}");
    assert!(counts.iter().any(|one| one["at"].as_str().unwrap().ends_with(".card")), "{found}");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

    assert_eq!(report(&["--format", "json"], "word\n[]\n")["left_out"], 1);
    assert_eq!(report(&["--format", "text"], "nothing")["findings"], json!([]));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");

    let nowhere = dir.path().join("nowhere/found.json");
    let refused = run(&["--report", nowhere.to_str().unwrap()], VISA.as_bytes(), usize::MAX);
    assert_eq!(failed(refused, 1, &["report", "nowhere/found.json", "folder"]), "", "refused before anything is read");
    run(&["--report", "/dev/null"], b"", 1);
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

/// A gateway's configuration as an operator has it, with `masking` at its end.
fn configuration(dir: &Path, masking: &str) -> String {
    let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/../gateway/policy/examples/payments.cedar");
    let text = format!(
        "data_dir = \"{}\"\n[listen]\nquic = \"127.0.0.1:0\"\nnames = [\"gateway.test\"]\n[identity.oidc]\n\
         issuer = \"https://idp.test\"\nclient_id = \"hoopctl\"\n[policy]\nfile = \"{policy}\"\n[[policy.table_group]]\n\
         name = \"payments\"\npatterns = [\"*.*.PAYMENTS\"]\n{masking}",
        dir.join("data").display()
    );
    let path = dir.join("gateway.toml");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn rules_are_those_of_the_gateway() {
    let dir = tempfile::tempdir().unwrap();
    let rule = "[[masking.rule]]\nentity = \"email\"\nmode = \"full\"\ngroups = [\"support\"]\n";
    let config = configuration(dir.path(), rule);
    let input = format!("{VISA} of ann@example.com.\n");
    let support = masked(&["--config", &config, "--group", "support"], &input);
    assert!(support.contains(VISA_MASKED) && !support.contains("ann@example.com"), "{support}");
    assert!(masked(&["--config", &config], &input).contains("ann@example.com"));
    assert_eq!(masked(&["--config", &configuration(dir.path(), "")], &input), masked(&[], &input));
    let from_environment = gateway(&["mask"]).env("HOOP_GATEWAY_CONFIG", "/nowhere/rules.toml").output().unwrap();
    failed(from_environment, 1, &["cannot read /nowhere/rules.toml"]);
}

#[test]
fn broken_rules_are_refused_with_their_place() {
    let dir = tempfile::tempdir().unwrap();
    for (masking, words) in [
        ("[masking]\nmode = \"fill\"\n", ["gateway.toml", "line 14", "first6last4"]),
        ("[masking]\ncards = []\n", ["line 14", "`cards`", "`card`"]),
        ("[masking]\nkey = \"hunter2 hunter2 hunter2\"\n", ["line 14", "by reference", "env:NAME"]),
        ("[masking]\nkey = \"env:HOOP_TEST_NO_SUCH_KEY\"\n", ["[masking] key", "HOOP_TEST_NO_SUCH_KEY", "not set"]),
        ("[masking]\nmode = \"tokenize\"\n", ["[masking] mode", "needs a masking key", "set one"]),
        (
            "[[masking.rule]]\nentity = \"email\"\nmode = \"full\"\n[[masking.rule]]\nentity = \"emial\"\nmode = \"full\"\n",
            ["[masking] rule 2", "emial", "use one of"],
        ),
    ] {
        let config = configuration(dir.path(), masking);
        for command in ["check", "run", "mask"] {
            let refused = gateway(&[command, "--config", &config]).stdin(Stdio::null()).output().unwrap();
            assert!(!String::from_utf8_lossy(&refused.stderr).contains("hunter2"));
            failed(refused, 1, &words);
        }
    }
    let good = configuration(dir.path(), "[masking]\nnot_card = [\"ORDER_ID\"]\n");
    let checked = gateway(&["check", "--config", &good]).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

/// A stream of batches that each hold a card once.
fn arrow(card: &str, batches: usize, rows: usize) -> Vec<u8> {
    let schema = Arc::new(Schema::new(vec![Field::new("PAN", DataType::Utf8, true)]));
    let values: Vec<&str> = (0..rows).map(|row| if row == rows / 2 { card } else { "nothing of the kind" }).collect();
    let batch = RecordBatch::try_new(schema.clone(), vec![Arc::new(StringArray::from(values))]).unwrap();
    let mut writer = StreamWriter::try_new(Vec::new(), &schema).unwrap();
    for _ in 0..batches {
        writer.write(&batch).unwrap();
    }
    writer.into_inner().unwrap()
}

/// A short one as a whole, a long one batch by batch.
#[test]
fn an_arrow_stream_stays_one() {
    let read = |ipc: &[u8]| StreamReader::try_new(ipc, None).unwrap().map(Result::unwrap).collect::<Vec<_>>();
    for (batches, rows, size) in [(2, 3, 5), (20, 50_000, 64 * 1024)] {
        let ipc = arrow(VISA, batches, rows);
        for format in ["auto", "arrow"] {
            let output = run(&["--format", format], &ipc, size);
            assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(read(&output.stdout), read(&arrow(VISA_MASKED, batches, rows)));
        }
        let cut = run(&[], &ipc[..ipc.len() - ipc.len() / 4], usize::MAX);
        assert_eq!(cut.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&cut.stderr).contains("Arrow stream could not be read"));
        assert!(!cut.stdout.windows(VISA.len()).any(|bytes| bytes == VISA.as_bytes()));
        let more = run(&[], &[&ipc[..], VISA.as_bytes()].concat(), usize::MAX);
        assert!(!more.stdout.windows(VISA.len()).any(|bytes| bytes == VISA.as_bytes()));
    }
}

/// As before `head`.
#[test]
fn a_reader_that_has_seen_enough_ends_it_quietly() {
    let mut command = gateway(&["mask"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = thread::spawn(move || while stdin.write_all(b"line after line\n").is_ok() {});
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "line after line\n");
    writer.join().unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}
