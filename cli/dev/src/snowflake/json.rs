//! Cells as the JSON result format spells them: every value a string, or null.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::table::{Kind, Value};

pub(crate) fn row(kinds: &[Kind], values: &[Value]) -> Json {
    Json::Array(kinds.iter().zip(values).map(|(kind, value)| cell(*kind, value)).collect())
}

/// Rows without the outer brackets: a chunk's body.
pub(crate) fn chunk(kinds: &[Kind], rows: &[Vec<Value>]) -> String {
    let mut body = String::new();
    for (index, values) in rows.iter().enumerate() {
        if index > 0 {
            body.push(',');
        }
        let _ = write!(body, "{}", row(kinds, values));
    }
    body
}

fn cell(kind: Kind, value: &Value) -> Json {
    let text = match value {
        Value::Null => return Json::Null,
        Value::Fixed(unscaled) => scaled(*unscaled, kind.scale().unwrap_or(0)),
        Value::Real(real) => format!("{real}"),
        Value::DecFloat { significand, exponent } => format!("{significand}E{exponent}"),
        Value::Text(text) => text.clone(),
        Value::Boolean(flag) => if *flag { "1" } else { "0" }.to_owned(),
        Value::Date(days) => days.to_string(),
        Value::Time(nanos) => format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000),
        Value::Timestamp { seconds, nanos, offset } if kind == Kind::TimestampTz => {
            format!("{seconds}.{nanos:09} {}", offset + 1_440)
        }
        Value::Timestamp { seconds, nanos, .. } => format!("{seconds}.{nanos:09}"),
        Value::Binary(bytes) => bytes.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02X}");
            hex
        }),
        Value::Vector(points) => {
            format!("[{}]", points.iter().map(|point| format!("{point:.6}")).collect::<Vec<_>>().join(","))
        }
    };
    Json::String(text)
}

/// `1250` at scale 2 is `12.50`.
pub(crate) fn scaled(unscaled: i128, scale: i8) -> String {
    let Ok(scale @ 1..) = usize::try_from(scale) else { return unscaled.to_string() };
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    format!("{}{whole}.{fraction}", if unscaled < 0 { "-" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_zeros_and_sign() {
        assert_eq!(scaled(1250, 2), "12.50");
        assert_eq!(scaled(-5, 2), "-0.05");
        assert_eq!(scaled(7, 0), "7");
    }

    #[test]
    fn a_chunk_has_no_outer_brackets() {
        let kinds = [Kind::WHOLE, Kind::Text];
        let rows = [vec![Value::Fixed(1), Value::Null], vec![Value::Fixed(2), Value::Text("a\"b".to_owned())]];
        assert_eq!(chunk(&kinds, &rows), r#"["1",null],["2","a\"b"]"#);
    }

    #[test]
    fn times_carry_nine_digits_and_the_zone_in_minutes() {
        let at = Value::Timestamp { seconds: 10, nanos: 5, offset: 120 };
        assert_eq!(cell(Kind::TimestampTz, &at), "10.000000005 1560");
        assert_eq!(cell(Kind::TimestampNtz, &at), "10.000000005");
        assert_eq!(cell(Kind::Time, &Value::Time(3_600_000_000_001)), "3600.000000001");
    }
}
