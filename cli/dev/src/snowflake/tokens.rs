//! Just enough of Snowflake's lexical rules to rewrite a statement without touching what is inside quotes.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// A bare identifier or keyword.
    Word,
    /// `"…"`.
    Quoted,
    /// `'…'` or `$$…$$`.
    Text,
    Number,
    /// White space and comments.
    Space,
    Symbol,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) class: Class,
    pub(crate) text: &'a str,
}

impl Token<'_> {
    pub(crate) fn is(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }

    /// What a string literal stands for.
    pub(crate) fn literal(&self) -> Option<String> {
        if let Some(raw) = self.text.strip_prefix("$$").and_then(|rest| rest.strip_suffix("$$")) {
            return Some(raw.to_owned());
        }
        let inner = self.text.strip_prefix('\'')?.strip_suffix('\'')?;
        let mut value = String::with_capacity(inner.len());
        let mut chars = inner.chars();
        while let Some(char) = chars.next() {
            match char {
                '\'' => {
                    chars.next();
                    value.push('\'');
                }
                '\\' => match chars.next() {
                    Some('n') => value.push('\n'),
                    Some('t') => value.push('\t'),
                    Some('r') => value.push('\r'),
                    Some(other) => value.push(other),
                    None => {}
                },
                other => value.push(other),
            }
        }
        Some(value)
    }
}

pub(crate) fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let (class, length) = next(rest, first);
        let (text, tail) = rest.split_at(length.clamp(first.len_utf8(), rest.len()));
        found.push(Token { class, text });
        rest = tail;
    }
    found
}

/// Statements between top-level semicolons; the empty ones are dropped.
pub(crate) fn split(sql: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for token in tokens(sql) {
        match (token.text, parts.last_mut()) {
            (";", _) => parts.push(String::new()),
            (text, Some(part)) => part.push_str(text),
            (_, None) => {}
        }
    }
    parts.retain(|part| tokens(part).iter().any(|token| token.class != Class::Space));
    parts
}

fn next(rest: &str, first: char) -> (Class, usize) {
    let run = |wanted: fn(char) -> bool| rest.find(|char| !wanted(char)).unwrap_or(rest.len());
    match first {
        _ if first.is_whitespace() => (Class::Space, run(char::is_whitespace)),
        '-' if rest.starts_with("--") => (Class::Space, rest.find('\n').unwrap_or(rest.len())),
        '/' if rest.starts_with("//") => (Class::Space, rest.find('\n').unwrap_or(rest.len())),
        '/' if rest.starts_with("/*") => (Class::Space, rest.find("*/").map_or(rest.len(), |end| end + 2)),
        '$' if rest.starts_with("$$") => {
            (Class::Text, rest.get(2..).and_then(|tail| tail.find("$$")).map_or(rest.len(), |end| end + 4))
        }
        '\'' => (Class::Text, quoted(rest, '\'', true)),
        '"' => (Class::Quoted, quoted(rest, '"', false)),
        _ if first.is_ascii_digit() => (Class::Number, run(|char| char.is_ascii_alphanumeric() || char == '.')),
        _ if first.is_alphabetic() || first == '_' => {
            (Class::Word, run(|char| char.is_alphanumeric() || char == '_' || char == '$'))
        }
        _ => {
            let double = ["::", "=>", "||", "<=", ">=", "<>", "!="].iter().any(|symbol| rest.starts_with(symbol));
            (Class::Symbol, if double { 2 } else { first.len_utf8() })
        }
    }
}

/// Length of a quoted token: a doubled quote stays inside, and so does one behind a backslash where that escapes.
fn quoted(rest: &str, quote: char, escapes: bool) -> usize {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, char)) = chars.next() {
        if char == '\\' && escapes {
            chars.next();
        } else if char == quote {
            match chars.peek() {
                Some((_, next)) if *next == quote => {
                    chars.next();
                }
                _ => return at + quote.len_utf8(),
            }
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_comments_hide_semicolons() {
        let sql = "select ';' , \";\" /* ; */ -- ;\n, $$;$$; ; delete from t";
        assert_eq!(split(sql).len(), 2);
    }

    #[test]
    fn tokens_put_together_are_the_text() {
        for sql in ["select 'it''s' || a::int", "'open", "\"é\" ~ é", "$$x", "/* open", "a.b.c=>1.5e3"] {
            assert_eq!(tokens(sql).iter().map(|token| token.text).collect::<String>(), sql);
        }
    }

    #[test]
    fn literals_lose_their_escapes() {
        let value = |sql| tokens(sql).first().and_then(Token::literal);
        assert_eq!(value("'it''s'").as_deref(), Some("it's"));
        assert_eq!(value(r"'a\'b\n'").as_deref(), Some("a'b\n"));
        assert_eq!(value("$$a'b$$").as_deref(), Some("a'b"));
    }
}
