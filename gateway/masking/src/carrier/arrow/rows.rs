//! Rows of bytes that lie one behind the other.

use std::ops::Range;

use arrow_array::{Array, GenericByteArray, OffsetSizeTrait, types::ByteArrayType};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use fearless_simd::{Level, Simd, dispatch};

use super::{Place, array::Cells};
use crate::{
    MaskError, block,
    carrier::{quick::Quick, string},
    scan::{chain::LONGEST, edit, worth},
};

/// Rows written anew, one behind the other.
pub(super) struct Rows<O: OffsetSizeTrait> {
    pub values: Vec<u8>,
    pub offsets: OffsetBuffer<O>,
    pub nulls: Option<NullBuffer>,
}

/// Masks every row. `None`: no change.
pub(super) fn rows<T: ByteArrayType>(
    array: &GenericByteArray<T>,
    cells: Cells,
    place: &mut Place<'_>,
) -> Result<Option<Rows<T::Offset>>, MaskError> {
    let (bytes, offsets, nulls) = (array.values().as_slice(), array.offsets(), array.nulls());
    let plain = place.is_plain() && !string::is_telling(cells.name);
    let quick = Quick::of(cells.name, &place.ruling());
    let (mut edits, mut cell, mut cards) = (Vec::new(), Vec::new(), 0);
    let mut out = Out { bytes, offsets, patched: None, built: None };
    if has_stray(offsets, bytes.len()) {
        out.builder(0);
    }
    let mut row = 0;
    while row < array.len() {
        if plain {
            let dull = dispatch!(Level::new(), simd => dull(simd, bytes, offsets, nulls, row));
            out.keep(row..dull);
            row = dull;
            if row == array.len() {
                break;
            }
        }
        let value = value(bytes, offsets, row);
        if array.is_null(row) {
            // A null may drag a value along.
            let edited = (!value.is_empty()).then_some(&[][..]);
            out.push(row, edited);
        } else if let Some(quick) = &quick
            && let Some(hidden) = out.quickly(row, value, quick)
        {
            cards += u64::from(hidden);
        } else {
            place.count(cells.name, std::mem::take(&mut cards), 0);
            if !plain || string::may_hide(value) {
                string::read(value, cells.name, 0, &mut edits, place)?;
            }
            cell.clear();
            let edited = !edits.is_empty();
            if edited {
                edit::apply(value, 0, value.len(), &mut edits, &mut cell);
                edits.clear();
            }
            if edited && cell.is_empty() && !value.is_empty() && place.ruling().hides_whole() {
                out.builder(row).gone.push(row);
            }
            out.push(row, edited.then_some(&cell));
        }
        row += 1;
    }
    place.count(cells.name, cards, 0);
    if let Some(builder) = out.built {
        return builder.finish(nulls, array.len()).map(Some);
    }
    Ok(out.patched.map(|values| Rows { values, offsets: offsets.clone(), nulls: nulls.cloned() }))
}

/// What the rows become: what they are, unless there is more.
struct Out<'r, O> {
    bytes: &'r [u8],
    offsets: &'r [O],
    /// All of them, as long as each keeps its length.
    patched: Option<Vec<u8>>,
    /// Those so far, since one did not.
    built: Option<Builder<O>>,
}

