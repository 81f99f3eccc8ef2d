//! What the name of a key or a column says about its values.

use crate::sad::word::{self, Word};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Name {
    /// Says nothing.
    #[default]
    Plain,
    /// Says that its values are something else: a card number under it is masked all the same, and reported.
    Harmless,
    /// An operator says that its values are no card numbers, and a sample bears that out.
    Cleared,
    /// A card number: hidden whether or not its check digit holds.
    Card,
    /// A card verification code.
    Code,
    /// A personal identification number.
    Pin,
    /// One, or in India a postal code, which has six digits.
    PinCode,
    /// Track data or a PIN block: the whole value goes.
    Track,
}

/// Names of which every word counts, written as one.
const CODES: [&str; 3] = ["cid", "cardcode", "cccode"];
const TRACKS: [&str; 11] = [
    "trackdata",
    "track1data",
    "track2data",
    "magstripe",
    "magneticstripe",
    "magstripedata",
    "magdata",
    "swipedata",
    "cardswipe",
    "track2equivalentdata",
    "de35",
];

/// What the words of a name say together.
#[derive(Default)]
struct Said {
    /// Codes that are told even as one word among others (`card_cvv`, `cvv_code`).
    code: bool,
    /// `security_code`, `card_verification_value`: the first and the second of it.
    secure: bool,
    noun: bool,
    pin: bool,
    pin_code: bool,
    block: bool,
    /// What tells the PIN of a card or an account from others.
    pinned: bool,
    track: bool,
    pan: bool,
    card: bool,
    number: bool,
    harmless: bool,
    /// Something about a value, not the value: `cvv_result`.
    about: bool,
    words: usize,
}

impl Said {
    fn hear(&mut self, text: &str) {
        self.words += 1;
        match word::of(text.as_bytes()) {
            Word::Code => self.code = true,
            Word::SecureCode => (self.secure, self.noun) = (true, true),
            Word::Secure => self.secure = true,
            Word::Pin => self.pin = true,
            Word::PinCode => (self.pin, self.pin_code) = (true, true),
            Word::Block => self.block = true,
            Word::Bit52 => (self.pin, self.block) = (true, true),
            Word::Noun | Word::Value => self.noun = true,
            _ => {}
        }
        match text {
            "atm" | "debit" | "new" | "old" | "current" | "confirm" | "confirmed" | "user" | "customer" | "default"
            | "temp" | "initial" | "online" | "offline" | "clear" | "plain" | "my" | "mobile" | "entered" => {
                self.pinned = true
            }
            "pan" => self.pan = true,
            "card" => (self.card, self.pinned) = (true, true),
            "cc" => self.card = true,
            "number" | "num" | "no" | "nr" | "account" => (self.number, self.noun) = (true, true),
            "track" => self.track = true,
            "track1" | "track2" | "track3" | "tracks" => (self.track, self.number) = (true, true),
            "1" | "2" | "3" => self.number |= self.track,
            "result" | "results" | "status" | "response" | "match" | "matched" | "attempts" | "retries" | "count"
            | "length" | "required" | "present" | "presence" | "indicator" | "tries" | "failures" | "enabled" => {
                self.about = true
            }
            _ => {}
        }
        match text {
            "order" | "trace" | "span" | "ts" | "timestamp" | "time" | "epoch" | "phone" | "tel" | "telephone"
            | "mobile" | "fax" | "imei" | "tracking" | "isbn" | "ean" | "gtin" | "barcode" | "serial" | "invoice"
            | "request" => self.harmless = true,
            _ => {}
        }
    }

    fn pin(&self) -> Option<Name> {
        let postal = self.pin_code || self.noun && !self.number;
        match () {
            () if !self.pin || self.about => None,
            () if self.pinned => Some(Name::Pin),
            // `pin_code`
            () if postal && self.words <= 2 => Some(Name::PinCode),
            () if self.words == 1 || self.words == 2 && self.number => Some(Name::Pin),
            () => None,
        }
    }
}

