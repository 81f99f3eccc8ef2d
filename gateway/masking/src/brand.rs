//! Which issuers' numbers exist: prefixes and lengths (`pci-and-masking.md` §3).

/// Prefixes `from..=to` of up to four digits, and the lengths issued under them, as bits.
type Span = (u16, u16, u32);

const fn lengths(from: u32, to: u32) -> u32 {
    (1 << (to + 1)) - (1 << from)
}

const ONLY_16: u32 = 1 << 16;
const FROM_16: u32 = lengths(16, 19);
const DINERS: u32 = lengths(14, 19);
const MAESTRO: u32 = lengths(12, 19);
const VERVE: u32 = 1 << 16 | 1 << 18 | 1 << 19;

/// UATP (a leading 1) is not among them: epoch times begin with 1, so it takes a name to tell.
const ISSUED: [Span; 38] = [
    (4, 4, 1 << 13 | 1 << 16 | 1 << 19), // Visa
    (51, 55, ONLY_16),                   // Mastercard
    (2221, 2720, ONLY_16),
    (34, 34, 1 << 15), // American Express
    (37, 37, 1 << 15),
    (6011, 6011, FROM_16), // Discover
    (644, 649, FROM_16),
    (65, 65, FROM_16),
    (300, 305, DINERS), // Diners
    (3095, 3095, DINERS),
    (36, 36, DINERS),
    (38, 39, DINERS),
    (3528, 3589, FROM_16), // JCB
    (62, 62, FROM_16),     // UnionPay
    (81, 81, FROM_16),
    (5018, 5018, MAESTRO), // Maestro
    (5020, 5020, MAESTRO),
    (5038, 5038, MAESTRO),
    (5893, 5893, MAESTRO),
    (6304, 6304, MAESTRO),
    (6759, 6759, MAESTRO),
    (6761, 6763, MAESTRO),
    (2200, 2204, FROM_16), // Mir
    (60, 60, ONLY_16),     // RuPay
    (82, 82, ONLY_16),
    (508, 508, ONLY_16),
    (353, 353, ONLY_16),
    (356, 356, ONLY_16),
    (5066, 5067, ONLY_16), // Elo
    (5090, 5090, ONLY_16),
    (6363, 6363, ONLY_16),
    (5060, 5061, VERVE), // Verve
    (5078, 5079, VERVE),
    (6500, 6500, VERVE),
    (9792, 9792, ONLY_16), // Troy
    (5019, 5019, ONLY_16), // Dankort
    (4571, 4571, ONLY_16),
    (636, 636, FROM_16), // InterPayment
];

/// The lengths issued under each prefix of four digits: bit 0 is 12 digits.
static LENGTHS: [u8; 10_000] = by_prefix();

// Runs in the compiler, which takes no index out of bounds.
#[allow(clippy::indexing_slicing)]
const fn by_prefix() -> [u8; 10_000] {
    let mut table = [0; 10_000];
    let mut row = 0;
    while row < ISSUED.len() {
        let (from, to, lengths) = ISSUED[row];
        let scale = match from {
            0..10 => 1000,
            10..100 => 100,
            100..1000 => 10,
            _ => 1,
        };
        let mut prefix = from as usize * scale;
        while prefix < (to as usize + 1) * scale {
            table[prefix] |= (lengths >> 12) as u8;
            prefix += 1;
        }
        row += 1;
    }
    table
}

/// Whether some brand issues numbers of `digits.len()` digits that begin like these.
pub(crate) fn issues(digits: &[u8]) -> bool {
    let [a, b, c, d, ..] = digits else { return false };
    of_prefix([*a, *b, *c, *d], digits.len())
}

/// [`issues`], of so many digits that begin with these.
#[inline]
pub(crate) fn of_prefix(first: [u8; 4], length: usize) -> bool {
    let prefix = first.iter().fold(0, |prefix, digit| prefix * 10 + usize::from(*digit));
    let lengths = LENGTHS.get(prefix).copied().unwrap_or_default();
    (12..=19).contains(&length) && lengths >> (length - 12) & 1 == 1
}

/// [`issues`], of ASCII digits.
pub(crate) fn issues_ascii(digits: &[u8]) -> bool {
    let [a, b, c, d, ..] = digits else { return false };
    let first = [*a, *b, *c, *d].map(|digit| digit.wrapping_sub(b'0'));
    of_prefix(first, digits.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issued(prefix: &str, length: usize) -> bool {
        let digits: Vec<u8> = prefix.bytes().map(|byte| byte - b'0').chain(std::iter::repeat(0)).take(length).collect();
        issues(&digits)
    }

    #[test]
    fn every_brand_by_its_published_numbers() {
        let cases = [
            ("411111", &[13, 16, 19][..]), // Visa
            ("555555", &[16]),             // Mastercard
            ("222100", &[16]),
            ("272099", &[16]),
            ("378282", &[15]), // American Express
            ("341111", &[15]),
            ("601111", &[16, 17, 18, 19]), // Discover
            ("305693", &[14, 16, 19]),     // Diners
            ("385200", &[14]),
            ("353011", &[16, 19]),         // JCB
            ("620000", &[16, 19]),         // UnionPay
            ("676177", &[12, 13, 16, 19]), // Maestro
            ("220220", &[16, 19]),         // Mir
            ("508500", &[16]),             // RuPay
            ("506699", &[16]),             // Elo
            ("636297", &[16]),
            ("506099", &[16, 18, 19]), // Verve
            ("979200", &[16]),         // Troy
            ("501900", &[16]),         // Dankort
            ("636000", &[16, 19]),     // InterPayment
        ];
        for (prefix, lengths) in cases {
            for length in lengths {
                assert!(issued(prefix, *length), "{prefix} of {length}");
            }
        }
    }

    #[test]
    fn what_nobody_issues() {
        // Epoch times, ISBN, IMEI, an Amex one digit too long, the 2-series' edges.
        let nobody = [
            ("170000", 13),
            ("170000", 16),
            ("978316", 13),
            ("490154", 15),
            ("860000", 15),
            ("378282", 16),
            ("272100", 16),
            ("222099", 16),
            ("411111", 11),
            ("411111", 20),
        ];
        for (prefix, length) in nobody {
            assert!(!issued(prefix, length), "{prefix} of {length}");
        }
    }
}
