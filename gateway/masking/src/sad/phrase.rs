//! Words in front of a place, read backwards, whatever the carrier puts between them.

use super::{
    code,
    word::{self, Word},
};
use crate::{
    fold::{Glyph, glyph},
    scan::BEFORE,
};

/// Bytes looked at in front of a value.
const REACH: usize = BEFORE - 16;
/// Most bytes between two words, markup aside.
const WIDEST: usize = 40;
/// Letters from here on belong to scripts without spaces.
const EAST: char = '\u{2e80}';
/// Most bytes of a tag that is looked into.
const TAG: usize = 96;

/// What stands between a word and what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Gap {
    /// What stands between a key and its value.
    pub keyed: bool,
    /// What ends a thought: a comma, a full stop, a dash without spaces. Or nothing at all.
    pub weak: bool,
    /// A dash, a slash or a point, without spaces: one name of several parts.
    pub joined: bool,
    /// One or two full stops.
    pub point: bool,
    /// The next line.
    pub line: bool,
    /// A quote or a bracket.
    pub opened: bool,
    pub length: usize,
}

/// A word or a number and what stands behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub is: Is,
    pub gap: Gap,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Is {
    Word(Word),
    /// Digits, and stars where some are hidden: how many.
    Number(usize),
}

/// Reads backwards.
#[derive(Clone)]
pub(crate) struct Phrase<'t> {
    bytes: &'t [u8],
    floor: usize,
    at: usize,
    /// A word may begin before the floor.
    cut: bool,
}

impl<'t> Phrase<'t> {
    /// Before byte `at`.
    pub(crate) fn before(bytes: &'t [u8], at: usize) -> Self {
        let floor = at.saturating_sub(REACH);
        Self { bytes, floor, at, cut: floor > 0 }
    }

    /// Before byte `at`, and nothing before `floor`.
    pub(super) fn within(bytes: &'t [u8], floor: usize, at: usize) -> Self {
        Self { bytes, floor, at, cut: false }
    }

    /// The word before, and all between. `None`: there is none within reach.
    pub(crate) fn next(&mut self) -> Option<Token> {
        let gap = self.gap()?;
        let is = self.word()?;
        Some(Token { is, gap })
    }

    /// Whether nothing but marks stands before on the same line.
    pub(crate) fn begins_line(&self) -> bool {
        let front = self.bytes.get(self.floor..self.at).unwrap_or_default();
        let mark = |byte: &&u8| b" \t\"'*#-<>_\r".contains(byte);
        let marks = front.iter().rev().take_while(mark).count();
        match front.len().checked_sub(marks + 1).and_then(|at| front.get(at)) {
            Some(byte) => *byte == b'\n',
            None => !self.cut,
        }
    }

