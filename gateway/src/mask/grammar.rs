//! Whether bytes are a JSON object or array (RFC 8259), in as many pieces as they come. Keeps no text.

/// Most levels of nesting: the masker looks into no more.
const DEEPEST: u32 = 128;

/// What came of the bytes at hand.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// All of them belong to the document, and it goes on.
    More,
    /// The document ends before this byte.
    Whole(usize),
    /// This byte cannot be, and why.
    Wrong(usize, &'static str),
}

/// Reads one document.
#[derive(Debug)]
pub(super) struct Grammar {
    depth: u32,
    /// A bit per level, the innermost last: whether it is an object.
    objects: u128,
    next: Next,
    within: Within,
}

/// What may stand here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
}

/// What the bytes at hand are in the middle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Nothing,
    Text,
    /// Behind a backslash.
    Escape,
    /// So many hexadecimal digits must follow.
    Hex(u8),
    Number(Number),
    /// What is left of `true`, `false` or `null`.
    Word(&'static [u8]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    Sign,
    Zero,
    Whole,
    Point,
    Fraction,
    E,
    ESign,
    Exponent,
}

impl Number {
    fn then(self, byte: u8) -> Option<Self> {
        match (self, byte) {
            (Self::Sign, b'0') => Some(Self::Zero),
            (Self::Sign | Self::Whole, b'0'..=b'9') => Some(Self::Whole),
            (Self::Zero | Self::Whole, b'.') => Some(Self::Point),
            (Self::Point | Self::Fraction, b'0'..=b'9') => Some(Self::Fraction),
            (Self::Zero | Self::Whole | Self::Fraction, b'e' | b'E') => Some(Self::E),
            (Self::E, b'+' | b'-') => Some(Self::ESign),
            (Self::E | Self::ESign | Self::Exponent, b'0'..=b'9') => Some(Self::Exponent),
            _ => None,
        }
    }

    fn may_end(self) -> bool {
        matches!(self, Self::Zero | Self::Whole | Self::Fraction | Self::Exponent)
    }
}

impl Grammar {
    /// Before the first byte of a document.
    pub(super) fn new() -> Self {
        Self { depth: 0, objects: 0, next: Next::Value, within: Within::Nothing }
    }

    pub(super) fn read(&mut self, bytes: &[u8]) -> Read {
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let outcome = match self.within {
                Within::Text => {
                    at += plain(bytes.get(at..).unwrap_or_default());
                    match bytes.get(at) {
                        Some(special) => self.in_text(*special),
                        None => return Read::More,
                    }
                }
                Within::Nothing => self.between(*byte),
                Within::Number(number) => match number.then(*byte) {
                    Some(number) => {
                        self.within = Within::Number(number);
                        Ok(())
                    }
                    None if number.may_end() => {
                        self.value_ends();
                        continue;
                    }
                    None => Err("a number is not spelled as JSON has it"),
                },
                within => self.in_token(within, *byte),
            };
            match outcome {
                Ok(()) => at += 1,
                Err(why) => return Read::Wrong(at, why),
            }
            // Before it there may be spaces.
            if self.depth == 0 && self.next == Next::CommaOrEnd {
                return Read::Whole(at);
            }
        }
        Read::More
    }

    fn in_text(&mut self, byte: u8) -> Result<(), &'static str> {
        match byte {
            b'"' => self.value_ends(),
            b'\\' => self.within = Within::Escape,
            _ => return Err("a text holds a line's end or another control character"),
        }
        Ok(())
    }

    fn in_token(&mut self, within: Within, byte: u8) -> Result<(), &'static str> {
        self.within = match (within, byte) {
            (Within::Escape, b'u') => Within::Hex(4),
            (Within::Escape, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Within::Text,
            (Within::Hex(left), _) if byte.is_ascii_hexdigit() => {
                if left > 1 {
                    Within::Hex(left - 1)
                } else {
                    Within::Text
                }
            }
            (Within::Word([wanted, rest @ ..]), _) if *wanted == byte => {
                if rest.is_empty() {
                    self.value_ends();
                    return Ok(());
                }
                Within::Word(rest)
            }
            (Within::Word(_), _) => return Err("a word is neither true nor false nor null"),
            _ => return Err("a backslash begins no escape"),
        };
        Ok(())
    }

    fn value_ends(&mut self) {
        self.within = Within::Nothing;
        self.next = if matches!(self.next, Next::Key | Next::KeyOrEnd) { Next::Colon } else { Next::CommaOrEnd };
    }

    fn between(&mut self, byte: u8) -> Result<(), &'static str> {
        match (byte, self.next) {
            (b' ' | b'\t' | b'\n' | b'\r', _) => {}
            (b'"', Next::Key | Next::KeyOrEnd) => self.within = Within::Text,
            (b':', Next::Colon) => self.next = Next::Value,
            (b',', Next::CommaOrEnd) => self.next = if self.in_object() { Next::Key } else { Next::Value },
            (b'}', Next::KeyOrEnd) => self.leave(),
            (b']', Next::ValueOrEnd) => self.leave(),
            (b'}' | b']', Next::CommaOrEnd) if (byte == b'}') == self.in_object() => self.leave(),
            (_, Next::Value | Next::ValueOrEnd) => return self.value(byte),
            (_, Next::Key | Next::KeyOrEnd) => return Err("a key in quotes should stand there"),
            (_, Next::Colon) => return Err("a colon should stand behind the key"),
            (_, Next::CommaOrEnd) => return Err("a comma or the end of the object or array should stand there"),
        }
        Ok(())
    }

    fn value(&mut self, byte: u8) -> Result<(), &'static str> {
        self.within = match byte {
            b'{' | b'[' => return self.enter(byte == b'{'),
            b'"' => Within::Text,
            b'-' => Within::Number(Number::Sign),
            b'0' => Within::Number(Number::Zero),
            b'1'..=b'9' => Within::Number(Number::Whole),
            b't' => Within::Word(b"rue"),
            b'f' => Within::Word(b"alse"),
            b'n' => Within::Word(b"ull"),
            _ => return Err("a value should stand there"),
        };
        Ok(())
    }

    fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }

    fn enter(&mut self, object: bool) -> Result<(), &'static str> {
        if self.depth == DEEPEST {
            return Err("it is nested more than 128 levels deep");
        }
        self.depth += 1;
        self.objects = self.objects << 1 | u128::from(object);
        self.next = if object { Next::KeyOrEnd } else { Next::ValueOrEnd };
        Ok(())
    }

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.objects >>= 1;
        self.next = Next::CommaOrEnd;
    }
}

