//! Verification codes and PINs that are named behind: `123 is the CVV`, `1234 (PIN)`, `value="123" name="cvv"`.

use super::{
    code::{self, Called, Named},
    phrase::{Is, Phrase},
    word::Word,
};
use crate::scan::label;

/// Most bytes looked at behind the digits.
const REACH: usize = 64;

/// What the `digits` digits that end at byte `end` are called behind. `None`: more text is needed to tell.
pub(crate) fn called(bytes: &[u8], end: usize, digits: usize, open: bool) -> Option<Called> {
    let reach = bytes.len().min(end + REACH);
    let tail = bytes.get(end..reach).unwrap_or_default();
    // Nearly all digits end here.
    if !matches!(tail.first(), Some(b' ' | b'"' | b'\'' | b')' | b'(')) {
        return Some(Called::No);
    }
    let mut reader = Reader { tail, at: 0, cut: open && reach < end + REACH };
    let called = reader.read(bytes, end, digits);
    if called.is_none() && !reader.cut { Some(Called::No) } else { called }
}

/// Reads words forwards.
struct Reader<'t> {
    tail: &'t [u8],
    at: usize,
    /// More text may come.
    cut: bool,
}

impl<'t> Reader<'t> {
    /// `None`: the text ends before it can be told.
    fn read(&mut self, bytes: &[u8], end: usize, digits: usize) -> Option<Called> {
        let quoted = self.skip(b"\"')")?;
        let spaces = self.skip(b" ")?;
        if quoted > 0 && spaces > 0 && self.peek()?.is_ascii_alphabetic() && is_attribute(bytes, end) {
            return self.attributes(bytes, end, digits);
        }
        let bracket = self.skip(b"(")? > 0;
        let Some(word) = self.word()? else { return Some(Called::No) };
        let tied = match word {
            b"is" | b"as" | b"was" if spaces > 0 && !bracket => true,
            _ if bracket => {
                self.at -= word.len();
                false
            }
            _ => return Some(Called::No),
        };
        self.articles()?;
        let Some((named, coded)) = self.name(bytes, end)? else { return Some(Called::No) };
        // `482 (CVV 123)`: it has a value of its own.
        if !named.fits(digits) || bracket && *self.peek()? != b')' || self.owns()? {
            return Some(Called::No);
        }
        Some(match named {
            Named::Code if tied || coded => Called::Yes,
            _ => Called::Perhaps,
        })
    }

    fn peek(&self) -> Option<&'t u8> {
        match self.tail.get(self.at) {
            None if !self.cut => Some(&b'\n'),
            byte => byte,
        }
    }

    fn skip(&mut self, bytes: &[u8]) -> Option<usize> {
        let from = self.at;
        while bytes.contains(self.peek()?) {
            self.at += 1;
        }
        Some(self.at - from)
    }

    /// Letters and digits, with what joins them. `Some(None)`: there are none.
    fn word(&mut self) -> Option<Option<&'t [u8]>> {
        let from = self.at;
        while self.peek()?.is_ascii_alphanumeric() {
            self.at += 1;
        }
        Some(self.tail.get(from..self.at).filter(|word| !word.is_empty()))
    }

    fn articles(&mut self) -> Option<()> {
        loop {
            self.skip(b" \"'")?;
            let from = self.at;
            match self.word()? {
                Some(b"the" | b"my" | b"its" | b"a" | b"his" | b"her" | b"their" | b"your" | b"card" | b"s") => {}
                _ => {
                    self.at = from;
                    return Some(());
                }
            }
        }
    }

    /// Up to three words that name authentication data, the longest that do, and whether there is no other way to read
    /// them.
    fn name(&mut self, bytes: &[u8], end: usize) -> Option<Option<(Named, bool)>> {
        let mut found = None;
        let from = self.at;
        let mut to = self.at;
        for _ in 0..3 {
            if self.word()?.is_none() {
                break;
            }
            let phrase = Phrase::within(bytes, end + from, end + self.at);
            // What cannot become a name is not waited for.
            if !phrase.clone().next().is_some_and(|token| may_name(token.is)) {
                break;
            }
            if let Some(named) = code::name(phrase) {
                found = Some((named, named == Named::Code));
                to = self.at;
            }
            if self.skip(b" _-")? == 0 {
                break;
            }
        }
        self.at = to;
        Some(found)
    }

    /// Whether a value stands behind the name: it is that one's.
    fn owns(&mut self) -> Option<bool> {
        let from = self.at;
        self.skip(b" \"':=)([*#")?;
        let hidden = self.tail.get(from..self.at).is_some_and(label::holds_hidden);
        Some(hidden || self.peek()?.is_ascii_digit())
    }

    /// The attributes behind `value="123"`.
    fn attributes(&mut self, bytes: &[u8], end: usize, digits: usize) -> Option<Called> {
        while !matches!(self.peek()?, b'>' | b'<' | b'\n') {
            if self.word()?.is_none() {
                self.at += 1;
                continue;
            }
            if matches!(self.peek()?, b'_' | b'-') {
                continue;
            }
            let named = code::name(Phrase::within(bytes, end, end + self.at));
            if named.is_some_and(|named| named.fits(digits)) {
                return Some(Called::Yes);
            }
        }
        Some(Called::No)
    }
}

