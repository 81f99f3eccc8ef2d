//! The way from the input through the masker to the reader of the output.

use std::{io::Write, mem};

use hoop_masking::{Findings, Form, Masker, Released, Stream};
use serde_json::Value;

use super::failure::MaskFailure;

pub(super) struct Output<W> {
    masker: Masker,
    form: Form,
    stream: Stream,
    findings: Findings,
    /// Taken, and not masked yet.
    taken: Vec<u8>,
    to: W,
}

impl<W: Write> Output<W> {
    /// `to` has no buffer of its own.
    pub(super) fn new(masker: Masker, form: Form, to: W) -> Self {
        let stream = masker.stream(form);
        Self { masker, form, stream, findings: Findings::default(), taken: Vec::new(), to }
    }

    /// Masks what is next of the input, and writes what is decided.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Result<(), MaskFailure> {
        let masked = self.stream.write(bytes)?;
        self.put(masked)
    }

    /// Takes what is next of the input. A thousand short documents are masked together.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.taken.extend_from_slice(bytes);
    }

    /// Passes what was taken.
    pub(super) fn flush(&mut self) -> Result<(), MaskFailure> {
        let taken = mem::take(&mut self.taken);
        let passed = if taken.is_empty() { Ok(()) } else { self.pass(&taken) };
        self.taken = taken;
        self.taken.clear();
        passed
    }

    /// What comes next has nothing to do with what came before.
    pub(super) fn cut(&mut self) -> Result<(), MaskFailure> {
        self.flush()?;
        let stream = mem::replace(&mut self.stream, self.masker.stream(self.form));
        let (rest, found) = stream.finish()?;
        self.findings.merge(&found);
        self.put(rest)
    }

    /// A JSON value that has been read already.
    pub(super) fn value(&mut self, value: Value) -> Result<(), MaskFailure> {
        self.cut()?;
        let masked = self.masker.json(value, &mut self.findings)?;
        self.put(masked.to_bytes())
    }

    /// Writes the rest. Returns what was hidden.
    pub(super) fn end(mut self) -> Result<Findings, MaskFailure> {
        self.cut()?;
        Ok(self.findings)
    }

    fn put(&mut self, masked: impl Into<Released<Vec<u8>>>) -> Result<(), MaskFailure> {
        Ok(self.to.write_all(masked.into().as_ref())?)
    }
}
