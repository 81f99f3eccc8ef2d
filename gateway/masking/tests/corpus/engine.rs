//! The one place where the corpus meets the masker.

use hoop_masking::{Findings, Form, Masker};

use super::case::Format;

/// What comes out of a stream into which the text goes in pieces of `size` bytes.
pub fn in_pieces(text: &str, size: usize) -> String {
    let mut stream = Masker::default().stream(Form::Auto);
    let mut out = Vec::new();
    for piece in text.as_bytes().chunks(size) {
        out.extend(stream.write(piece).unwrap().into_inner());
    }
    out.extend(stream.finish().unwrap().0.into_inner());
    String::from_utf8(out).unwrap()
}

/// As `hoop-gateway mask` does: a stream of bytes.
pub fn mask(_: Format, text: &str) -> String {
    in_pieces(text, 64 * 1024)
}

/// As the gateway does: messages that have been read.
#[allow(dead_code)] // the example goes by streams only
pub fn read(format: Format, text: &str) -> String {
    match format {
        Format::Text => plain(text),
        Format::Json => json(text),
        Format::Sse => text.split_inclusive('\n').map(frame).collect(),
    }
}

fn plain(text: &str) -> String {
    Masker::default().text(text, &mut Findings::default()).into_inner()
}

/// What is no JSON, or too deep, comes out empty: blocked.
fn json(text: &str) -> String {
    let Ok(value) = serde_json::from_str(text) else { return String::new() };
    let masked = Masker::default().json(value, &mut Findings::default());
    masked.map_or_else(|_| String::new(), |masked| masked.to_text().into_inner())
}

/// One line of an event stream.
fn frame(line: &str) -> String {
    let (body, end) = line.split_at(line.trim_end_matches(['\r', '\n']).len());
    match body.strip_prefix("data: ") {
        Some(data) if serde_json::from_str::<serde_json::Value>(data).is_ok() => format!("data: {}{end}", json(data)),
        _ => plain(body) + end,
    }
}
