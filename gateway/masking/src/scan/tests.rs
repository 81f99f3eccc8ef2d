#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use proptest::prelude::*;

use super::*;
use crate::luhn;

fn masked(text: &str) -> String {
    mask(text, Evidence::Value).map_or(text.to_owned(), |hidden| hidden.text)
}

/// Digits of `length` beginning with `prefix`, made to pass Luhn.
fn pan(prefix: &str, length: usize, seed: u64) -> String {
    let mut digits: Vec<u8> = prefix.bytes().map(|byte| byte - b'0').collect();
    let mut state = seed | 1;
    while digits.len() < length - 1 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        digits.push((state >> 60) as u8 % 10);
    }
    digits.push(0);
    *digits.last_mut().unwrap() = (0..10)
        .find(|check| {
            let mut all = digits.clone();
            *all.last_mut().unwrap() = *check;
            luhn::valid(&all)
        })
        .unwrap();
    digits.iter().map(|digit| char::from(b'0' + digit)).collect()
}

#[test]
fn every_brand_is_found_in_text() {
    let brands: [(&str, &[usize]); 18] = [
        ("4", &[13, 16, 19]),
        ("51", &[16]),
        ("2221", &[16]),
        ("2720", &[16]),
        ("34", &[15]),
        ("37", &[15]),
        ("6011", &[16, 17, 18, 19]),
        ("644", &[16, 19]),
        ("65", &[16, 19]),
        ("300", &[14, 16, 19]),
        ("36", &[14, 19]),
        ("3528", &[16, 19]),
        ("62", &[16, 17, 18, 19]),
        ("81", &[16]),
        ("5018", &[12, 13, 14, 15, 16, 17, 18, 19]),
        ("2200", &[16, 19]),
        ("5060", &[16, 18, 19]),
        ("9792", &[16]),
    ];
    for (prefix, lengths) in brands {
        for length in lengths {
            for seed in 1..20 {
                let number = pan(prefix, *length, seed);
                let keep = crate::redact::leading(*length);
                let stars = "*".repeat(length - 4 - keep);
                let expected = format!("<{}{stars}{}>", &number[..keep], &number[length - 4..]);
                assert_eq!(masked(&format!("<{number}>")), expected);
            }
        }
    }
}

#[test]
fn every_form_is_found() {
    let cases = [
        ("4111111111111111", "411111******1111"),
        ("4111 1111 1111 1111", "4111 11** **** 1111"),
        ("4111-1111-1111-1111", "4111-11**-****-1111"),
        ("4111.1111.1111.1111", "4111.11**.****.1111"),
        ("4111_1111_1111_1111", "4111_11**_****_1111"),
        ("4111/1111/1111/1111", "4111/11**/****/1111"),
        ("4111  1111  1111  1111", "4111  11**  ****  1111"),
        ("4111 - 1111 - 1111 - 1111", "4111 - 11** - **** - 1111"),
        ("411111 1111111111", "411111 1111111111"), // 6-10 is no card's grouping
        ("3782 822463 10005", "3782 82**** *0005"),
        ("3056 930902 5904", "3056 93**** 5904"),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "4 1 1 1 1 1 * * * * * * 1 1 1 1"),
        ("abc4111111111111111def", "abc411111******1111def"),
        ("_4111111111111111_", "_411111******1111_"),
        ("号4111111111111111号", "号411111******1111号"),
        ("4111111111111111.00", "411111******1111.00"),
        ("4111\u{2011}1111\u{2013}1111\u{2212}1111", "4111\u{2011}11**\u{2013}****\u{2212}1111"),
        ("4111\u{202f}1111\u{2009}1111\u{3000}1111", "4111\u{202f}11**\u{2009}****\u{3000}1111"),
        ("41\u{ad}11\u{200d}1111\u{feff}11111111", "41\u{ad}11\u{200d}11**\u{feff}****1111"),
        ("٤١١١١١١١١١١١١١١١", "٤١١١١١******١١١١"),
        ("४१११११११११११११११", "४१११११******११११"),
        ("৪১১১১১১১১১১১১১১১", "৪১১১১১******১১১১"),
        ("๔๑๑๑๑๑๑๑๑๑๑๑๑๑๑๑", "๔๑๑๑๑๑******๑๑๑๑"),
        ("𝟒𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏", "𝟒𝟏𝟏𝟏𝟏𝟏******𝟏𝟏𝟏𝟏"),
        ("４１１１　１１１１　１１１１　１１１１", "４１１１　１１**　****　１１１１"),
        ("2024-01-15 4111 1111 1111 1111 12/27", "2024-01-15 4111 11** **** 1111 12/27"),
        ("4111111111111111,5555555555554444", "411111******1111,555555******4444"),
        ("4111111111111111 5555555555554444", "411111******1111 555555******4444"),
        ("4111 1111 1111 1111 CVV 123", "4111 11** **** 1111 CVV ***"),
        ("4111111111111111D25121010000", "411111******1111D***********"),
        (";4111111111111112=25121010000012345?", ";411111******1112=*****************?"),
        ("%B4111111111111112^DOE/JO^25121010?", "%B411111******1112^***/**^********?"),
    ];
    for (text, expected) in cases {
        assert_eq!(masked(text), expected);
        assert_eq!(masked(expected), expected);
    }
}

