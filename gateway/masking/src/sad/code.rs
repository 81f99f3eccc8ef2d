//! Verification codes and PINs in words in front of them: `CVV: 123`, `pin=1234`, `the pin for 4111… is 1234`.

use std::ops::Range;

use super::{
    phrase::{Gap, Is, Phrase, Token},
    word::Word,
};

/// What the words before a few digits say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Called {
    No,
    /// By words that mean something else as well: they count near a card number.
    Perhaps,
    Yes,
}

/// Fewest and most digits of what is looked at: codes have 3 or 4, PINs 4 to 12 (ISO 9564-1).
pub(crate) const LENGTHS: std::ops::RangeInclusive<usize> = 3..=12;
/// Most words between a name and its value.
const MOST: usize = 8;

/// What words name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// A verification code, and nothing else has this name.
    Code,
    /// `cid`, `the code on the back`.
    PerhapsCode,
    /// `security code`.
    SecureCode,
    Pin,
    PinCode,
    PinBlock,
}

impl Named {
    /// Whether it is so many digits long.
    pub(super) fn fits(self, digits: usize) -> bool {
        match self {
            Self::Code | Self::PerhapsCode | Self::SecureCode => matches!(digits, 3 | 4),
            Self::Pin | Self::PinCode => (4..=12).contains(&digits),
            Self::PinBlock => false,
        }
    }
}

/// The `digits` digits of `run` themselves: `%22` and `\x22` in front of them have digits of their own. `None`: they are
/// spelled as escapes.
pub(crate) fn digits(bytes: &[u8], run: Range<usize>, digits: usize) -> Option<(Range<usize>, usize)> {
    let front = bytes.get(..run.start)?;
    let text = bytes.get(run.clone())?;
    if text.len() != digits {
        return (!text.iter().any(|byte| matches!(byte, b'%' | b'&' | b'\\'))).then_some((run, digits));
    }
    let escape = match text {
        [b'2', b'5', b'2', b'0' | b'2' | b'7', _, _, _, ..] if front.ends_with(b"%") => 4,
        [b'2' | b'3', _, _, _, _, ..] if front.ends_with(b"%") || front.ends_with(b"\\x") => 2,
        _ => 0,
    };
    Some((run.start + escape..run.end, digits - escape))
}

/// Whether the digit at `at` belongs to a name: `CVV2`.
pub(crate) fn is_numbered(bytes: &[u8], at: usize) -> bool {
    let digit = matches!(bytes.get(at), Some(b'1' | b'2'));
    let three = at.checked_sub(3).and_then(|front| bytes.get(front..at)?.first_chunk::<3>());
    let three = three.map(|three| three.map(|letter| letter.to_ascii_lowercase()));
    digit && three.is_some_and(|three| matches!(&three, b"cvv" | b"cvc" | b"cvn" | b"cvd" | b"cav" | b"csc" | b"cvx"))
}

/// What `digits` digits that begin at byte `start` and stand alone are called.
pub(crate) fn called(bytes: &[u8], start: usize, digits: usize) -> Called {
    let mut phrase = Phrase::before(bytes, start);
    let Some(first) = phrase.next() else { return Called::No };
    let Some((mut token, link)) = skip_links(first, &mut phrase) else { return Called::No };
    let tied = first.gap.keyed || link;
    // `CVV of 123`, but not `PIN for 1234`.
    if token.is == Is::Word(Word::Of) {
        let Some(next) = phrase.next().filter(|next| next.is == Is::Word(Word::Code)) else { return Called::No };
        token = next;
    }
    // The card whose code it is may stand in between: `for 4111… is 123`.
    let mut explicit = false;
    if let Is::Number(length) = token.is {
        if !tied || length < 4 || !skip_to_owner(&mut token, &mut phrase) {
            return Called::No;
        }
        explicit = length >= 12;
    } else if token.is == Is::Word(Word::Value)
        && first.gap.keyed
        && let Some(mut tag) = phrase.attribute()
    {
        let Some(named) = tag.next() else { return Called::No };
        (token, phrase) = (named, tag);
    }
    // `CVV no. 123`
    let short = first.gap.point && matches!(token.is, Is::Word(Word::Noun | Word::Number));
    let gap = Gap { weak: first.gap.weak && !short, ..first.gap };
    let Some(named) = named(token, &mut phrase) else { return Called::No };
    if !named.fits(digits) || gap.line && !gap.keyed && !phrase.begins_line() {
        return Called::No;
    }
    judge(named, gap, link, explicit, digits)
}

fn judge(named: Named, gap: Gap, link: bool, explicit: bool, digits: usize) -> Called {
    let loose = gap.weak && !gap.keyed && !link || gap.line && !gap.keyed;
    match named {
        _ if explicit => Called::Yes,
        Named::Code if loose => Called::Perhaps,
        Named::Code => Called::Yes,
        Named::SecureCode if gap.keyed => Called::Yes,
        Named::PinBlock => Called::No,
        Named::PerhapsCode | Named::SecureCode => Called::Perhaps,
        // `PIN-1234`, `the PIN, 1234 days ago`.
        Named::Pin | Named::PinCode if loose && gap.length > 0 => Called::No,
        Named::Pin if gap.keyed && digits <= 6 => Called::Yes,
        Named::PinCode if gap.keyed && digits <= 5 => Called::Yes,
        Named::Pin | Named::PinCode => Called::Perhaps,
    }
}

