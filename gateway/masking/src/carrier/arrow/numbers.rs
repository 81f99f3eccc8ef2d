//! Arrays of numbers: the middle digits become zeros, validity and type stay. Slots that are null are masked too, since
//! their values travel all the same.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, PrimitiveArray,
    cast::AsArray,
    types::{Decimal256Type, Float64Type},
};
use arrow_buffer::i256;

use super::{Place, array::Cells};
use crate::{
    ColumnKind, MaskError,
    carrier::{evidence, quick::Quick},
    hiding::Hiding,
    name::Name,
    number,
    scan::{Evidence, chain::SHORTEST},
    view::Ruling,
};

pub(super) fn integers<T>(array: &ArrayRef, cells: Cells, place: &mut Place<'_>) -> Result<Option<ArrayRef>, MaskError>
where
    T: ArrowPrimitiveType,
    T::Native: Into<i128> + TryFrom<i128>,
{
    match cells.kind {
        ColumnKind::Temporal => Ok(None),
        ColumnKind::Number { scale } => decimals::<T>(array, scale, cells, place),
        _ => decimals::<T>(array, 0, cells, place),
    }
}

pub(super) fn decimals<T>(
    array: &ArrayRef,
    scale: i8,
    cells: Cells,
    place: &mut Place<'_>,
) -> Result<Option<ArrayRef>, MaskError>
where
    T: ArrowPrimitiveType,
    T::Native: Into<i128> + TryFrom<i128>,
{
    let ruling = place.ruling();
    let (evidence, hiding) = (evidence(cells.name, &ruling), &hidden(&ruling));
    let quick = Quickly::of(scale, cells.name, &ruling);
    replace::<T>(
        array,
        cells,
        place,
        |value| {
            let value: i128 = value.into();
            let (masked, counted) = match quick.as_ref().and_then(|quick| quick.scaled(value)) {
                Some(masked) => (masked?, true),
                None => {
                    let code = code(value, scale, cells.name);
                    (code.or_else(|| scaled(value, scale, evidence, hiding))?, false)
                }
            };
            Some(Becomes { value: T::Native::try_from(masked).unwrap_or_default(), quick: counted })
        },
        |value| whole_of(value.into(), scale),
    )
}

/// [`scaled`], of nearly all columns.
struct Quickly {
    quick: Quick,
    power: u64,
    /// The least value whose integer part has as many digits as a card number.
    least: u128,
}

impl Quickly {
    fn of(scale: i8, name: Name, ruling: &Ruling) -> Option<Self> {
        let power = 10u64.checked_pow(u32::try_from(scale).ok()?)?;
        let least = u128::from(power) * 10u128.pow(SHORTEST as u32 - 1);
        Some(Self { quick: Quick::of(name, ruling)?, power, least })
    }

    /// `None`: it takes the long way.
    #[inline(always)]
    fn scaled(&self, value: i128) -> Option<Option<i128>> {
        let magnitude = value.unsigned_abs();
        if magnitude < self.least {
            return Some(None);
        }
        let magnitude = u64::try_from(magnitude).ok()?;
        let (whole, fraction) = match self.power {
            1 => (magnitude, 0),
            power => (magnitude / power, magnitude % power),
        };
        let Some(masked) = self.quick.integer(whole)? else { return Some(None) };
        let masked = i128::from(masked) * i128::from(self.power) + i128::from(fraction);
        Some(Some(if value < 0 { -masked } else { masked }))
    }
}

pub(super) fn wide_decimals(
    array: &ArrayRef,
    scale: i8,
    cells: Cells,
    place: &mut Place<'_>,
) -> Result<Option<ArrayRef>, MaskError> {
    let ruling = place.ruling();
    let (evidence, hiding) = (evidence(cells.name, &ruling), &hidden(&ruling));
    replace::<Decimal256Type>(
        array,
        cells,
        place,
        |value| {
            if let Some(value) = value.to_i128() {
                let masked = code(value, scale, cells.name).or_else(|| scaled(value, scale, evidence, hiding));
                return masked.map(i256::from_i128).map(Becomes::of);
            }
            // Beyond 38 digits only the fraction can make a card number of it.
            let power = i256::from_i128(10).checked_pow(u32::try_from(scale).ok()?)?;
            let (whole, fraction) = value.checked_div_rem(power)?;
            let masked = scaled(whole.to_i128()?, 0, evidence, hiding)?;
            i256::from_i128(masked).checked_mul(power)?.checked_add(fraction).map(Becomes::of)
        },
        |value| {
            let power = u32::try_from(scale).ok().and_then(|scale| i256::from_i128(10).checked_pow(scale));
            power.and_then(|power| value.checked_div(power)?.to_i128()).map_or(0, i128::unsigned_abs)
        },
    )
}

pub(super) fn floats(array: &ArrayRef, cells: Cells, place: &mut Place<'_>) -> Result<Option<ArrayRef>, MaskError> {
    let ruling = place.ruling();
    let (evidence, hiding) = (evidence(cells.name, &ruling), &hidden(&ruling));
    replace::<Float64Type>(
        array,
        cells,
        place,
        |value| {
            if value.fract() == 0.0 && value.abs() < 1e4 && code(value as i128, 0, cells.name).is_some() {
                return Some(Becomes::of(0.0));
            }
            float(value, evidence, hiding).map(Becomes::of)
        },
        |value| value.abs() as u128,
    )
}

/// The integer part is masked. Above 2^53 the last digits are not exact, so they go too.
fn float(value: f64, evidence: Evidence, hiding: &Hiding) -> Option<f64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    const TOO_WIDE: f64 = 1e38;
    let whole = value.abs().trunc();
    if !(1e11..TOO_WIDE).contains(&whole) {
        return None;
    }
    let masked = number::integer(whole as u128, evidence, hiding)?;
    if whole < EXACT {
        return Some(((masked as f64) + value.abs().fract()).copysign(value));
    }
    // Where every digit is hidden nothing is left.
    let unit = 10u128.pow(masked.checked_ilog10().unwrap_or(0).saturating_sub(5));
    let leading = ((masked / unit * unit) as f64).copysign(value);
    (leading != value).then_some(leading)
}