#[test]
fn decoys_survive() {
    let decoys = [
        "550e8400-e29b-41d4-a716-446655440000",
        "41111111-1111-1111-1111-111111111111",
        "d41d8cd98f00b204e9800998ecf8427e",
        "a4111111111111111b00b204e9800998",
        "1700000000000",
        "1700000000000000",
        "1700000000000000000",
        "2026-11-23T16:45:23.123456789Z",
        "20261123164523",
        "2026-11-23 16:45:23.000",
        "490154203237518",
        "356938035643809",
        "9783161484100",
        "978-3-16-148410-0",
        "+4915123456789",
        "+49 1512 3456 7890",
        "+1 (555) 010-9999",
        "0044 7911 123456",
        "4111111111111112",
        "5555555555554445",
        "order 4000123412341235",
        "192.168.100.200",
        "52.5200080000000",
        "13.4222222222222",
        "-122.4222222222222",
        "411111******1111",
        "4111 11** **** 1111",
        "41111111111111111111",
        "00004111111111111111000",
        "1,234,567,890,123",
        "12:34:56:78:90:12:34:56",
        "v1.2.3-4.5.6-7.8.9",
        "1 2 3 4 5 6 7 8 9 10 11 12 13",
        "",
        "3.14159265358979323846",
        "0000000000000000",
        "1111111111111111",
        "7000000000000003",
    ];
    for decoy in decoys {
        assert_eq!(masked(decoy), decoy);
    }
}

#[test]
fn a_name_that_says_card_needs_no_check_digit() {
    let card = |text: &str| mask(text, Evidence::Card).map_or(text.to_owned(), |hidden| hidden.text);
    assert_eq!(card("4111111111111112"), "411111******1112");
    assert_eq!(card("123-456-789-012-345"), "123-456-***-**2-345");
    assert_eq!(card("111111111111"), "1111****1111");
    assert_eq!(card("12345678901"), "12345678901");
    assert_eq!(card(&card("1234567890123456789012345")), card("1234567890123456789012345"));
}

#[test]
fn chains_built_to_need_many_passes_end() {
    // Each number's last four digits open a window into the next.
    let text = (0..2000).map(|seed| pan("4", 16, seed)).collect::<Vec<_>>().join(" ");
    let once = masked(&text);
    assert_eq!(masked(&once), once);
    let fours = (0..4000).map(|seed: u64| pan("4", 16, seed)[..4].to_owned()).collect::<Vec<_>>().join(" ");
    let once = masked(&fours);
    assert_eq!(masked(&once), once);
}

