//! A second reading of the text, made without the parser: where statements end and what stands out in them.
//!
//! Anything the two readings, or the server, might take differently (tagged dollar quotes, nested comments, prefixed
//! strings, a lone carriage return in a comment) is refused instead of guessed.

use std::ops::Range;

/// One statement as this lexer sees it.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    /// Bytes of the text, without the closing semicolon.
    pub(crate) range: Range<usize>,
    pub(crate) tokens: usize,
    /// The first words, in upper case.
    pub(crate) opening: Vec<String>,
    /// The bare word `INTO` occurs.
    pub(crate) into: bool,
    /// An `@` occurs outside a string: a stage.
    pub(crate) stage: bool,
    /// `->>` occurs: another statement's result flows in.
    pub(crate) flow: bool,
}

/// Splits at semicolons; pieces without a token are left out. Fails with the reason.
pub(crate) fn split(sql: &str) -> Result<Vec<Piece>, &'static str> {
    let mut lexer = Lexer { bytes: sql.as_bytes(), at: 0, piece: Piece::default(), pieces: Vec::new() };
    while let Some(byte) = lexer.peek(0) {
        lexer.step(byte)?;
    }
    lexer.end_piece();
    Ok(lexer.pieces)
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    piece: Piece,
    pieces: Vec<Piece>,
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$'
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn step(&mut self, byte: u8) -> Result<(), &'static str> {
        match (byte, self.peek(1)) {
            (b' ' | b'\t' | b'\r' | b'\n', _) => self.at += 1,
            (b'-', Some(b'-')) | (b'/', Some(b'/')) => self.line_comment()?,
            (b'/', Some(b'*')) => self.block_comment()?,
            (b';', _) => {
                self.end_piece();
                self.at += 1;
                self.piece.range.start = self.at;
            }
            (b'\'', _) => self.string()?,
            (b'"', _) => self.quoted_name()?,
            (b'$', Some(b'$')) => self.dollar_string()?,
            (b'$', _) => self.variable()?,
            (b'`' | b'#', _) => return Err("a backtick or '#' is not Snowflake SQL"),
            (byte, _) if is_word(byte) => self.word(),
            (byte, _) if byte.is_ascii() => {
                self.piece.tokens += 1;
                self.piece.stage |= byte == b'@';
                self.piece.flow |= byte == b'-' && self.peek(1) == Some(b'>') && self.peek(2) == Some(b'>');
                self.at += 1;
            }
            _ => return Err("a character outside ASCII stands outside quotes"),
        }
        Ok(())
    }

    fn end_piece(&mut self) {
        let mut piece = std::mem::take(&mut self.piece);
        piece.range.end = self.at;
        if piece.tokens > 0 {
            self.pieces.push(piece);
        }
    }

    /// Ends at a line feed. Other line ends are refused: what follows them is a comment to one reader and SQL to another.
    fn line_comment(&mut self) -> Result<(), &'static str> {
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\n' => break,
                b'\r' if self.peek(1) != Some(b'\n') => return Err("a line comment holds a lone carriage return"),
                // U+2028 and U+2029
                0xe2 if self.peek(1) == Some(0x80) && matches!(self.peek(2), Some(0xa8 | 0xa9)) => {
                    return Err("a line comment holds a Unicode line separator");
                }
                _ => self.at += 1,
            }
        }
        Ok(())
    }

    fn block_comment(&mut self) -> Result<(), &'static str> {
        self.at += 2;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b'*'), Some(b'/')) => break,
                (Some(b'/'), Some(b'*')) => return Err("a comment holds the start of another"),
                (Some(_), _) => self.at += 1,
                (None, _) => return Err("a comment is not closed"),
            }
        }
        self.at += 2;
        Ok(())
    }

    fn string(&mut self) -> Result<(), &'static str> {
        let before = |n: usize| self.at.checked_sub(n).and_then(|at| self.bytes.get(at)).copied();
        let hex = matches!(before(1), Some(b'x' | b'X')) && !before(2).is_some_and(is_word);
        if before(1).is_some_and(is_word) && !hex {
            return Err("a string has a prefix that Snowflake does not have");
        }
        self.piece.tokens += 1;
        self.at += 1;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b'\\'), Some(_)) | (Some(b'\''), Some(b'\'')) => self.at += 2,
                (Some(b'\''), _) => break,
                (Some(_), _) => self.at += 1,
                (None, _) => return Err("a string is not closed"),
            }
        }
        self.at += 1;
        Ok(())
    }

    fn quoted_name(&mut self) -> Result<(), &'static str> {
        self.piece.tokens += 1;
        self.at += 1;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b'"'), Some(b'"')) => self.at += 2,
                (Some(b'"'), _) => break,
                (Some(_), _) => self.at += 1,
                (None, _) => return Err("a quoted name is not closed"),
            }
        }
        self.at += 1;
        Ok(())
    }

    fn dollar_string(&mut self) -> Result<(), &'static str> {
        self.piece.tokens += 1;
        self.at += 2;
        while let Some(byte) = self.peek(0) {
            if byte == b'$' && self.peek(1) == Some(b'$') {
                self.at += 2;
                return Ok(());
            }
            self.at += 1;
        }
        Err("a $$ string is not closed")
    }

    fn variable(&mut self) -> Result<(), &'static str> {
        self.piece.tokens += 1;
        self.at += 1;
        while self.peek(0).is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            self.at += 1;
        }
        if self.peek(0) == Some(b'$') {
            return Err("a dollar quote with a tag is not Snowflake SQL");
        }
        Ok(())
    }

    fn word(&mut self) {
        let start = self.at;
        while self.peek(0).is_some_and(is_word) {
            self.at += 1;
        }
        self.piece.tokens += 1;
        let word = self.bytes.get(start..self.at).unwrap_or_default();
        self.piece.into |= word.eq_ignore_ascii_case(b"into");
        if self.piece.opening.len() < 3 && self.piece.opening.len() + 1 == self.piece.tokens {
            self.piece.opening.push(String::from_utf8_lossy(word).to_ascii_uppercase());
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::split;

    fn count(sql: &str) -> usize {
        split(sql).unwrap().len()
    }

    #[test]
    fn semicolons_in_quotes_and_comments_do_not_split() {
        assert_eq!(count("select ';', \";\", $$;$$ -- ;\n /* ; */ // ;\n"), 1);
        assert_eq!(count(r"select 'it\'s ; here', 'it''s ;'"), 1);
        assert_eq!(count("select 1;; ; select 2 ; -- end"), 2);
        assert_eq!(count(" -- nothing\n"), 0);
    }

    #[test]
    fn refuses_what_readers_take_differently() {
        for sql in [
            "select $a$;$a$",
            "select /* /* */ 1",
            "select 1 -- x\r; drop table t",
            "select E'a'",
            "select `a`",
            "select 1 # x",
            "select 'a",
            "select \u{a0}1",
            "select 1 /* x",
        ] {
            assert!(split(sql).is_err(), "{sql:?}");
        }
    }
}
