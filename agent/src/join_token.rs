use std::str::FromStr;

use hoop_model::Secret;

/// `hoop-join-<secret>.<hex SHA-256 of the gateway authority's public key>`: lets one agent in, once, and tells it which
/// gateway is the right one.
pub struct JoinToken {
    /// What the gateway is shown: all before the pin.
    pub secret: Secret<String>,
    pub pin: [u8; 32],
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a join token (hoop-join-….…); copy it whole from `hoopctl admin agents add`")]
pub struct InvalidJoinToken;

impl FromStr for JoinToken {
    type Err = InvalidJoinToken;

    fn from_str(text: &str) -> Result<Self, InvalidJoinToken> {
        let (secret, pin) = text.trim().rsplit_once('.').ok_or(InvalidJoinToken)?;
        if !secret.starts_with("hoop-join-") {
            return Err(InvalidJoinToken);
        }
        Ok(Self { secret: Secret::new(secret.to_owned()), pin: bytes(pin).ok_or(InvalidJoinToken)? })
    }
}

fn bytes(hex: &str) -> Option<[u8; 32]> {
    let nibbles: Vec<u8> =
        hex.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect::<Option<_>>()?;
    let bytes: Vec<u8> = nibbles
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(high << 4 | low),
            _ => None,
        })
        .collect::<Option<_>>()?;
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_token_is_read_and_a_cut_one_refused() {
        let text = format!("hoop-join-c2VjcmV0.{}", "0aF".repeat(21) + "1");
        let token: JoinToken = format!(" {text}\n").parse().unwrap();
        assert_eq!(token.secret.expose(), "hoop-join-c2VjcmV0");
        assert_eq!((token.pin[0], token.pin[1]), (0x0a, 0xf0));
        for wrong in [&text[..text.len() - 1], "hoop-join-c2VjcmV0", &text[5..], ""] {
            assert_eq!(wrong.parse::<JoinToken>().err(), Some(InvalidJoinToken));
        }
    }
}
