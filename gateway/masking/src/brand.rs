//! Which issuers' numbers exist: prefixes and lengths (`pci-and-masking.md` §3).

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Brand {
    Visa,
    Mastercard,
    Amex,
    Discover,
    Diners,
    Jcb,
    UnionPay,
    Maestro,
    Mir,
    RuPay,
    Elo,
    Verve,
    Troy,
    Dankort,
    InterPayment,
}

/// A span of first-six-digit prefixes and the lengths issued under it, as bits.
struct Span {
    brand: Brand,
    from: u32,
    to: u32,
    lengths: u32,
}

/// `from..=to` are prefixes of `width` digits.
const fn span(brand: Brand, width: u32, from: u32, to: u32, lengths: u32) -> Span {
    let scale = 10u32.pow(6 - width);
    Span { brand, from: from * scale, to: to * scale + scale - 1, lengths }
}

const fn lengths(from: u32, to: u32) -> u32 {
    (1 << (to + 1)) - (1 << from)
}

const ONLY_16: u32 = 1 << 16;
const FROM_16: u32 = lengths(16, 19);
const DINERS: u32 = lengths(14, 19);
const MAESTRO: u32 = lengths(12, 19);
const VERVE: u32 = 1 << 16 | 1 << 18 | 1 << 19;

/// The commonest first; within one prefix the order does not matter, only whether some row holds.
const ISSUED: [Span; 44] = [
    span(Brand::Visa, 1, 4, 4, 1 << 13 | 1 << 16 | 1 << 19),
    span(Brand::Mastercard, 2, 51, 55, ONLY_16),
    span(Brand::Mastercard, 6, 222_100, 272_099, ONLY_16),
    span(Brand::Amex, 2, 34, 34, 1 << 15),
    span(Brand::Amex, 2, 37, 37, 1 << 15),
    span(Brand::Discover, 4, 6011, 6011, FROM_16),
    span(Brand::Discover, 3, 644, 649, FROM_16),
    span(Brand::Discover, 2, 65, 65, FROM_16),
    span(Brand::Diners, 3, 300, 305, DINERS),
    span(Brand::Diners, 4, 3095, 3095, DINERS),
    span(Brand::Diners, 2, 36, 36, DINERS),
    span(Brand::Diners, 2, 38, 39, DINERS),
    span(Brand::Jcb, 4, 3528, 3589, FROM_16),
    span(Brand::UnionPay, 2, 62, 62, FROM_16),
    span(Brand::UnionPay, 2, 81, 81, FROM_16),
    span(Brand::Maestro, 4, 5018, 5018, MAESTRO),
    span(Brand::Maestro, 4, 5020, 5020, MAESTRO),
    span(Brand::Maestro, 4, 5038, 5038, MAESTRO),
    span(Brand::Maestro, 4, 5893, 5893, MAESTRO),
    span(Brand::Maestro, 4, 6304, 6304, MAESTRO),
    span(Brand::Maestro, 4, 6759, 6759, MAESTRO),
    span(Brand::Maestro, 4, 6761, 6763, MAESTRO),
    span(Brand::Mir, 4, 2200, 2204, FROM_16),
    span(Brand::RuPay, 2, 60, 60, ONLY_16),
    span(Brand::RuPay, 2, 82, 82, ONLY_16),
    span(Brand::RuPay, 3, 508, 508, ONLY_16),
    span(Brand::RuPay, 3, 353, 353, ONLY_16),
    span(Brand::RuPay, 3, 356, 356, ONLY_16),
    span(Brand::Elo, 4, 5066, 5067, ONLY_16),
    span(Brand::Elo, 4, 5090, 5090, ONLY_16),
    span(Brand::Elo, 6, 636_297, 636_297, ONLY_16),
    span(Brand::Elo, 6, 636_368, 636_368, ONLY_16),
    span(Brand::Elo, 4, 6363, 6363, ONLY_16),
    span(Brand::Elo, 4, 6500, 6500, ONLY_16),
    span(Brand::Elo, 4, 6504, 6505, ONLY_16),
    span(Brand::Elo, 4, 6516, 6516, ONLY_16),
    span(Brand::Elo, 4, 6550, 6550, ONLY_16),
    span(Brand::Verve, 4, 5060, 5061, VERVE),
    span(Brand::Verve, 4, 5078, 5079, VERVE),
    span(Brand::Verve, 4, 6500, 6500, VERVE),
    span(Brand::Troy, 4, 9792, 9792, ONLY_16),
    span(Brand::Dankort, 4, 5019, 5019, ONLY_16),
    span(Brand::Dankort, 4, 4571, 4571, ONLY_16),
    span(Brand::InterPayment, 3, 636, 636, FROM_16),
];

/// The brand that issues numbers of `length` digits beginning with the six digits of `prefix`. UATP (a leading 1) is
/// not among them: epoch times begin with 1, so it takes a column's name to tell.
pub(crate) fn of(prefix: u32, length: usize) -> Option<Brand> {
    // 0, 1 and 7 issue nothing; most ids of a rowset end here.
    if matches!(prefix / 100_000, 0 | 1 | 7) || length > 19 {
        return None;
    }
    let bit = 1u32 << length;
    ISSUED
        .iter()
        .find(|span| span.from <= prefix && prefix <= span.to && span.lengths & bit != 0)
        .map(|span| span.brand)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_brand_by_its_published_numbers() {
        let cases = [
            (Brand::Visa, 411_111, &[13, 16, 19][..]),
            (Brand::Mastercard, 555_555, &[16]),
            (Brand::Mastercard, 222_100, &[16]),
            (Brand::Mastercard, 272_099, &[16]),
            (Brand::Amex, 378_282, &[15]),
            (Brand::Amex, 341_111, &[15]),
            (Brand::Discover, 601_111, &[16, 17, 18, 19]),
            (Brand::Diners, 305_693, &[14, 16, 19]),
            (Brand::Diners, 385_200, &[14]),
            (Brand::Jcb, 353_011, &[16, 19]),
            (Brand::UnionPay, 620_000, &[16, 19]),
            (Brand::Maestro, 676_177, &[12, 13, 16, 19]),
            (Brand::Mir, 220_220, &[16, 19]),
            (Brand::RuPay, 508_500, &[16]),
            (Brand::Elo, 506_699, &[16]),
            (Brand::Verve, 506_099, &[16, 18, 19]),
            (Brand::Troy, 979_200, &[16]),
            (Brand::Dankort, 501_900, &[16]),
            (Brand::InterPayment, 636_000, &[16, 19]),
        ];
        for (brand, prefix, lengths) in cases {
            for length in lengths {
                assert_eq!(of(prefix, *length), Some(brand), "{prefix} of {length}");
            }
        }
    }

    #[test]
    fn what_nobody_issues() {
        // Epoch times, ISBN, IMEI, an Amex one digit too long, the 2-series' edges.
        let nobody = [
            (170_000, 13),
            (170_000, 16),
            (978_316, 13),
            (490_154, 15),
            (860_000, 15),
            (378_282, 16),
            (272_100, 16),
            (222_099, 16),
        ];
        for (prefix, length) in nobody {
            assert_eq!(of(prefix, length), None, "{prefix} of {length}");
        }
    }
}