/// A verification code or PIN becomes zero.
fn code(value: i128, scale: i8, name: Name) -> Option<i128> {
    let is_code = scale == 0
        && match name {
            Name::Code => (1..=9999).contains(&value),
            Name::Pin => (100..=9999).contains(&value),
            _ => false,
        };
    is_code.then_some(0)
}

/// Masks the integer part of `value / 10^scale`.
fn scaled(value: i128, scale: i8, evidence: Evidence, hiding: &Hiding) -> Option<i128> {
    let magnitude = value.unsigned_abs();
    let power = 10u128.checked_pow(u32::from(scale.unsigned_abs()))?;
    let masked = if scale >= 0 {
        let (whole, fraction) = (magnitude / power, magnitude % power);
        number::integer(whole, evidence, hiding)?.checked_mul(power)?.checked_add(fraction)?
    } else {
        number::integer(magnitude.checked_mul(power)?, evidence, hiding)? / power
    };
    let masked = i128::try_from(masked).ok()?;
    let signed = if value < 0 { -masked } else { masked };
    (signed != value).then_some(signed)
}

/// How card numbers are hidden, shown or not: what would be hidden is what was found.
fn hidden(ruling: &Ruling) -> Hiding {
    Hiding { shown: false, ..ruling.hiding.clone() }
}

/// What a number becomes.
struct Becomes<N> {
    value: N,
    /// It is hidden by a mask: see [`Quick`].
    quick: bool,
}

impl<N> Becomes<N> {
    fn of(value: N) -> Self {
        Self { value, quick: false }
    }
}

/// `whole` is a value's integer part without its sign, which is what a card number is.
fn replace<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    cells: Cells,
    place: &mut Place<'_>,
    mask: impl Fn(T::Native) -> Option<Becomes<T::Native>>,
    whole: impl Fn(T::Native) -> u128,
) -> Result<Option<ArrayRef>, MaskError> {
    let array = array.as_primitive_opt::<T>().ok_or_else(|| cells.refuse(array.data_type()))?;
    let Some(first) = array.values().iter().position(|value| mask(*value).is_some()) else { return Ok(None) };
    let mut values = array.values().to_vec();
    let ruling = place.ruling();
    let is_code = matches!(cells.name, Name::Code | Name::Pin);
    let (mut codes, mut cards) = (0, 0);
    for value in values.iter_mut().skip(first) {
        let Some(masked) = mask(*value) else { continue };
        if is_code {
            codes += 1;
        } else if masked.quick {
            cards += 1;
        } else {
            let digits = number::digits(whole(*value));
            place.take_number(&digits, cells.name, &ruling.hiding)?;
            if ruling.hiding.shows(digits.len()) {
                continue;
            }
        }
        *value = masked.value;
    }
    place.count(cells.name, cards, codes);
    let masked = PrimitiveArray::<T>::try_new(values.into(), array.nulls().cloned())?;
    Ok(Some(Arc::new(masked.with_data_type(array.data_type().clone()))))
}

