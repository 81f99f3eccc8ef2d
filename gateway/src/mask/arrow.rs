//! `--format arrow`: one Arrow IPC stream. A short one is masked as a whole, and comes out whole or not at all; a long one
//! batch by batch.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

use hoop_masking::{Findings, MaskError, Masker};

use super::failure::MaskFailure;

/// Longest stream that is masked as a whole, in bytes.
const SHORT: u64 = 8 << 20;
/// Bytes that are read and written together.
const BUFFER: usize = 64 * 1024;

pub(super) fn mask(
    masker: &Masker,
    mut input: impl Read,
    mut output: impl Write,
    findings: &mut Findings,
) -> Result<(), MaskFailure> {
    let mut begin = Vec::new();
    input.by_ref().take(SHORT + 1).read_to_end(&mut begin).map_err(MaskFailure::Input)?;
    if begin.len() as u64 <= SHORT {
        let (masked, _) = masker.arrow_stream(&begin, None, findings)?;
        return Ok(output.write_all(masked.as_ref())?);
    }
    let mut input = BufReader::with_capacity(BUFFER, io::Cursor::new(begin).chain(input));
    let mut output = BufWriter::with_capacity(BUFFER, Watched { to: output, failed: None });
    let passed = masker.arrow_through(&mut input, &mut output, findings);
    if passed.is_ok() && !input.fill_buf().map_err(MaskFailure::Input)?.is_empty() {
        return Err(MaskError::Arrow { reason: "something follows its end" }.into());
    }
    let flushed = output.flush();
    if let Some(error) = output.get_mut().failed.take() {
        return Err(error.into());
    }
    flushed?;
    Ok(passed.map(drop)?)
}

/// Keeps why it could not be written, which the Arrow library does not.
struct Watched<W> {
    to: W,
    failed: Option<io::Error>,
}

impl<W: Write> Write for Watched<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to.write(bytes).map_err(|error| {
            let kind = error.kind();
            self.failed.get_or_insert(error);
            kind.into()
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