impl<O: OffsetSizeTrait> Out<'_, O> {
    /// From `row` on, the rows are put one behind the other.
    fn builder(&mut self, row: usize) -> &mut Builder<O> {
        self.built.get_or_insert_with(|| {
            let mut builder = Builder::new(self.offsets.len(), self.bytes.len());
            builder.copy(self.patched.take().as_deref().unwrap_or(self.bytes), self.offsets, 0..row);
            builder
        })
    }

    /// Takes rows as they are.
    fn keep(&mut self, rows: Range<usize>) {
        if let Some(builder) = &mut self.built {
            builder.copy(self.bytes, self.offsets, rows);
        }
    }

    /// Takes a row as it has become, or as it is.
    fn push(&mut self, row: usize, edited: Option<&[u8]>) {
        let Some(edited) = edited else { return self.keep(row..row + 1) };
        let place = range(self.offsets, row);
        if edited.len() == place.len() && self.built.is_none() {
            let patched = self.patched.get_or_insert_with(|| self.bytes.to_vec());
            // There is as much of them.
            patched.iter_mut().skip(place.start).zip(edited).for_each(|(byte, edited)| *byte = *edited);
        } else {
            self.builder(row).push(edited);
        }
    }

    /// [`Quick::text`], of a row.
    #[inline(always)]
    fn quickly(&mut self, row: usize, value: &[u8], quick: &Quick) -> Option<bool> {
        if let Some(patched) = &mut self.patched {
            return quick.text(patched.get_mut(range(self.offsets, row))?);
        }
        let mut cell = [0; LONGEST];
        let cell = cell.get_mut(..value.len())?;
        cell.copy_from_slice(value);
        let hidden = quick.text(cell)?;
        self.push(row, hidden.then_some(cell));
        Some(hidden)
    }
}

fn range<O: OffsetSizeTrait>(offsets: &[O], row: usize) -> Range<usize> {
    edge(offsets.get(row))..edge(offsets.get(row + 1))
}

fn value<'v, O: OffsetSizeTrait>(bytes: &'v [u8], offsets: &[O], row: usize) -> &'v [u8] {
    bytes.get(range(offsets, row)).unwrap_or_default()
}

/// The first row from `row` on that may have to be read, or is a null with a value.
#[inline(always)]
fn dull<S: Simd, O: OffsetSizeTrait>(
    simd: S,
    bytes: &[u8],
    offsets: &[O],
    nulls: Option<&NullBuffer>,
    mut row: usize,
) -> usize {
    while let Some([start, end]) = offsets.get(row..).and_then(<[O]>::first_chunk) {
        let (start, length) = (start.as_usize(), end.as_usize().wrapping_sub(start.as_usize()));
        if length == 0 {
            row += 1;
            continue;
        }
        if length > block::SIZE || nulls.is_some_and(|nulls| nulls.is_null(row)) {
            break;
        }
        let Some(blocks) = block::overlapping(simd, bytes, start) else { break };
        if !worth::is_dull(simd, blocks, length as u32) {
            break;
        }
        row += 1;
    }
    row
}

struct Builder<O> {
    values: Vec<u8>,
    offsets: Vec<O>,
    /// Rows of which nothing is left.
    gone: Vec<usize>,
}

impl<O: OffsetSizeTrait> Builder<O> {
    fn new(rows: usize, bytes: usize) -> Self {
        let mut builder =
            Self { values: Vec::with_capacity(bytes), offsets: Vec::with_capacity(rows + 1), gone: Vec::new() };
        builder.offsets.push(O::default());
        builder
    }

    /// Takes rows as they are.
    fn copy(&mut self, bytes: &[u8], offsets: &[O], rows: Range<usize>) {
        let Some(offsets) = offsets.get(rows.start..=rows.end) else { return };
        let (from, to, length) = (edge(offsets.first()), edge(offsets.last()), self.values.len());
        self.values.extend_from_slice(bytes.get(from..to).unwrap_or_default());
        let moved = |offset: &O| O::from_usize(offset.as_usize().saturating_sub(from) + length).unwrap_or_default();
        self.offsets.extend(offsets.iter().skip(1).map(moved));
    }

    fn push(&mut self, value: &[u8]) {
        self.values.extend_from_slice(value);
        self.offsets.push(O::from_usize(self.values.len()).unwrap_or_default());
    }

    fn finish(self, nulls: Option<&NullBuffer>, rows: usize) -> Result<Rows<O>, MaskError> {
        // Offsets that did not fit are out of order.
        if O::from_usize(self.values.len()).is_none() {
            return Err(MaskError::Arrow { reason: "a column is too long" });
        }
        let nulls = if self.gone.is_empty() {
            nulls.cloned()
        } else {
            let mut valid: Vec<bool> = (0..rows).map(|row| nulls.is_none_or(|nulls| nulls.is_valid(row))).collect();
            self.gone.iter().for_each(|row| valid.get_mut(*row).map_or((), |valid| *valid = false));
            Some(valid.into())
        };
        Ok(Rows { values: self.values, offsets: OffsetBuffer::new(self.offsets.into()), nulls })
    }
}

