//! Snowflake's JSON results: rows of cells, each spelled as text or null.

mod cells;
pub(crate) mod chunk;

use std::sync::Arc;

use crate::{
    Column, ColumnKind, Findings, MaskError,
    carrier::{Place, evidence, json::tree, seen::Seen, string},
    hiding::Becomes,
    name::{self, Name},
    number::{self, Spelled},
    scan::{self, edit},
    view::View,
};

/// Rows of cells.
pub type Rowset = Vec<Vec<Option<String>>>;

pub(crate) fn mask(
    rows: &mut Rowset,
    columns: &[Column],
    view: &View,
    findings: &mut Findings,
) -> Result<(), MaskError> {
    let names: Vec<Name> = columns.iter().map(|column| name::of(&column.name)).collect();
    for (row, cells) in rows.iter().enumerate() {
        if cells.len() != columns.len() {
            return Err(MaskError::RowWidth { row, cells: cells.len(), columns: columns.len() });
        }
    }
    // Column by column: one place, one name, one kind at a time.
    for (index, (column, name)) in columns.iter().zip(names).enumerate() {
        let ruling = Arc::new(view.at(&column.place()));
        let mut seen = Seen::default();
        let cells = rows.iter().filter_map(|cells| cells.get(index)?.as_deref());
        cells.take(seen.wanted()).for_each(|cell| seen.hear_text(cell));
        let name = seen.name(name, &ruling);
        if name == Name::Cleared && ruling.entities.is_empty() {
            continue;
        }
        let mut place = Place::column(view, findings, place_of(&column.name), &ruling);
        for cell in rows.iter_mut().filter_map(|cells| cells.get_mut(index)) {
            let Some(text) = cell else { continue };
            if let Some(masked) = masked_cell(text, column.kind, name, &mut place)? {
                *cell = masked;
            }
        }
    }
    Ok(())
}

/// The place of a column in findings.
pub(in crate::carrier) fn place_of(column: &str) -> String {
    const LONGEST: usize = 128;
    let masked = scan::mask(column, scan::Evidence::Value).map(|hidden| hidden.text);
    let shown: String = masked.as_deref().unwrap_or(column).chars().take(LONGEST).collect();
    format!("column {shown}")
}

/// What takes a cell's place. The outer `None`: no change; the inner one: a null.
pub(in crate::carrier) fn masked_cell(
    cell: &str,
    kind: ColumnKind,
    name: Name,
    place: &mut Place<'_>,
) -> Result<Option<Option<String>>, MaskError> {
    match kind {
        ColumnKind::Number { .. } | ColumnKind::Real => number_cell(cell, name, place),
        ColumnKind::Temporal | ColumnKind::Boolean if is_other_than_card(cell) => Ok(None),
        ColumnKind::Binary => match hexadecimal(cell) {
            Some(bytes) => {
                let masked = bytes_value(&bytes, name, place)?;
                Ok(masked.map(|bytes| Some(bytes.iter().map(|byte| format!("{byte:02X}")).collect())))
            }
            None => text_cell(cell, name, place),
        },
        _ => text_cell(cell, name, place),
    }
}

fn text_cell(cell: &str, name: Name, place: &mut Place<'_>) -> Result<Option<Option<String>>, MaskError> {
    let masked = string::masked(cell, name, 0, place)?;
    Ok(masked.map(|masked| if tree::is_nothing(&masked, place) { None } else { Some(masked) }))
}

fn number_cell(cell: &str, name: Name, place: &mut Place<'_>) -> Result<Option<Option<String>>, MaskError> {
    if tree::is_code(cell, name) {
        place.count(name, 0, 1);
        return Ok(Some(Some("0".to_owned())));
    }
    let ruling = place.ruling();
    let (sign, digits, fraction) = match number::spelled(cell, evidence(name, &ruling)) {
        Spelled::Card { sign, digits, fraction } => (sign, digits, fraction),
        Spelled::Clean => return Ok(None),
        // `inf`, `NaN`, or something that is not what the column says.
        Spelled::No => return text_cell(cell, name, place),
    };
    let hiding = &ruling.hiding;
    let masked = match hiding.number(&digits) {
        Becomes::Null => Some(None),
        // The column's type is the rowtype's to change, which says so of columns that are known to hold card numbers.
        Becomes::Text(text) if ruling.is_text_instead(name) => Some(Some(text)),
        _ => match hiding.zeroed(&digits) {
            Becomes::Digits(digits) => {
                let point = if fraction.is_empty() { "" } else { "." };
                Some(Some(format!("{sign}{}{point}{fraction}", number::text(&digits))))
            }
            _ if hiding.shows(digits.len()) => None,
            _ => return Ok(None),
        },
    };
    place.take_number(&digits, name, hiding)?;
    Ok(masked)
}

/// Dates and times are spelled as seconds or days and fractions: at most 12 digits before the point, an offset after a
/// space. Anything else is read as text.
fn is_other_than_card(cell: &str) -> bool {
    let whole = cell.trim_start_matches('-').bytes().take_while(u8::is_ascii_digit).count();
    whole <= 12 && cell.bytes().all(|byte| byte.is_ascii_digit() || b"-. :+".contains(&byte))
}

fn hexadecimal(cell: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    if !cell.len().is_multiple_of(2) {
        return None;
    }
    cell.as_bytes()
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}

/// Bytes of a binary column, read as text as far as they are. `None`: no change.
pub(in crate::carrier) fn bytes_value(
    bytes: &[u8],
    name: Name,
    place: &mut Place<'_>,
) -> Result<Option<Vec<u8>>, MaskError> {
    let mut edits = Vec::new();
    string::read(bytes, name, 0, &mut edits, place)?;
    if edits.is_empty() {
        return Ok(None);
    }
    let mut out = Vec::with_capacity(bytes.len());
    edit::apply(bytes, 0, bytes.len(), &mut edits, &mut out);
    Ok(Some(out))
}
