//! Whether a text reads the same in every common dialect. An MCP server may speak any of them, and what is one string
//! to Snowflake can be two statements to SQLite.

/// Words that begin a statement. T-SQL needs no semicolon before them, where others read an alias.
const BEGINNINGS: &[&str] = &[
    "ALTER", "CALL", "COMMIT", "CREATE", "DELETE", "DENY", "DROP", "EXEC", "EXECUTE", "GRANT", "INSERT", "MERGE",
    "REVOKE", "ROLLBACK", "SHUTDOWN", "TRUNCATE", "UPDATE",
];

/// Statements with such words of their own.
const WITH_THEM_INSIDE: &[&str] = &["ALTER", "GRANT", "REVOKE"];

/// What of the text depends on the dialect that reads it; `None` where strings, names, comments and the ends of
/// statements are the same to all of them.
pub fn depends_on_dialect(sql: &str) -> Option<&'static str> {
    Reader { bytes: sql.as_bytes(), at: 0, first: None, word: None }.read().err()
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The first word of this statement, in upper case, and the last; other tokens stand for themselves.
    first: Option<String>,
    word: Option<String>,
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || !byte.is_ascii()
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn read(mut self) -> Result<(), &'static str> {
        while let Some(byte) = self.peek(0) {
            match (byte, self.peek(1)) {
                (b' ' | b'\t' | b'\r' | b'\n', _) => self.at += 1,
                (b'-', Some(b'-')) => self.line_comment()?,
                (b'/', Some(b'*')) => self.block_comment()?,
                (b'/', Some(b'/')) => return Err("holds //, a comment to some"),
                (b'#', _) => return Err("holds #, a comment to some"),
                (b'`', _) => return Err("holds a backtick, which quotes names to some"),
                (b'[', _) => return Err("holds a bracket, which quotes names to some"),
                (b'\\', _) => return Err("holds a backslash"),
                (b'\'' | b'"', _) => self.quoted(byte)?,
                (b';', _) => {
                    self.at += 1;
                    (self.first, self.word) = (None, None);
                }
                (byte, _) if is_word(byte) => self.word()?,
                (byte, _) => {
                    self.at += 1;
                    self.token(char::from(byte).to_string());
                }
            }
        }
        Ok(())
    }

    /// MySQL takes two dashes for a comment only before a space; PostgreSQL ends one at a carriage return.
    fn line_comment(&mut self) -> Result<(), &'static str> {
        if !matches!(self.peek(2), None | Some(b' ' | b'\t' | b'\r' | b'\n')) {
            return Err("holds -- without a space behind it, no comment to some");
        }
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\n' => break,
                b'\r' if self.peek(1) != Some(b'\n') => return Err("holds a comment with a carriage return in it"),
                _ => self.at += 1,
            }
        }
        Ok(())
    }

    /// MySQL runs what stands in `/*! … */`, MariaDB `/*M! … */`, and hints may set a session's variables.
    fn block_comment(&mut self) -> Result<(), &'static str> {
        self.at += 2;
        if matches!((self.peek(0), self.peek(1)), (Some(b'!' | b'+'), _) | (Some(b'M'), Some(b'!'))) {
            return Err("holds a comment that some run");
        }
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b'*'), Some(b'/')) => break,
                (Some(b'/'), Some(b'*')) => return Err("holds a comment within a comment, which some nest"),
                (Some(_), _) => self.at += 1,
                (None, _) => return Err("holds a comment that is not closed"),
            }
        }
        self.at += 2;
        Ok(())
    }

    /// A string or a quoted name. A backslash escapes the quote to some; a letter before it (`E'…'`, `q'[…]'`,
    /// `U&'…'`) changes what ends it.
    fn quoted(&mut self, quote: u8) -> Result<(), &'static str> {
        let before = self.at.checked_sub(1).and_then(|at| self.bytes.get(at)).copied();
        if before.is_some_and(|byte| is_word(byte) || byte == b'&') {
            return Err("holds a quote with a prefix");
        }
        self.at += 1;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b'\\'), _) => return Err("holds a backslash within quotes, an escape to some"),
                (Some(byte), Some(next)) if byte == quote && next == quote => self.at += 2,
                (Some(byte), _) if byte == quote => break,
                (Some(_), _) => self.at += 1,
                (None, _) => return Err("holds a quote that is not closed"),
            }
        }
        self.at += 1;
        self.token(char::from(quote).to_string());
        Ok(())
    }

    fn token(&mut self, token: String) {
        self.first.get_or_insert_with(|| token.clone());
        self.word = Some(token);
    }

    fn word(&mut self) -> Result<(), &'static str> {
        let start = self.at;
        while self.peek(0).is_some_and(is_word) {
            self.at += 1;
        }
        let word = self.bytes.get(start..self.at).unwrap_or_default();
        if word.iter().filter(|byte| **byte == b'$').count() > 1 {
            return Err("holds a dollar quote, or a name that some take for one");
        }
        let word = String::from_utf8_lossy(word).to_ascii_uppercase();
        let inner = self.word.as_deref().is_some_and(|before| !matches!(before, "." | "ON" | "THEN"))
            && self.first.as_deref().is_some_and(|first| !WITH_THEM_INSIDE.contains(&first));
        if inner && self.peek(0) != Some(b'(') && BEGINNINGS.contains(&word.as_str()) {
            return Err("holds a word within a statement that begins one to some");
        }
        self.token(word);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::depends_on_dialect;

    #[test]
    fn what_every_dialect_reads_alike() {
        for sql in [
            "select * from payments where note = 'it''s; -- not /* a comment' -- end",
            "SELECT \"a\"\"b\", x.update FROM t /* ; */;\r\n-- next\r\nDELETE FROM t WHERE id = $1;--",
            "insert into t (a) values ('漢字 […] #1 `x` // $$', 2 - -1)",
            "merge into t using s on t.a = s.a when matched then delete",
            "create table t (a int references u on delete cascade)",
            "alter table t drop column c; grant insert, delete on t to u",
            "select insert('abc', 1, 1, 'x'), a$b from t",
            "",
        ] {
            assert_eq!(depends_on_dialect(sql), None, "{sql}");
        }
    }

    #[test]
    fn what_one_dialect_reads_otherwise() {
        for sql in [
            // A backslash escapes the quote in Snowflake, MySQL and BigQuery, and is itself elsewhere.
            r"SELECT 'a\'; DELETE FROM payments; --'",
            r#"SELECT "a\"; DELETE FROM payments; --""#,
            r"SELECT 1 \; DELETE FROM payments",
            // Comments.
            "SELECT 1 // 2; DELETE FROM payments",
            "SELECT 1 # 2; DELETE FROM payments",
            "SELECT 1--2; DELETE FROM payments",
            "SELECT 1 -- a\rDELETE FROM payments",
            "SELECT 1 /* /* */ ; DELETE FROM payments; -- */",
            "SELECT 1 /*! ; DELETE FROM payments */",
            "SELECT 1 /*M!100 ; DELETE FROM payments */",
            "SELECT /*+ SET_VAR(sql_mode = '') */ 1",
            "SELECT 1 /* a",
            // Quotes.
            "SELECT $$ ; DELETE FROM payments; $$",
            "SELECT $a$ ; DELETE FROM payments; $a$",
            "SELECT a$b$c FROM t",
            "SELECT E'a'",
            "SELECT q'[a';DELETE FROM payments;--]'",
            "SELECT U&'a'",
            "SELECT `a;b`",
            "SELECT [a;b] FROM t",
            "SELECT 'a",
            "SELECT \"a",
            // T-SQL needs no semicolon.
            "SELECT 1 DELETE FROM payments",
            "SELECT 1 FROM t shutdown",
            "SELECT 1 /* x */ delete\nFROM payments",
        ] {
            assert!(depends_on_dialect(sql).is_some(), "{sql}");
        }
    }
}