/// How many bytes of a text come before a quote, a backslash or a control character.
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    // Marks the bytes of `word` below `limit`; above the first such it may err.
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES.wrapping_mul(limit)) & !word & HIGH;
    let is = |word: u64, byte: u8| below(word ^ u64::from_le_bytes([byte; 8]), 1);
    let mut at = 0;
    while let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*eight);
        let special = is(word, b'"') | is(word, b'\\') | below(word, 0x20);
        if special != 0 {
            return at + special.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1f)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8], size: usize) -> Read {
        let mut grammar = Grammar::new();
        let mut before = 0;
        for piece in text.chunks(size) {
            match grammar.read(piece) {
                Read::More => before += piece.len(),
                Read::Whole(at) => return Read::Whole(before + at),
                Read::Wrong(at, why) => return Read::Wrong(before + at, why),
            }
        }
        Read::More
    }

    /// Whether the first document is what `serde_json` takes, in pieces of any size.
    #[track_caller]
    fn agrees(text: &[u8]) {
        let mut theirs = serde_json::Deserializer::from_slice(text).into_iter::<serde_json::Value>();
        let expected = theirs.next().is_some_and(|read| read.is_ok());
        let whole = read(text, text.len().max(1));
        let shown = String::from_utf8_lossy(text);
        assert_eq!(matches!(whole, Read::Whole(_)), expected, "{shown}: {whole:?}");
        assert!(!expected || whole == Read::Whole(theirs.byte_offset()), "{shown}: {whole:?}");
        for size in [1, 2, 3, 7] {
            assert_eq!(read(text, size), whole, "{shown} by {size}");
        }
    }

    #[test]
    fn documents() {
        for text in [
            r#"{}"#,
            r#"[]"#,
            r#" "#,
            r#"[{}]x"#,
            r#"{"a":[1,-0,0.5,1e5,1E-07,-1.5e+3]}"#,
            r#"["\"\\\/\b\f\n\r\t\u00e9é"]"#,
            r#"[true,false,null]"#,
            r#"[ { "a" : [ ] , "b" : { } } ] "#,
            r#"[1,]"#,
            r#"[,1]"#,
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{1:2}"#,
            r#"{"a":1"b":2}"#,
            r#"[1 2]"#,
            r#"[01]"#,
            r#"[-]"#,
            r#"[1.]"#,
            r#"[.5]"#,
            r#"[1e]"#,
            r#"[+1]"#,
            r#"[tru]"#,
            r#"[truee]"#,
            r#"["\x"]"#,
            r#"["\u12g4"]"#,
            "[\"a\nb\"]",
            r#"[}"#,
            r#"{]"#,
            r#"[1"#,
            r#"["a"#,
            r#"[nul"#,
            r#"{"a":1]"#,
            r#"[NaN]"#,
            r#"['a']"#,
            r#"[1]]"#,
        ] {
            agrees(text.as_bytes());
        }
    }

    #[test]
    fn any_bytes() {
        let alphabet = b"{}[]\",:0123eE+-.tfnrualse\\ \n";
        let mut state = 1_u64;
        for _ in 0..50_000 {
            let mut text = vec![b'['];
            for _ in 0..state % 12 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let choice = usize::try_from(state >> 33).unwrap_or(0) % alphabet.len();
                text.extend(alphabet.get(choice));
            }
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            agrees(&text);
        }
    }

    #[test]
    fn texts_of_any_length() {
        for special in 0..=u8::MAX {
            for length in 0..20 {
                for fill in [b'a', 0x20, 0x7f, 0x80, 0xff, 0xa2, 0xdc] {
                    let mut text = vec![fill; length];
                    text.extend([special, b'"', b'\n']);
                    let expected = length + usize::from(!matches!(special, b'"' | b'\\' | 0..=0x1f));
                    assert_eq!(plain(&text), expected, "{special} behind {length} of {fill}");
                }
            }
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| [b"[".repeat(depth), b"]".repeat(depth)].concat();
        assert_eq!(read(&nested(128), 64), Read::Whole(256));
        assert!(matches!(read(&nested(129), 64), Read::Wrong(128, why) if why.contains("128")));
    }
}
