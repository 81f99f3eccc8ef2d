//! The one function that checks a token (RFC 7519, RFC 8725). Every rule is applied by hand, against a clock that is
//! given: libraries' defaults let through tokens without `iss` or `aud`, arrays as `iss`, unknown `crit`.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hoop_model::Timestamp;
use serde_json::{Map, Value};

use crate::{
    json,
    key::{KeySet, LONGEST_KEY_ID},
};

/// What clocks may differ by, in seconds.
pub const LEEWAY: i64 = 30;
const LONGEST_TOKEN: usize = 16 * 1024;
const LONGEST_HEADER: usize = 8 * 1024;
/// What the header of an ID token or a workload's token may call it.
pub const LOGIN_TYPES: &[&str] = &["JWT"];
/// The same of an access token: RFC 9068 has a name for it, which many issuers do not use.
pub const ACCESS_TYPES: &[&str] = &["at+jwt", "application/at+jwt", "JWT"];
/// Last second of the year 9999: what a [`Timestamp`] holds.
const LAST_SECOND: f64 = 253_402_207_200.0;

/// What a token must say to be taken.
#[derive(Debug, Clone, Copy)]
pub struct Expectation<'a> {
    /// Compared byte for byte.
    pub issuer: &'a str,
    /// What `typ` may say in the header; it may be left out.
    pub types: &'a [&'a str],
    /// Any one of these must be in `aud`.
    pub audiences: &'a [&'a str],
    /// Largest `exp` − `iat`.
    pub longest_life: Duration,
    /// Largest age when it is first shown.
    pub oldest: Duration,
}

/// A verified token's claims.
#[derive(Clone)]
pub struct Claims {
    pub issuer: String,
    pub subject: String,
    /// The one of the expected audiences that the token named.
    pub audience: String,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
    all: Map<String, Value>,
}

impl Claims {
    /// A claim by its exact name, or by JSON Pointer (RFC 6901) when `name` begins with `/`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        if !name.starts_with('/') {
            return self.all.get(name);
        }
        let mut parts = name.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"));
        let first = self.all.get(&parts.next()?)?;
        parts.try_fold(first, |value, part| match value {
            Value::Object(members) => members.get(&part),
            _ => None,
        })
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// A NumericDate; `None` when the claim is absent.
    pub fn time(&self, name: &'static str) -> Result<Option<Timestamp>, TokenError> {
        self.all.get(name).map(|value| seconds(value, name).and_then(|at| timestamp(at, name))).transpose()
    }
}

/// Why a token is refused. Neither these texts nor their details hold anything of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    #[error("the token cannot be read ({0})")]
    Malformed(&'static str),
    #[error("the token is larger than is accepted")]
    TooLarge,
    #[error("the token is of another type than is accepted here")]
    Type,
    #[error("the token demands an extension that is not understood")]
    Critical,
    #[error("the token is signed in a way that is not accepted")]
    Algorithm,
    #[error("the token is signed with a key that the identity provider does not publish")]
    UnknownKey,
    #[error("the token's signature is not valid")]
    Signature,
    #[error("the token comes from another identity provider")]
    Issuer,
    #[error("the token is meant for somebody else")]
    Audience,
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid yet; check this machine's clock and the identity provider's")]
    NotYet,
    #[error("the token lives longer than is accepted")]
    TooLong,
    #[error("the token was issued too long ago; ask for a new one")]
    TooOld,
    #[error("the token's claim \"{0}\" is missing or not what it should be")]
    Claim(&'static str),
}

impl TokenError {
    /// Stable, `snake_case`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::TooLarge => "token_malformed",
            Self::Type | Self::Critical => "token_type",
            Self::Algorithm | Self::UnknownKey | Self::Signature => "token_signature",
            Self::Issuer => "token_issuer",
            Self::Audience => "token_audience",
            Self::Expired | Self::TooOld => "token_expired",
            Self::NotYet => "token_not_yet_valid",
            Self::TooLong => "token_lifetime",
            Self::Claim(_) => "token_claim",
        }
    }
}

/// Checks `token` against `keys` and `expected`, at `now`. Does no I/O and reads no clock.
pub fn verify(token: &str, keys: &KeySet, expected: &Expectation<'_>, now: Timestamp) -> Result<Claims, TokenError> {
    let parts = Parts::split(token)?;
    let header = Header::read(parts.header)?;
    if header.kind.as_ref().is_some_and(|kind| !expected.types.iter().any(|one| kind.eq_ignore_ascii_case(one))) {
        return Err(TokenError::Type);
    }
    let key = keys.select(header.key_id.as_deref(), &header.algorithm)?;
    let signature = base64(parts.signature, "the signature is no base64url")?;
    key.verify(parts.signed.as_bytes(), &signature)?;
    let payload = base64(parts.payload, "the payload is no base64url")?;
    let all = json::object(&payload).map_err(|_| TokenError::Malformed("the payload is no plain JSON object"))?;
    check(all, expected, now.as_second())
}

/// The key a token says it was signed with: to know which key sets to look into, before anything is believed.
pub fn key_id(token: &str) -> Result<Option<String>, TokenError> {
    Ok(Header::read(Parts::split(token)?.header)?.key_id)
}

/// The issuer a token names, unverified: only to choose among the issuers that are configured.
pub(crate) fn claimed_issuer(token: &str) -> Result<String, TokenError> {
    let payload = base64(Parts::split(token)?.payload, "the payload is no base64url")?;
    let all = json::object(&payload).map_err(|_| TokenError::Malformed("the payload is no plain JSON object"))?;
    all.get("iss").and_then(Value::as_str).map(str::to_owned).ok_or(TokenError::Issuer)
}

