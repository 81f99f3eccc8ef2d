//! Masking of text that comes in pieces: what is decided goes out at once, what is not is held back.

use std::sync::Arc;

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
            lines: Lines::new(Arc::clone(view.base()), Name::Plain, 0, form == Form::Auto),
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
        let mut out = Vec::with_capacity(piece.len());
        let front = self.buffer.len();
        // Of a large piece only the beginning is put behind what was held back; the rest is read where it is.
        let seam = if front < SEAM && piece.len() > 4 * SEAM { SEAM } else { piece.len() };
        let (beginning, rest) = piece.split_at_checked(seam).unwrap_or((piece, &[]));
        self.buffer.extend_from_slice(beginning);
        if rest.is_empty() {
            if self.buffer.len() >= self.wait || piece.contains(&b'\n') {
                self.read_buffer(true, &mut out)?;
            }
            return Ok(Masked::seal(out));
        }
        self.read_buffer(true, &mut out)?;
        if self.decided.min(self.done) < front + scan::BEFORE {
            self.buffer.extend_from_slice(rest);
            self.read_buffer(true, &mut out)?;
        } else {
            self.buffer.clear();
            self.move_back(front);
            self.read(piece, true, &mut out)?;
            let from = self.decided.min(self.done).saturating_sub(scan::BEFORE);
            self.buffer.extend_from_slice(piece.get(from..).unwrap_or_default());
            self.move_back(from);
        }
        Ok(Masked::seal(out))
    }

    /// Hands out the rest.
    ///
    /// # Errors
    /// [`MaskError::Blocked`]
    pub fn finish(mut self) -> Result<(Masked<Vec<u8>>, Findings), MaskError> {
        let mut out = Vec::new();
        self.read_buffer(false, &mut out)?;
        Ok((Masked::seal(out), self.findings))
    }

    fn read_buffer(&mut self, open: bool, out: &mut Vec<u8>) -> Result<(), MaskError> {
        let buffer = std::mem::take(&mut self.buffer);
        let read = self.read(&buffer, open, out);
        self.buffer = buffer;
        read?;
        // What follows may depend on what went out just now.
        let from = self.decided.min(self.done).saturating_sub(scan::BEFORE);
        if from > KEPT {
            self.buffer.drain(..from);
            self.move_back(from);
        }
        let held = self.buffer.len() - self.decided;
        self.wait = if held > HELD { self.buffer.len() + held } else { 0 };
        Ok(())
    }

    fn read(&mut self, bytes: &[u8], open: bool, out: &mut Vec<u8>) -> Result<(), MaskError> {
        let mut place = Place::new(&self.view, &mut self.findings, "text");
        self.decided = self.lines.read(bytes, self.decided, open, &mut self.edits, &mut place)?;
        drop(place);
        // A stream may go on for ever, and nobody asks for them here.
        let _ = self.findings.take_digests();
        if self.decided > self.done {
            self.done = edit::apply(bytes, self.done, self.decided, &mut self.edits, out);
        }
        Ok(())
    }

    /// The text has moved `by` bytes to the front.
    fn move_back(&mut self, by: usize) {
        self.lines.move_back(by);
        self.done -= by;
        self.decided -= by;
        for edit in &mut self.edits {
            edit.at = edit.at.start.saturating_sub(by)..edit.at.end.saturating_sub(by);
        }
    }
}

/// Bytes of a piece that are read together with what was held back before it.
const SEAM: usize = 2048;
/// Bytes that have gone out and are kept before they are dropped together.
const KEPT: usize = 16 * 1024;
/// Bytes held back above which the stream waits for as many more before it looks again.
const HELD: usize = 1024;

impl Masker {
    /// Masks text that comes in pieces. No number is shown in it, whoever asks.
    pub fn stream(&self, form: Form) -> Stream {
        Stream::new(self.hiding(), form)
    }
}
