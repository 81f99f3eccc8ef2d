//! Headers as MCP reads them.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue};

/// Begin and end of a value that is base64 of UTF-8, for what a header cannot carry as it is
/// (2026-07-28/basic/transports/streamable-http).
const BEGIN: &str = "=?base64?";
const END: &str = "?=";

/// A header sent at most once, as text: which of two counts would be anybody's guess.
pub(crate) fn once<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(drop),
        (Some(_), Some(_)) => Err(()),
    }
}

/// What a mirrored value says; `None` where it is wrapped and cannot be unwrapped.
pub fn unwrap(value: &str) -> Option<String> {
    match value.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END)) {
        None => Some(value.to_owned()),
        Some(wrapped) => String::from_utf8(STANDARD.decode(wrapped).ok()?).ok(),
    }
}

/// A value as a header carries it.
pub(crate) fn wrap(value: &str) -> Option<HeaderValue> {
    let plain = value.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
    let padded = value.trim() != value || value.is_empty();
    if plain && !padded && !value.starts_with(BEGIN) {
        return HeaderValue::from_str(value).ok();
    }
    HeaderValue::from_str(&format!("{BEGIN}{}{END}", STANDARD.encode(value))).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_a_header_cannot_carry_is_wrapped() {
        assert_eq!(wrap("get weather").unwrap(), "get weather");
        assert_eq!(wrap("größer").unwrap(), "=?base64?Z3LDtsOfZXI=?=");
        assert_eq!(wrap(" x").unwrap(), "=?base64?IHg=?=");
        assert_eq!(unwrap("=?base64?Z3LDtsOfZXI=?=").unwrap(), "größer");
        assert_eq!(unwrap("=?base64?%%%?="), None);
    }

    proptest! {
        #[test]
        fn what_is_wrapped_is_unwrapped_to_the_same(value in any::<String>()) {
            let header = wrap(&value).unwrap();
            prop_assert_eq!(unwrap(header.to_str().unwrap()), Some(value));
        }
    }
}
