//! Time stamps of OpenSSL's authority: what holds, and everything that does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod tsa;

use hoop_audit::{
    Hash,
    timestamp::{Authority, Nonce, Reply, StampError, check, request},
};
use rcgen::SignatureAlgorithm;
use tsa::{BOTH, How, SERVING, Tsa, USUAL};

const NOTE: &[u8] = b"a signed head\n";

fn nonce() -> Nonce {
    Nonce::of([7; 8])
}

fn token(tsa: &Tsa) -> Vec<u8> {
    let reply = tsa.reply(&request(&Hash::of(NOTE), nonce()));
    Reply::read(&reply).unwrap().token.to_vec()
}

fn by(tsa: &Tsa) -> Authority {
    Authority::from_pem(&tsa.authority()).unwrap()
}

#[test]
fn what_an_authority_stamped_holds_for_every_key_and_digest() {
    let keys: [&'static SignatureAlgorithm; 3] =
        [&rcgen::PKCS_ECDSA_P256_SHA256, &rcgen::PKCS_ECDSA_P384_SHA384, &rcgen::PKCS_RSA_SHA256];
    for key in keys {
        for (digest, bound_by) in [("sha256", "sha256"), ("sha384", "sha1"), ("sha512", "sha512")] {
            let tsa = Tsa::new(&How { key, digest, bound_by, ..USUAL });
            let stamp = check(&token(&tsa), &Hash::of(NOTE), &by(&tsa), Some(nonce())).unwrap();
            assert!(stamp.at.to_string().starts_with("20"), "{stamp:?}");
        }
    }
}

#[test]
fn what_is_of_something_else_says_nothing() {
    let (tsa, other) = (Tsa::new(&USUAL), Tsa::new(&USUAL));
    let (token, digest) = (token(&tsa), Hash::of(NOTE));
    assert!(matches!(check(&token, &Hash::of(b"x"), &by(&tsa), None), Err(StampError::OtherImprint)));
    let later = Nonce::of([8; 8]);
    assert!(matches!(check(&token, &digest, &by(&tsa), Some(later)), Err(StampError::OtherNonce)));
    assert!(matches!(check(&token, &digest, &by(&other), None), Err(StampError::Chain { .. })));
    assert!(matches!(Authority::from_pem("no certificate"), Err(StampError::NoAuthority)));
    // What another one made of the same is its word, not the first one's.
    let taken = other.resigned(&token);
    assert!(matches!(check(&taken, &digest, &by(&tsa), None), Err(StampError::Chain { .. })));
    assert!(check(&taken, &digest, &by(&other), None).is_ok());
    let swapped = tsa.with_another_certificate(&token);
    assert!(matches!(check(&swapped, &digest, &by(&tsa), None), Err(StampError::OtherCertificate)));
}

#[test]
fn a_certificate_is_for_time_stamps_alone_and_good_at_the_time() {
    let good = token(&Tsa::new(&USUAL));
    for (how, when) in [
        (How { critical: false, ..USUAL }, None),
        (How { usage: BOTH, ..USUAL }, None),
        (How { usage: SERVING, ..USUAL }, None),
        (How { years: (2000, 2010), ..USUAL }, Some("a certificate had expired")),
        (How { years: (2090, 2100), ..USUAL }, Some("a certificate was not valid yet")),
    ] {
        let tsa = Tsa::new(&how);
        let why = check(&tsa.resigned(&good), &Hash::of(NOTE), &by(&tsa), None).unwrap_err();
        match why {
            StampError::Usage => assert_eq!(when, None, "{:?}", how.years),
            StampError::Chain { why, .. } => assert_eq!(when, Some(why.as_str())),
            other => panic!("{other}"),
        }
    }
}

/// Each byte of a token, changed: it says nothing, or says the same (a byte that nothing is made of).
#[test]
fn no_byte_can_be_changed_so_that_it_says_something_else() {
    let tsa = Tsa::new(&USUAL);
    let (token, digest, authority) = (token(&tsa), Hash::of(NOTE), by(&tsa));
    let said = check(&token, &digest, &authority, None).unwrap();
    let (mut held, mut refused) = (0, 0);
    for at in 0..token.len() {
        for bit in [0x01, 0x80] {
            let mut other = token.clone();
            other[at] ^= bit;
            match check(&other, &digest, &authority, None) {
                Ok(stamp) => {
                    assert_eq!(stamp, said, "byte {at}");
                    held += 1;
                }
                Err(_) => refused += 1,
            }
        }
        assert!(check(&token[..at], &digest, &authority, None).is_err(), "cut off at {at}");
    }
    // What is not signed: versions, the set of digests, parameters.
    assert!(held < 60 && refused > 900, "{held} of {refused}");
    assert!(check(&[&token[..], &[0]].concat(), &digest, &authority, None).is_err(), "something follows");
}

#[test]
fn an_authority_that_refuses_says_so() {
    let tsa = Tsa::new(&USUAL);
    // A digest of a kind that it does not take.
    let mut query = request(&Hash::of(NOTE), nonce());
    let at = query.windows(9).position(|part| part == [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]).unwrap();
    query[at + 8] = 0x07;
    let reply = tsa.reply(&query);
    assert!(matches!(Reply::read(&reply), Err(StampError::Refused(_))));
}
