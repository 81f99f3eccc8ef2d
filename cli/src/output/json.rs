//! The JSON that scripts read: every document says its `kind` and `version`, the rest beside them.

use serde::Serialize;
use serde_json::{Map, Value};

/// Version of the documents' shapes; raised when a field changes meaning or goes.
pub(crate) const VERSION: u64 = 1;

/// `value` as one line of JSON. Anything but an object is put under `value`.
pub fn document<T: Serialize>(kind: &str, value: &T) -> String {
    let mut document = Map::new();
    document.insert("kind".to_owned(), Value::from(kind));
    document.insert("version".to_owned(), Value::from(VERSION));
    match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => document.extend(fields),
        Ok(other) => {
            document.insert("value".to_owned(), other);
        }
        Err(error) => {
            document.insert("error".to_owned(), Value::from(error.to_string()));
        }
    }
    Value::Object(document).to_string()
}
