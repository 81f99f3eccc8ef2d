//! Characters that make a reader see another statement than the server does.

/// The reason to refuse the text outright, if there is one: nobody can approve what looks to them like something else.
/// Tabs and line ends are the only control characters let through.
pub fn refused(sql: &str) -> Option<&'static str> {
    sql.chars().find_map(|c| match c {
        '\t' | '\r' | '\n' => None,
        '\0' => Some("the text holds a NUL character"),
        '\u{feff}' => Some("the text holds a byte order mark"),
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Some("the text holds a character that reverses the direction of writing")
        }
        c if c.is_control() => Some("the text holds a control character"),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::refused;

    #[test]
    fn refuses_what_misleads_a_reader() {
        for text in ["\u{feff}select 1", "select\u{0}1", "select 1\u{8}", "select '\u{202e}'", "select 1 \u{85}"] {
            assert!(refused(text).is_some(), "{text:?}");
        }
        assert_eq!(refused("select\t'Zürich 東京'\r\n"), None);
    }
}