fn noise() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[0-9]{1,8}",
        3 => "[ ./_-]{1,2}",
        1 => "[a-df0-9]{1,12}",
        1 => "[*+=^;BD?,\"]",
        1 => "[\u{a0}\u{200b}\u{2013}٤१４é]",
        2 => (any::<u64>(), prop::sample::select(vec![("4", 16), ("37", 15), ("62", 19), ("5018", 12), ("4", 13)]))
            .prop_map(|(seed, (prefix, length))| pan(prefix, length, seed)),
        1 => (any::<u64>()).prop_map(|seed| {
            let number = pan("5", 16, seed);
            format!("{} {} {} {}", &number[..4], &number[4..8], &number[8..12], &number[12..])
        }),
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn digits_alone_are_read_as_a_chain_is(
        front in "(card |PAN: |5A ?|5A0A|a|x|%|\\\\x|;|\\+|é|DE|[A-Z]{2} )?[a-zB ]{0,6}[ -:+%a]?",
        (prefix, length, seed) in (prop::sample::select(vec!["4", "51", "37", "6011", "0841", "5713", "1", "9"]), 12usize..21, any::<u64>()),
        (change, evidence) in (0u8..2, prop::sample::select(vec![Evidence::Value, Evidence::Card])),
        back in "( |-|[ ./_-]{1,5})(d2512101000|D25121010000|e12|on the|x|E1|é|[0-9]{1,3}|=2512101|\\+|\n|\\*{4}1111)?",
        open in any::<bool>(),
    ) {
        let mut number = pan(prefix, length, seed);
        let last = number.pop().unwrap() as u8;
        number.push(char::from(b'0' + (last - b'0' + change) % 10));
        let (text, start) = (format!("{front}{number}{back}"), front.len());
        let (mut one, mut other) = [(); 2].map(|()| Scanner::new(evidence, Hiding::default())).into();
        let one_end = one.digits(text.as_bytes(), start, open);
        let other_end = match other.block(text.as_bytes(), start..start + length, open) {
            Some(end) => end,
            None => other.long_way(text.as_bytes(), start, open),
        };
        prop_assert_eq!(one_end, other_end, "{}", text);
        let outcome = |mut scanner: Scanner| {
            let mut out = Vec::new();
            edit::apply(text.as_bytes(), 0, text.len(), &mut scanner.edits, &mut out);
            (String::from_utf8(out).unwrap(), scanner.pans, scanner.sad, scanner.last, scanner.counted, scanner.joined)
        };
        prop_assert_eq!(outcome(one), outcome(other), "{}", text);
    }

    #[test]
    fn masking_twice_changes_nothing(text in noise()) {
        for evidence in [Evidence::Value, Evidence::Card] {
            let once = mask(&text, evidence).map_or(text.clone(), |hidden| hidden.text);
            prop_assert!(mask(&once, evidence).is_none(), "{text:?} → {once:?}");
        }
    }

    #[test]
    fn only_characters_become_stars(text in noise()) {
        let out = masked(&text);
        prop_assert_eq!(out.chars().count(), text.chars().count());
        prop_assert!(out.chars().zip(text.chars()).all(|(a, b)| a == b || a == '*' && b.is_alphanumeric()));
    }

    #[test]
    fn no_number_survives_between_others(
        before in "([^0-9+.\\pN]{0,20}[ x:é])?", after in "([ x:é][^0-9\\pN]{0,20})?", seed: u64, separator in "[ ./_-]?",
        brand in prop::sample::select(vec![("4", 16), ("55", 16), ("62", 16), ("9792", 16)]),
    ) {
        let number = pan(brand.0, brand.1, seed);
        let grouped = [&number[..4], &number[4..8], &number[8..12], &number[12..]].join(&separator);
        let text = format!("{before}{grouped}{after}");
        let out = masked(&text);
        let stars = out.chars().skip(before.chars().count() + 6).take(6 + separator.len() * 2);
        prop_assert_eq!(stars.filter(|c| *c == '*').count() , 6, "{}", out);
    }

    #[test]
    fn what_is_not_worth_a_scan_holds_nothing(
        text in noise(), more in any::<String>(),
        words in prop::sample::select(vec!["cvv ", " is the CVV", "PIN: ", "security code ", " (pin)", "pin block ", "cid="]),
    ) {
        for text in [&text, &more, &format!("{more}{text}"), &format!("{words}{text}"), &format!("{text}{words}{more}")] {
            prop_assert!(worth::scanning(text.as_bytes()) || mask(text, Evidence::Value).is_none(), "{text:?}");
        }
    }

    #[test]
    fn any_text_is_taken(text in any::<String>()) {
        let _ = mask(&text, Evidence::Value);
        let _ = mask(&text, Evidence::Card);
    }
}
