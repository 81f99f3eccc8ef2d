//! JSON escapes, numbers with a fraction or an exponent, keys.

use super::repeat;
use crate::corpus::{
    case::{Case, Format},
    pan,
    rng::Rng,
    spelling::everyday,
};

pub fn cases() -> Vec<Case> {
    let mut cases = escapes();
    cases.extend(floats());
    cases.extend(keys());
    cases
}

fn escapes() -> Vec<Case> {
    let name = "json_escape";
    let rng = &mut Rng::of(name);
    repeat(90, |turn| {
        let (pan, written) = everyday(rng);
        let escape = |character: char| format!("\\u{:04x}", u32::from(character));
        let escaped: String = match turn % 3 {
            0 => written.chars().map(escape).collect(),
            1 => written.chars().map(|c| if rng.below(3) == 0 { escape(c) } else { c.into() }).collect(),
            // The first digit and the separators.
            _ => (written.char_indices())
                .map(|(at, c)| if at == 0 || !c.is_ascii_digit() { escape(c) } else { c.into() })
                .collect(),
        };
        let format = if turn % 2 == 0 { Format::Json } else { Format::Text };
        Case::hard(name, format, format!(r#"{{"id":3,"note":"card {escaped}","ok":true}}"#)).hides(&pan)
    })
}

fn floats() -> Vec<Case> {
    let name = "json_float";
    let rng = &mut Rng::of(name);
    repeat(90, |turn| {
        let pan = pan::any(rng);
        let power = pan.len() - 1;
        let (first, rest) = pan.split_at(1);
        let number = match turn % 6 {
            0 => format!("{pan}.0"),
            1 => format!("{first}.{rest}e{power}"),
            2 => format!("{first}.{rest}E+{power}"),
            3 => format!("{pan}.00"),
            4 => format!("{first}.{rest}E{power}"),
            _ => format!("{pan}e0"),
        };
        let text = match turn % 3 {
            0 => format!(r#"{{"value":{number}}}"#),
            1 => format!("[1,{number},null]"),
            _ => format!(r#"{{"rows":[{{"n":{number},"city":"Recife"}}]}}"#),
        };
        Case::hard(name, Format::Json, text).hides(&pan)
    })
}

fn keys() -> Vec<Case> {
    let name = "json_key";
    let rng = &mut Rng::of(name);
    repeat(60, |turn| {
        let (pan, written) = everyday(rng);
        let text = match turn % 3 {
            0 => format!(r#"{{"{written}":{{"status":"active"}}}}"#),
            1 => format!(r#"{{"balances":{{"{written}":12.5,"total":12.5}}}}"#),
            _ => format!(r#"[{{"card {written}":null}}]"#),
        };
        Case::hard(name, Format::Json, text).hides(&pan)
    })
}
