#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;

/// Hands out as many bytes at a time as it is told.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.1.min(self.0.len()).min(buffer.len());
        let (piece, rest) = self.0.split_at(length);
        buffer.split_at_mut(length).0.copy_from_slice(piece);
        self.0 = rest;
        Ok(length)
    }
}

fn masked(format: Format, text: &str, size: usize) -> (String, Option<LeftOut>) {
    let mut out = Vec::new();
    let outcome = through(Masker::default(), format, Pieces(text.as_bytes(), size), &mut out).unwrap();
    (String::from_utf8(out).unwrap(), outcome.left_out)
}

/// What comes out, however the input is cut, and the lines that are wrong.
#[track_caller]
fn of(format: Format, text: &str) -> (String, Vec<u64>) {
    let whole = masked(format, text, usize::MAX);
    for size in [1, 2, 7] {
        assert_eq!(masked(format, text, size), whole, "{text} by {size}");
    }
    let wrong = whole.1.map_or_else(Vec::new, |lines| vec![lines.first, lines.count]);
    (whole.0, wrong)
}

#[track_caller]
fn passes(format: Format, text: &str, expected: &str) {
    assert_eq!(of(format, text), (expected.to_owned(), vec![]), "{text}");
}

#[track_caller]
fn is_left_out(format: Format, text: &str, expected: &str, first: u64, count: u64) {
    assert_eq!(of(format, text), (expected.to_owned(), vec![first, count]), "{text}");
}

#[test]
fn documents_follow_one_another() {
    for (text, expected) in [
        ("", ""),
        ("\n \n", "\n \n"),
        ("{\"n\":\"4111111111111111\"}", "{\"n\":\"411111******1111\"}"),
        (
            "{\"cvv\":\"123\"}{\"cvv\":\"456\"} [{\"cvv\":\"789\"}]\r\n",
            "{\"cvv\":\"***\"}{\"cvv\":\"***\"} [{\"cvv\":\"***\"}]\r\n",
        ),
        ("  {\n \"cvv\" : \"123\"\n}\n", "  {\n \"cvv\" : \"***\"\n}\n"),
        (
            "@@CASE 1@@\n{\"cvv\":\"123\"}\n@@CASE 2@@\n[]\n@@END@@",
            "@@CASE 1@@\n{\"cvv\":\"***\"}\n@@CASE 2@@\n[]\n@@END@@",
        ),
        (
            "4111111111111111\n\"4111111111111111\"\r\n null \n-1.5",
            "4111110000001111\n\"411111******1111\"\r\n null \n-1.5",
        ),
        ("# 4111111111111111\n", "# 411111******1111\n"),
    ] {
        passes(Format::Json, text, expected);
    }
}

#[test]
fn what_is_no_document_is_left_out() {
    for (text, expected, first, count) in [
        ("{\"a\":1,}\n{\"cvv\":\"123\"}\n", "{\"a\":1,\n{\"cvv\":\"***\"}\n", 1, 1),
        ("[1]\nhello 4111111111111111\n[2]\n", "[1]\n\n[2]\n", 2, 1),
        ("[1] 4111111111111111\n", "[1] \n", 1, 1),
        ("4111 1111 1111 1111\n", "\n", 1, 1),
        ("{\n\"a\":1\n\"b\":2\n}\n@@1@@\n", "{\n\"a\":1\n\n\n@@1@@\n", 3, 2),
        ("[\n1,\n4111111111111111", "[\n1,\n411111******1111", 3, 1),
        ("[\"a\n@@1@@\n[2]", "[\"a\n@@1@@\n[2]", 1, 1),
        ("12\"a\"\n\n", "\n\n", 1, 1),
    ] {
        is_left_out(Format::Json, text, expected, first, count);
    }
}

#[test]
fn events() {
    let text = ": 4111111111111111\nevent: a\ndata: {\"cvv\":\"123\"}\r\nid\n\n@@CASE 1@@\nretry:5\rdata: x\n";
    passes(Format::Sse, text, &text.replace("123", "***").replace("4111111111111111", "411111******1111"));
    is_left_out(Format::Sse, "{\"a\":1}\nhello you\ndata: 1\n", "\nhello\ndata: 1\n", 1, 2);
}

#[test]
fn arrow_is_told_by_its_beginning() {
    let mut out = Vec::new();
    let garbled = [ARROW, &[0x10, 0, 0, 0, 1]].concat();
    for size in [1, 3, 100] {
        let failure = through(Masker::default(), Format::Auto, Pieces(&garbled, size), &mut out).err().unwrap();
        assert!(failure.to_string().contains("Arrow stream"), "{failure}");
    }
    assert!(out.is_empty());
    for text in [&[0xff, 0xff, 0xff][..], &[0xff, b'a'], b"a", b""] {
        out.clear();
        through(Masker::default(), Format::Auto, Pieces(text, 1), &mut out).unwrap();
        assert_eq!(out, text);
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let outcome = through(Masker::default(), Format::Auto, Pieces(b"text\n", 9), Closed);
    assert!(matches!(outcome, Err(MaskFailure::Closed)));
}

fn lines() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "{\"a\":",
            "[",
            "]",
            "}",
            ",",
            "\"b\"",
            "-2 ",
            "4111111111111111 ",
            "null",
            "\n",
            " ",
            "@@1@@",
            "\n@@CASE a2@@\n",
            "data: ",
            "event: x\n",
            ":",
            "\"cvv\":\"123\"",
            "\r\n",
            "{\"pan\":4111111111111111}\n",
            "é",
            "\\",
            "\"",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_split_is_the_same_and_no_line_is_lost(text in lines()) {
        for format in [Format::Auto, Format::Text, Format::Json, Format::Sse] {
            let (out, _) = of(format, &text);
            prop_assert_eq!(out.matches('\n').count(), text.matches('\n').count(), "{} of {:?}", format, text);
            prop_assert!(!out.contains("4111111111111111"), "{} of {:?}", format, text);
        }
    }

    #[test]
    fn json_that_passes_is_json(text in lines()) {
        let (out, wrong) = of(Format::Json, &text);
        if wrong.is_empty() {
            let documents: String = out.lines().filter(|line| !line.bytes().next().is_some_and(left_out::is_frame)).map(|line| format!("{line}\n")).collect();
            let read: Result<Vec<serde_json::Value>, _> = serde_json::Deserializer::from_str(&documents).into_iter().collect();
            prop_assert!(read.is_ok(), "{:?} → {:?}", text, out);
        }
    }
}
