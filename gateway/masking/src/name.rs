//! What the name of a key or a column says about its values.

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
    /// Track data or a PIN block: the whole value goes.
    Track,
}

const CODES: [&str; 11] = [
    "cvv",
    "cvc",
    "cvv2",
    "cvc2",
    "cid",
    "cav",
    "cav2",
    "cvn",
    "securitycode",
    "cardsecuritycode",
    "cardverificationcode",
];
const TRACKS: [&str; 11] = [
    "track1",
    "track2",
    "track3",
    "trackdata",
    "track1data",
    "track2data",
    "track2equivalentdata",
    "magstripe",
    "magstripedata",
    "magneticstripe",
    "pinblock",
];

/// What the words of a name say together.
#[derive(Default)]
struct Said {
    /// Codes that are told even as one word among others (`card_cvv`, `cvv_code`).
    code: bool,
    pin: bool,
    /// A kind of card that has a PIN.
    pinned: bool,
    pan: bool,
    card: bool,
    number: bool,
    harmless: bool,
}

impl Said {
    fn hear(&mut self, word: &str) {
        match word {
            "cvv" | "cvc" | "cvv2" | "cvc2" | "cav2" | "cvn" | "cvn2" => self.code = true,
            "pin" => self.pin = true,
            "atm" | "debit" => self.pinned = true,
            "pan" => self.pan = true,
            "card" => (self.card, self.pinned) = (true, true),
            "cc" => self.card = true,
            "number" | "num" | "no" | "nr" | "account" => self.number = true,
            "order" | "trace" | "span" | "ts" | "timestamp" | "time" | "epoch" | "phone" | "tel" | "telephone"
            | "mobile" | "fax" | "imei" | "tracking" | "isbn" | "ean" | "gtin" | "barcode" | "serial" | "invoice"
            | "request" => self.harmless = true,
            _ => {}
        }
    }
}

/// Reads `name` in any of the usual spellings: `card_number`, `CARDNUMBER`, `cardNumber`, `card-number`.
pub(crate) fn of(name: &str) -> Name {
    let words = Words::of(name);
    let squashed = words.squashed.as_str();
    let mut said = Said::default();
    words.iter().for_each(|word| said.hear(word));
    if TRACKS.contains(&squashed) {
        Name::Track
    } else if said.code || CODES.contains(&squashed) {
        Name::Code
    } else if said.pin && (said.pinned || words.ends.len() == 1) {
        Name::Pin
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
    const WHOLE: [&str; 4] = ["pan", "ccn", "card", "accountnumber"];
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
            lower = c.is_lowercase();
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
                &["cvv", "CVV2", "cvc", "cid", "cav2", "security_code", "securityCode", "card_cvv", "cvvCode"],
            ),
            (Name::Pin, &["pin", "PIN", "card_pin"]),
            (Name::Track, &["track1", "track_2_data", "track2Data", "pin_block", "magstripe"]),
            (Name::Harmless, &["order_id", "traceId", "ts", "phone_number", "imei", "TRACKING_NUMBER"]),
            (
                Name::Plain,
                &["", "pancake", "company", "card_id", "customer_cid", "spin", "pin_code", "track", "cardiology", "_"],
            ),
        ];
        for (expected, names) in cases {
            for name in names {
                assert_eq!(of(name), expected, "{name}");
            }
        }
    }
}
