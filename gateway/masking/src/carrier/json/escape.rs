//! The characters of a JSON string that is written with escapes, and where each of them stands.

/// A string's characters, and for each byte of them the byte of its spelling.
pub(super) struct Plain {
    pub text: String,
    places: Vec<usize>,
    end: usize,
}

impl Plain {
    /// Reads a string's content. `None`: half a surrogate pair or a broken escape, which no reader agrees on.
    pub(super) fn read(raw: &[u8]) -> Option<Self> {
        let raw = std::str::from_utf8(raw).ok()?;
        let mut plain =
            Self { text: String::with_capacity(raw.len()), places: Vec::with_capacity(raw.len()), end: raw.len() };
        let mut at = 0;
        while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
            let (c, width) = match rest.strip_prefix('\\') {
                None => rest.chars().next().map(|c| (c, c.len_utf8()))?,
                Some(escape) => escaped(escape)?,
            };
            plain.text.push(c);
            plain.places.extend(std::iter::repeat_n(at, c.len_utf8()));
            at += width;
        }
        Some(plain)
    }

    /// Where the character at byte `at` of the text begins.
    pub(super) fn place(&self, at: usize) -> usize {
        self.places.get(at).copied().unwrap_or(self.end)
    }
}

/// The character behind a backslash, and the bytes of both.
fn escaped(escape: &str) -> Option<(char, usize)> {
    let simple = |c| Some((c, 2));
    match escape.chars().next()? {
        c @ ('"' | '\\' | '/') => simple(c),
        'b' => simple('\u{8}'),
        'f' => simple('\u{c}'),
        'n' => simple('\n'),
        'r' => simple('\r'),
        't' => simple('\t'),
        'u' => {
            let unit = |text: &str| u16::from_str_radix(text.get(..4)?, 16).ok();
            let high = unit(escape.get(1..)?)?;
            if !(0xd800..0xe000).contains(&high) {
                return Some((char::from_u32(u32::from(high))?, 6));
            }
            let low = unit(escape.get(5..)?.strip_prefix("\\u")?)?;
            Some((char::decode_utf16([high, low]).next()?.ok()?, 12))
        }
        _ => None,
    }
}

/// `text` as the content of a JSON string.
pub(super) fn escape(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn characters_and_their_places() {
        let plain = Plain::read(r#"a\"\u0034é\ud835\udfd2z"#.as_bytes()).unwrap();
        assert_eq!(plain.text, "a\"4é𝟒z");
        let places: Vec<_> = plain.text.char_indices().map(|(at, _)| plain.place(at)).collect();
        assert_eq!(places, [0, 1, 3, 9, 11, 23]);
        assert_eq!(plain.place(plain.text.len()), 24);
        for broken in [r"\", r"\u12", r"\ud835", r"\ud835\n", r"\q"] {
            assert!(Plain::read(broken.as_bytes()).is_none(), "{broken}");
        }
        assert_eq!(escape("a\"\\\n"), r#"a\"\\\n"#);
    }
}
