//! JSON as the gateway reads it: bounded depth (serde_json's 128), and no member twice, since two readers could
//! disagree on which one counts.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

pub(crate) fn parse(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    // The first pass finds doubled members; the second keeps numbers as they are written.
    let mut checker = serde_json::Deserializer::from_slice(bytes);
    Unique.deserialize(&mut checker)?;
    checker.end()?;
    serde_json::from_slice(bytes)
}

struct Unique;

impl<'de> DeserializeSeed<'de> for Unique {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Unique)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut seen = std::collections::HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                RAW => return Err(A::Error::custom("an object with a reserved member")),
                NUMBER => members.next_value_seed(Digits)?,
                _ => members.next_value_seed(Unique)?,
            }
            if !seen.insert(name) {
                return Err(A::Error::custom("an object with a member twice"));
            }
        }
        Ok(())
    }
}

/// serde_json's own marks: it reads an object that begins with one as a number, or as JSON within a string that nobody
/// has checked.
const NUMBER: &str = "$serde_json::private::Number";
const RAW: &str = "$serde_json::private::RawValue";

/// A number's digits. serde_json hands them over as an owned string; a member of that name that was sent arrives
/// borrowed, and is refused.
struct Digits;

impl<'de> DeserializeSeed<'de> for Digits {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for Digits {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, not an object with a reserved member")
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Err(E::custom("an object with a reserved member"))
    }

    fn visit_string<E>(self, _: String) -> Result<(), E> {
        Ok(())
    }
}

/// An id of JSON-RPC: a string or a number; nothing else identifies a call.
pub(crate) fn id(value: &Value) -> Option<crate::Id> {
    match value {
        Value::String(text) => Some(crate::Id::Text(text.clone())),
        Value::Number(number) => Some(crate::Id::Number(whole(number)?)),
        _ => None,
    }
}

fn whole(number: &Number) -> Option<Number> {
    number.to_string().chars().all(|c| c.is_ascii_digit() || c == '-').then(|| number.clone())
}
