//! Segments as the gateway sends them: `name length` on a line, then the bytes.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
};

use crate::exit::{Exit, Failure};

/// Longest line before a segment, in bytes.
const LINE: usize = 256;

/// Takes the stream piece by piece and writes the segments into a folder.
pub(super) struct Unpack {
    dir: PathBuf,
    line: Vec<u8>,
    segment: Option<(File, u64)>,
}

impl Unpack {
    pub(super) fn into(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), line: Vec::new(), segment: None }
    }

    pub(super) fn take(&mut self, mut piece: &[u8]) -> Result<(), Failure> {
        while !piece.is_empty() {
            match &mut self.segment {
                None => {
                    let end = piece.iter().position(|byte| *byte == b'\n');
                    let (line, rest) = piece.split_at(end.unwrap_or(piece.len()));
                    self.line.extend_from_slice(line);
                    if self.line.len() > LINE {
                        return Err(garbled());
                    }
                    let Some(rest) = rest.strip_prefix(b"\n") else { return Ok(()) };
                    let (name, length) = head(&self.line).ok_or_else(garbled)?;
                    self.segment = (length > 0).then_some((File::create_new(self.dir.join(name))?, length));
                    self.line.clear();
                    piece = rest;
                }
                Some((file, left)) => {
                    let now = usize::try_from(*left).unwrap_or(usize::MAX).min(piece.len());
                    let (bytes, rest) = piece.split_at(now);
                    file.write_all(bytes)?;
                    *left -= now as u64;
                    if *left == 0 {
                        self.segment = None;
                    }
                    piece = rest;
                }
            }
        }
        Ok(())
    }

    /// The stream is over; all of the last segment has to be there.
    pub(super) fn finish(self) -> Result<(), Failure> {
        if self.segment.is_none() && self.line.is_empty() { Ok(()) } else { Err(garbled()) }
    }
}

fn garbled() -> Failure {
    Failure::new(
        Exit::Failed,
        "bad_trail",
        "the gateway's trail broke off, or came in a form that this hoopctl does not read; try again",
    )
}

fn head(line: &[u8]) -> Option<(&str, u64)> {
    let (name, length) = std::str::from_utf8(line).ok()?.split_once(' ')?;
    is_segment(name).then_some((name, length.parse().ok()?))
}

/// The name goes into a path.
pub(super) fn is_segment(name: &str) -> bool {
    name.strip_prefix("segment-")
        .and_then(|rest| rest.strip_suffix(".log"))
        .is_some_and(|number| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_packed_comes_out_however_it_is_cut() {
        let packed = b"segment-0.log 3\nabcsegment-7.log 2\nde";
        for size in 1..=packed.len() {
            let dir = tempfile::tempdir().unwrap();
            let mut unpack = Unpack::into(dir.path());
            packed.chunks(size).for_each(|piece| unpack.take(piece).unwrap());
            unpack.finish().unwrap();
            let read = |name| std::fs::read(dir.path().join(name)).unwrap();
            assert_eq!((read("segment-0.log"), read("segment-7.log")), (b"abc".to_vec(), b"de".to_vec()));
        }
    }

    #[test]
    fn a_name_cannot_leave_the_folder_and_nothing_is_taken_for_whole_that_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let fed = |bytes: &[u8]| {
            let mut unpack = Unpack::into(dir.path());
            unpack.take(bytes).and_then(|()| unpack.finish())
        };
        assert!(fed(b"../segment-0.log 1\na").is_err());
        assert!(fed(b"segment-0.log 9\nabc").is_err());
        assert!(fed(b"segment-1.log").is_err());
    }
}
