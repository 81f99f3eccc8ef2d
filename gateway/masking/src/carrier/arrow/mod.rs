//! Arrow IPC streams: decoded, masked array by array, written again with the same schema and types.

mod array;
mod as_text;
mod bytes;
mod decfloat;
mod nested;
mod nullable;
mod numbers;
mod pieces;
mod rows;
mod sample;
mod schema;

use std::{
    io::{self, Read, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_ipc::{reader::StreamReader, writer::StreamWriter};
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};

use self::array::Cells;
use super::{Place, rowset, seen::Seen};
use crate::{
    Column, ColumnKind, Findings, MaskError, Released, Sink,
    view::{Cards, Ruling, View},
};

/// Puts the stream that `open` reads into `sink` as `view` has it. Its count of rows. It is read to its end, more than once if
/// it has to be.
pub(crate) fn mask<R: Read>(
    open: impl Fn() -> R,
    sink: &mut impl Sink,
    columns: Option<&[Column]>,
    view: &View,
    findings: &mut Findings,
) -> Result<u64, MaskError> {
    // The decoder indexes by what the stream declares; a panic in it must end this exchange and nothing else.
    catch_unwind(AssertUnwindSafe(|| {
        let mut found = Findings::default();
        let mut masked = stream(open(), sink, columns, view, &mut found);
        if matches!(masked, Err(MaskError::Arrow { .. }))
            && let Some(relaxed) = nullable::relaxed(&all(open())?)
        {
            found = Findings::default();
            masked = stream(&*relaxed, sink, columns, view, &mut found);
        }
        findings.merge(&found);
        masked
    }))
    .unwrap_or(Err(MaskError::Arrow { reason: "it contradicts itself" }))
}

/// [`rewrite`] into a sink, from its beginning.
fn stream(
    mut from: impl Read,
    sink: &mut impl Sink,
    columns: Option<&[Column]>,
    view: &View,
    findings: &mut Findings,
) -> Result<u64, MaskError> {
    sink.void();
    let mut first = [0];
    if from.read(&mut first)? == 0 {
        return Ok(0);
    }
    let to = Written { sink, shows: view.cards() == Cards::Shown };
    let rows = rewrite(first.chain(&mut from), to, columns, view, findings)?;
    // What is behind its end is nothing, and still has to be readable.
    io::copy(&mut from, &mut io::sink())?;
    Ok(rows)
}

/// What [`rewrite`] writes.
struct Written<'s, S> {
    sink: &'s mut S,
    shows: bool,
}

impl<S: Sink> Write for Written<'_, S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sink.take(Released::seal(bytes, self.shows));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn all(mut from: impl Read) -> Result<Vec<u8>, MaskError> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl From<io::Error> for MaskError {
    fn from(error: io::Error) -> Self {
        ArrowError::from(error).into()
    }
}

/// Masks a stream batch by batch, from one end to the other: no more than a batch is held. Its count of rows.
pub(crate) fn through(from: impl Read, to: impl Write, view: &View, findings: &mut Findings) -> Result<u64, MaskError> {
    catch_unwind(AssertUnwindSafe(|| rewrite(from, to, None, view, findings)))
        .unwrap_or(Err(MaskError::Arrow { reason: "it contradicts itself" }))
}

/// Everything is written anew, so that bytes which the decoder does not show (behind the end, in padding, in the
/// messages' metadata) stay behind.
fn rewrite(
    from: impl Read,
    to: impl Write,
    columns: Option<&[Column]>,
    view: &View,
    findings: &mut Findings,
) -> Result<u64, MaskError> {
    let reader = StreamReader::try_new(from, None)?;
    let mut table = Table::of(&reader.schema(), columns, view, findings)?;
    let mut writer = StreamWriter::try_new(to, &table.schema)?;
    let mut rows = 0u64;
    for batch in reader {
        let batch = batch?;
        for piece in pieces::of(&batch) {
            writer.write(&table.masked(&piece?, view, findings)?)?;
        }
        rows = rows.saturating_add(u64::try_from(batch.num_rows()).unwrap_or(u64::MAX));
    }
    writer.finish()?;
    Ok(rows)
}

