//! Card numbers in a schema: a column's alias, or metadata.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Metadata, Schema, SchemaRef};

use crate::{
    Findings, Rule,
    scan::{self, Evidence},
};

/// The schema with names and metadata masked; `None`: no change.
pub(super) fn masked(schema: &SchemaRef, findings: &mut Findings) -> Option<SchemaRef> {
    let mut hidden = 0;
    let fields: Vec<Field> = schema.fields().iter().map(|field| masked_field(field, &mut hidden)).collect();
    let metadata = masked_metadata(schema.metadata(), &mut hidden);
    findings.add("schema", Rule::Pan, hidden);
    (hidden > 0).then(|| Arc::new(Schema::new_with_metadata(fields, metadata)))
}

fn masked_field(field: &Field, hidden: &mut u64) -> Field {
    let metadata = masked_metadata(field.metadata(), hidden);
    field.clone().with_name(masked_text(field.name(), hidden)).with_metadata(metadata)
}

fn masked_metadata(metadata: &Metadata, hidden: &mut u64) -> Metadata {
    metadata.iter().map(|(key, value)| (masked_text(key, hidden), masked_text(value, hidden))).collect()
}

fn masked_text(text: &str, hidden: &mut u64) -> String {
    match scan::mask(text, Evidence::Value) {
        Some(masked) => {
            *hidden += masked.pans + masked.sad;
            masked.text
        }
        None => text.to_owned(),
    }
}

/// Whether a field inside a nested type says anything that would have to be hidden. Structured types take their field
/// names from the table; such a name is refused, not rewritten.
pub(super) fn is_clean(data_type: &DataType) -> bool {
    let field = |field: &Arc<Field>| {
        let mut hidden = 0;
        masked_field(field, &mut hidden);
        hidden == 0 && is_clean(field.data_type())
    };
    match data_type {
        DataType::List(inner)
        | DataType::LargeList(inner)
        | DataType::FixedSizeList(inner, _)
        | DataType::Map(inner, _) => field(inner),
        DataType::Struct(fields) => fields.iter().all(field),
        DataType::Dictionary(_, value) => is_clean(value),
        _ => true,
    }
}
