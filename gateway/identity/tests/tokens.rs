//! The check of a token: each way to bend one, with its edge (`identity.md` §2.3 and §8, rows 1 to 4).
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod mint;

use std::time::Duration;

use hoop_identity::{
    jwt::{self, Claims, Expectation, LOGIN_TYPES, TokenError},
    key::KeySet,
};
use hoop_model::Timestamp;
use mint::{CLIENT, ISSUER, NOW, SigningKey, b64, claims, with};
use proptest::prelude::*;
use serde_json::{Value, json};

const EXPECTED: Expectation<'_> = Expectation {
    issuer: ISSUER,
    types: LOGIN_TYPES,
    audiences: &[CLIENT],
    longest_life: Duration::from_secs(3600),
    oldest: Duration::from_secs(600),
};

struct Fixture {
    key: SigningKey,
    keys: KeySet,
}

impl Fixture {
    fn of(key: SigningKey) -> Self {
        let keys = KeySet::parse(mint::set(&[&key]).as_bytes()).unwrap();
        Self { key, keys }
    }

    fn new() -> Self {
        Self::of(SigningKey::ec("one"))
    }

    fn check(&self, token: &str) -> Result<Claims, TokenError> {
        jwt::verify(token, &self.keys, &EXPECTED, Timestamp::from_second(NOW).unwrap())
    }

    fn outcome(&self, changes: Value) -> Result<(), TokenError> {
        self.check(&self.key.token(&with(claims(), changes))).map(drop)
    }

    fn header(&self, changes: Value) -> Result<(), TokenError> {
        let header = with(self.key.header(), changes).to_string();
        self.check(&self.key.token_with(&header, &claims().to_string())).map(drop)
    }
}

#[test]
fn a_good_token_of_each_kind_is_taken() {
    for key in [SigningKey::rsa("r"), SigningKey::ec("e"), SigningKey::ed("d")] {
        let fixture = Fixture::of(key);
        let claims = fixture.check(&fixture.key.token(&claims())).unwrap();
        assert_eq!((claims.subject.as_str(), claims.audience.as_str()), ("alice", CLIENT));
        assert_eq!(claims.get("groups"), Some(&json!(["engineers"])));
    }
}

#[test]
fn the_algorithm_is_the_keys_never_the_headers() {
    let rsa = Fixture::of(SigningKey::rsa("r"));
    for alg in ["none", "None", "nOnE", "HS256", "PS256", "RS384", "ES256", "EdDSA"] {
        assert_eq!(rsa.header(json!({ "alg": alg })), Err(TokenError::Algorithm), "{alg}");
    }
    assert_eq!(rsa.header(json!({ "alg": null })), Err(TokenError::Algorithm));
    assert_eq!(rsa.header(json!({ "alg": ["RS256"] })), Err(TokenError::Algorithm));
    // An empty signature, as `none` has it.
    let unsigned = format!("{}.{}.", b64(json!({ "alg": "none", "kid": "r" }).to_string()), b64(claims().to_string()));
    assert_eq!(rsa.check(&unsigned).map(drop), Err(TokenError::Algorithm));
}

#[test]
fn the_public_key_is_no_shared_secret() {
    let rsa = Fixture::of(SigningKey::rsa("r"));
    let n = rsa.key.jwk["n"].as_str().unwrap();
    for secret in [n.as_bytes().to_vec(), rsa.key.jwk.to_string().into_bytes()] {
        let header = json!({ "alg": "HS256", "kid": "r" }).to_string();
        let signed = format!("{}.{}", b64(header), b64(claims().to_string()));
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret);
        let token = format!("{signed}.{}", b64(aws_lc_rs::hmac::sign(&key, signed.as_bytes())));
        assert_eq!(rsa.check(&token).map(drop), Err(TokenError::Algorithm));
    }
}

#[test]
fn a_rsa_key_is_not_used_in_another_way() {
    let mut key = SigningKey::rsa("r");
    let keys = KeySet::parse(mint::set(&[&key]).as_bytes()).unwrap();
    key.algorithm = jsonwebtoken::Algorithm::PS256;
    let fixture = Fixture { key, keys };
    // Truly signed with PS256, whether the header says so or not.
    assert_eq!(fixture.outcome(json!({})), Err(TokenError::Algorithm));
    assert_eq!(fixture.header(json!({ "alg": "RS256" })), Err(TokenError::Signature));
}

#[test]
fn a_broken_signature_is_refused() {
    let fixture = Fixture::new();
    let token = fixture.key.token(&claims());
    let (signed, _) = token.rsplit_once('.').unwrap();
    for signature in [vec![0; 64], vec![], vec![0; 63], vec![0xff; 64]] {
        let token = format!("{signed}.{}", b64(signature));
        assert_eq!(fixture.check(&token).map(drop), Err(TokenError::Signature));
    }
    let other = SigningKey::ec("one").token(&claims());
    assert_eq!(fixture.check(&other).map(drop), Err(TokenError::Signature));
}

