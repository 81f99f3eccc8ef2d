//! One spelling for a document (RFC 8785), so that its digest changes only when what it says does.

use aws_lc_rs::digest::{SHA256, digest as sha256};
use data_encoding::HEXLOWER;
use serde_json::Value;

use super::number;

/// The document in RFC 8785's form. Beyond that standard, a number that a double cannot hold stays as it is written:
/// two numbers are never taken for one.
pub fn canonical(document: &Value) -> String {
    let mut out = String::new();
    write(document, &mut out);
    out
}

/// Hex SHA-256 of the canonical form.
pub fn digest(document: &Value) -> String {
    HEXLOWER.encode(sha256(&SHA256, canonical(document).as_bytes()).as_ref())
}

/// Depth is bounded by the parser's.
fn write(value: &Value, out: &mut String) {
    match value {
        Value::Number(written) => out.push_str(&number::canonical(written.as_str())),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            out.push('{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                text(name, out);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
        Value::String(written) => text(written, out),
        Value::Null | Value::Bool(_) => out.push_str(&value.to_string()),
    }
}

/// serde_json escapes just what RFC 8785 does, and in the same way.
fn text(text: &str, out: &mut String) {
    out.push_str(&Value::from(text).to_string());
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use serde_json::Map;

    use super::*;

    fn of(text: &str) -> String {
        canonical(&serde_json::from_str(text).unwrap())
    }

    /// RFC 8785 §3.2.2 and §3.2.3, less the number with more digits than a double has.
    #[test]
    fn the_standards_own_examples() {
        assert_eq!(
            of(r#"{"numbers": [1E30, 4.50, 2e-3, 0.000000000000000000000000001],
                "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}"#),
            r#"{"literals":[null,true,false],"numbers":[1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
        );
        let names = of(r#"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}"#);
        assert_eq!(names, "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\u{fb33}\":3}");
    }

    #[test]
    fn a_digest_is_that_of_the_canonical_bytes() {
        let empty = serde_json::json!({});
        assert_eq!(digest(&empty), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }

    fn documents() -> impl Strategy<Value = Value> {
        let number = "-?(0|[1-9][0-9]{0,22})(\\.[0-9]{1,4})?(e-?[0-9]{1,2})?";
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            "\\PC{0,6}".prop_map(Value::from),
            number.prop_map(|text| serde_json::from_str(&text).unwrap()),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[a-zö😀\u{fb33}]{0,3}", inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// The same members the other way round, at every depth.
    fn turned(value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(turned).collect(),
            Value::Object(members) => {
                let members: Map<_, _> =
                    members.iter().rev().map(|(name, value)| (name.clone(), turned(value))).collect();
                Value::Object(members)
            }
            other => other.clone(),
        }
    }

    proptest! {
        #[test]
        fn order_and_spaces_change_nothing(document in documents()) {
            let once = canonical(&document);
            prop_assert_eq!(&canonical(&turned(&document)), &once);
            prop_assert_eq!(&of(&serde_json::to_string_pretty(&document).unwrap()), &once);
            prop_assert_eq!(&of(&once), &once);
        }

        #[test]
        fn another_text_is_another_digest(document in documents(), extra in "\\PC{1,3}") {
            let with = |text: &str| digest(&serde_json::json!({ "name": "a", "description": text, "x": document }));
            prop_assert_ne!(with("one"), with(&format!("one{extra}")));
        }
    }
}
