//! Reading documents that may hold anything.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// serde_json's own mark: it reads an object that begins with it as the JSON in a string, and counts levels anew there.
const RAW: &str = "$serde_json::private::RawValue";

/// A document of at most 128 levels.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    // There is no quote in the mark, so it stands between two, however its letters are spelled.
    let may_be = |piece: &&[u8]| piece.starts_with(b"$") || piece.starts_with(b"\\u0024");
    let is_raw = |piece: &[u8]| {
        let quoted = [b"\"", piece, b"\""].concat();
        serde_json::from_slice::<String>(&quoted).is_ok_and(|text| text == RAW)
    };
    if bytes.split(|byte| *byte == b'"').filter(may_be).any(is_raw) {
        return None;
    }
    serde_json::from_slice(bytes).ok()
}

pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

pub(crate) fn owned(value: &Value, pointer: &str) -> Option<String> {
    text(value, pointer).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Whether a text can be the id of a query: it becomes part of paths, and of the record.
pub(crate) fn is_id(text: &str) -> bool {
    const LONGEST: usize = 128;
    (1..=LONGEST).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Longest name of a member quoted in an error.
const LONGEST_NAME: usize = 40;

/// A name for an error: short, and no text of another kind.
pub(crate) fn shown(name: &str) -> String {
    let plain = name.len() <= LONGEST_NAME && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if plain { name.to_owned() } else { "(a name not shown)".to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn levels_are_counted_in_one_row() {
        let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        assert!(read::<Value>(deep(127).as_bytes()).is_some());
        assert!(read::<Value>(deep(128).as_bytes()).is_none());
        for mark in [RAW, "\\u0024serde_json::private::RawValue", "$serde_json::private::\\u0052awValue"] {
            let text = format!(r#"{{"a":{{"{mark}":"[1]"}}}}"#);
            assert!(serde_json::from_str::<Value>(&text).unwrap().pointer("/a/0").is_some(), "{mark}");
            assert!(read::<Value>(text.as_bytes()).is_none(), "{mark}");
        }
        assert_eq!(read::<Value>(br#"{"$a":"$serde_json"}"#).unwrap().to_string(), r#"{"$a":"$serde_json"}"#);
    }
}
