//! One value that is text: by its name, as a document of its own, encoded, or as plain text.

use super::{Place, encoded, entities, evidence, lines};
use crate::{
    MaskError,
    name::Name,
    sad,
    scan::{
        Evidence,
        edit::{self, Edit},
        lone::Lone,
        screen, worth,
    },
};

/// Whether a value can hold anything to hide under a name that says nothing.
pub(crate) fn may_hide(bytes: &[u8]) -> bool {
    may_hide_in_line(bytes) || lines::is_more_than_text(bytes) && screen::next(bytes, 0).is_some()
}

/// [`may_hide`], of what is one line.
pub(crate) fn may_hide_in_line(bytes: &[u8]) -> bool {
    bytes.len() >= SHORTEST && (worth::scanning(bytes) || is_more(bytes))
}

/// [`may_hide_in_line`], of what [`worth::is_dull`] did not pass over.
pub(crate) fn may_hide_if_not_dull(bytes: &[u8]) -> bool {
    bytes.len() >= SHORTEST && (worth::long(bytes) || is_more(bytes))
}

fn is_more(bytes: &[u8]) -> bool {
    encoded::may_be(bytes) || lines::begins_document(bytes)
}

/// `cvv123`
const SHORTEST: usize = 6;

/// Whether a name says what its values are.
pub(crate) fn is_telling(name: Name) -> bool {
    !matches!(name, Name::Plain | Name::Harmless | Name::Cleared)
}

/// `None`: no change.
pub(crate) fn masked(text: &str, name: Name, depth: usize, place: &mut Place<'_>) -> Result<Option<String>, MaskError> {
    let mut out = Vec::new();
    let changed = mask_into(text, name, depth, place, &mut out)?;
    // Whole characters went and text came.
    Ok(changed.then(|| String::from_utf8(out).unwrap_or_default()))
}

/// [`masked`], behind what is in `out`. `false`: no change, and nothing is written.
pub(crate) fn mask_into(
    text: &str,
    name: Name,
    depth: usize,
    place: &mut Place<'_>,
    out: &mut Vec<u8>,
) -> Result<bool, MaskError> {
    if place.is_plain() && !is_telling(name) && !may_hide(text.as_bytes()) {
        return Ok(false);
    }
    read_into(text, name, depth, place, out)
}

/// [`mask_into`], of what may hide something.
pub(crate) fn read_into(
    text: &str,
    name: Name,
    depth: usize,
    place: &mut Place<'_>,
    out: &mut Vec<u8>,
) -> Result<bool, MaskError> {
    let mut edits = place.edits();
    read(text.as_bytes(), name, depth, &mut edits, place)?;
    let changed = !edits.is_empty();
    if changed {
        out.reserve(text.len());
        edit::apply(text.as_bytes(), 0, text.len(), &mut edits, out);
    }
    place.keep_edits(edits);
    Ok(changed)
}

/// Finds what must be hidden in a value under a name. `bytes` need not be text.
pub(crate) fn read(
    bytes: &[u8],
    name: Name,
    depth: usize,
    edits: &mut Vec<Edit>,
    place: &mut Place<'_>,
) -> Result<(), MaskError> {
    if memchr::memchr(b'\n', bytes).is_some() && !is_gone(bytes, name) {
        return lines::read(bytes, name, depth, edits, place);
    }
    read_line(bytes, name, depth, edits, place)
}

/// [`read_line`], of digits. `false`: they have to be read like any other text.
fn read_lone(lone: &Lone, name: Name, edits: &mut Vec<Edit>, place: &mut Place<'_>) -> Result<bool, MaskError> {
    if !matches!(name, Name::Plain | Name::Harmless | Name::Card) {
        return Ok(false);
    }
    let ruling = place.ruling();
    if !ruling.entities.is_empty() || !lone.is_card(evidence(name, &ruling)) {
        return Ok(false);
    }
    let values = lone.values();
    ruling.hiding.hide(&values, 0..values.len(), None, edits);
    place.take_number(&values, name, &ruling.hiding)?;
    Ok(true)
}

/// [`read`], of what is one line.
pub(crate) fn read_line(
    bytes: &[u8],
    name: Name,
    depth: usize,
    edits: &mut Vec<Edit>,
    place: &mut Place<'_>,
) -> Result<(), MaskError> {
    if let Some(lone) = Lone::read(bytes)
        && read_lone(&lone, name, edits, place)?
    {
        return Ok(());
    }
    if is_gone(bytes, name) {
        place.count(name, 0, 1);
        edits.push(Edit::text(0..bytes.len(), sad::GONE));
        return Ok(());
    }
    if let Some(masked) = encoded::masked(bytes, name, depth, place)? {
        edits.push(Edit::text(0..bytes.len(), masked));
        return Ok(());
    }
    if lines::begins_document(bytes) {
        return lines::read(bytes, name, depth, edits, place);
    }
    let ruling = place.ruling();
    let evidence = evidence(name, &ruling);
    if evidence == Evidence::Card && encoded::is_masked(bytes) {
        return Ok(());
    }
    if name != Name::Cleared {
        let mut scanner = place.scanner(evidence, &ruling);
        let _ = scanner.scan(bytes, 0, bytes.len(), false);
        edits.append(&mut scanner.edits);
        place.take(&mut scanner, name)?;
        place.keep(scanner);
    }
    entities::read(bytes, &ruling, edits, place)
}

/// Whether the whole value goes, for what its name says it is.
fn is_gone(bytes: &[u8], name: Name) -> bool {
    let Some(value) =
        matches!(name, Name::Code | Name::Pin | Name::PinCode | Name::Track).then(|| std::str::from_utf8(bytes))
    else {
        return false;
    };
    value.is_ok_and(|value| match name {
        Name::Code => sad::is_code(value),
        Name::Pin => sad::is_pin(value),
        Name::PinCode => sad::is_pin_code(value),
        _ => sad::is_track(value),
    })
}
