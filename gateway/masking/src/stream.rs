//! Masking of text that comes in pieces: what is decided goes out at once, what is not is held back.

use crate::{
    Findings, MaskError, Masked, Masker,
    carrier::{Place, lines::Lines},
    name::Name,
    scan::{
        self,
        edit::{self, Edit},
    },
    view::View,
};

/// What a stream of bytes is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Form {
    /// Text in which JSON documents, server-sent events and tables are read as such.
    #[default]
    Auto,
    /// Text, whatever it looks like.
    Text,
}

/// Masks a stream of text or JSON documents. The same comes out however the input is cut into pieces. Memory is bounded:
/// of text a number that is not decided yet is held back, of a document the value at hand (16 MiB at most), of a table
/// the line (4 KiB at most).
pub struct Stream {
    view: View,
    lines: Lines,
    buffer: Vec<u8>,
    /// Before it all is decided.
    decided: usize,
    /// Before it all has gone out.
    done: usize,
    edits: Vec<Edit>,
    findings: Findings,
    /// Not looked at again before there are this many bytes: a long value that comes in small pieces is read a few times,
    /// not with every piece.
    wait: usize,
}

impl Stream {
    fn new(view: View, form: Form) -> Self {
        Self {
            lines: Lines::new(view.base(), Name::Plain, 0, form == Form::Auto),
            view,
            buffer: Vec::new(),
            decided: 0,
            done: 0,
            edits: Vec::new(),
            findings: Findings::default(),
            wait: 0,
        }
    }

    /// Takes a piece and hands out what is decided by now.
    ///
    /// # Errors
    /// [`MaskError::Blocked`]
    pub fn write(&mut self, piece: &[u8]) -> Result<Masked<Vec<u8>>, MaskError> {
        self.buffer.extend_from_slice(piece);
        if self.buffer.len() < self.wait && !piece.contains(&b'\n') {
            return Ok(Masked::seal(Vec::new()));
        }
        self.go_on(true)
    }

    /// Hands out the rest.
    ///
    /// # Errors
    /// [`MaskError::Blocked`]
    pub fn finish(mut self) -> Result<(Masked<Vec<u8>>, Findings), MaskError> {
        let rest = self.go_on(false)?;
        Ok((rest, self.findings))
    }

    fn go_on(&mut self, open: bool) -> Result<Masked<Vec<u8>>, MaskError> {
        let mut place = Place::new(&self.view, &mut self.findings, "text");
        self.decided = self.lines.read(&self.buffer, self.decided, open, &mut self.edits, &mut place)?;
        let mut out = Vec::with_capacity(self.decided.saturating_sub(self.done));
        if self.decided > self.done {
            self.done = edit::apply(&self.buffer, self.done, self.decided, &mut self.edits, &mut out);
        }
        // What follows may depend on what went out just now.
        let keep = self.done.min(self.decided).saturating_sub(scan::BEFORE);
        if keep > KEPT {
            self.buffer.drain(..keep);
            self.lines.shift(keep);
            self.done -= keep;
            self.decided -= keep;
            for edit in &mut self.edits {
                edit.at = edit.at.start.saturating_sub(keep)..edit.at.end.saturating_sub(keep);
            }
        }
        let held = self.buffer.len() - self.decided;
        self.wait = if held > HELD { self.buffer.len() + held } else { 0 };
        Ok(Masked::seal(out))
    }
}

/// Bytes that have gone out and are kept before they are dropped together.
const KEPT: usize = 64 * 1024;
/// Bytes held back above which the stream waits for as many more before it looks again.
const HELD: usize = 1024;

impl Masker {
    /// Masks text that comes in pieces.
    pub fn stream(&self, form: Form) -> Stream {
        Stream::new(self.view().clone(), form)
    }
}