fn may_name(is: Is) -> bool {
    let Is::Word(word) = is else { return false };
    !matches!(word, Word::Other | Word::Link | Word::In | Word::Of | Word::The | Word::Hardware | Word::Back)
}

/// Whether the digits that end at `end` are the value of an attribute of that name.
fn is_attribute(bytes: &[u8], end: usize) -> bool {
    let front = bytes.get(end.saturating_sub(24)..end).unwrap_or_default();
    let digits = front.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let front = front.get(..front.len() - digits).unwrap_or_default();
    front.ends_with(b"value=\"") || front.ends_with(b"value='")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of(text: &str, open: bool) -> Option<Called> {
        let start = text.find(|c: char| c.is_ascii_digit()).unwrap();
        let digits = text.bytes().skip(start).take_while(u8::is_ascii_digit).count();
        called(text.as_bytes(), start + digits, digits, open)
    }

    #[test]
    fn names_behind() {
        for text in [
            "123 is the CVV",
            "123 is my cvv code.",
            "123 as cvv",
            "123 (CVV)",
            "\"123\" is its CVC2",
            "value=\"472\" name=\"cvv\">",
            "<input value='472' type='text' name='security_code'/>",
            "value=\"4721\" id=\"card-pin\">",
        ] {
            assert_eq!(of(text, false), Some(Called::Yes), "{text}");
        }
        for text in
            ["1234 is the PIN", "123 is the security code", "1234 as my pin code", "1234 (PIN)", "123 (security code)"]
        {
            assert_eq!(of(text, false), Some(Called::Perhaps), "{text}");
        }
        for text in [
            "123",
            "123 retries",
            "482 (CVV 123)",
            "482 is (CVV: ***)",
            "12345 is the CVV",
            "123 is the order",
            "404 CVV errors",
            "123 is a cvv: 456",
            "value=\"472\" name=\"n\">",
            "123 (CVV mismatches)",
            "1234 is the pin 9",
        ] {
            assert_eq!(of(text, false), Some(Called::No), "{text}");
        }
    }

    #[test]
    fn waits_only_where_more_may_come() {
        for text in ["123 ", "123 i", "123 is", "123 is the c", "123 is the cvv", "123 (", "value=\"123\" name=\""] {
            assert_eq!(of(text, true), None, "{text}");
        }
        for text in ["123\n", "123,", "123 r ", "123 is not ", "123 is the cvv.\n"] {
            assert!(of(text, true).is_some(), "{text}");
        }
    }
}
