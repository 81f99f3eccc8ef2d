use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// A value that cannot be printed and is wiped when dropped. Reading it takes an explicit [`Secret::expose`].
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    pub fn new(value: T) -> Self {
        Self(value)
    }

    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Only the wire between our own programs carries secrets (join tokens, ID tokens); the caller names the field.
impl<T: Zeroize + Serialize> Secret<T> {
    /// For `#[serde(serialize_with = "Secret::reveal")]` on a wire message.
    pub fn reveal<S: serde::Serializer>(secret: &Self, serializer: S) -> Result<S::Ok, S::Error> {
        secret.0.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        let secret = Secret::new("4111111111111111".to_owned());
        assert_eq!(format!("{secret:?}"), "[secret]");
    }
}
