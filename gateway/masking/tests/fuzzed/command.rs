//! Statements and arguments, as people and the trail see them.

use hoop_masking::{Findings, MaskError, Masked, Masker};
use serde_json::Value;

use super::{LONGEST, aligned::aligned, shown};

pub fn command(data: &[u8]) {
    let data = data.get(..LONGEST).unwrap_or(data);
    if let Ok(sql) = std::str::from_utf8(data) {
        statement(sql);
    }
    if let Ok(value) = serde_json::from_slice(data) {
        arguments(&value);
    }
}

fn statement(sql: &str) {
    let masker = Masker::default();
    let masked = masker.statement(sql, None, &mut Findings::default()).into_inner();
    let again = masker.statement(&masked, None, &mut Findings::default()).into_inner();
    assert!(
        again == masked,
        "twice: {}\n{}\n{}",
        shown(sql.as_bytes()),
        shown(masked.as_bytes()),
        shown(again.as_bytes())
    );
    let kept = aligned(sql.as_bytes(), masked.as_bytes());
    assert!(kept, "changed more: {}\n{}", shown(sql.as_bytes()), shown(masked.as_bytes()));
    let with = masker.statement(sql, Some(&Value::from(sql)), &mut Findings::default()).into_inner();
    assert!(with.starts_with(&masked));
}

fn arguments(clear: &Value) {
    let mask =
        |value: &Value| Masker::default().arguments(value.clone(), &mut Findings::default()).map(Masked::into_inner);
    let masked = match mask(clear) {
        Ok(masked) => masked,
        Err(MaskError::TooDeep { .. }) => return,
        Err(error) => panic!("{error}: {clear}"),
    };
    assert_eq!(outline(clear), outline(&masked), "{clear}\n{masked}");
    let again = mask(&masked).unwrap();
    assert!(again == masked, "twice: {clear}\n{masked}\n{again}");
}

/// The shape of a value, a number and a text being the same: a code's place is taken by `***`.
fn outline(value: &Value) -> String {
    super::json::shape(value).replace('n', "s")
}
