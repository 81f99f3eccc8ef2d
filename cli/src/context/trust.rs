use std::path::PathBuf;

use hoop_tunnel::Trust;
use serde::{Deserialize, Serialize};

use crate::exit::{Exit, Failure};

/// How a context's gateway is known to be the right one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrustBy {
    /// The machine's certificate store.
    #[default]
    System,
    /// The authority in this file, PEM.
    CaFile(PathBuf),
    /// Hex SHA-256 of the authority's public key.
    Pin(String),
}

impl TrustBy {
    pub(super) fn resolve(&self) -> Result<Trust, Failure> {
        match self {
            Self::System => Ok(Trust::System),
            Self::CaFile(path) => {
                let refused = |why: String| {
                    let text = format!(
                        "the gateway's authority {} cannot be used: {why}; log in with --ca-file again",
                        path.display()
                    );
                    Failure::new(Exit::Failed, "bad_ca_file", text)
                };
                let pem = std::fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
                hoop_tunnel::certificates(&pem).map(Trust::Authority).map_err(|error| refused(error.to_string()))
            }
            Self::Pin(pin) => digest(pin).map(Trust::Pin).ok_or_else(|| {
                let text = "a pin is the SHA-256 of the authority's public key: 64 hexadecimal digits";
                Failure::new(Exit::Usage, "bad_pin", text)
            }),
        }
    }
}

fn digest(hex: &str) -> Option<[u8; 32]> {
    let nibble = |byte: &u8| (*byte as char).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let bytes: Option<Vec<u8>> = hex
        .as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(nibble(high)? << 4 | nibble(low)?),
            _ => None,
        })
        .collect();
    bytes?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_64_hexadecimal_digits() {
        assert_eq!(digest(&"0fF1".repeat(16)).map(|digest| digest.starts_with(&[0x0f, 0xf1])), Some(true));
        for pin in ["", "0", "zz", &"00".repeat(31), &"00".repeat(33), &"é0".repeat(16)] {
            assert_eq!(digest(pin), None, "{pin}");
        }
    }
}
