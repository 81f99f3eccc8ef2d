//! How what was recorded becomes HTML: as text, and nothing else. Whoever wrote it may have written it for this page.

use crate::output::human;

/// On one line. What would turn, hide or break text is named, as on a terminal.
pub(super) fn line(text: &str) -> String {
    format!("<bdi>{}</bdi>", escaped(&human::plain(text)))
}

/// At most `longest` characters of a text, its lines kept.
pub(super) fn lines(text: &str, longest: usize) -> String {
    let (shown, more) = cut(text, longest);
    let more = if more == 0 { String::new() } else { format!("\n… {more} more bytes") };
    escaped(&human::plain_lines(shown)) + &more
}

pub(super) fn cut(text: &str, longest: usize) -> (&str, usize) {
    let end = text.char_indices().nth(longest).map_or(text.len(), |(end, _)| end);
    let (shown, rest) = text.split_at(end);
    (shown, rest.len())
}

/// Text as it stands between tags and in attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A count with its thousands apart.
pub(super) fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut apart = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            apart.push('\u{202f}');
        }
        apart.push(digit);
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_recorded_is_text_and_nothing_else() {
        let hostile = "</style><script>alert('x')</script>\u{202e}\u{1b}[31m\" & \u{0}\nb";
        let text = line(hostile);
        assert!(text.starts_with("<bdi>&lt;/style&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"), "{text}");
        assert!(text.ends_with(r"\u{202e}\u{1b}[31m&quot; &amp; \u{0}⏎b</bdi>"), "{text}");
        assert_eq!(lines("a\r\n<b>\u{85}", 99), "a\n&lt;b&gt;\\u{85}");
        assert_eq!(lines("äöü", 2), "äö\n… 2 more bytes");
        assert_eq!(number(1_234_567), "1\u{202f}234\u{202f}567");
    }
}
