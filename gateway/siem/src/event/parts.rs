//! A record taken apart: each field is taken out once by who maps it, and what nobody took is still there at the end.

use hoop_audit::Record;
use serde_json::{Map, Value};

pub(super) struct Parts {
    /// The record's type, as it is written.
    pub kind: String,
    fields: Map<String, Value>,
}

impl Parts {
    pub(super) fn of(record: &Record) -> Result<Self, serde_json::Error> {
        let Value::Object(mut fields) = serde_json::to_value(record)? else {
            return Ok(Self { kind: String::new(), fields: Map::new() });
        };
        let kind = match fields.shift_remove("type") {
            Some(Value::String(kind)) => kind,
            _ => String::new(),
        };
        // How many an agent signed for: each of them is longer than what it is about.
        if let Some(receipts) = fields.get_mut("receipts").and_then(|facts| facts.get_mut("receipts")) {
            *receipts = receipts.as_array().map_or(0, Vec::len).into();
        }
        // No class has a place for it beside the person.
        let assurance =
            fields.get_mut("origin").and_then(Value::as_object_mut).and_then(|of| of.shift_remove("assurance"));
        fields.extend(assurance.map(|assurance| ("assurance".to_owned(), assurance)));
        Ok(Self { kind, fields })
    }

    pub(super) fn take(&mut self, field: &str) -> Option<Value> {
        self.fields.shift_remove(field)
    }

    pub(super) fn text(&mut self, field: &str) -> Option<String> {
        match self.take(field) {
            Some(Value::String(text)) => Some(text),
            Some(other) => {
                self.fields.insert(field.to_owned(), other);
                None
            }
            None => None,
        }
    }

    /// What nobody took. New fields of a record are here until somebody maps them.
    pub(super) fn rest(self) -> Map<String, Value> {
        self.fields
    }
}
