//! What the client who asked may have.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::{Masked, Rowset, Sink};

/// What the client who asked may have of an answer. Authentication data is gone from it; card numbers are in it where a
/// policy shows them, so it is nothing to keep: what stores, logs or commits to a value takes [`Masked`], and the one way
/// there is [`Self::masked`], which is closed wherever numbers may be shown. Only a [`crate::Masker`] makes one, or
/// what is masked already. It has no `Debug`, for it must not end up in a text by accident.
///
/// ```compile_fail,E0308
/// use hoop_masking::{Masked, Released};
/// fn keep(_: &Masked<Vec<u8>>) {}
/// fn kept(answer: &Released<Vec<u8>>) {
///     keep(answer);
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Released<T> {
    value: T,
    /// Card numbers may be in it.
    shows: bool,
}

impl<T> Released<T> {
    pub(crate) fn seal(value: T, shows: bool) -> Self {
        Self { value, shows }
    }

    /// For the client's connection, and nothing else.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// What may be kept of it: all, or nothing where card numbers may be shown.
    pub fn masked(&self) -> Option<Masked<&T>> {
        (!self.shows).then(|| Masked::seal(&self.value))
    }

    /// The same in another form. Not for others to use: it could be anything.
    fn form<U>(&self, form: impl FnOnce(&T) -> U) -> Released<U> {
        Released { value: form(&self.value), shows: self.shows }
    }
}

impl<T> AsRef<T> for Released<T> {
    fn as_ref(&self) -> &T {
        &self.value
    }
}

impl<T> From<Masked<T>> for Released<T> {
    fn from(masked: Masked<T>) -> Self {
        Self { value: masked.into_inner(), shows: false }
    }
}

impl From<bool> for Released<Value> {
    fn from(truth: bool) -> Self {
        Masked::from(truth).into()
    }
}

impl Released<String> {
    /// As a JSON string.
    pub fn into_json(self) -> Released<Value> {
        Released { value: Value::String(self.value), shows: self.shows }
    }
}

impl Released<Vec<u8>> {
    /// Nothing yet, in this memory.
    pub fn within(mut memory: Vec<u8>) -> Self {
        memory.clear();
        Self { value: memory, shows: false }
    }

    /// Standard base64 with padding, as `rowsetBase64` holds it.
    pub fn to_base64(&self) -> Released<String> {
        self.form(|bytes| STANDARD.encode(bytes))
    }
}

/// All of it in memory.
impl Sink for Released<Vec<u8>> {
    fn take(&mut self, piece: Released<&[u8]>) {
        self.value.extend_from_slice(piece.value);
        self.shows |= piece.shows;
    }

    fn void(&mut self) {
        *self = Self::within(std::mem::take(&mut self.value));
    }
}

impl Released<Value> {
    /// Sets a member. What is no object becomes one.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<Self>) -> Self {
        let part = value.into();
        if !self.value.is_object() {
            self.value = Value::Object(serde_json::Map::new());
        }
        if let Some(object) = self.value.as_object_mut() {
            object.insert(key.to_owned(), part.value);
        }
        self.shows |= part.shows;
        self
    }

    /// The document as bytes, compact.
    pub fn to_bytes(&self) -> Released<Vec<u8>> {
        // Cannot fail: every key of a value is text.
        self.form(|value| serde_json::to_vec(value).unwrap_or_default())
    }

    /// The document as text, compact.
    pub fn to_text(&self) -> Released<String> {
        self.form(Value::to_string)
    }
}

impl Released<Rowset> {
    /// As a JSON array of rows.
    pub fn into_json(self) -> Released<Value> {
        let cell = |cell: Option<String>| cell.map_or(Value::Null, Value::String);
        let row = |row: Vec<Option<String>>| Value::Array(row.into_iter().map(cell).collect());
        Released { value: Value::Array(self.value.into_iter().map(row).collect()), shows: self.shows }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_show_a_number_is_never_masked_again() {
        let rows = || vec![vec![Some("4111111111111111".to_owned())]];
        let shown = Released::seal(rows(), true);
        assert!(shown.masked().is_none());
        let whole = Released::from(Masked::object()).with("success", true).with("rows", shown.into_json());
        assert!(whole.masked().is_none() && whole.to_bytes().masked().is_none() && whole.to_text().masked().is_none());
        let hidden = Released::seal(rows(), false).into_json();
        assert!(Released::from(Masked::object()).with("rows", hidden).to_bytes().masked().is_some());
    }
}
