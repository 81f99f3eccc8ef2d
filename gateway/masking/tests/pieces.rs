//! Text that comes in pieces comes out as it does in one.
#![allow(clippy::unwrap_used)]

use hoop_masking::{Findings, Form, Masker};
use proptest::prelude::*;

fn in_pieces(text: &[u8], form: Form, sizes: &[usize]) -> Vec<u8> {
    let mut stream = Masker::default().stream(form);
    let (mut out, mut rest) = (Vec::new(), text);
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let size = (*sizes.next().unwrap()).clamp(1, rest.len());
        let (piece, more) = rest.split_at(size);
        out.extend(stream.write(piece).unwrap().into_inner());
        rest = more;
    }
    out.extend(stream.finish().unwrap().0.into_inner());
    out
}

fn lines() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[0-9]{1,20}",
        3 => "[ ./_\\-\n\r\t+]{1,3}",
        2 => prop::sample::select(vec![
            "4111111111111111", "5555 5555 5555 4444", "3782-822463-10005", "%34%31%31%31111111111111", "&#52;111111111111111",
            "\\u0034111111111111111", "4.111111111111111e15", "cvv 123", "pin 1234", "card no 4111111111111112", "６２１２345678901234569",
            ";4111111111111111=25121010000012345?", "%B4111111111111111^DOE/J^2512101?", "5713" , "D2512101000",
            "550e8400-e29b-41d4-a716-676100000006", "a4111111111111111b00b204e9800998",
        ]).prop_map(str::to_owned),
        2 => prop::sample::select(vec![
            "{\"pan\":4111111111111111,\"cvv\":\"123\"}\n", "{\"a\":[1,\"4111", "[", "{", "\"", "]", "}", ":", ",", "\n\n",
            "data: {\"n\":\"4111111111111111\"}\n", "id,pan,cvv\n7,4111111111111112,123\n", "\"{\\\"n\\\":4111111111111111}\"",
            "{\n  \"n\": [\n 4111111111111111\n]}\n", "@@CASE 12ab@@\n", "| id | cvv |\n|---|---|\n| 1 | 123 |\n",
        ]).prop_map(str::to_owned),
        1 => "[a-zé{}\\[\\]\":,*=^;%&]{1,6}",
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

/// Rows of cells as a result has them: in one piece most of them are passed over by the block, in single bytes none is.
fn rowset() -> impl Strategy<Value = String> {
    let cell = prop_oneof![
        3 => "[0-9]{1,20}",
        3 => "[A-Za-zéß' ]{0,20}[0-9]{0,6}",
        2 => "20[0-9]{2}-0[1-9]-1[0-9]([ T]1[0-9]:[0-5][0-9]:00)?",
        2 => "[0-9]{1,13}\\.[0-9]{1,13}",
        3 => prop::sample::select(vec![
            "4111111111111111", "4111 1111 1111 1111", "378282246310005", "cvv 123", "PIN: 1234", "cvv123", "DE52 123", "v2 123",
            "NDExMTExMTExMTExMTExMQ==", "34313131313131313131313131313131", "%34%31%31%31111111111111", "４１１１１１１１１１１１１１１１", "[4111111111111111]",
            "{\\\"cvv\\\":\\\"123\\\"}", "card no 4111111111111112", "a longer text with 4111111111111111 in its middle", "4.111111111111111e15",
        ]).prop_map(str::to_owned),
    ]
    .prop_map(|cell| format!("\"{cell}\""));
    let value = prop_oneof![8 => cell, 1 => prop::sample::select(vec!["null", "-12.5", "true", "4111111111111111", " 7 "]).prop_map(str::to_owned)];
    let row = prop::collection::vec(value, 0..8).prop_map(|cells| format!("[{}]", cells.join(",")));
    prop::collection::vec(row, 0..8).prop_map(|rows| format!("[{}]", rows.join(",")))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_split_is_the_same(text in lines(), sizes in prop::collection::vec(1usize..40, 1..6)) {
        for form in [Form::Auto, Form::Text] {
            let whole = in_pieces(text.as_bytes(), form, &[usize::MAX]);
            let whole = String::from_utf8(whole).unwrap();
            for sizes in [&[1][..], &[7], &sizes] {
                let pieces = String::from_utf8(in_pieces(text.as_bytes(), form, sizes)).unwrap();
                prop_assert_eq!(&pieces, &whole, "{:?} of {:?}", sizes, text);
            }
        }
        let at_once = Masker::default().text(&text, &mut Findings::default()).into_inner();
        prop_assert_eq!(at_once.as_bytes(), in_pieces(text.as_bytes(), Form::Auto, &[usize::MAX]));
    }

    #[test]
    fn rows_passed_over_by_the_block_and_read_byte_by_byte_are_the_same(text in rowset()) {
        let whole = String::from_utf8(in_pieces(text.as_bytes(), Form::Auto, &[usize::MAX])).unwrap();
        let single = String::from_utf8(in_pieces(text.as_bytes(), Form::Auto, &[1])).unwrap();
        prop_assert_eq!(&single, &whole);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&whole).is_ok(), "{}", whole);
    }

    #[test]
    fn masked_twice_is_masked_once(text in lines()) {
        let masker = Masker::default();
        let once = masker.text(&text, &mut Findings::default());
        prop_assert!(masker.text(once.as_ref(), &mut Findings::default()) == once, "{:?} → {:?}", text, once.as_ref());
    }

    #[test]
    fn bytes_that_are_no_text(bytes in prop::collection::vec(prop_oneof![any::<u8>(), b'0'..=b'9'], 0..200)) {
        let whole = in_pieces(&bytes, Form::Auto, &[usize::MAX]);
        prop_assert_eq!(in_pieces(&bytes, Form::Auto, &[3]), whole);
    }
}
