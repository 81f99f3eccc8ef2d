//! The proof that a value went through the masker.

use hoop_model::{AgentId, ApprovalId, ExchangeId, SessionId};
use serde_json::Value;

/// A value that holds no clear card data: it came out of a [`crate::Masker`], or it is text of our own. Nothing else can
/// make one, and it has no `Debug`, since masked is not the same as public.
#[derive(Clone, PartialEq, Eq)]
pub struct Masked<T>(T);

impl<T> Masked<T> {
    pub(crate) fn seal(value: T) -> Self {
        Self(value)
    }

    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> AsRef<T> for Masked<T> {
    fn as_ref(&self) -> &T {
        &self.0
    }
}

impl Masked<&'static str> {
    /// Text that is written in this program.
    pub const fn constant(text: &'static str) -> Self {
        Self(text)
    }

    pub fn to_text(&self) -> Masked<String> {
        Masked(self.0.to_owned())
    }
}

impl Masked<String> {
    /// The parts one after another. Keep something that is no digit and no separator at the seams: two masked halves of
    /// one card number would be whole again.
    pub fn join(parts: impl IntoIterator<Item = Self>) -> Self {
        Self(parts.into_iter().map(Self::into_inner).collect())
    }

    pub fn into_bytes(self) -> Masked<Vec<u8>> {
        Masked(self.0.into_bytes())
    }

    /// As a JSON string.
    pub fn into_json(self) -> Masked<Value> {
        Masked(Value::String(self.0))
    }
}

impl Masked<Vec<u8>> {
    pub fn as_slice(&self) -> Masked<&[u8]> {
        Masked(&self.0)
    }

    /// The parts one after another; see [`Masked::<String>::join`].
    pub fn concat(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut parts = parts.into_iter();
        let mut all = parts.next().map(Self::into_inner).unwrap_or_default();
        parts.for_each(|part| all.extend_from_slice(&part.0));
        Self(all)
    }
}

impl Masked<Value> {
    pub fn null() -> Self {
        Self(Value::Null)
    }

    /// An object without members; see [`Self::with`].
    pub fn object() -> Self {
        Self(Value::Object(serde_json::Map::new()))
    }

    pub fn array(items: impl IntoIterator<Item = Self>) -> Self {
        Self(Value::Array(items.into_iter().map(Self::into_inner).collect()))
    }

    /// Sets a member. What is no object becomes one.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: Self) -> Self {
        if !self.0.is_object() {
            self = Self::object();
        }
        if let Some(object) = self.0.as_object_mut() {
            object.insert(key.to_owned(), value.0);
        }
        self
    }

    /// The value at an RFC 6901 pointer: a part of what is masked is masked.
    pub fn part(&self, pointer: &str) -> Option<Self> {
        self.0.pointer(pointer).cloned().map(Self)
    }

    /// The document as bytes, compact.
    pub fn to_bytes(&self) -> Masked<Vec<u8>> {
        // Cannot fail: every key of a value is text.
        Masked(serde_json::to_vec(&self.0).unwrap_or_default())
    }

    /// The document as text, compact.
    pub fn to_text(&self) -> Masked<String> {
        Masked(self.0.to_string())
    }
}

/// Ten digits at most: no card number.
impl From<u32> for Masked<Value> {
    fn from(number: u32) -> Self {
        Self(number.into())
    }
}

impl From<bool> for Masked<Value> {
    fn from(truth: bool) -> Self {
        Self(truth.into())
    }
}

impl From<Masked<&'static str>> for Masked<Value> {
    fn from(text: Masked<&'static str>) -> Self {
        text.to_text().into_json()
    }
}

macro_rules! own_id {
    ($($id:ty),*) => {$(
        /// Made here, from random bits.
        impl From<$id> for Masked<String> {
            fn from(id: $id) -> Self {
                Self(id.to_string())
            }
        }
    )*};
}

own_id!(AgentId, ApprovalId, ExchangeId, SessionId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_from_masked_parts() {
        let built = Masked::object()
            .with("success", true.into())
            .with("total", 3.into())
            .with("message", Masked::constant("done").into());
        assert_eq!(built.to_text().into_inner(), r#"{"success":true,"total":3,"message":"done"}"#);
        assert_eq!(built.part("/total").map(Masked::into_inner), Some(Value::from(3)));
        assert!(built.part("/none").is_none());
    }
}