/// Reads `name` in any of the usual spellings: `card_number`, `CARDNUMBER`, `cardNumber`, `card-number`.
pub(crate) fn of(name: &str) -> Name {
    let words = Words::of(name);
    let squashed = words.squashed.as_str();
    let mut said = Said::default();
    words.iter().for_each(|word| said.hear(word));
    if TRACKS.contains(&squashed) || said.track && said.number || said.pin && said.block {
        Name::Track
    } else if (said.code || said.secure && said.noun) && !said.about || CODES.contains(&squashed) {
        Name::Code
    } else if let Some(pin) = said.pin() {
        pin
    } else if said.pan || said.card && said.number || is_card(squashed) {
        Name::Card
    } else if said.harmless {
        Name::Harmless
    } else {
        Name::Plain
    }
}

fn is_card(squashed: &str) -> bool {
    const STARTS: [&str; 10] = [
        "cardnumber",
        "cardnum",
        "cardno",
        "ccnumber",
        "ccnum",
        "creditcard",
        "debitcard",
        "primaryaccount",
        "cardpan",
        "pannumber",
    ];
    const WHOLE: [&str; 5] = ["pan", "cc", "ccn", "card", "accountnumber"];
    WHOLE.contains(&squashed)
        || STARTS.iter().any(|start| squashed.starts_with(start))
        || squashed.ends_with("cardnumber")
}

/// Lower-case words, split at anything that is no letter or digit and where lower case meets upper. Every key of every
/// answer is read so: all words stand in one string.
struct Words {
    /// One behind the other.
    squashed: String,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Words {
    fn of(name: &str) -> Self {
        let mut words = Self { squashed: String::with_capacity(name.len()), ends: Vec::with_capacity(8) };
        let mut lower = false;
        for c in name.chars() {
            if !c.is_alphanumeric() || lower && c.is_uppercase() {
                words.end();
            }
            lower = c.is_lowercase() || c.is_ascii_digit();
            if c.is_ascii() {
                if c.is_ascii_alphanumeric() {
                    words.squashed.push(c.to_ascii_lowercase());
                }
            } else if c.is_alphanumeric() {
                words.squashed.extend(c.to_lowercase());
            }
        }
        words.end();
        words
    }

    fn end(&mut self) {
        let end = self.squashed.len();
        if self.ends.last().copied().unwrap_or_default() < end {
            self.ends.push(end);
        }
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        let mut from = 0;
        self.ends.iter().map(move |end| {
            let word = self.squashed.get(from..*end).unwrap_or_default();
            from = *end;
            word
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        let cases = [
            (
                Name::Card,
                &["pan", "PAN", "card_number", "CARDNUMBER", "cardNumber", "cc_number", "ccNumber", "card-no"][..],
            ),
            (
                Name::Card,
                &["primary_account_number", "PrimaryAccount", "credit_card", "customer_pan", "account_number"],
            ),
            (
                Name::Code,
                &[
                    "cvv",
                    "CVV2",
                    "cvc",
                    "cid",
                    "cav2",
                    "security_code",
                    "securityCode",
                    "card_cvv",
                    "cvvCode",
                    "cc-csc",
                ],
            ),
            (
                Name::Code,
                &[
                    "CVVCode",
                    "cardVerificationValue",
                    "verification_value",
                    "card_security_code",
                    "cardcvv",
                    "card_code",
                ],
            ),
            (Name::Pin, &["pin", "PIN", "card_pin", "newPin", "atm_pin", "pin_number", "cardPIN", "card_pin_code"]),
            (Name::PinCode, &["pin_code", "pinCode", "pincode", "PINCode"]),
            (Name::Track, &["track1", "track_2_data", "track2Data", "pin_block", "magstripe", "encPinBlock", "track2"]),
            (Name::Track, &["encrypted_pin_block", "PINBLOCK", "de52", "track_1", "card_track2"]),
            (Name::Harmless, &["order_id", "traceId", "ts", "phone_number", "imei", "TRACKING_NUMBER"]),
            (
                Name::Plain,
                &["cvv_result", "cvvStatus", "pin_required", "gpio_pin", "pins_left", "security_codes_required"],
            ),
            (Name::Plain, &["", "pancake", "company", "card_id", "customer_cid", "spin", "track", "cardiology", "_"]),
        ];
        for (expected, names) in cases {
            for name in names {
                assert_eq!(of(name), expected, "{name}");
            }
        }
    }
}
