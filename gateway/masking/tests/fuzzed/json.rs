//! Documents, as bytes and as trees.

use hoop_masking::{Findings, MaskError, Masker, Released};
use serde_json::Value;

use super::{LONGEST, aligned::aligned, shown};

pub fn shape(value: &Value) -> String {
    match value {
        Value::Null => "0".to_owned(),
        Value::Bool(_) => "b".to_owned(),
        Value::Number(_) => "n".to_owned(),
        Value::String(_) => "s".to_owned(),
        Value::Array(items) => format!("[{}]", items.iter().map(shape).collect::<String>()),
        Value::Object(members) => format!("{{{}}}", members.values().map(shape).collect::<String>()),
    }
}

fn read(data: &[u8]) -> Option<Value> {
    serde_json::from_slice(data.get(..LONGEST).unwrap_or(data)).ok()
}

/// A document stays one, laid out as it was; other text too comes out in one form.
pub fn json_bytes(data: &[u8]) {
    let data = data.get(..LONGEST).unwrap_or(data);
    let bytes = |data: &[u8]| Masker::default().bytes_text(data, &mut Findings::default()).map(Released::into_inner);
    let masked = bytes(data);
    let Ok(masked) = masked else {
        return assert!(std::str::from_utf8(data).is_err(), "refused: {}", shown(data));
    };
    let again = bytes(&masked).unwrap();
    assert!(again == masked, "twice: {}\n{}\n{}", shown(data), shown(&masked), shown(&again));
    assert!(aligned(data, &masked), "changed more: {}\n{}", shown(data), shown(&masked));
    // A number that is all there is is text.
    if let Some(before) = read(data).filter(|value| value.is_object() || value.is_array()) {
        let after = read(&masked);
        let kept = after.is_some_and(|after| shape(&after) == shape(&before));
        assert!(kept, "shape: {}\n{}", shown(data), shown(&masked));
    }
}

pub fn json_tree(data: &[u8]) {
    let Some(clear) = read(data) else { return };
    let tree =
        |value: &Value| Masker::default().json(value.clone(), &mut Findings::default()).map(Released::into_inner);
    let masked = match tree(&clear) {
        Ok(masked) => masked,
        Err(MaskError::TooDeep { .. }) => return,
        Err(error) => panic!("{error}: {clear}"),
    };
    assert_eq!(shape(&clear), shape(&masked), "{clear}\n{masked}");
    let again = tree(&masked).unwrap();
    assert!(again == masked, "twice: {clear}\n{masked}\n{again}");
    let (before, after) = (clear.to_string(), masked.to_string());
    assert!(aligned(before.as_bytes(), after.as_bytes()), "changed more: {before}\n{after}");
}
