//! Tokens and digests: what stands for a value and cannot be turned back without the key and a guess.
//!
//! Both are HMAC-SHA-256 over the value's one canonical spelling, cut to 128 bits (PCI DSS 3.5.1.1). They are spelled
//! in letters only, so that no digits of theirs are ever read as a card number; none of the letters is hexadecimal.

use crate::{Entity, Key, key};

const PREFIX: &str = "tok_";
/// One letter for each value of four bits.
const LETTERS: &[u8; 16] = b"ghjklmnpqrstvwxz";
/// 128 bits.
const LENGTH: usize = 32;

/// What stands for a value: `tok_<key id>_<32 letters>`. `canonical` is what [`Entity::canonical`] makes of it: a card
/// number's digits as values 0 to 9, signed as ASCII so that other programs can make the same token.
pub(crate) fn token(key: &Key, entity: &Entity, canonical: &[u8]) -> String {
    let domain = format!("token:{entity}");
    let signed =
        if *entity == Entity::Pan { key.hmac(&domain, &ascii(canonical)) } else { key.hmac(&domain, canonical) };
    format!("{PREFIX}{}_{}", key.id(), spell(&signed))
}

/// By which the record knows a card number again: `<key id>_<32 letters>`, never equal to a part of its token.
pub(crate) fn digest(key: &Key, canonical: &[u8]) -> String {
    format!("{}_{}", key.id(), spell(&key.hmac("digest:pan", &ascii(canonical))))
}

/// Whether `text` is a token and nothing else.
pub(crate) fn is_token(text: &str) -> bool {
    token_at(text, 0) == Some(text.len())
}

/// The end of the token that starts at byte `start`.
pub(super) fn token_at(text: &str, start: usize) -> Option<usize> {
    let (id, rest) = text.get(start..)?.strip_prefix(PREFIX)?.split_once('_')?;
    let letters = rest.get(..LENGTH)?;
    let alone = !rest.get(LENGTH..)?.starts_with(|c: char| c.is_alphanumeric());
    let spelled = key::is_id(id) && letters.bytes().all(|byte| LETTERS.contains(&byte));
    (spelled && alone).then_some(start + PREFIX.len() + id.len() + 1 + LENGTH)
}

fn spell(signed: &[u8]) -> String {
    let nibbles = signed.iter().flat_map(|byte| [byte >> 4, byte & 15]).take(LENGTH);
    nibbles.filter_map(|nibble| LETTERS.get(usize::from(nibble))).map(|letter| char::from(*letter)).collect()
}

fn ascii(digits: &[u8]) -> Vec<u8> {
    digits.iter().map(|digit| digit.saturating_add(b'0')).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> Key {
        Key::new("k2026", vec![7; 32]).unwrap()
    }

    #[test]
    fn any_spelling_has_the_same_token() {
        let of = |text: &str| token(&key(), &Entity::Pan, &Entity::Pan.canonical(text));
        let plain = of("4111111111111111");
        assert_eq!(plain, of("4111 1111-1111\u{200b}1111"));
        assert_eq!(plain, of("٤١١١١١١١١١١١١١١١"));
        assert_ne!(plain, of("4111111111111112"));
        assert!(plain.starts_with("tok_k2026_") && plain.len() == 42, "{plain}");
    }

    #[test]
    fn a_token_can_be_made_by_others() {
        let mut message = 9u64.to_be_bytes().to_vec();
        message.extend_from_slice(b"token:pan4111111111111111");
        let hmac = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &[7; 32]);
        let expected = spell(aws_lc_rs::hmac::sign(&hmac, &message).as_ref());
        let token = token(&key(), &Entity::Pan, &Entity::Pan.canonical("4111111111111111"));
        assert_eq!(token, format!("tok_k2026_{expected}"));
    }

    #[test]
    fn entities_and_digests_are_apart() {
        let digits = Entity::Pan.canonical("4111111111111111");
        let pan = token(&key(), &Entity::Pan, &digits);
        let digest = digest(&key(), &digits);
        assert!(digest.starts_with("k2026_"));
        assert!(!pan.ends_with(&digest[6..]));
        assert_ne!(pan, token(&key(), &Entity::Phone, b"4111111111111111"));
    }

    #[test]
    fn tokens_are_known_again() {
        let token = token(&key(), &Entity::Email, b"a@b.example");
        assert!(is_token(&token));
        let text = format!("<{token}>");
        assert_eq!(token_at(&text, 1), Some(1 + token.len()));
        for other in ["", "tok_", "tok_k1_", &token[1..], &token[..41], &format!("{token}g"), &token.to_uppercase()] {
            assert!(!is_token(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn a_token_holds_no_run_of_digits(digits in prop::collection::vec(0u8..10, 12..20), id in "[a-z][0-9]{0,8}") {
            let key = Key::new(id, vec![7; 16]).unwrap();
            let token = token(&key, &Entity::Pan, &digits);
            prop_assert!(is_token(&token));
            prop_assert!(!crate::scan::chain::any_in(token.as_bytes()));
        }

        #[test]
        fn any_text_is_taken(text in any::<String>(), start in 0usize..9) {
            if let Some(end) = token_at(&text, start) {
                prop_assert!(text.is_char_boundary(end));
            }
        }
    }
}
