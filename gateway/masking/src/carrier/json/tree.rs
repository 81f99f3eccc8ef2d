//! JSON documents that have been read already: what goes out is JSON again, with numbers still numbers.

use serde_json::{Map, Number, Value};

use super::keys;
use crate::{
    Findings, MaskError,
    carrier::{DEEPEST, Place, evidence, string},
    hiding::Becomes,
    name::Name,
    number::{self, Spelled},
    scan::{self, Evidence},
    view::View,
};

pub(crate) fn document(value: &mut Value, view: &View, findings: &mut Findings) -> Result<(), MaskError> {
    walk(value, Name::Plain, 0, &mut Place::new(view, findings, "$")).map(|_| ())
}

/// Masks `value` in place; `true` if that changed it. `name` is the nearest key above.
pub(crate) fn walk(value: &mut Value, name: Name, depth: usize, place: &mut Place<'_>) -> Result<bool, MaskError> {
    if depth > DEEPEST {
        return Err(MaskError::TooDeep { limit: DEEPEST });
    }
    match value {
        Value::Null | Value::Bool(_) => Ok(false),
        Value::Number(number) => {
            let masked = masked_number(number.as_str(), name, place)?;
            Ok(replace(value, masked))
        }
        Value::String(text) => {
            let masked = string::masked(text, name, depth, place)?;
            let masked = masked.map(|masked| if is_nothing(&masked, place) { Value::Null } else { masked.into() });
            Ok(replace(value, masked))
        }
        Value::Array(items) => place.within(&["[]"], |place| {
            let mut changed = false;
            for item in items {
                changed |= walk(item, name, depth + 1, place)?;
            }
            Ok(changed)
        }),
        Value::Object(members) => object(members, depth, place),
    }
}

fn object(members: &mut Map<String, Value>, depth: usize, place: &mut Place<'_>) -> Result<bool, MaskError> {
    let (mut changed, mut renamed) = (false, false);
    for (key, value) in members.iter_mut() {
        let hidden = scan::mask(key, Evidence::Value);
        if let Some(hidden) = &hidden {
            place.count(Name::Plain, hidden.pans, hidden.sad);
            renamed = true;
        }
        let shown = hidden.as_ref().map_or(key.as_str(), |hidden| &hidden.text);
        let name = if place.is_plain() && !may_hide(value) { Name::Plain } else { keys::named(key, Some(shown)) };
        let name = place.heard(key, name);
        match value {
            Value::String(text) if !text.is_empty() => place.hear(key, text),
            Value::Number(number) => place.hear(key, number.as_str()),
            _ => {}
        }
        changed |= place.within(&[".", shown], |place| walk(value, name, depth + 1, place))?;
    }
    if renamed {
        *members = rename(std::mem::take(members));
    }
    Ok(changed || renamed)
}

/// Whether a value can hold anything to hide, whatever its name: most of an answer cannot, and its keys need no reading.
fn may_hide(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => false,
        Value::String(text) => !text.is_empty(),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => true,
    }
}

/// Masks the keys. Two that come out the same stay two.
fn rename(members: Map<String, Value>) -> Map<String, Value> {
    let mut out = Map::with_capacity(members.len());
    for (key, value) in members {
        let mut masked = scan::mask(&key, Evidence::Value).map_or(key, |hidden| hidden.text);
        while out.contains_key(&masked) {
            masked.push('\'');
        }
        out.insert(masked, value);
    }
    out
}

/// Whether nothing is left of a value, as [`Mode::Null`] has it.
pub(crate) fn is_nothing(masked: &str, place: &Place<'_>) -> bool {
    masked.is_empty() && place.ruling().hides_whole()
}

/// What takes the place of a number spelled as in JSON. `None`: no change.
pub(super) fn masked_number(text: &str, name: Name, place: &mut Place<'_>) -> Result<Option<Value>, MaskError> {
    if is_code(text, name) {
        place.count(name, 0, 1);
        return Ok(Some(Value::from(0)));
    }
    let ruling = place.ruling();
    let Spelled::Card { sign, digits, fraction } = number::spelled(text, evidence(name, &ruling)) else {
        return Ok(None);
    };
    let masked = match ruling.hiding.number(&digits) {
        Becomes::Same if ruling.hiding.shows(digits.len()) => {
            place.take_number(&digits, name, &ruling.hiding)?;
            return Ok(None);
        }
        Becomes::Same => return Ok(None),
        Becomes::Text(text) => Value::String(text),
        Becomes::Null => Value::Null,
        Becomes::Digits(digits) => {
            let fraction = if fraction.bytes().all(|digit| digit == b'0') { "" } else { fraction };
            let point = if fraction.is_empty() { "" } else { "." };
            let whole = number::text(&digits);
            // JSON knows no zeros in front.
            let whole = match whole.trim_start_matches('0') {
                "" => "0",
                whole => whole,
            };
            let masked = format!("{sign}{whole}{point}{fraction}");
            // Digits with one point parse as a number; if they did not, zero gives nothing away.
            Value::Number(masked.parse().unwrap_or_else(|_| Number::from(0)))
        }
    };
    place.take_number(&digits, name, &ruling.hiding)?;
    Ok(Some(masked))
}

/// As a number a code loses its leading zeros; a PIN's name is a common word, so it needs all its digits.
pub(crate) fn is_code(text: &str, name: Name) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match name {
        Name::Code => digits && (1..=4).contains(&text.len()) && text != "0",
        Name::Pin => digits && (3..=6).contains(&text.len()),
        Name::PinCode => digits && matches!(text.len(), 4 | 5),
        _ => false,
    }
}

fn replace<T>(slot: &mut T, masked: Option<T>) -> bool {
    match masked {
        Some(masked) => {
            *slot = masked;
            true
        }
        None => false,
    }
}
