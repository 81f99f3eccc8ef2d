//! Verification codes without a name, behind a card number and its expiry: `4111…|12|2027|123`, `4111… 12/27 123`.

/// Most bytes between the number and the code.
const REACH: usize = 40;

/// Whether a card number's expiry and nothing else stands between `last`, where the number ended, and the code at
/// `start`.
pub(crate) fn precedes(bytes: &[u8], last: usize, start: usize) -> bool {
    if last >= start || start - last > REACH {
        return false;
    }
    let between = bytes.get(last..start).unwrap_or_default();
    let mut fields = between.split(|byte| b" |/-;:,\t\"'~".contains(byte)).filter(|field| !field.is_empty());
    let ends = between
        .first()
        .zip(between.last())
        .is_some_and(|(first, last)| !first.is_ascii_digit() && !last.is_ascii_digit());
    let mut field = fields.next();
    while field.is_some_and(is_word) {
        field = fields.next();
    }
    let expiry = match field {
        Some(month @ [_] | month @ [_, _]) => is_month(month) && fields.next().is_some_and(is_year),
        Some([month @ .., _, _]) => month.len() == 2 && is_month(month) && field.is_some_and(is_number),
        _ => false,
    };
    ends && expiry && fields.next().is_none()
}

fn is_word(field: &[u8]) -> bool {
    let words: [&[u8]; 8] = [b"exp", b"exp.", b"expiry", b"expires", b"valid", b"thru", b"until", b"date"];
    words.iter().any(|word| field.eq_ignore_ascii_case(word))
}

fn is_number(field: &[u8]) -> bool {
    field.iter().all(u8::is_ascii_digit)
}

fn is_month(field: &[u8]) -> bool {
    matches!(field, [b'0', b'1'..=b'9'] | [b'1', b'0'..=b'2'] | [b'1'..=b'9'])
}

fn is_year(field: &[u8]) -> bool {
    is_number(field) && (field.len() == 2 || field.len() == 4 && field.starts_with(b"20"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_behind_an_expiry() {
        let is = |between: &str| precedes(format!("1{between}123").as_bytes(), 1, 1 + between.len());
        for between in
            ["|12|2027|", " 12/27 ", " exp 12/27, ", ";01;29;", " 1227 ", "|9|27|", " Exp: 12/2027 ", "|0128|"]
        {
            assert!(is(between), "{between}");
        }
        for between in
            [" ", "", " 12 ", "|13|27|", " 2024-03-05 ", " 12/27 and ", " 10:15:33 ", "|12|1927|", " 12/27 5 ", "/1227"]
        {
            assert!(!is(between), "{between}");
        }
    }
}