fn has_stray<O: OffsetSizeTrait>(offsets: &[O], bytes: usize) -> bool {
    edge(offsets.first()) != 0 || edge(offsets.last()) != bytes
}

fn edge<O: OffsetSizeTrait>(offset: Option<&O>) -> usize {
    offset.map_or(0, |offset| offset.as_usize())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use arrow_array::StringArray;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        ColumnKind, Findings, Mode,
        hiding::Hiding,
        name::Name,
        view::{Ruling, View},
    };

    fn value() -> impl Strategy<Value = Option<String>> {
        let cards =
            vec!["4111111111111111", "378282246310005", "4111111111111112", "6011000990139424", "676177000000000006"];
        let text = "[a-z ]{0,30}(4111111111111111|4111 1111 1111 1111|cvv 123|[0-9]{1,6})[a-z ]{0,30}";
        prop_oneof![
            4 => prop::sample::select(cards).prop_map(|card| Some(card.to_owned())),
            2 => "[0-9]{10,20}".prop_map(Some),
            3 => text.prop_map(Some),
            1 => Just(Some(String::new())),
            2 => Just(None),
        ]
    }

    proptest! {
        #[test]
        fn rows_are_masked_as_single_values_are(
            values in prop::collection::vec(value(), 0..40), mode in prop::sample::select(Mode::ALL.to_vec()),
            name in prop::sample::select(vec![Name::Plain, Name::Harmless, Name::Card, Name::Code]),
            (cut, dragged) in (0usize..4, any::<bool>()),
        ) {
            let all: StringArray = values.iter().cloned().collect();
            let all = all.slice(cut.min(values.len()), values.len() - cut.min(values.len()));
            // Nulls that drag a value along.
            let nulls = dragged.then(|| (0..all.len()).map(|row| row % 5 != 2).collect::<Vec<bool>>().into());
            let all = match nulls {
                Some(nulls) => StringArray::new(all.offsets().clone(), all.values().clone(), Some(nulls)),
                None => all,
            };
            let ruling = Arc::new(Ruling { hiding: Hiding { mode, ..Hiding::default() }, ..Ruling::default() });
            let (view, mut of_rows, mut of_values) = (View::default(), Findings::default(), Findings::default());
            let cells = Cells { column: 0, name, kind: ColumnKind::Text, depth: 0 };
            let masked = rows(&all, cells, &mut Place::column(&view, &mut of_rows, "a".to_owned(), &ruling));
            let mut place = Place::column(&view, &mut of_values, "a".to_owned(), &ruling);
            let each = |value: Option<&str>| {
                let masked = value.map(|value| string::masked(value, name, 0, &mut place)).transpose()?.flatten();
                let gone = masked.as_deref() == Some("") && ruling.hides_whole();
                Ok::<_, MaskError>(masked.or(value.map(str::to_owned)).filter(|_| !gone))
            };
            let expected = all.iter().map(each).collect::<Result<Vec<_>, _>>();
            drop(place);
            prop_assert_eq!(masked.is_err(), expected.is_err());
            let (Ok(masked), Ok(expected)) = (masked, expected) else { return Ok(()) };
            let masked = match masked {
                Some(Rows { values, offsets, nulls }) => StringArray::new(offsets, values.into(), nulls),
                None => all,
            };
            prop_assert_eq!(masked.iter().map(|value| value.map(str::to_owned)).collect::<Vec<_>>(), expected);
            prop_assert_eq!(of_rows, of_values);
            // Nothing is behind a null.
            let behind = (0..masked.len()).filter(|row| masked.is_null(*row)).map(|row| masked.value(row).len());
            prop_assert_eq!(behind.sum::<usize>(), 0);
        }
    }
}
