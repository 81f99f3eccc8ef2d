#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use proptest::prelude::*;

use super::*;

/// What of `text` is `entity`.
pub(super) fn found<'a>(entity: &Entity, text: &'a str) -> Vec<&'a str> {
    let mut ranges = Vec::new();
    (entity.kind().unwrap().find)(text, &mut ranges);
    ranges.into_iter().map(|range| &text[range]).collect()
}

/// Ascending, apart, not empty, and no character is cut.
pub(super) fn well_formed(text: &str, ranges: &[Range<usize>]) -> bool {
    let apart = ranges.iter().zip(ranges.iter().skip(1)).all(|(one, next)| one.end <= next.start);
    apart && ranges.iter().all(|range| text.get(range.clone()).is_some_and(|text| !text.is_empty()))
}

fn built_in() -> impl Iterator<Item = Entity> {
    Entity::BUILT_IN.iter().map(|name| Entity::from(*name))
}

/// Pieces of what the finders look for, in any order.
pub(super) fn noise() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[0-9]{1,5}",
        "[ ./_+()@-]{1,2}",
        "[a-zA-Z]{1,5}",
        "[*%\"=:,\u{a0}\u{2011}é٤１ß号]",
        "(DE68 2105 0170 0012 3456 78|GB82WEST12345698765432|a\\.b@c\\.example|\\+49 151 2345678|078-05-1120)",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

#[test]
fn names_go_there_and_back() {
    for entity in built_in() {
        assert!(!matches!(entity, Entity::Custom(_)));
        let json = serde_json::to_string(&entity).unwrap();
        assert_eq!(json, format!("\"{entity}\""));
        assert_eq!(serde_json::from_str::<Entity>(&json).unwrap(), entity);
    }
    assert_eq!(Entity::from("employee"), Entity::Custom("employee".into()));
}

#[test]
fn one_spelling_each() {
    let cases = [
        (Entity::Email, "Jo@Example.COM", "jo@example.com"),
        (Entity::Phone, "+49 (151) 234-5678", "491512345678"),
        (Entity::Phone, "0049 151 2345678", "491512345678"),
        (Entity::Iban, "de68 2105 0170", "DE6821050170"),
        (Entity::UsSsn, "078-05-1120", "078051120"),
        (Entity::Value, " Jo Doe", " Jo Doe"),
        (Entity::Custom("words".into()), "Alpha", "alpha"),
    ];
    for (entity, text, expected) in cases {
        assert_eq!(entity.canonical(text), expected.as_bytes(), "{entity}");
    }
    assert_eq!(Entity::Pan.canonical("41 ١"), [4, 1, 1]);
}

#[test]
fn stars_are_nothing() {
    for entity in built_in().filter(|entity| entity.kind().is_some() && *entity != Entity::Value) {
        for text in ["", "*", "***-**-****", "****@*******.***", "+** *** *******", "**** **** ****"] {
            assert!(found(&entity, text).is_empty(), "{entity} in {text}");
            assert!(!(entity.kind().unwrap().whole)(text), "{entity} is {text}");
        }
    }
}

#[test]
fn long_texts_take_no_longer_than_their_length() {
    for piece in
        ["a@", "1-", "(1", "+", "DE68 2105 ", "é", "a.", "%40", "@a.", "000-", "=!%40a.bb", ".%40a.bb", "a.-%40"]
    {
        let text = piece.repeat(400_000 / piece.len());
        let start = std::time::Instant::now();
        built_in().filter_map(|entity| entity.kind()).for_each(|kind| (kind.find)(&text, &mut Vec::new()));
        // A quadratic one would take minutes.
        assert!(start.elapsed().as_secs() < 20, "{piece}");
    }
}

proptest! {
    #[test]
    fn any_text_is_taken(text in prop_oneof![noise(), any::<String>()]) {
        for kind in built_in().filter_map(|entity| entity.kind()) {
            let mut ranges = Vec::new();
            (kind.find)(&text, &mut ranges);
            prop_assert!(well_formed(&text, &ranges), "{:?} in {:?}", ranges, text);
            let _ = ((kind.whole)(&text), (kind.canonical)(&text));
        }
    }

    #[test]
    fn what_is_starred_is_not_found_again(text in noise()) {
        for kind in built_in().filter(|entity| *entity != Entity::Value).filter_map(|entity| entity.kind()) {
            let (mut ranges, mut again) = (Vec::new(), Vec::new());
            (kind.find)(&text, &mut ranges);
            let mut starred = text.clone();
            for range in ranges.iter().rev() {
                let stars = "*".repeat(text[range.clone()].chars().count());
                starred.replace_range(range.clone(), &stars);
            }
            (kind.find)(&starred, &mut again);
            prop_assert!(again.is_empty(), "{:?} of {:?}", starred, text);
        }
    }
}
