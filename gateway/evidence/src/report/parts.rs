use crate::Status;

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
            // What would turn, hide or break text is named.
            c if c.is_control() || is_hidden(c) => escaped.extend(c.escape_unicode()),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Characters that turn the direction of text, or are not seen.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
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

pub(super) fn status(status: Status) -> String {
    let (class, words) = match status {
        Status::Pass => ("pass", "passed"),
        Status::Fail => ("fail", "FAILED"),
        Status::NotApplicable => ("none", "nothing to look at"),
        Status::NotAutomatable => ("none", "not for a program"),
    };
    badge(class, words)
}

fn badge(class: &str, words: &str) -> String {
    format!("<span class=\"{class}\">{words}</span>")
}

/// Characters of a cell; a statement may have thousands.
const SHOWN: usize = 300;
/// Bytes of a word that is broken where the column ends.
const LONG: usize = 24;

/// A table of texts, each escaped. `numbers`: the columns that are set right.
pub(super) fn table(header: &[&str], rows: &[Vec<String>], numbers: &[usize]) -> String {
    if rows.is_empty() {
        return "<p>None in the period.</p>".to_owned();
    }
    let cell = |(place, text): (usize, &String)| {
        let class = match text.split_whitespace().map(str::len).max() {
            _ if numbers.contains(&place) => " class=\"number\"",
            _ if text.len() == 19 && text.get(10..11) == Some(" ") && text.starts_with("20") => " class=\"when\"",
            // Names stay whole; what is longer breaks anywhere.
            Some(LONG..) => " class=\"long\"",
            _ => "",
        };
        let mut shown: String = text.chars().take(SHOWN).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        // A bare no answers a question that is to be answered with yes.
        if text == "no" {
            return format!("<td>{}</td>", badge("fail", "no"));
        }
        format!("<td{class}>{}</td>", escaped(&shown))
    };
    let rows = rows.iter().map(|row| format!("<tr>{}</tr>\n", row.iter().enumerate().map(cell).collect::<String>()));
    framed(header, &rows.collect::<String>(), numbers)
}

/// A table of cells that are HTML already.
pub(super) fn ready(header: &[&str], rows: &[Vec<String>]) -> String {
    let row = |row: &Vec<String>| {
        let cells = row.iter().map(|cell| format!("<td>{cell}</td>")).collect::<String>();
        format!("<tr>{cells}</tr>\n")
    };
    framed(header, &rows.iter().map(row).collect::<String>(), &[])
}

fn framed(header: &[&str], rows: &str, numbers: &[usize]) -> String {
    let head = |(place, name): (usize, &&str)| {
        let class = if numbers.contains(&place) { " class=\"number\"" } else { "" };
        format!("<th{class}>{}</th>", escaped(name))
    };
    let header: String = header.iter().enumerate().map(head).collect();
    format!("<table>\n<thead><tr>{header}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_recorded_is_text_and_nothing_else() {
        assert_eq!(
            escaped("<script>alert('x')</script> & \"y\""),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;y&quot;"
        );
        assert_eq!(escaped("a\u{202e}b\u{0}\n"), "a\\u{202e}b\\u{0}\\u{a}");
        assert!(!table(&["<b>"], &[vec!["<i>".to_owned()]], &[]).contains("<i>"));
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(number(0), "0");
        assert_eq!(number(1_234_567), "1\u{202f}234\u{202f}567");
    }
}
