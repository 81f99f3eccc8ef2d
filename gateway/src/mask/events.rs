//! `--format sse`: server-sent events (HTML, "Server-sent events"), fields of known or unknown names and comments.
//! Between them may stand lines that a caller uses as frames.

use std::io::Write;

use super::{
    failure::MaskFailure,
    left_out::{Lines, is_frame, line},
    output::Output,
};

/// Longest name of a field. The standard's have five letters; what is unknown is skipped by readers.
const LONGEST_NAME: usize = 64;

#[derive(Default)]
pub(super) struct Events {
    pub lines: Lines,
    within: Within,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Within {
    #[default]
    LineStart,
    /// A field's name, so long by now.
    Name(usize),
    /// What may be anything.
    Rest,
    /// The rest of a line that cannot be read.
    LeftOut,
}

impl Events {
    pub(super) fn read(&mut self, piece: &[u8], output: &mut Output<impl Write>) -> Result<(), MaskFailure> {
        let mut rest = piece;
        while let Some(byte) = rest.first() {
            let (read, next) = match (self.within, *byte) {
                (Within::LeftOut, b'\n') | (Within::Name(_) | Within::LineStart, b'\n' | b'\r') => {
                    (1, Within::LineStart)
                }
                (Within::Rest, _) => match line(rest) {
                    (length, true) => (length + 1, Within::LineStart),
                    (length, false) => (length, Within::Rest),
                },
                (Within::LeftOut, _) => (line(rest).0, Within::LeftOut),
                (Within::LineStart | Within::Name(_), b':') => (1, Within::Rest),
                (Within::LineStart, byte) if is_frame(byte) => (1, Within::Rest),
                (Within::LineStart, byte) if is_name(byte) => (1, Within::Name(1)),
                (Within::Name(length), byte) if is_name(byte) && length < LONGEST_NAME => (1, Within::Name(length + 1)),
                _ => {
                    self.lines.wrong(&[], "a field, NAME: VALUE, or a comment should stand there");
                    output.cut()?;
                    (0, Within::LeftOut)
                }
            };
            let (done, more) = rest.split_at_checked(read).unwrap_or((rest, &[]));
            if self.within != Within::LeftOut || next == Within::LineStart {
                output.take(done);
            }
            self.lines.read(done);
            (self.within, rest) = (next, more);
        }
        output.flush()
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}
