//! A string, a number or a word of a document.

use std::ops::Range;

use super::{
    escape::{self, Plain},
    tree,
};
use crate::{
    MaskError,
    carrier::{Place, string},
    name::Name,
    scan::{
        chain,
        edit::{Edit, With},
    },
};

/// Whether a value can hold anything to hide: nearly every value of a result ends here.
pub(super) fn may_hide(token: &[u8], name: Name) -> bool {
    let nameless = matches!(name, Name::Plain | Name::Harmless | Name::Cleared);
    match token.first() {
        Some(b'"') if nameless => string::may_hide(inside(token)) || token.contains(&b'\\') && token.len() > 6,
        Some(b'"') => token.len() > 2,
        Some(b't' | b'f' | b'n') | None => false,
        Some(_) => !nameless || token.len() >= chain::SHORTEST || token.iter().any(|byte| matches!(byte, b'e' | b'E')),
    }
}

fn inside(token: &[u8]) -> &[u8] {
    token.get(1..token.len().saturating_sub(1)).unwrap_or_default()
}

/// Finds what must be hidden in the token at `at`.
pub(super) fn scalar(
    bytes: &[u8],
    at: Range<usize>,
    name: Name,
    depth: usize,
    edits: &mut Vec<Edit>,
    place: &mut Place<'_>,
) -> Result<(), MaskError> {
    let token = bytes.get(at.clone()).unwrap_or_default();
    if token.first() != Some(&b'"') {
        let Ok(text) = std::str::from_utf8(token) else { return Ok(()) };
        if let Some(masked) = tree::masked_number(text, name, place)? {
            edits.push(Edit::text(at, masked.to_string()));
        }
        return Ok(());
    }
    let (start, raw) = (at.start + 1, inside(token));
    let before = edits.len();
    if raw.contains(&b'\\')
        && let Some(plain) = Plain::read(raw)
    {
        string::read(plain.text.as_bytes(), name, depth + 1, edits, place)?;
        for edit in edits.iter_mut().skip(before) {
            let length = edit.at.len();
            edit.at = start + plain.place(edit.at.start)..start + plain.place(edit.at.end);
            match &mut edit.with {
                // As many as there are characters, however long their spelling.
                With::Stars if edit.at.len() != length => edit.with = With::Text("*".repeat(length).into()),
                With::Stars => {}
                With::Text(text) => *text = escape::escape(text).into(),
                With::Star | With::Digit(_) => {}
            }
        }
        return Ok(());
    }
    text(bytes, at, name, depth, edits, place)
}

/// [`scalar`], of a string without escapes.
pub(super) fn text(
    bytes: &[u8],
    at: Range<usize>,
    name: Name,
    depth: usize,
    edits: &mut Vec<Edit>,
    place: &mut Place<'_>,
) -> Result<(), MaskError> {
    let (start, raw) = (at.start + 1, inside(bytes.get(at.clone()).unwrap_or_default()));
    let before = edits.len();
    // Without escapes there is no line's end in it.
    string::read_line(raw, name, depth + 1, edits, place)?;
    if let [only] = edits.get(before..).unwrap_or_default()
        && only.at == (0..raw.len())
        && matches!(&only.with, With::Text(text) if tree::is_nothing(text, place))
    {
        edits.truncate(before);
        edits.push(Edit::text(at, "null"));
        return Ok(());
    }
    for edit in edits.iter_mut().skip(before) {
        edit.at = start + edit.at.start..start + edit.at.end;
    }
    Ok(())
}
