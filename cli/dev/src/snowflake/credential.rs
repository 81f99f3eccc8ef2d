use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hoop_model::Secret;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;

use super::failure::Failure;

/// What the double accepts at login; everything else is refused with 390100 (a bad JWT with 390144).
pub enum Credential {
    Password {
        user: String,
        password: Secret<String>,
    },
    /// A programmatic access token or an OAuth access token; a PAT may come in the password field as well.
    Token {
        user: String,
        token: Secret<String>,
    },
    /// Key pair: the public key as PEM (SubjectPublicKeyInfo).
    KeyPair {
        account: String,
        user: String,
        public_key: String,
    },
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    iat: u64,
    exp: u64,
}

impl Credential {
    /// The user a login request's `data` proves.
    pub(crate) fn check(accepted: &[Self], data: &Value) -> Result<String, Failure> {
        let field = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default();
        let authenticator = field("AUTHENTICATOR").to_uppercase();
        let user = field("LOGIN_NAME");
        let known = accepted.iter().find(|credential| match (authenticator.as_str(), credential) {
            ("" | "SNOWFLAKE", Self::Password { user: wanted, password }) => {
                user.eq_ignore_ascii_case(wanted) && field("PASSWORD") == password.expose()
            }
            ("" | "SNOWFLAKE", Self::Token { user: wanted, token }) => {
                user.eq_ignore_ascii_case(wanted) && field("PASSWORD") == token.expose()
            }
            ("OAUTH" | "PROGRAMMATIC_ACCESS_TOKEN", Self::Token { token, .. }) => field("TOKEN") == token.expose(),
            ("SNOWFLAKE_JWT", Self::KeyPair { account, user: wanted, public_key }) => {
                signed(field("TOKEN"), account, wanted, public_key).is_some()
            }
            _ => false,
        });
        match known {
            Some(Self::Password { user, .. } | Self::Token { user, .. } | Self::KeyPair { user, .. }) => {
                Ok(user.clone())
            }
            None if authenticator == "SNOWFLAKE_JWT" => Err(Failure::of_session("390144")),
            None => Err(Failure::of_session("390100")),
        }
    }
}

/// RS256, `iss = ACCOUNT.USER.SHA256:<fingerprint>`, `sub = ACCOUNT.USER`, at most an hour.
fn signed(token: &str, account: &str, user: &str, public_key: &str) -> Option<()> {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_aud = false;
    let key = DecodingKey::from_rsa_pem(public_key.as_bytes()).ok()?;
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation).ok()?.claims;
    let subject = format!("{account}.{user}").to_uppercase();
    let der: String = public_key.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    let fingerprint = STANDARD.encode(digest::digest(&digest::SHA256, &STANDARD.decode(der).ok()?));
    let right = claims.sub == subject
        && claims.iss == format!("{subject}.SHA256:{fingerprint}")
        && claims.exp.checked_sub(claims.iat).is_some_and(|life| life <= 3_600);
    right.then_some(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn accepted() -> Vec<Credential> {
        vec![
            Credential::Password { user: "SVC".to_owned(), password: Secret::new("right".to_owned()) },
            Credential::Token { user: "BOT".to_owned(), token: Secret::new("pat-1".to_owned()) },
        ]
    }

    #[test]
    fn only_what_was_configured_logs_in() {
        let login = |data| Credential::check(&accepted(), &data);
        assert_eq!(login(json!({"LOGIN_NAME": "svc", "PASSWORD": "right"})).unwrap(), "SVC");
        assert_eq!(login(json!({"LOGIN_NAME": "bot", "PASSWORD": "pat-1"})).unwrap(), "BOT");
        assert_eq!(login(json!({"AUTHENTICATOR": "programmatic_access_token", "TOKEN": "pat-1"})).unwrap(), "BOT");
        for data in [
            json!({}),
            json!({"LOGIN_NAME": "svc", "PASSWORD": "wrong"}),
            json!({"LOGIN_NAME": "other", "PASSWORD": "right"}),
            json!({"LOGIN_NAME": "svc", "PASSWORD": "right", "AUTHENTICATOR": "OAUTH", "TOKEN": "x"}),
        ] {
            assert_eq!(login(data).unwrap_err().code, "390100");
        }
        assert_eq!(login(json!({"AUTHENTICATOR": "SNOWFLAKE_JWT", "TOKEN": "a.b.c"})).unwrap_err().code, "390144");
    }

    #[test]
    fn a_key_pair_login_needs_the_right_key_issuer_and_life() {
        use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
        use aws_lc_rs::rsa::{KeyPair, KeySize};
        use aws_lc_rs::signature::KeyPair as _;
        use jsonwebtoken::{EncodingKey, Header, get_current_timestamp};

        let pem = |label: &str, der: &[u8]| {
            format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
        };
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let private: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let signer = EncodingKey::from_rsa_pem(pem("PRIVATE KEY", private.as_ref()).as_bytes()).unwrap();
        let fingerprint = STANDARD.encode(digest::digest(&digest::SHA256, public.as_ref()));
        let public_key = pem("PUBLIC KEY", public.as_ref());
        let accepted = [Credential::KeyPair { account: "demo".to_owned(), user: "svc".to_owned(), public_key }];
        let login = |issuer: &str, life: u64| {
            let now = get_current_timestamp();
            let claims = json!({ "iss": issuer, "sub": "DEMO.SVC", "iat": now, "exp": now + life });
            let token = jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &signer).unwrap();
            Credential::check(&accepted, &json!({ "AUTHENTICATOR": "SNOWFLAKE_JWT", "TOKEN": token }))
        };
        let issuer = format!("DEMO.SVC.SHA256:{fingerprint}");
        assert_eq!(login(&issuer, 3_600).unwrap(), "svc");
        assert_eq!(login(&issuer, 3_601).unwrap_err().code, "390144");
        assert_eq!(login("DEMO.SVC.SHA256:other", 60).unwrap_err().code, "390144");
    }
}