#[test]
fn the_header_brings_no_key_and_no_extension() {
    let fixture = Fixture::new();
    let own = SigningKey::ec("own");
    let header = json!({ "alg": "ES256", "jwk": own.jwk, "kid": "one" }).to_string();
    assert_eq!(fixture.check(&own.token_with(&header, &claims().to_string())).map(drop), Err(TokenError::Signature));
    assert_eq!(fixture.header(json!({ "jku": "https://evil.test", "x5u": "https://evil.test" })), Ok(()));
    assert_eq!(fixture.header(json!({ "crit": ["exp"] })), Err(TokenError::Critical));
    assert_eq!(fixture.header(json!({ "b64": false })), Err(TokenError::Critical));
    for kind in ["at+jwt", "logout+jwt", "secevent+jwt", "JOSE"] {
        assert_eq!(fixture.header(json!({ "typ": kind })), Err(TokenError::Type), "{kind}");
    }
    assert_eq!(fixture.header(json!({ "typ": null })), Ok(()));
}

#[test]
fn key_ids_choose_among_several_keys() {
    let (one, two, rsa) = (SigningKey::ec("a"), SigningKey::ec("b"), SigningKey::rsa("a"));
    let keys = KeySet::parse(mint::set(&[&one, &two, &rsa]).as_bytes()).unwrap();
    let now = Timestamp::from_second(NOW).unwrap();
    let check = |key: &SigningKey, changes: Value| {
        let token = key.token_with(&with(key.header(), changes).to_string(), &claims().to_string());
        jwt::verify(&token, &keys, &EXPECTED, now).map(drop)
    };
    // One id, two kinds of key: both serve.
    assert_eq!(check(&one, json!({})), Ok(()));
    assert_eq!(check(&rsa, json!({})), Ok(()));
    assert_eq!(check(&one, json!({ "kid": "c" })), Err(TokenError::UnknownKey));
    assert_eq!(check(&one, json!({ "kid": 7 })), Err(TokenError::UnknownKey));
    // Without an id: only where a single key of the kind is there.
    assert_eq!(check(&one, json!({ "kid": null })), Err(TokenError::UnknownKey));
    assert_eq!(check(&rsa, json!({ "kid": null })), Ok(()));
}

#[test]
fn the_issuer_is_one_string_byte_for_byte() {
    let fixture = Fixture::new();
    for iss in [
        json!(null),
        json!("https://idp.test/"),
        json!("https://IDP.test"),
        json!("https://idp.test/tenant"),
        json!([ISSUER]),
        json!([ISSUER, "https://evil.test"]),
        json!(7),
    ] {
        assert_eq!(fixture.outcome(json!({ "iss": iss })), Err(TokenError::Issuer), "{iss}");
    }
}

#[test]
fn the_audience_is_us_alone_or_named_as_the_authorized_party() {
    let fixture = Fixture::new();
    for aud in [
        json!(null),
        json!("other"),
        json!(["other"]),
        json!([]),
        json!([CLIENT, "other"]),
        json!([CLIENT, 7]),
        json!({}),
    ] {
        assert_eq!(fixture.outcome(json!({ "aud": aud })), Err(TokenError::Audience), "{aud}");
    }
    assert_eq!(fixture.outcome(json!({ "aud": [CLIENT] })), Ok(()));
    assert_eq!(fixture.outcome(json!({ "aud": [CLIENT, "other"], "azp": CLIENT })), Ok(()));
    assert_eq!(fixture.outcome(json!({ "aud": [CLIENT, "other"], "azp": "other" })), Err(TokenError::Audience));
    assert_eq!(fixture.outcome(json!({ "aud": ["x", "other"], "azp": CLIENT })), Err(TokenError::Audience));
}

#[test]
fn time_has_exact_edges() {
    let fixture = Fixture::new();
    let at = |iat: i64, exp: i64| fixture.outcome(json!({ "iat": iat, "exp": exp }));
    assert_eq!(at(NOW - 100, NOW - 29), Ok(()));
    assert_eq!(at(NOW - 100, NOW - 30), Err(TokenError::Expired));
    assert_eq!(at(NOW - 100, NOW - 31), Err(TokenError::Expired));
    assert_eq!(at(NOW + 30, NOW + 300), Ok(()));
    assert_eq!(at(NOW + 31, NOW + 300), Err(TokenError::NotYet));
    assert_eq!(fixture.outcome(json!({ "nbf": NOW + 30 })), Ok(()));
    assert_eq!(fixture.outcome(json!({ "nbf": NOW + 31 })), Err(TokenError::NotYet));
    assert_eq!(at(NOW, NOW + 3600), Ok(()));
    assert_eq!(at(NOW, NOW + 3601), Err(TokenError::TooLong));
    assert_eq!(at(NOW - 630, NOW + 60), Ok(()));
    assert_eq!(at(NOW - 631, NOW + 60), Err(TokenError::TooOld));
    assert_eq!(at(NOW, NOW), Err(TokenError::Claim("exp")));
}

