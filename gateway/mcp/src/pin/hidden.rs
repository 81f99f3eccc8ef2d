//! Characters that a person does not see and a model reads: another text within the text.

/// Whether nobody would see it: tags, marks of direction, zero-width characters, what fonts leave out, controls.
pub(super) fn is_hidden(c: char) -> bool {
    const RANGES: [(char, char); 13] = [
        ('\u{ad}', '\u{ad}'),
        ('\u{34f}', '\u{34f}'),
        ('\u{61c}', '\u{61c}'),
        ('\u{115f}', '\u{1160}'),
        ('\u{17b4}', '\u{17b5}'),
        ('\u{180b}', '\u{180f}'),
        ('\u{200b}', '\u{200f}'),
        ('\u{2028}', '\u{202e}'),
        ('\u{2060}', '\u{206f}'),
        ('\u{3164}', '\u{3164}'),
        ('\u{feff}', '\u{feff}'),
        ('\u{fff9}', '\u{fffb}'),
        // Tags, and the supplement of the variation selectors, which carry bytes.
        ('\u{e0000}', '\u{e0fff}'),
    ];
    let control = c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    control || RANGES.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

/// The hidden ones of a text. Within an emoji, a joiner makes one picture of two.
pub(super) fn hidden(text: &str) -> Vec<char> {
    let mut found = Vec::new();
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let joins = c == '\u{200d}' && before.is_some_and(is_picture) && rest.peek().copied().is_some_and(is_picture);
        if is_hidden(c) && !joins {
            found.push(c);
        }
        before = Some(c);
    }
    found
}

/// An emoji, or the selector that makes one of a character.
fn is_picture(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27bf}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_found() {
        for (text, count) in [
            ("Adds two numbers.\nReturns a sum; größe, 日本語, عربي", 0),
            ("👩\u{200d}💻 and ❤\u{fe0f}\u{200d}🔥", 0),
            ("pay\u{200b}ments", 1),
            ("a\u{200d}b", 1),
            ("read\u{e0049}\u{e0067}\u{e006e}", 3),
            ("user\u{202e}nimda\u{2069}", 2),
            ("a\u{feff}\u{ad}\u{2060}\u{7}", 4),
            ("x\u{e0100}", 1),
        ] {
            assert_eq!(hidden(text).len(), count, "{}", text.escape_unicode());
        }
    }
}
