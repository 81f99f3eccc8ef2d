use super::table::{Column, Kind, Table, Value, Width};

/// A generated table: rows follow from their index, so a chunk needs no neighbour and no memory.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) rows: usize,
    pub(crate) what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// Payments with invented, Luhn-valid card numbers as text, as a number and inside a note.
    Payments,
    /// One column of every type.
    Types,
}

impl Made {
    pub(crate) fn columns(&self, pan: Width) -> Vec<Column> {
        match self.what {
            What::Payments => vec![
                Column::new("ID", Kind::WHOLE),
                Column::new("CARD_NUMBER", Kind::Text),
                Column::new("PAN", Kind::WHOLE).wide(pan),
                Column::new("AMOUNT", Kind::Fixed { precision: 10, scale: 2 }),
                Column::new("NOTE", Kind::Text),
            ],
            What::Types => vec![
                Column::new("TINY", Kind::Fixed { precision: 2, scale: 0 }).wide(Width::Int8),
                Column::new("SMALL", Kind::Fixed { precision: 4, scale: 0 }).wide(Width::Int16),
                Column::new("MEDIUM", Kind::Fixed { precision: 9, scale: 0 }).wide(Width::Int32),
                Column::new("PAN", Kind::WHOLE),
                Column::new("WIDE_PAN", Kind::WHOLE).wide(Width::Decimal128),
                Column::new("PRICE", Kind::Fixed { precision: 10, scale: 2 }).wide(Width::Int32),
                Column::new("WIDE_PRICE", Kind::Fixed { precision: 38, scale: 4 }).wide(Width::Decimal128),
                Column::new("RATIO", Kind::Real),
                Column::new("EXACT", Kind::DecFloat),
                Column::new("CARD", Kind::Text),
                Column::new("FLAG", Kind::Boolean),
                Column::new("DAY", Kind::Date),
                Column::new("CLOCK", Kind::Time),
                Column::new("NTZ", Kind::TimestampNtz),
                Column::new("LTZ", Kind::TimestampLtz),
                Column::new("TZ", Kind::TimestampTz),
                Column::new("ANYTHING", Kind::Variant),
                Column::new("THING", Kind::Object),
                Column::new("LIST", Kind::Array),
                Column::new("BYTES", Kind::Binary),
                Column::new("PLACE", Kind::Geography),
                Column::new("POINTS", Kind::Vector(3)),
            ],
        }
    }

    pub(crate) fn row(&self, index: usize) -> Vec<Value> {
        let number = i64::try_from(index).unwrap_or(i64::MAX);
        let pan = pan(index);
        match self.what {
            What::Payments => {
                let note = match index % 10 {
                    0 => format!("customer read out {pan} on the phone"),
                    5 => return row_without_note(number, &pan),
                    _ => format!("order {}", 100_000 + index),
                };
                [payment(number, &pan), vec![Value::Text(note)]].concat()
            }
            What::Types if index % 5 == 4 => vec![Value::Null; self.columns(Width::Int64).len()],
            What::Types => every_type(number, &pan),
        }
    }

    pub(crate) fn table(self, pan: Width) -> Table {
        Table { columns: self.columns(pan), rows: super::table::Rows::Made(self), statement_type: Table::QUERY }
    }
}

fn payment(number: i64, pan: &str) -> Vec<Value> {
    vec![
        Value::Fixed(i128::from(number) + 1),
        Value::Text(pan.to_owned()),
        Value::Fixed(pan.parse().unwrap_or(0)),
        Value::Fixed(i128::from(number % 500_000) * 7 + 99),
    ]
}

fn row_without_note(number: i64, pan: &str) -> Vec<Value> {
    [payment(number, pan), vec![Value::Null]].concat()
}

fn every_type(number: i64, pan: &str) -> Vec<Value> {
    let digits: i128 = pan.parse().unwrap_or(0);
    let small = number % 10;
    let seconds = 1_700_000_000 + number * 86_461;
    let nanos = i32::try_from(small).unwrap_or(0) * 1_000_001;
    let sign = if number % 2 == 0 { 1 } else { -1 };
    vec![
        Value::Fixed(i128::from(sign * small * 9)),
        Value::Fixed(i128::from(sign * small * 999)),
        Value::Fixed(i128::from(sign * small * 99_999_999)),
        Value::Fixed(digits),
        Value::Fixed(digits),
        Value::Fixed(i128::from(sign * (small * 1_001 + 50))),
        Value::Fixed(i128::from(sign) * 1_234_567_890_123_456_789_012_345_678),
        Value::Real(sign_of(sign) * (0.5 + f64::from(u16::try_from(small).unwrap_or(0)))),
        Value::DecFloat { significand: i128::from(sign) * 12_345_678_901, exponent: -4 },
        Value::Text(pan.to_owned()),
        Value::Boolean(number % 2 == 0),
        Value::Date(i32::try_from(19_700 + number).unwrap_or(0)),
        Value::Time((number * 3_661 % 86_400) * 1_000_000_000 + i64::from(nanos)),
        Value::Timestamp { seconds, nanos, offset: 0 },
        Value::Timestamp { seconds, nanos, offset: 0 },
        Value::Timestamp { seconds, nanos, offset: if number % 2 == 0 { 120 } else { -330 } },
        Value::Text(format!("{{\n  \"card\": \"{pan}\",\n  \"n\": {number}\n}}")),
        Value::Text(format!("{{\n  \"id\": {number},\n  \"pan\": {pan}\n}}")),
        Value::Text(format!("[\n  {number},\n  \"{pan}\"\n]")),
        Value::Binary(format!("raw {pan}").into_bytes()),
        Value::Text(format!("{{\n  \"coordinates\": [\n    {small},\n    2\n  ],\n  \"type\": \"Point\"\n}}")),
        Value::Vector(vec![0.5, 1.5, f32::from(u8::try_from(small).unwrap_or(0))]),
    ]
}

fn sign_of(sign: i64) -> f64 {
    if sign < 0 { -1.0 } else { 1.0 }
}

/// An invented 16-digit card number: a test prefix, the index, and the Luhn check digit.
pub(crate) fn pan(index: usize) -> String {
    let body = format!("411111{:09}", index % 1_000_000_000);
    let sum: u32 = body
        .chars()
        .rev()
        .filter_map(|digit| digit.to_digit(10))
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, doubled) if doubled > 9 => doubled - 9,
            (0, doubled) => doubled,
            _ => digit,
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn card_numbers_pass_luhn_and_differ() {
        assert_eq!(pan(111_111_111), "4111111111111111");
        for index in [0, 1, 9, 99_999, 123_456_789] {
            let sum: u32 = pan(index)
                .chars()
                .rev()
                .map(|digit| digit.to_digit(10).unwrap())
                .enumerate()
                .map(|(place, digit)| if place % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 })
                .sum();
            assert_eq!(sum % 10, 0, "{}", pan(index));
        }
        assert_ne!(pan(1), pan(2));
    }

    #[test]
    fn every_row_has_a_value_for_every_column() {
        for what in [What::Payments, What::Types] {
            let made = Made { rows: 12, what };
            let columns = made.columns(Width::Int64).len();
            assert!((0..12).all(|index| made.row(index).len() == columns));
        }
    }
}
