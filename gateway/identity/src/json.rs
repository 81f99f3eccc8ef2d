//! JSON objects without ambiguity: a member named twice is refused, at every depth, and depth is bounded.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, value::RawValue};

/// Tokens and key sets are flat; this leaves room for a platform's nested claims.
const DEEPEST: usize = 16;

/// Reads one JSON object.
pub(crate) fn object(bytes: &[u8]) -> Result<Map<String, Value>, serde_json::Error> {
    let raw: &RawValue = serde_json::from_slice(bytes)?;
    members(raw.get(), DEEPEST)
}

/// Values are taken as raw text first, so that a name is only ever read as a name.
fn value(raw: &str, depth: usize) -> Result<Value, serde_json::Error> {
    match raw.as_bytes().first() {
        Some(b'{') => members(raw, deeper(depth)?).map(Value::Object),
        Some(b'[') => {
            let depth = deeper(depth)?;
            let Items(items) = serde_json::from_str(raw)?;
            items.into_iter().map(|item| value(item.get(), depth)).collect::<Result<_, _>>().map(Value::Array)
        }
        _ => serde_json::from_str(raw),
    }
}

fn members(raw: &str, depth: usize) -> Result<Map<String, Value>, serde_json::Error> {
    let Members(members) = serde_json::from_str(raw)?;
    let mut object = Map::with_capacity(members.len());
    for (name, raw) in members {
        if object.insert(name, value(raw.get(), depth)?).is_some() {
            return Err(serde_json::Error::custom("a member is named twice"));
        }
    }
    Ok(object)
}

fn deeper(depth: usize) -> Result<usize, serde_json::Error> {
    depth.checked_sub(1).ok_or_else(|| serde_json::Error::custom("nested too deeply"))
}

struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

struct Items<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Array;
        impl<'de> Visitor<'de> for Array {
            type Value = Items<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Items(items))
            }
        }
        deserializer.deserialize_seq(Array)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn reads_what_serde_json_reads() {
        let text = r#" {"a":[1,{"b":"x\u0041"}],"c":{"d":null,"e":1e300},"$serde_json::private::Number":"7"} "#;
        let read = object(text.as_bytes()).unwrap();
        assert_eq!(read["a"], serde_json::json!([1, {"b": "xA"}]));
        assert_eq!(read["$serde_json::private::Number"], "7");
    }

    #[test]
    fn a_member_named_twice_is_refused_wherever_it_stands() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"x":[{"a":1,"\u0061":2}]}"#, r#"{"x":{"a":1,"a":2}}"#] {
            assert!(object(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100), "]".repeat(100));
        assert!(object(deep.as_bytes()).is_err());
        assert!(object(b"[]").is_err());
        assert!(object(b"{} {}").is_err());
    }
}