/// The integer part of `value / 10^scale`, without its sign.
pub(super) fn whole_of(value: i128, scale: i8) -> u128 {
    let power = 10u128.checked_pow(u32::from(scale.unsigned_abs())).unwrap_or(u128::MAX);
    let magnitude = value.unsigned_abs();
    if scale >= 0 { magnitude / power } else { magnitude.saturating_mul(power) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Declared, Mode, luhn};

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_quick_way_and_the_long_one_make_the_same(
            front in prop::sample::select(vec![4u64, 51, 37, 6011, 62, 5018, 1, 9]), rest in 0u64..10u64.pow(16), short in 0u32..9,
            fraction in any::<u64>(), scale in -1i8..24, minus in any::<bool>(), bare in any::<bool>(),
            (mode, card) in (prop::sample::select(Mode::ALL.to_vec()), any::<bool>()),
        ) {
            let mut whole = u128::from(format!("{front}{rest}").parse::<u64>().unwrap_or(rest) / 10u64.pow(short));
            if let Some(fits) = (0..10).map(|last| whole / 10 * 10 + last).find(|number| luhn::valid(&number::digits(*number)) ) {
                whole = fits;
            }
            let power = 10i128.pow(if bare { 0 } else { u32::from(scale.unsigned_abs()) });
            let value = (whole as i128).checked_mul(power).map_or(whole as i128, |value| value.saturating_add(i128::from(fraction) % power));
            let value = if minus { -value } else { value };
            let declared = if card { Declared::Card } else { Declared::No };
            let ruling = Ruling { hiding: Hiding { mode, ..Hiding::default() }, declared, ..Ruling::default() };
            let long = scaled(value, scale, evidence(Name::Plain, &ruling), &ruling.hiding);
            let quick = Quickly::of(scale, Name::Plain, &ruling);
            if let Some(quick) = quick.and_then(|quick| quick.scaled(value)) {
                prop_assert_eq!(quick, long, "{} of scale {}", value, scale);
            } else {
                let by_place = matches!(mode, Mode::First6Last4 | Mode::Bin8Last4 | Mode::Last4 | Mode::Full);
                let magnitude = value.unsigned_abs();
                prop_assert!(!by_place || !(0..=19).contains(&scale) || magnitude >= 10u128.pow(19), "{value} of {scale}");
            }
        }
    }

    #[test]
    fn scales() {
        let pan = 4_111_111_111_111_111;
        assert_eq!(scaled(pan, 0, Evidence::Value, &Hiding::default()), Some(4_111_110_000_001_111));
        assert_eq!(scaled(-pan, 0, Evidence::Value, &Hiding::default()), Some(-4_111_110_000_001_111));
        assert_eq!(scaled(pan * 100 + 42, 2, Evidence::Value, &Hiding::default()), Some(411_111_000_000_111_142));
        assert_eq!(
            scaled(pan, 2, Evidence::Value, &Hiding::default()),
            None,
            "the integer part has 14 digits and no brand"
        );
        assert_eq!(scaled(40_000_000_000_002, -2, Evidence::Value, &Hiding::default()), Some(40_000_000_000_102));
        assert_eq!(scaled(40_000_000_000_003, -2, Evidence::Value, &Hiding::default()), None);
        assert_eq!(scaled(i128::MIN, 0, Evidence::Value, &Hiding::default()), None);
        assert_eq!(scaled(5, 127, Evidence::Value, &Hiding::default()), None);
    }

    #[test]
    fn floats_lose_their_middle() {
        assert_eq!(float(4_111_111_111_111_111.0, Evidence::Value, &Hiding::default()), Some(4_111_110_000_001_111.0));
        assert_eq!(
            float(-4_111_111_111_111_111.0, Evidence::Value, &Hiding::default()),
            Some(-4_111_110_000_001_111.0)
        );
        assert_eq!(float(1.5, Evidence::Card, &Hiding::default()), None);
        assert_eq!(float(f64::NAN, Evidence::Card, &Hiding::default()), None);
        assert_eq!(float(f64::INFINITY, Evidence::Card, &Hiding::default()), None);
        let wide = float(6_304_000_000_000_000_512.0, Evidence::Card, &Hiding::default());
        assert_eq!(wide.and_then(|wide| float(wide, Evidence::Card, &Hiding::default())), None, "{wide:?}");
        let full = Hiding { mode: Mode::Full, ..Hiding::default() };
        assert_eq!(float(6_304_000_000_000_000_512.0, Evidence::Card, &full), Some(0.0));
    }
}
