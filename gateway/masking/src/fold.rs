//! What a character is to a card number: a digit in any script, something between digits, or nothing at all.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glyph {
    Digit(u8),
    /// May stand between the digits of a number.
    Separator,
    /// Stands between the digits of a number that was wrapped, laid out in a table or encoded for a URL, but mostly
    /// between two numbers.
    Break,
    /// Not seen by a reader: dropped.
    Invisible,
    Other,
}

/// The zeros of Unicode's decimal digits (general category Nd); the nine others follow each.
const ZEROS: [u32; 73] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50,
    0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50,
    0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x10D40, 0x11066, 0x110F0,
    0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x116D0, 0x116DA, 0x11730, 0x118E0, 0x11950,
    0x11BF0, 0x11C50, 0x11D50, 0x11DA0, 0x11F50, 0x16130, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2,
    0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950, 0x1FBF0,
];

pub(crate) fn glyph(c: char) -> Glyph {
    match c {
        '0'..='9' => Glyph::Digit(c as u8 - b'0'),
        ' ' | '-' | '.' | '_' | '/' => Glyph::Separator,
        '\n' | '\r' | '\t' | '+' => Glyph::Break,
        '\0'..='\u{7f}' => Glyph::Other,
        _ => wide(c),
    }
}

fn wide(c: char) -> Glyph {
    match c {
        // Latin, Greek and Cyrillic letters: most of what is not ASCII.
        '\u{ba}'..='\u{34e}' | '\u{350}'..='\u{589}' => Glyph::Other,
        // Spaces, dashes, and the fullwidth forms of the ASCII separators.
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Glyph::Separator,
        '\u{58a}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}' | '\u{fe58}' | '\u{fe63}' => Glyph::Separator,
        '\u{85}' | '\u{2028}' | '\u{2029}' => Glyph::Break,
        '\u{ff0d}'..='\u{ff0f}' | '\u{ff3f}' | '\u{b7}' | '\u{2022}' | '\u{2024}' | '\u{2044}' => Glyph::Separator,
        // Format characters, variation selectors and the keycap's frame.
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}' => Glyph::Invisible,
        '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{20e3}' | '\u{fe00}'..='\u{fe0f}' => Glyph::Invisible,
        '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0001}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}' => {
            Glyph::Invisible
        }
        // Superscript, subscript and circled digits, which compatibility folding (NFKC) makes plain.
        '\u{b2}' => Glyph::Digit(2),
        '\u{b3}' => Glyph::Digit(3),
        '\u{b9}' => Glyph::Digit(1),
        '\u{2070}' | '\u{24ea}' => Glyph::Digit(0),
        '\u{2074}'..='\u{2079}' => digit(c, 0x2070),
        '\u{2080}'..='\u{2089}' => digit(c, 0x2080),
        '\u{2460}'..='\u{2468}' => digit(c, 0x245f),
        _ => decimal(c),
    }
}

fn decimal(c: char) -> Glyph {
    let code = c as u32;
    let next = ZEROS.partition_point(|zero| *zero <= code);
    match next.checked_sub(1).and_then(|at| ZEROS.get(at)) {
        Some(zero) if code - zero < 10 => digit(c, *zero),
        _ => Glyph::Other,
    }
}

fn digit(c: char, zero: u32) -> Glyph {
    u8::try_from(c as u32 - zero).map_or(Glyph::Other, Glyph::Digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_every_script_fold() {
        let nines = "9９٩۹९৯๙𝟗𝟡𝟿⁹₉⑨";
        for c in nines.chars() {
            assert_eq!(glyph(c), Glyph::Digit(9), "{c}");
        }
        for c in "0０٠०০๐𝟎⁰₀⓪".chars() {
            assert_eq!(glyph(c), Glyph::Digit(0), "{c}");
        }
    }

    #[test]
    fn the_table_is_sorted_and_its_spans_do_not_meet() {
        assert!(ZEROS.iter().zip(ZEROS.iter().skip(1)).all(|(a, b)| a + 10 <= *b));
    }

    #[test]
    fn neighbours_of_digits_are_not_digits() {
        for c in ['/', ':', '\u{65f}', '\u{66a}', '\u{ff0c}', '\u{ff1a}', 'Ⅷ', '一', '½', 'a', '*', ','] {
            assert!(!matches!(glyph(c), Glyph::Digit(_)), "{c}");
        }
    }

    #[test]
    fn separators_and_the_unseen() {
        for c in " -._/\u{a0}\u{202f}\u{2009}\u{2007}\u{3000}‐‑‒–—―−".chars() {
            assert_eq!(glyph(c), Glyph::Separator, "{c:?}");
        }
        for c in "\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{ad}\u{200e}\u{200f}\u{202e}\u{2066}".chars() {
            assert_eq!(glyph(c), Glyph::Invisible, "{c:?}");
        }
    }
}
