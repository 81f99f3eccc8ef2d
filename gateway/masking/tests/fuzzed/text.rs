//! Streams of bytes, in any pieces.

use hoop_masking::{Findings, Form, Masker};
use serde_json::Value;

use super::{LONGEST, aligned::aligned, shown};

pub fn in_pieces(bytes: &[u8], form: Form, size: usize) -> Vec<u8> {
    let mut stream = Masker::default().stream(form);
    let mut out = Vec::new();
    for piece in bytes.chunks(size) {
        out.extend(stream.write(piece).unwrap().into_inner());
    }
    out.extend(stream.finish().unwrap().0.into_inner());
    out
}

/// What came out of a stream in one piece; that any pieces give the same, and masking twice.
fn streamed(data: &[u8], form: Form) -> Vec<u8> {
    let whole = in_pieces(data, form, usize::MAX);
    let own = data.first().map_or(1, |byte| 2 + usize::from(byte % 40));
    for size in [1, 7, own] {
        let pieces = in_pieces(data, form, size);
        assert!(pieces == whole, "{form:?} in {size}: {}\n{}\n{}", shown(data), shown(&whole), shown(&pieces));
    }
    let again = in_pieces(&whole, form, usize::MAX);
    assert!(again == whole, "twice, {form:?}: {}\n{}\n{}", shown(data), shown(&whole), shown(&again));
    assert!(aligned(data, &whole), "{form:?} changed more: {}\n{}", shown(data), shown(&whole));
    assert!(std::str::from_utf8(data).is_err() || std::str::from_utf8(&whole).is_ok(), "no text: {}", shown(data));
    whole
}

pub fn text(data: &[u8]) {
    let data = &data[..data.len().min(LONGEST)];
    streamed(data, Form::Text);
    let out = streamed(data, Form::Auto);
    if let Ok(text) = std::str::from_utf8(data) {
        let at_once = Masker::default().text(text, &mut Findings::default()).into_inner();
        assert!(at_once.as_bytes() == out, "at once: {}\n{}\n{at_once}", shown(data), shown(&out));
    }
}

/// Events of a stream: each line stays one, and what was a document stays one.
pub fn sse(data: &[u8]) {
    let text = String::from_utf8_lossy(&data[..data.len().min(LONGEST)]);
    let framed = text.lines().any(|line| line.starts_with("data:"));
    let events = match framed {
        true => text.into_owned(),
        false => text.split('\n').map(|line| format!("data: {line}\n\n")).collect(),
    };
    let out = String::from_utf8(streamed(events.as_bytes(), Form::Auto)).unwrap();
    let lines = |text: &str| text.split('\n').count();
    assert!(lines(&out) == lines(&events), "lines: {}\n{}", shown(events.as_bytes()), shown(out.as_bytes()));
    for (before, after) in events.split('\n').zip(out.split('\n')) {
        assert!(!is_json(before) || is_json(after), "{before}\n{after}");
    }
}

fn is_json(line: &str) -> bool {
    let value = line.strip_prefix("data:").and_then(|data| serde_json::from_str::<Value>(data).ok());
    value.is_some_and(|value| value.is_object() || value.is_array())
}
