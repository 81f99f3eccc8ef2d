//! SQLite's dynamic values as Snowflake's typed ones: the declared type where every value fits it, else by the values.

use super::table::{Kind, Value};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Raw {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

/// The column's kind and its values.
pub(crate) fn column(declared: Option<Kind>, raw: &[Raw]) -> (Kind, Vec<Value>) {
    let guess = guess(raw);
    [declared, Some(guess)]
        .into_iter()
        .flatten()
        .find_map(|kind| Some((kind, raw.iter().map(|value| fit(kind, value)).collect::<Option<Vec<_>>>()?)))
        .unwrap_or_else(|| (Kind::Text, raw.iter().map(as_text).collect()))
}

/// The kind a declared SQL type stands for; `None` where it says nothing.
pub(crate) fn declared(sql_type: &str) -> Option<Kind> {
    let upper = sql_type.trim().to_uppercase();
    let (name, arguments) = upper.split_once('(').unwrap_or((&upper, ""));
    let mut arguments = arguments.trim_end_matches(')').split(',').map(str::trim);
    Some(match name.trim() {
        "NUMBER" | "DECIMAL" | "NUMERIC" => Kind::Fixed {
            precision: arguments.next().and_then(|precision| precision.parse().ok()).unwrap_or(38),
            scale: arguments.next().and_then(|scale| scale.parse().ok()).unwrap_or(0),
        },
        "INT" | "INTEGER" | "BIGINT" | "SMALLINT" | "TINYINT" | "BYTEINT" => Kind::WHOLE,
        "REAL" | "FLOAT" | "FLOAT4" | "FLOAT8" | "DOUBLE" | "DOUBLE PRECISION" => Kind::Real,
        "TEXT" | "VARCHAR" | "CHAR" | "CHARACTER" | "STRING" | "CLOB" => Kind::Text,
        "BOOLEAN" | "BOOL" => Kind::Boolean,
        "DATE" => Kind::Date,
        "TIME" => Kind::Time,
        "TIMESTAMP" | "TIMESTAMP_NTZ" | "DATETIME" => Kind::TimestampNtz,
        "TIMESTAMP_LTZ" => Kind::TimestampLtz,
        "TIMESTAMP_TZ" => Kind::TimestampTz,
        "VARIANT" | "JSON" => Kind::Variant,
        "OBJECT" => Kind::Object,
        "ARRAY" => Kind::Array,
        "BINARY" | "VARBINARY" | "BLOB" => Kind::Binary,
        _ => return None,
    })
}

fn guess(raw: &[Raw]) -> Kind {
    let mut kind = None;
    for value in raw {
        kind = match (kind, value) {
            (kind, Raw::Null) => kind,
            (None | Some(Kind::Fixed { .. }), Raw::Integer(_)) => Some(Kind::WHOLE),
            (None | Some(Kind::Fixed { .. } | Kind::Real), Raw::Real(_)) | (Some(Kind::Real), Raw::Integer(_)) => {
                Some(Kind::Real)
            }
            (None | Some(Kind::Binary), Raw::Blob(_)) => Some(Kind::Binary),
            _ => return Kind::Text,
        };
    }
    kind.unwrap_or(Kind::Text)
}

fn fit(kind: Kind, raw: &Raw) -> Option<Value> {
    Some(match (kind, raw) {
        (_, Raw::Null) => Value::Null,
        (Kind::Fixed { scale, .. }, Raw::Integer(integer)) => {
            Value::Fixed(i128::from(*integer).checked_mul(power(scale))?)
        }
        (Kind::Fixed { scale, .. }, Raw::Real(real)) => {
            Value::Fixed(unscaled(&format!("{real:.*}", usize::try_from(scale).ok()?), scale)?)
        }
        (Kind::Fixed { scale, .. }, Raw::Text(text)) => Value::Fixed(unscaled(text, scale)?),
        (Kind::Real, Raw::Integer(integer)) => Value::Real(*integer as f64),
        (Kind::Real, Raw::Real(real)) => Value::Real(*real),
        (Kind::Text, Raw::Text(_)) => as_text(raw),
        (Kind::Variant | Kind::Object | Kind::Array, Raw::Text(text)) => Value::Text(text.clone()),
        (Kind::Boolean, Raw::Integer(integer @ 0..=1)) => Value::Boolean(*integer == 1),
        (Kind::Date, Raw::Text(text)) => Value::Date(i32::try_from(days(text)?).ok()?),
        (Kind::Time, Raw::Text(text)) => {
            let (seconds, nanos) = clock(text)?;
            Value::Time(seconds * 1_000_000_000 + i64::from(nanos))
        }
        (Kind::TimestampNtz | Kind::TimestampLtz | Kind::TimestampTz, Raw::Text(text)) => instant(text)?,
        (Kind::Binary, Raw::Blob(bytes)) => Value::Binary(bytes.clone()),
        _ => return None,
    })
}

fn as_text(raw: &Raw) -> Value {
    match raw {
        Raw::Null => Value::Null,
        Raw::Integer(integer) => Value::Text(integer.to_string()),
        Raw::Real(real) => Value::Text(real.to_string()),
        Raw::Text(text) => Value::Text(text.clone()),
        Raw::Blob(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
    }
}

fn power(scale: i8) -> i128 {
    10_i128.checked_pow(u32::try_from(scale).unwrap_or(0)).unwrap_or(i128::MAX)
}

/// `12.5` at scale 2 is 1250; more digits than the scale do not fit.
fn unscaled(text: &str, scale: i8) -> Option<i128> {
    let scale = usize::try_from(scale).ok()?;
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    if fraction.len() > scale || !fraction.chars().all(|char| char.is_ascii_digit()) {
        return None;
    }
    format!("{whole}{fraction:0<scale$}").parse().ok()
}

/// Days since 1970-01-01 of `YYYY-MM-DD` (proleptic Gregorian).
fn days(text: &str) -> Option<i64> {
    let mut parts = text.trim().splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(1..=9_999).contains(&year) {
        return None;
    }
    // Years that begin in March put the leap day last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    Some(365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468)
}

/// Seconds since midnight and nanoseconds of `HH:MM[:SS[.fraction]]`.
fn clock(text: &str) -> Option<(i64, i32)> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let mut parts = whole.splitn(3, ':');
    let hours: i64 = parts.next()?.parse().ok()?;
    let minutes: i64 = parts.next()?.parse().ok()?;
    let seconds: i64 = parts.next().unwrap_or("0").parse().ok()?;
    if fraction.len() > 9 || !(0..24).contains(&hours) || !(0..60).contains(&minutes) || !(0..60).contains(&seconds) {
        return None;
    }
    Some((hours * 3_600 + minutes * 60 + seconds, format!("{fraction:0<9}").parse().ok()?))
}

/// `YYYY-MM-DD[ HH:MM:SS[.fraction]][Z|±HH:MM]`; without a zone it is UTC.
fn instant(text: &str) -> Option<Value> {
    let text = text.trim();
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, "00:00"));
    let zone = time.find(['+', '-', 'Z']);
    let (time, zone) = time.split_at(zone.unwrap_or(time.len()));
    let offset = match zone.trim_end_matches('Z') {
        "" => 0,
        zone => {
            let (hours, minutes) = zone.get(1..)?.split_once(':')?;
            let minutes: i32 = hours.parse::<i32>().ok()? * 60 + minutes.parse::<i32>().ok()?;
            if zone.starts_with('-') { -minutes } else { minutes }
        }
    };
    let (seconds, nanos) = clock(time)?;
    Some(Value::Timestamp { seconds: days(date)? * 86_400 + seconds - i64::from(offset) * 60, nanos, offset })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Raw {
        Raw::Text(value.to_owned())
    }

    #[test]
    fn declared_types_hold_where_the_values_fit() {
        let money = declared("DECIMAL(10,2)");
        assert_eq!(
            column(money, &[Raw::Real(12.5), Raw::Integer(3), Raw::Null]).1,
            [Value::Fixed(1250), Value::Fixed(300), Value::Null]
        );
        assert_eq!(column(money, &[text("n/a")]), (Kind::Text, vec![Value::Text("n/a".to_owned())]));
        assert_eq!(column(declared("DATE"), &[text("2024-02-29")]), (Kind::Date, vec![Value::Date(19_782)]));
        assert_eq!(column(declared("BOOLEAN"), &[Raw::Integer(1)]).1, [Value::Boolean(true)]);
    }

    #[test]
    fn undeclared_columns_follow_their_values() {
        assert_eq!(column(None, &[Raw::Null, Raw::Integer(4)]).0, Kind::WHOLE);
        assert_eq!(column(None, &[Raw::Integer(4), Raw::Real(0.5)]).0, Kind::Real);
        assert_eq!(
            column(None, &[Raw::Integer(4), text("x")]),
            (Kind::Text, vec![Value::Text("4".into()), Value::Text("x".into())])
        );
        assert_eq!(column(None, &[Raw::Null]).0, Kind::Text);
    }

    #[test]
    fn times_are_read_to_the_nanosecond() {
        assert_eq!(clock("01:02:03.5"), Some((3_723, 500_000_000)));
        assert_eq!(clock("01:02"), Some((3_720, 0)));
        assert_eq!(clock("25:00:00"), None);
        assert_eq!(days("1970-01-01"), Some(0));
        assert_eq!(days("1969-12-31"), Some(-1));
        assert_eq!(instant("1970-01-01T02:00:00+02:00"), Some(Value::Timestamp { seconds: 0, nanos: 0, offset: 120 }));
    }
}
