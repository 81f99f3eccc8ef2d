//! What an operator's rules name beside card data, in text.

use super::Place;
use crate::{
    MaskError, Mode,
    fold::{Glyph, glyph},
    mode,
    scan::edit::Edit,
    view::Ruling,
};

/// Finds what the rules for this place name in `bytes`, as far as they are text.
pub(super) fn read(
    bytes: &[u8],
    ruling: &Ruling,
    edits: &mut Vec<Edit>,
    place: &mut Place<'_>,
) -> Result<(), MaskError> {
    if ruling.entities.is_empty() {
        return Ok(());
    }
    let mut start = 0;
    for chunk in bytes.utf8_chunks() {
        let text = chunk.valid();
        for applied in &ruling.entities {
            let mut found = Vec::new();
            applied.find(text, &mut found);
            // What is hidden already reads like a word of its own.
            found.retain(|at| !is_hidden(text, at.start, at.end));
            if found.is_empty() {
                continue;
            }
            place.count_entity(&applied.entity, found.len() as u64);
            if applied.mode == Mode::Block {
                return Err(place.blocked());
            }
            for at in found {
                let value = text.get(at.clone()).unwrap_or_default();
                let at = start + at.start..start + at.end;
                match (applied.mode, &ruling.hiding.key) {
                    (Mode::Null, _) => edits.push(Edit::text(at, "")),
                    (Mode::Tokenize, Some(key)) => {
                        let canonical = applied.entity.canonical(value);
                        edits.push(Edit::text(at, mode::token(key, &applied.entity, &canonical)));
                    }
                    (mode, _) => hide(value, at.start, mode, edits),
                }
            }
        }
        start += text.len() + chunk.invalid().len();
    }
    Ok(())
}

/// Stars in place of the letters and digits that do not stay; what stands between them stays.
fn hide(value: &str, start: usize, mode: Mode, edits: &mut Vec<Edit>) {
    let seen: Vec<(usize, char)> = value.char_indices().filter(|(_, c)| c.is_alphanumeric() || is_digit(*c)).collect();
    for (at, c) in seen.get(mode::hidden(mode, seen.len())).unwrap_or_default() {
        edits.push(Edit::star(start + at..start + at + c.len_utf8()));
    }
}

fn is_digit(c: char) -> bool {
    matches!(glyph(c), Glyph::Digit(_))
}

/// Whether a value is a token, or all stars already.
fn is_hidden(text: &str, start: usize, end: usize) -> bool {
    let value = text.get(start..end).unwrap_or_default();
    mode::is_token(value) || !value.chars().any(char::is_alphanumeric)
}