#[test]
fn times_are_numbers_within_reach() {
    let fixture = Fixture::new();
    let raw = |exp: &str| {
        let payload = format!(r#"{{"iss":"{ISSUER}","aud":"{CLIENT}","sub":"a","iat":{NOW},"exp":{exp}}}"#);
        fixture.check(&fixture.key.token_with(&fixture.key.header().to_string(), &payload)).map(drop)
    };
    for exp in [
        "\"1795392300\"",
        "1e300",
        "1e999",
        "-1",
        "null",
        "[1795392300]",
        "true",
        "253402300800",
        "18446744073709551616",
    ] {
        assert_eq!(raw(exp), Err(TokenError::Claim("exp")), "{exp}");
    }
    assert_eq!(raw("1795392300.5"), Ok(()));
    assert_eq!(fixture.outcome(json!({ "exp": null })), Err(TokenError::Claim("exp")));
    assert_eq!(fixture.outcome(json!({ "iat": null })), Err(TokenError::Claim("iat")));
    assert_eq!(fixture.outcome(json!({ "nbf": "soon" })), Err(TokenError::Claim("nbf")));
}

#[test]
fn a_subject_is_needed_and_a_logout_token_is_none() {
    let fixture = Fixture::new();
    for sub in [json!(null), json!(""), json!(["alice"]), json!("a".repeat(2000))] {
        assert_eq!(fixture.outcome(json!({ "sub": sub })), Err(TokenError::Claim("sub")));
    }
    let logout = json!({ "events": { "http://schemas.openid.net/event/backchannel-logout": {} } });
    assert_eq!(fixture.outcome(logout), Err(TokenError::Type));
}

#[test]
fn a_member_named_twice_is_refused() {
    let fixture = Fixture::new();
    let twice =
        format!(r#"{{"iss":"{ISSUER}","aud":"{CLIENT}","sub":"alice","sub":"bob","iat":{NOW},"exp":{}}}"#, NOW + 300);
    let token = fixture.key.token_with(&fixture.key.header().to_string(), &twice);
    assert!(matches!(fixture.check(&token), Err(TokenError::Malformed(_))));
    let header = r#"{"alg":"ES256","alg":"ES256","kid":"one"}"#;
    let token = fixture.key.token_with(header, &claims().to_string());
    assert!(matches!(fixture.check(&token), Err(TokenError::Malformed(_))));
}

#[test]
fn sizes_are_bounded() {
    let fixture = Fixture::new();
    assert_eq!(fixture.outcome(json!({ "x": "y".repeat(16 * 1024) })), Err(TokenError::TooLarge));
    assert_eq!(fixture.header(json!({ "x": "y".repeat(7 * 1024) })), Err(TokenError::TooLarge));
    assert_eq!(fixture.header(json!({ "kid": "y".repeat(257) })), Err(TokenError::UnknownKey));
}

#[test]
fn texts_and_codes_hold_nothing_of_the_token() {
    let fixture = Fixture::new();
    let error = fixture.outcome(json!({ "iss": "https://4111111111111111.test" })).unwrap_err();
    assert_eq!(error.code(), "token_issuer");
    assert!(!format!("{error} {error:?}").contains("4111"));
}

#[test]
fn claims_are_found_by_name_or_pointer() {
    let fixture = Fixture::new();
    let nested = json!({ "https://a.test/groups": 1, "kubernetes.io": { "pod/name": "p" } });
    let claims = fixture.check(&fixture.key.token(&with(claims(), nested))).unwrap();
    assert_eq!(claims.get("https://a.test/groups"), Some(&json!(1)));
    assert_eq!(claims.text("/kubernetes.io/pod~1name"), Some("p"));
    assert_eq!(claims.get("/kubernetes.io/pod/name"), None);
}

proptest! {
    #[test]
    fn no_text_passes_or_panics(token in "[A-Za-z0-9_.=-]{0,200}") {
        let keys = KeySet::parse(br#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#).unwrap();
        prop_assert!(jwt::verify(&token, &keys, &EXPECTED, Timestamp::from_second(NOW).unwrap()).is_err());
    }

    #[test]
    fn one_flipped_bit_is_found(at in 0usize..10_000, bit in 0u8..6) {
        let key = SigningKey::ed("k");
        let keys = KeySet::parse(mint::set(&[&key]).as_bytes()).unwrap();
        let mut token = key.token(&claims()).into_bytes();
        let at = at % token.len();
        token[at] ^= 1 << bit;
        if let Ok(token) = String::from_utf8(token) {
            prop_assert!(jwt::verify(&token, &keys, &EXPECTED, Timestamp::from_second(NOW).unwrap()).is_err());
        }
    }
}
