//! Streams that hold nulls in fields they declare free of them. Drivers take those as nulls; a strict decoder refuses.

use std::{io::Cursor, sync::Arc};

use arrow_ipc::{reader::StreamReader, writer::StreamWriter};
use arrow_schema::{DataType, Field, FieldRef, Schema};

/// The same stream with every field declared nullable; `None` where that would change nothing, or the schema can't be
/// read.
pub(super) fn relaxed(ipc: &[u8]) -> Option<Vec<u8>> {
    let mut cursor = Cursor::new(ipc);
    let declared = StreamReader::try_new(&mut cursor, None).ok()?.schema();
    let batches = ipc.get(usize::try_from(cursor.position()).ok()?..)?;
    // A dictionary's id would be given anew, and the batches name the old one.
    if declared.fields().iter().any(|field| has_dictionary(field)) {
        return None;
    }
    let fields: Vec<Field> = declared.fields().iter().map(|field| open(field)).collect();
    let schema = Schema::new_with_metadata(fields, declared.metadata().clone());
    if schema == *declared {
        return None;
    }
    let mut stream = StreamWriter::try_new(Vec::new(), &schema).ok()?.get_ref().clone();
    stream.extend_from_slice(batches);
    Some(stream)
}

fn open(field: &Field) -> Field {
    let inner = |field: &FieldRef| Arc::new(open(field));
    let data_type = match field.data_type() {
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(inner).collect()),
        DataType::List(item) => DataType::List(inner(item)),
        DataType::LargeList(item) => DataType::LargeList(inner(item)),
        DataType::FixedSizeList(item, length) => DataType::FixedSizeList(inner(item), *length),
        // A map's keys are never null by the format itself.
        other => other.clone(),
    };
    field.clone().with_data_type(data_type).with_nullable(true)
}

fn has_dictionary(field: &Field) -> bool {
    match field.data_type() {
        DataType::Dictionary(..) => true,
        DataType::Struct(fields) => fields.iter().any(|field| has_dictionary(field)),
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::FixedSizeList(item, _)
        | DataType::Map(item, _) => has_dictionary(item),
        _ => false,
    }
}
