//! Strings: plain text, a JSON document, or a number spelled out.

use serde_json::Value;

use super::{DEEPEST, Place, doubled, evidence, json};
use crate::{
    Findings, MaskError,
    name::Name,
    number::{self, Spelled},
    redact, sad,
    scan::{self, Evidence, chain},
};

/// What stands for text that nests too deep to be read.
const UNREADABLE: &str = "[hidden: nested too deep to be read]";

/// A text body on its own.
pub(crate) fn body(text: &str, findings: &mut Findings) -> String {
    let mut place = Place::new(findings, "text".to_owned());
    match value(text, Name::Plain, 0, &mut place) {
        Ok(Some(masked)) => masked,
        Ok(None) => text.to_owned(),
        Err(_) => UNREADABLE.to_owned(),
    }
}

/// A string under a name. `None`: no change.
pub(crate) fn value(text: &str, name: Name, depth: usize, place: &mut Place<'_>) -> Result<Option<String>, MaskError> {
    if !chain::may_hold_digits(text) {
        return Ok(None);
    }
    let gone = match name {
        Name::Code | Name::Pin => sad::is_code(text),
        Name::Track => sad::is_track(text),
        _ => false,
    };
    if gone {
        place.count(name, 0, 1);
        return Ok(Some(sad::GONE.to_owned()));
    }
    if let Some(read) = document(text, name, depth, place)? {
        return Ok(read);
    }
    if text.len() < chain::SHORTEST {
        return Ok(None);
    }
    let Some(hidden) = scan::mask(text, evidence(name)) else { return Ok(exponent(text, name, place)) };
    place.count(name, hidden.pans, hidden.sad);
    Ok(Some(hidden.text))
}

/// Reads text that is a JSON document. The outer `None`: it is none, or has nothing in it that could be hidden.
fn document(text: &str, name: Name, depth: usize, place: &mut Place<'_>) -> Result<Option<Option<String>>, MaskError> {
    let start = text.trim_start();
    if !start.starts_with(['{', '[', '"']) || !worth_reading(text) {
        return Ok(None);
    }
    let mut value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        // What the parser gives up on for its depth may hide anything behind escapes.
        Err(error) if error.to_string().starts_with("recursion limit") => {
            return Err(MaskError::TooDeep { limit: DEEPEST });
        }
        Err(_) => return Ok(None),
    };
    let changed = place.within(&["(json)"], |place| json::walk(&mut value, name, depth + 1, place))?;
    // A key given twice is one key to the parser; the text still holds both.
    let shadowed = if changed { None } else { scan::mask(text, Evidence::Value) };
    if let Some(hidden) = &shadowed {
        place.count(name, hidden.pans, hidden.sad);
    }
    if !changed && shadowed.is_none() {
        let Some(mut whole) = doubled::whole(text, &value) else { return Ok(Some(None)) };
        if !place.within(&["(json)"], |place| json::walk(&mut whole, name, depth + 1, place))? {
            return Ok(Some(None));
        }
        value = whole;
    }
    let pretty = text.contains('\n').then(|| serde_json::to_string_pretty(&value).ok()).flatten();
    Ok(Some(Some(pretty.unwrap_or_else(|| value.to_string()))))
}

/// Whether there may be anything to hide in JSON text: many digits, escapes that may spell digits, or a telling key.
pub(super) fn worth_reading(text: &str) -> bool {
    text.contains('\\') || chain::any(text) || sad::may_be_named(text)
}

/// A card number spelled with an exponent, as spreadsheets do.
fn exponent(text: &str, name: Name, place: &mut Place<'_>) -> Option<String> {
    const LONGEST: usize = 40;
    if text.len() > LONGEST || !text.contains(['e', 'E']) {
        return None;
    }
    let Spelled::Masked { sign, mut whole, .. } = number::spelled(text.trim(), evidence(name)) else { return None };
    whole.replace_range(redact::hidden(whole.len()), &"*".repeat(redact::hidden(whole.len()).len()));
    place.count(name, 1, 0);
    Some(format!("{sign}{whole}"))
}