    /// Whether any word of the tag around this place names authentication data. `value="…"` stands in no tag that names
    /// it: `None`.
    pub(crate) fn attribute(&self) -> Option<Phrase<'t>> {
        let (start, _) = self.tag(self.at)?;
        self.named_within(start, self.at)
    }

    fn byte(&self, back: usize) -> Option<u8> {
        let at = self.at.checked_sub(back).filter(|at| *at >= self.floor)?;
        self.bytes.get(at).copied()
    }

    fn ends_with(&self, end: &[u8]) -> bool {
        self.bytes.get(self.floor..self.at).unwrap_or_default().ends_with(end)
    }

    /// Goes back over what is no word. `None`: something stands there that parts all from what follows.
    fn gap(&mut self) -> Option<Gap> {
        let mut gap = Gap::default();
        let (mut spaced, mut dashes, mut points, mut stars) = (false, 0, 0, 0);
        while let Some(byte) = self.byte(1) {
            if gap.length > WIDEST {
                return None;
            }
            let (mark, width) = self.mark(byte);
            match mark {
                Mark::Word => break,
                Mark::Wall => return None,
                Mark::Tag => {
                    gap.keyed = true;
                    match self.tag(self.at - 1) {
                        Some((start, true)) => self.at = start,
                        Some((start, false)) => match self.named_within(start, self.at - 1) {
                            Some(named) => {
                                *self = named;
                                return Some(gap);
                            }
                            None => self.at = start,
                        },
                        None => {
                            self.at -= width;
                            gap.length += width;
                        }
                    }
                    continue;
                }
                Mark::Star => stars += 1,
                Mark::Space => spaced = true,
                Mark::Key => gap.keyed = true,
                Mark::Open => gap.opened = true,
                Mark::Dash => dashes += 1,
                Mark::Point => points += 1,
                Mark::Weak => gap.weak = true,
                Mark::Line => (gap.line, spaced) = (true, true),
                Mark::Nothing => {}
            }
            if mark != Mark::Star {
                stars = 0;
            } else if stars > 2 {
                // Three are a value that is hidden already, and what stands before is its own.
                (self.at, gap.length) = (self.at + 2, gap.length - 2);
                break;
            }
            self.at -= width;
            gap.length += width;
        }
        gap.joined = dashes + points > 0 && !spaced && !gap.keyed && !gap.opened;
        gap.point = (1..3).contains(&points);
        gap.weak |= gap.joined || gap.length == 0 || gap.point && !gap.keyed;
        Some(gap)
    }

    /// What the last character is, and how many bytes it takes.
    fn mark(&self, byte: u8) -> (Mark, usize) {
        match byte {
            b'n' | b'r' | b't' if self.byte(2) == Some(b'\\') => {
                (if byte == b'n' { Mark::Line } else { Mark::Space }, 2)
            }
            b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' => self.escape().unwrap_or((Mark::Word, 1)),
            0x80.. => self.wide(),
            b';' => self.entity().unwrap_or((Mark::Weak, 1)),
            b'[' if self.ends_with(b"<![CDATA[") => (Mark::Open, 9),
            ascii => (Mark::of(ascii), 1),
        }
    }

    /// `%3D`, `%253D`, `\u003d`.
    fn escape(&self) -> Option<(Mark, usize)> {
        let front = self.bytes.get(self.floor..self.at)?;
        let (head, digits) = front.split_at_checked(front.len().checked_sub(2)?)?;
        let width = match head {
            [.., b'%', b'2', b'5'] => 5,
            [.., b'%'] => 3,
            [.., b'\\', b'u' | b'U', b'0', b'0'] => 6,
            [.., b'\\', b'x'] => 4,
            _ => return None,
        };
        let digit = |byte: &u8| char::from(*byte).to_digit(16);
        let byte = u8::try_from(digit(digits.first()?)? << 4 | digit(digits.get(1)?)?).ok()?;
        match byte {
            b'>' => Some((Mark::Key, width)),
            0x80.. => Some((Mark::Nothing, width)),
            byte => Some((Mark::of(byte), width)).filter(|(mark, _)| *mark != Mark::Word),
        }
    }

    fn entity(&self) -> Option<(Mark, usize)> {
        const LONGEST: usize = 7;
        let front = self.bytes.get(self.floor..self.at)?;
        let start = front.iter().rev().take(LONGEST).position(|byte| *byte == b'&')? + 1;
        let mark = match front.get(front.len() - start..)? {
            b"&gt;" | b"&#61;" | b"&#58;" => Mark::Key,
            b"&lt;" | b"&quot;" | b"&apos;" | b"&#34;" | b"&#39;" | b"&#x27;" | b"&#x22;" => Mark::Open,
            b"&nbsp;" | b"&#160;" => Mark::Space,
            b"&amp;" => Mark::Nothing,
            _ => return None,
        };
        Some((mark, start))
    }

    fn wide(&self) -> (Mark, usize) {
        let Some((c, width)) = self.character() else { return (Mark::Wall, 1) };
        let mark = match c {
            '：' | '＝' | '→' | '⇒' | '➔' | '➡' => Mark::Key,
            '\u{2010}'..='\u{2015}' | '\u{2212}' => Mark::Dash,
            '“' | '”' | '‘' | '’' | '„' | '«' | '»' | '（' | '）' | '「' | '」' | '【' | '】' => {
                Mark::Open
            }
            '，' | '、' | '。' | '；' => Mark::Weak,
            c if c.is_alphanumeric() => Mark::Word,
            c if c.is_whitespace() || glyph(c) == Glyph::Invisible => Mark::Space,
            _ => Mark::Nothing,
        };
        (mark, width)
    }

    fn character(&self) -> Option<(char, usize)> {
        let width = (1..=4).find(|back| self.byte(*back).is_some_and(|byte| byte & 0xc0 != 0x80))?;
        let c = std::str::from_utf8(self.bytes.get(self.at - width..self.at)?).ok()?.chars().next()?;
        (c.len_utf8() == width).then_some((c, width))
    }

    /// Where the tag begins that is open at `end`, and whether it closes another or says nothing.
    fn tag(&self, end: usize) -> Option<(usize, bool)> {
        let from = end.saturating_sub(TAG).max(self.floor);
        let front = self.bytes.get(from..end)?;
        let back = front.iter().rev().position(|byte| matches!(byte, b'<' | b'>'))? + 1;
        let tag = front.get(front.len() - back..)?;
        let (first, second) = (tag.first()?, tag.get(1)?);
        (*first == b'<' && (second.is_ascii_alphabetic() || matches!(second, b'/' | b'_')))
            .then_some((end - back, *second == b'/'))
    }

    /// The words of a tag from its end on, up to one that names authentication data.
    fn named_within(&self, start: usize, end: usize) -> Option<Self> {
        let mut at = end;
        let mut after = false;
        while at > start {
            let byte = self.bytes.get(at - 1).copied().unwrap_or_default();
            let word = byte.is_ascii_alphanumeric();
            if word && !after {
                let phrase = Self::within(self.bytes, start, at);
                if code::name(phrase.clone()).is_some() {
                    return Some(phrase);
                }
            }
            after = word || matches!(byte, b'_' | b'-');
            at -= 1;
        }
        None
    }

    fn word(&mut self) -> Option<Is> {
        if self.byte(1).is_some_and(|byte| byte.is_ascii_digit() || byte == b'*')
            && let Some(number) = self.number()
        {
            return number;
        }
        let mut lower = [0; word::LONGEST];
        let mut left = lower.len();
        let mut small = 0;
        let mut spaceless = None;
        while let Some(byte) = self.byte(1) {
            let mut east = false;
            let width = match byte {
                0x80.. => match self.character() {
                    Some((c, width)) if c.is_alphanumeric() => {
                        east = c >= EAST;
                        width
                    }
                    _ => break,
                },
                byte if byte.is_ascii_hexdigit() && self.escape().is_some() => break,
                byte if byte.is_ascii_alphanumeric() => 1,
                _ => break,
            };
            // `CVV码是`: no spaces, but other letters.
            if *spaceless.get_or_insert(east) != east {
                break;
            }
            // `cardCvv`, `PINCode`.
            let right = self.bytes.get(self.at).copied().filter(|_| left < lower.len()).unwrap_or_default();
            let humped = (byte.is_ascii_lowercase() || byte.is_ascii_digit()) && right.is_ascii_uppercase();
            let turned = byte.is_ascii_uppercase() && right.is_ascii_uppercase() && small > 1;
            if humped || turned {
                break;
            }
            small = if byte.is_ascii_lowercase() {
                small + 1
            } else if right.is_ascii_uppercase() {
                0
            } else {
                small
            };
            let to = left.checked_sub(width);
            let Some(place) = to.and_then(|to| lower.get_mut(to..left)) else { return Some(Is::Word(Word::Other)) };
            place.copy_from_slice(self.bytes.get(self.at - width..self.at)?);
            left -= width;
            self.at -= width;
        }
        lower.make_ascii_lowercase();
        // What stands before the first word in reach may belong to it.
        let cut = self.at == self.floor && self.cut;
        let word = lower.get(left..).filter(|word| !word.is_empty())?;
        Some(Is::Word(if cut { Word::Other } else { word::of(word) }))
    }

    /// A number that stands alone: its digits, hidden or not. `Some(None)`: too many for one. `None`: part of a word.
    fn number(&mut self) -> Option<Option<Is>> {
        const MOST: usize = 40;
        let front = self.bytes.get(self.floor..self.at)?;
        let (mut count, mut length) = (0, 0);
        while let Some(byte) = front.len().checked_sub(length + 1).and_then(|at| front.get(at)) {
            let before = || front.len().checked_sub(length + 2).and_then(|at| front.get(at));
            match byte {
                b'0'..=b'9' | b'*' => count += 1,
                b' ' | b'-' if before().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'*') => {}
                _ => break,
            }
            length += 1;
            if length > MOST {
                return Some(None);
            }
        }
        let before = front.len().checked_sub(length + 1).and_then(|at| front.get(at));
        let alone = match before {
            // Escapes have digits too.
            Some(byte) => !byte.is_ascii_alphanumeric() && *byte < 0x80 && !matches!(byte, b'%' | b';' | b'\\' | b'.'),
            None => !self.cut,
        };
        if !alone {
            return None;
        }
        self.at -= length;
        Some(Some(Is::Number(count)))
    }
}

/// What a character between words is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Word,
    /// Ends what goes together.
    Wall,
    Tag,
    Star,
    Space,
    Key,
    Open,
    Dash,
    Point,
    Weak,
    Line,
    Nothing,
}

impl Mark {
    fn of(ascii: u8) -> Self {
        match ascii {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => Self::Word,
            b' ' | b'\t' | b'+' => Self::Space,
            b':' | b'=' | b'|' | b'~' => Self::Key,
            b'>' => Self::Tag,
            b'"' | b'\'' | b'`' | b'(' | b'[' | b'{' | b'<' => Self::Open,
            b'-' | b'/' | b'_' => Self::Dash,
            b'.' => Self::Point,
            b',' | b';' | b'?' | b'!' => Self::Weak,
            b'\n' | b'\r' => Self::Line,
            b'*' => Self::Star,
            b')' | b']' | b'}' | b'\\' | b'#' | b'&' => Self::Nothing,
            _ => Self::Wall,
        }
    }
}