/// What authentication data the words at the end of `phrase` name.
pub(super) fn name(mut phrase: Phrase<'_>) -> Option<Named> {
    let token = phrase.next()?;
    named(token, &mut phrase)
}

/// Whether words before byte `at` say that a PIN block stands there.
pub(super) fn calls_block(bytes: &[u8], at: usize) -> bool {
    let mut phrase = Phrase::before(bytes, at);
    let named =
        phrase.next().and_then(|first| skip_links(first, &mut phrase)).and_then(|(token, _)| named(token, &mut phrase));
    named == Some(Named::PinBlock)
}

/// Goes over what says nothing between a name and its value. Whether it did.
fn skip_links(first: Token, phrase: &mut Phrase<'_>) -> Option<(Token, bool)> {
    let (mut token, mut link) = (first, false);
    for _ in 0..MOST {
        match token.is {
            Is::Word(Word::Link) => {}
            Is::Word(Word::In) if first.gap.opened => {}
            // `changed to 1234`
            Is::Word(Word::In) => return None,
            _ => return Some((token, link)),
        }
        link = true;
        token = phrase.next()?;
    }
    None
}

/// From a card number back to what is said to be its own: `code for the card number`.
fn skip_to_owner(token: &mut Token, phrase: &mut Phrase<'_>) -> bool {
    let mut owned = false;
    for _ in 0..MOST {
        let Some(next) = phrase.next() else { return false };
        *token = next;
        match next.is {
            Is::Word(Word::Of) => owned = true,
            Is::Word(Word::Card | Word::Number | Word::The | Word::In | Word::Digits) => {}
            _ => return owned,
        }
    }
    false
}

/// What `token` and the words before it name.
fn named(mut token: Token, phrase: &mut Phrase<'_>) -> Option<Named> {
    let mut said = Said::default();
    for _ in 0..MOST {
        match token.is {
            Is::Word(word) => {
                if let Some(named) = said.hear(word, phrase) {
                    // `CVV of the card`, but not `cvv, card`.
                    return if said.card && !said.of { None } else { named };
                }
            }
            // `3-digit code`: how many says no more.
            Is::Number(_) => said.over |= !said.digits,
        }
        if said.over {
            break;
        }
        let mut ahead = phrase.clone();
        let Some(next) = ahead.next() else { break };
        (token, *phrase) = (next, ahead);
    }
    said.described()
}

/// What the words behind a name have said.
#[derive(Default)]
struct Said {
    noun: bool,
    number: bool,
    digits: bool,
    back: bool,
    card: bool,
    of: bool,
    block: bool,
    /// Nothing before counts.
    over: bool,
}

impl Said {
    /// `Some(None)`: it names something else.
    fn hear(&mut self, word: Word, phrase: &Phrase<'_>) -> Option<Option<Named>> {
        match word {
            Word::Code => return Some(Some(Named::Code)),
            Word::Id => return Some(Some(Named::PerhapsCode)),
            Word::SecureCode => return Some(Some(Named::SecureCode)),
            // `on the signature strip`
            Word::Secure if self.back => {}
            Word::Secure => {
                return Some((self.noun || self.number || is_code_of(phrase)).then_some(Named::SecureCode));
            }
            Word::Block => self.block = true,
            Word::Bit52 => return Some(Some(Named::PinBlock)),
            Word::Pin if self.block => return Some(Some(Named::PinBlock)),
            Word::Pin if is_other_pin(phrase) => return Some(None),
            Word::Pin if self.noun => return Some(Some(Named::PinCode)),
            Word::Pin => return Some(Some(Named::Pin)),
            Word::PinCode => return Some(Some(Named::PinCode)),
            Word::Back => self.back = true,
            Word::Noun | Word::Value => self.noun = true,
            Word::Number => self.number = true,
            Word::Digits => self.digits = true,
            Word::Of => self.of = true,
            Word::The => {}
            Word::Link if self.back => {}
            // `card code`, but not `card number`.
            Word::Card if self.noun && !self.number && !self.back && !self.of => {
                return Some(Some(Named::PerhapsCode));
            }
            Word::Card if !self.noun && !self.number => self.card = true,
            _ => self.over = true,
        }
        None
    }

    fn described(&self) -> Option<Named> {
        let noun = self.noun || self.number || self.digits;
        (self.back && noun || self.noun && self.digits).then_some(Named::PerhapsCode)
    }
}

/// `código de` before `segurança`.
fn is_code_of(phrase: &Phrase<'_>) -> bool {
    let mut ahead = phrase.clone();
    let of = ahead.next().is_some_and(|token| token.is == Is::Word(Word::Of));
    of && ahead.next().is_some_and(|token| matches!(token.is, Is::Word(Word::Noun | Word::Number)))
}

/// `GPIO pin`: no card has such a one.
fn is_other_pin(phrase: &Phrase<'_>) -> bool {
    phrase.clone().next().is_some_and(|token| token.is == Is::Word(Word::Hardware))
}

#[cfg(test)]
#[path = "code_tests.rs"]
mod tests;