struct Parts<'a> {
    signed: &'a str,
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    fn split(token: &'a str) -> Result<Self, TokenError> {
        if token.len() > LONGEST_TOKEN {
            return Err(TokenError::TooLarge);
        }
        let shape = TokenError::Malformed("it has not three parts");
        let (signed, signature) = token.rsplit_once('.').ok_or(shape)?;
        let (header, payload) = signed.split_once('.').ok_or(shape)?;
        if payload.contains('.') {
            return Err(shape);
        }
        if header.len() > LONGEST_HEADER {
            return Err(TokenError::TooLarge);
        }
        Ok(Self { signed, header, payload, signature })
    }
}

/// `jku`, `jwk`, `x5u` and `x5c` are never looked at: keys come from the issuer's set alone.
struct Header {
    kind: Option<String>,
    algorithm: String,
    key_id: Option<String>,
}

impl Header {
    fn read(encoded: &str) -> Result<Self, TokenError> {
        let bytes = base64(encoded, "the header is no base64url")?;
        let header = json::object(&bytes).map_err(|_| TokenError::Malformed("the header is no plain JSON object"))?;
        if header.contains_key("crit") || header.contains_key("b64") {
            return Err(TokenError::Critical);
        }
        let kind = match header.get("typ") {
            None => None,
            Some(Value::String(kind)) => Some(kind.clone()),
            Some(_) => return Err(TokenError::Type),
        };
        let algorithm = header.get("alg").and_then(Value::as_str).ok_or(TokenError::Algorithm)?.to_owned();
        let key_id = match header.get("kid") {
            None => None,
            Some(Value::String(id)) if id.len() <= LONGEST_KEY_ID => Some(id.clone()),
            Some(_) => return Err(TokenError::UnknownKey),
        };
        Ok(Self { kind, algorithm, key_id })
    }
}

fn check(all: Map<String, Value>, expected: &Expectation<'_>, now: i64) -> Result<Claims, TokenError> {
    match all.get("iss") {
        Some(Value::String(issuer)) if issuer == expected.issuer => {}
        _ => return Err(TokenError::Issuer),
    }
    let audience = audience(&all, expected.audiences)?;
    let time = |name: &'static str| all.get(name).ok_or(TokenError::Claim(name)).and_then(|value| seconds(value, name));
    let (issued, expires) = (time("iat")?, time("exp")?);
    if now >= expires + LEEWAY {
        return Err(TokenError::Expired);
    }
    if issued > now + LEEWAY {
        return Err(TokenError::NotYet);
    }
    if all.contains_key("nbf") && time("nbf")? > now + LEEWAY {
        return Err(TokenError::NotYet);
    }
    if expires <= issued {
        return Err(TokenError::Claim("exp"));
    }
    if expires - issued > whole_seconds(expected.longest_life) {
        return Err(TokenError::TooLong);
    }
    if now - issued > whole_seconds(expected.oldest) + LEEWAY {
        return Err(TokenError::TooOld);
    }
    // A logout token (OpenID Connect Back-Channel Logout §2.4) or security event is never a login.
    if all.contains_key("events") {
        return Err(TokenError::Type);
    }
    let subject = match all.get("sub") {
        Some(Value::String(subject)) if (1..=1024).contains(&subject.len()) => subject.clone(),
        _ => return Err(TokenError::Claim("sub")),
    };
    Ok(Claims {
        issuer: expected.issuer.to_owned(),
        subject,
        audience,
        issued_at: timestamp(issued, "iat")?,
        expires_at: timestamp(expires, "exp")?,
        all,
    })
}

/// One audience, ours; or several, ours among them, and `azp` naming us (OpenID Connect Core §3.1.3.7).
fn audience(all: &Map<String, Value>, expected: &[&str]) -> Result<String, TokenError> {
    let wanted = |value: &str| expected.contains(&value);
    match all.get("aud") {
        Some(Value::String(one)) if wanted(one) => Ok(one.clone()),
        Some(Value::Array(several)) => {
            let several: Option<Vec<&str>> = several.iter().map(Value::as_str).collect();
            match several.as_deref() {
                Some([one]) if wanted(one) => Ok((*one).to_owned()),
                Some(many) => {
                    let azp = all.get("azp").and_then(Value::as_str).ok_or(TokenError::Audience)?;
                    if wanted(azp) && many.contains(&azp) { Ok(azp.to_owned()) } else { Err(TokenError::Audience) }
                }
                None => Err(TokenError::Audience),
            }
        }
        _ => Err(TokenError::Audience),
    }
}

/// NumericDate (RFC 7519 §2): fractions are allowed and cut off; before 1970 and past 9999 is not.
fn seconds(value: &Value, name: &'static str) -> Result<i64, TokenError> {
    let Value::Number(number) = value else { return Err(TokenError::Claim(name)) };
    let whole = number.as_i64().or_else(|| {
        let fraction = number.as_f64().filter(|at| (0.0..=LAST_SECOND).contains(at))?;
        // In range: the cast only cuts the fraction off.
        Some(fraction as i64)
    });
    whole.filter(|at| (0..=LAST_SECOND as i64).contains(at)).ok_or(TokenError::Claim(name))
}

fn timestamp(seconds: i64, name: &'static str) -> Result<Timestamp, TokenError> {
    Timestamp::from_second(seconds).map_err(|_| TokenError::Claim(name))
}

fn whole_seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX / 2)
}

fn base64(text: &str, why: &'static str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenError::Malformed(why))
}