/// What is known of a stream's columns, and the schema it goes out with.
struct Table {
    schema: SchemaRef,
    columns: Vec<Known>,
}

impl Table {
    fn of(
        declared: &SchemaRef,
        columns: Option<&[Column]>,
        view: &View,
        findings: &mut Findings,
    ) -> Result<Self, MaskError> {
        let mut schema = schema::masked(declared, findings).unwrap_or_else(|| declared.clone());
        if let Some((column, field)) =
            declared.fields().iter().enumerate().find(|(_, field)| !schema::is_clean(field.data_type()))
        {
            return Err(MaskError::ArrowType { column, data_type: array::kind_of(field.data_type()).to_owned() });
        }
        let columns = known(declared, columns, view)?;
        if columns.iter().any(|known| known.as_text) {
            let field = |(known, field): (&Known, &Arc<Field>)| match known.as_text {
                true => Arc::new(as_text::field(field)),
                false => field.clone(),
            };
            let fields: Vec<_> = columns.iter().zip(schema.fields()).map(field).collect();
            schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
        }
        Ok(Self { schema, columns })
    }

    fn masked(&mut self, batch: &RecordBatch, view: &View, findings: &mut Findings) -> Result<RecordBatch, MaskError> {
        let mut arrays = Vec::with_capacity(batch.num_columns());
        for (array, known) in batch.columns().iter().zip(&mut self.columns) {
            let cells = known.evident(array);
            let mut place = Place::column(view, findings, known.place.clone(), &known.ruling);
            let masked = match known.as_text {
                true => Some(as_text::masked(array, cells, &mut place)?),
                false => array::masked(array, cells, &mut place)?,
            };
            arrays.push(masked.unwrap_or_else(|| array.clone()));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)?)
    }
}

/// What is known of a column.
struct Known {
    cells: Cells,
    place: String,
    ruling: Arc<Ruling>,
    /// Of the batches so far.
    seen: Seen,
    /// It becomes a column of text.
    as_text: bool,
}

fn known(schema: &SchemaRef, columns: Option<&[Column]>, view: &View) -> Result<Vec<Known>, MaskError> {
    if columns.is_some_and(|columns| columns.len() != schema.fields().len()) {
        return Err(MaskError::Arrow { reason: "its count of columns is not the declared one" });
    }
    let mut declared = columns.map(|columns| columns.iter());
    let known = schema.fields().iter().enumerate().map(|(index, field)| {
        let column = declared.as_mut().and_then(Iterator::next);
        let own = Column::new(field.name(), ColumnKind::default());
        let named = column.unwrap_or(&own);
        let cells = Cells::of(index, field, column);
        let ruling = Arc::new(view.at(&named.place()));
        let as_text = as_text::can_be(field.data_type()) && ruling.is_text_instead(cells.name);
        Known { cells, place: rowset::place_of(&named.name), ruling, seen: Seen::default(), as_text }
    });
    Ok(known.collect())
}

impl Known {
    /// The cells' name as the sample of their values has it.
    fn evident(&mut self, array: &ArrayRef) -> Cells {
        sample::look(array, self.cells.kind, &mut self.seen);
        Cells { name: self.seen.name(self.cells.name, &self.ruling), ..self.cells }
    }
}

impl From<ArrowError> for MaskError {
    /// The library's own text may quote values, so only the kind of failure is kept.
    fn from(error: ArrowError) -> Self {
        let reason = match error {
            ArrowError::IoError(..) => "it ends before it should",
            ArrowError::NotYetImplemented(_) => "it uses a feature that is not supported",
            ArrowError::SchemaError(_) => "its schema is not valid",
            ArrowError::OffsetOverflowError(_) => "a column is too long",
            _ => "it is not a valid stream",
        };
        Self::Arrow { reason }
    }
}

#[cfg(test)]
mod tests;
