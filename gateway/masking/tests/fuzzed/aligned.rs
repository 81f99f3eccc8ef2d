//! Whether an output is its input with nothing changed but what was hidden.

use std::collections::HashSet;

use base64::{
    Engine,
    alphabet::{self, Alphabet},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// Bytes of an input that one `***` may stand for.
const WHOLE: usize = 512;
/// Most bytes of one spelled digit.
const SPELLING: usize = 16;
/// Fewest digits that a card number could have.
const SHORTEST: usize = 12;
const ANY_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Searches for a way through both, equal bytes first.
pub fn aligned(input: &[u8], output: &[u8]) -> bool {
    let (mut seen, mut open) = (HashSet::new(), vec![(0, 0)]);
    while let Some((i, j)) = open.pop() {
        if (i, j) == (input.len(), output.len()) {
            return true;
        }
        if i > input.len() || !seen.insert((i, j)) {
            continue;
        }
        let (from, to) = (&input[i..], &output[j..]);
        if to.starts_with(b"***") {
            let line = from.iter().take(WHOLE).take_while(|byte| **byte != b'\n').count();
            open.extend((1..=line).map(|width| (i + width, j + 3)));
        }
        open.extend(numbers(from, to).into_iter().chain(encoded(from, to)).map(|(a, b)| (i + a, j + b)));
        if let (Some((a, width)), Some((b, shown))) = (unescaped(from), unescaped(to))
            && a == b
        {
            open.push((i + width, j + shown));
        }
        if to.first() == Some(&b'*') {
            open.extend(letter(from).map(|width| (i + width, j + 1)));
        }
        if from.first().is_some_and(u8::is_ascii_digit) && matches!(to, [b'0' | b'1', ..]) && is_long(output, j) {
            open.push((i + 1, j + 1));
        }
        // Keys that would come out the same are kept apart.
        let apart = to.iter().take_while(|byte| **byte == b'\'').count();
        if apart > 0 && matches!(to.get(apart), Some(b'"' | b'\\')) {
            open.push((i, j + apart));
        }
        if !from.is_empty() && from.first() == to.first() {
            open.push((i + 1, j + 1));
        }
    }
    false
}

/// Bytes of the letter or digit that `from` begins with, however it is spelled.
fn letter(from: &[u8]) -> Option<usize> {
    let slashes = from.iter().take_while(|byte| **byte == b'\\').count();
    let width = match from {
        [b'%', b'u' | b'U', ..] => Some(6),
        [b'%', b'2', b'5', ..] => Some(5),
        [b'%', ..] => Some(3),
        [b'&', ..] => from.iter().take(SPELLING).position(|byte| *byte == b';').map(|end| end + 1),
        [b'\\', ..] => match from.get(slashes..)? {
            [b'u', b'd' | b'D', ..] => Some(2 * (slashes + 5)),
            [b'u', ..] => Some(slashes + 5),
            [b'x', ..] => Some(slashes + 3),
            _ => None,
        },
        _ => character(from).filter(|c| c.is_alphanumeric()).map(char::len_utf8),
    };
    width.filter(|width| *width <= from.len())
}

/// Whether the digits around a place are a number that could be a card's.
fn is_long(output: &[u8], at: usize) -> bool {
    let digit = |byte: &&u8| byte.is_ascii_digit();
    let before = output[..at].iter().rev().take_while(digit).count();
    before + output[at..].iter().take_while(digit).count() >= SHORTEST
}

/// A number in another spelling, and a code that became zero; how much of what follows belongs to it is open.
fn numbers(from: &[u8], to: &[u8]) -> Vec<(usize, usize)> {
    let spelled = from.iter().take_while(|byte| byte.is_ascii_digit() || b"+-.eE".contains(byte)).count();
    let shown = to.iter().take_while(|byte| byte.is_ascii_digit() || b"-.*".contains(byte)).count();
    let (number, masked) = (&from[..spelled], &to[..shown]);
    let mantissa = number.iter().take_while(|byte| !b"eE".contains(byte)).count();
    let written_out = mantissa < spelled;
    // `12.5e15` stands for noughts that it does not show.
    let beginning = |bytes: &[u8], noughts: usize| -> Vec<u8> {
        let digits = bytes.iter().copied().filter(u8::is_ascii_digit).chain(std::iter::repeat_n(b'0', noughts));
        digits.skip_while(|digit| *digit == b'0').take(4).collect()
    };
    let again = written_out || number.iter().any(|byte| b".+".contains(byte)) || number.starts_with(b"0");
    let mut ways = Vec::new();
    if again && beginning(&number[..mantissa], if written_out { 3 } else { 0 }) == beginning(masked, 0) {
        let shortest = if written_out { mantissa + 2 } else { SHORTEST };
        ways.extend((shortest..=spelled).flat_map(|a| (SHORTEST..=shown).map(move |b| (a, b))));
    }
    if masked.starts_with(b"0") && (1..=SHORTEST).contains(&spelled) {
        ways.push((spelled, 1));
    }
    ways
}

/// Base64 and hexadecimal of what is aligned itself.
fn encoded(from: &[u8], to: &[u8]) -> Option<(usize, usize)> {
    let width =
        |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"+/-_=".contains(byte)).count();
    let (from, to) = (&from[..width(from)], &to[..width(to)]);
    if from.len() < 16 || to.len() < 16 || from == to {
        return None;
    }
    let base64 = |alphabet: &Alphabet, bytes: &[u8]| GeneralPurpose::new(alphabet, ANY_PADDING).decode(bytes).ok();
    let both = |decode: &dyn Fn(&[u8]) -> Option<Vec<u8>>| Some((decode(from)?, decode(to)?));
    let ways = [
        both(&|bytes| base64(&alphabet::STANDARD, bytes)),
        both(&|bytes| base64(&alphabet::URL_SAFE, bytes)),
        both(&hexadecimal),
    ];
    ways.into_iter().flatten().any(|(from, to)| aligned(&from, &to)).then_some((from.len(), to.len()))
}

fn hexadecimal(bytes: &[u8]) -> Option<Vec<u8>> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    bytes.len().is_multiple_of(2).then(|| bytes.chunks(2).map(pair).collect())?
}

/// A character of a JSON string: a key that is hidden is written again.
fn unescaped(bytes: &[u8]) -> Option<(char, usize)> {
    let hex = |at: usize| u32::from_str_radix(std::str::from_utf8(bytes.get(at..at + 4)?).ok()?, 16).ok();
    match bytes {
        [b'\\', b'u', ..] => match hex(2)? {
            high @ 0xd800..0xdc00 => {
                let low = hex(8)?.checked_sub(0xdc00)?;
                Some((char::from_u32(0x10000 + ((high - 0xd800) << 10) + low)?, 12))
            }
            code => Some((char::from_u32(code)?, 6)),
        },
        [b'\\', short, ..] => {
            let (_, c) = [(b'b', '\u{8}'), (b'f', '\u{c}'), (b'n', '\n'), (b'r', '\r'), (b't', '\t'), (b'/', '/')]
                .into_iter()
                .find(|(name, _)| name == short)?;
            Some((c, 2))
        }
        _ => character(bytes).map(|c| (c, c.len_utf8())),
    }
}

fn character(bytes: &[u8]) -> Option<char> {
    (1..=4).find_map(|width| std::str::from_utf8(bytes.get(..width)?).ok()?.chars().next())
}
