//! `--format json`: objects and arrays, one after another, and values of other kinds alone on their lines. Between them
//! may stand lines that a caller uses as frames.

use std::{io::Write, mem};

use super::{
    failure::MaskFailure,
    grammar::{Grammar, Read},
    left_out::{Lines, is_frame, line},
    output::Output,
};

/// Longest line of a value that is no object or array, in bytes.
const LONGEST: usize = 16 << 20;

#[derive(Default)]
pub(super) struct Documents {
    pub lines: Lines,
    within: Within,
}

#[derive(Default)]
enum Within {
    /// Nothing of this line has been read.
    #[default]
    LineStart,
    /// Nothing but spaces.
    Spaces,
    Document(Grammar),
    /// A document ends on this line.
    Behind,
    /// A line that holds a value of another kind, as far as it has come.
    Value(Vec<u8>),
    Frame,
    /// The rest of a line that cannot be read.
    LeftOut,
}

impl Documents {
    pub(super) fn read(&mut self, piece: &[u8], output: &mut Output<impl Write>) -> Result<(), MaskFailure> {
        let mut rest = piece;
        while let Some(byte) = rest.first() {
            let (read, next) = self.step(*byte, rest, output)?;
            self.within = next;
            let (done, more) = rest.split_at_checked(read).unwrap_or((rest, &[]));
            self.lines.read(done);
            rest = more;
        }
        output.flush()
    }

    /// There is no more input.
    pub(super) fn end(&mut self, output: &mut Output<impl Write>) -> Result<(), MaskFailure> {
        match mem::take(&mut self.within) {
            Within::Document(_) => self.lines.wrong(&[], "the input ends within a document"),
            Within::Value(held) => drop(self.value(&held, output)?),
            _ => {}
        }
        Ok(())
    }

    /// Reads on from `byte`, the first of `rest`. Returns how far, and what is there.
    fn step(&mut self, byte: u8, rest: &[u8], output: &mut Output<impl Write>) -> Result<(usize, Within), MaskFailure> {
        let (length, ends) = match &self.within {
            Within::Value(_) | Within::Frame | Within::LeftOut => line(rest),
            _ => (0, false),
        };
        let to_line_end = rest.get(..length).unwrap_or_default();
        Ok(match (mem::take(&mut self.within), byte) {
            (Within::Document(mut grammar), _) => match grammar.read(rest) {
                Read::More => (take(rest, rest.len(), output), Within::Document(grammar)),
                Read::Whole(end) => (take(rest, end, output), Within::Behind),
                Read::Wrong(at, why) => {
                    self.lines.wrong(rest.get(..at).unwrap_or_default(), why);
                    (take(rest, at, output), left_out(output)?)
                }
            },
            (Within::Value(mut held), _) => {
                held.extend_from_slice(to_line_end);
                if held.len() > LONGEST {
                    self.lines.wrong(&[], "a value is longer than 16 MiB");
                    (length, left_out(output)?)
                } else if ends {
                    (length, self.value(&held, output)?)
                } else {
                    (length, Within::Value(held))
                }
            }
            (Within::LeftOut, _) => (length, if ends { Within::Behind } else { Within::LeftOut }),
            (Within::Frame, _) => (take(rest, length, output), if ends { Within::Behind } else { Within::Frame }),
            (_, b'\n') => (take(rest, 1, output), Within::LineStart),
            (Within::Behind, b' ' | b'\t' | b'\r') => (take(rest, 1, output), Within::Behind),
            (_, b' ' | b'\t' | b'\r') => (take(rest, 1, output), Within::Spaces),
            (before, b'{' | b'[') => {
                // Documents are looked for at the beginning of a line.
                if !matches!(before, Within::LineStart) {
                    output.cut()?;
                }
                (0, Within::Document(Grammar::new()))
            }
            (Within::Behind, _) => {
                self.lines.wrong(&[], "more stands behind a document or value");
                (0, left_out(output)?)
            }
            (Within::LineStart, _) if is_frame(byte) => (0, Within::Frame),
            _ => (0, Within::Value(Vec::new())),
        })
    }

    /// A whole line that holds a value.
    fn value(&mut self, held: &[u8], output: &mut Output<impl Write>) -> Result<Within, MaskFailure> {
        let value = held.trim_ascii_end();
        match serde_json::from_slice(value) {
            Ok(read) => output.value(read)?,
            Err(_) => {
                self.lines.wrong(&[], "it is no document or value");
                output.cut()?;
            }
        }
        output.take(held.get(value.len()..).unwrap_or_default());
        Ok(Within::Behind)
    }
}

fn take(bytes: &[u8], length: usize, output: &mut Output<impl Write>) -> usize {
    output.take(bytes.get(..length).unwrap_or_default());
    length
}

/// What follows is read as if nothing came before.
fn left_out(output: &mut Output<impl Write>) -> Result<Within, MaskFailure> {
    output.cut()?;
    Ok(Within::LeftOut)
}
