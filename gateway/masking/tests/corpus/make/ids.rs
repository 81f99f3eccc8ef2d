//! Numbers of other trades: devices, books, goods, parcels, orders.

use serde_json::json;

use super::{fill, repeat};
use crate::corpus::{
    case::{Case, Format},
    pan,
    rng::Rng,
};

pub fn cases() -> Vec<Case> {
    let mut cases = named("imei", 40, &["imei", "device", "esn"], |rng| {
        let body = format!("{}{}", rng.pick(&["35", "86", "01"]), rng.digits(12));
        format!("{body}{}", pan::check_digit(&body))
    });
    cases.extend(named("isbn_13", 30, &["isbn", "book", "ean"], |rng| thirteen(rng, &["978", "979"])));
    // 400 to 440 are goods of Germany, and Visa issues 13 digits that begin with 4.
    cases.extend(named("ean", 40, &["ean", "gtin", "barcode"], |rng| {
        loop {
            let ean = thirteen(rng, &["400", "420", "440", "500", "761", "871"]);
            if !pan::luhn(&ean) {
                return ean;
            }
        }
    }));
    cases.extend(named("failing_luhn", 90, &["order_id", "ref", "id", "trace", "company_ref", "discard_id"], |rng| {
        let length = rng.pick(&[13, 15, 16, 16, 19]);
        pan::mistyped(rng, length)
    }));
    cases.extend(named("no_brand", 40, &["order_id", "ref", "id", "batch"], |rng| {
        let length = rng.within(12, 19) as usize;
        pan::brandless(rng, length)
    }));
    cases.extend(named("long_run", 50, &["blob_id", "serial", "checksum"], |rng| {
        let pan = pan::of_length(rng, 16);
        let (before, after) = (1 + rng.below(6), 3 + rng.below(6));
        format!("{}{pan}{}", rng.digits(before), rng.digits(after))
    }));
    cases.extend(named("short_number", 30, &["qty", "order", "zip", "extension"], |rng| {
        let length = rng.within(1, 11) as usize;
        format!("{}{}", rng.within(1, 9), rng.digits(length - 1))
    }));
    cases.extend(isbn_with_dashes());
    cases.extend(tracking());
    cases
}

fn named(name: &'static str, count: usize, keys: &[&str], make: impl Fn(&mut Rng) -> String) -> Vec<Case> {
    const PLACES: &[&str] = &["{}", "no. {} arrived", "{}\n", "k={};", "see {} (draft)", "12,{},x"];
    let rng = &mut Rng::of(name);
    repeat(count, |turn| {
        let value = make(rng);
        let key = rng.pick(keys);
        match turn % 4 {
            0 => Case::decoy(name, Format::Json, json!({key: value, "city": "Recife"}).to_string()),
            1 if !value.starts_with('0') => Case::decoy(name, Format::Json, format!(r#"[{{"{key}":{value}}}]"#)),
            2 => Case::decoy(name, Format::Text, format!("{key}: {value}")),
            _ => Case::decoy(name, Format::Text, fill(rng.pick(PLACES), &value)),
        }
    })
}

/// Thirteen digits with the check digit of EAN.
fn thirteen(rng: &mut Rng, prefixes: &[&str]) -> String {
    let body = format!("{}{}", rng.pick(prefixes), rng.digits(9));
    let weighed = |(place, digit): (usize, char)| digit.to_digit(10).unwrap() * if place % 2 == 0 { 1 } else { 3 };
    let sum: u32 = body.chars().enumerate().map(weighed).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn isbn_with_dashes() -> Vec<Case> {
    let name = "isbn_13_with_dashes";
    let rng = &mut Rng::of(name);
    repeat(20, |_| {
        let isbn = thirteen(rng, &["978", "979"]);
        let written = crate::corpus::spelling::grouped(&isbn, &[3, 1, 2, 6, 1], rng.pick(&["-", " "]));
        Case::decoy(name, Format::Text, format!("ISBN {written}, 2nd edition"))
    })
}

fn tracking() -> Vec<Case> {
    let name = "tracking_number";
    let rng = &mut Rng::of(name);
    repeat(40, |turn| {
        let number = match turn % 4 {
            0 => format!("1Z999AA1{}", rng.digits(10)),
            1 => format!("9400{}", rng.digits(18)),
            2 => {
                let number = format!("9205{}", rng.digits(18));
                number.as_bytes().chunks(4).map(|part| std::str::from_utf8(part).unwrap()).collect::<Vec<_>>().join(" ")
            }
            _ => format!("RR{}DE", rng.digits(9)),
        };
        Case::decoy(name, Format::Text, format!("Parcel {number} is on its way."))
    })
}
