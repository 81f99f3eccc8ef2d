//! Snowflake's DECFLOAT: a struct of a decimal exponent and a significand in big-endian two's complement
//! (`snowflake-protocol.md` §4).

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BinaryArray, Int16Array, StructArray, cast::AsArray, types::Int16Type};
use arrow_schema::{DataType, Fields};

use super::{Place, array::Cells};
use crate::{
    MaskError,
    carrier::evidence,
    hiding::Becomes,
    number::{self, Spelled},
};

pub(super) fn is(fields: &Fields) -> bool {
    matches!(fields.as_ref(), [exponent, significand]
        if exponent.name() == "exponent" && exponent.data_type() == &DataType::Int16
            && significand.name() == "significand" && significand.data_type() == &DataType::Binary)
}

/// A masked value has the exponent 0.
pub(super) fn masked(array: &ArrayRef, cells: Cells, place: &mut Place<'_>) -> Result<Option<ArrayRef>, MaskError> {
    let refuse = || cells.refuse(array.data_type());
    let members = array.as_struct_opt().ok_or_else(refuse)?;
    let exponents = members.columns().first().and_then(|column| column.as_primitive_opt::<Int16Type>());
    let significands = members.columns().get(1).and_then(|column| column.as_binary_opt::<i32>());
    let (exponents, significands) = exponents.zip(significands).ok_or_else(refuse)?;
    let ruling = place.ruling();
    let evidence = evidence(cells.name, &ruling);
    let (mut out, mut count) = (Vec::with_capacity(members.len()), 0);
    for row in 0..members.len() {
        let (exponent, significand) = (exponents.value(row), significands.value(row));
        let number = integer(significand).ok_or_else(refuse)?;
        let spelled = format!("{number}e{exponent}");
        let masked = match number::spelled(&spelled, evidence) {
            Spelled::Card { sign, digits, .. } => match ruling.hiding.zeroed(&digits) {
                Becomes::Digits(masked) => {
                    place.take_number(&digits, cells.name, &ruling.hiding)?;
                    Some(format!("{sign}{}", number::text(&masked)))
                }
                _ if ruling.hiding.shows(digits.len()) => {
                    place.take_number(&digits, cells.name, &ruling.hiding)?;
                    None
                }
                _ => None,
            },
            _ => None,
        };
        match masked {
            Some(masked) => {
                let number: i128 = masked.parse().map_err(|_| refuse())?;
                out.push((0, number.to_be_bytes().to_vec()));
                count += 1;
            }
            None => out.push((exponent, significand.to_vec())),
        }
    }
    if count == 0 {
        return Ok(None);
    }
    let exponents = Int16Array::try_new(
        out.iter().map(|(exponent, _)| *exponent).collect::<Vec<_>>().into(),
        exponents.nulls().cloned(),
    )?;
    let significands: BinaryArray = out
        .iter()
        .enumerate()
        .map(|(row, (_, bytes))| significands.is_valid(row).then_some(bytes.as_slice()))
        .collect();
    let columns: Vec<ArrayRef> = vec![Arc::new(exponents), Arc::new(significands)];
    let fields = members.fields().clone();
    let nulls = members.nulls().cloned();
    Ok(Some(Arc::new(StructArray::try_new_with_length(fields, columns, nulls, members.len())?)))
}

/// At most 16 bytes, sign extended.
fn integer(bytes: &[u8]) -> Option<i128> {
    let fill = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { 0xff } else { 0 };
    let mut wide = [fill; 16];
    let start = wide.len().checked_sub(bytes.len())?;
    wide.get_mut(start..)?.copy_from_slice(bytes);
    Some(i128::from_be_bytes(wide))
}
