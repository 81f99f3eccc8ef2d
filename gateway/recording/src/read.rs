use std::{
    fs, io,
    path::{Path, PathBuf},
};

use hoop_audit::{
    Record,
    segment::{FrameError, Frames},
};

use crate::durable;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    #[error("cannot read {path}: {source}")]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{path}: {source}")]
    Frame {
        path: PathBuf,
        #[source]
        source: FrameError,
    },
    #[error("{path}: a record that is not one: {source}")]
    Record {
        path: PathBuf,
        #[source]
        source: serde_json::Error,
    },
}

/// Visits every record of a trail in order. The newest segment may be written to meanwhile: it is read up to its last
/// whole frame. Blocks on the disk.
pub fn records(dir: &Path, visit: impl FnMut(Record, &[u8])) -> Result<(), ReadError> {
    records_from(dir, 0, visit)
}

/// As [`records`], beginning with the record numbered `from`; earlier segments are not read.
pub fn records_from(dir: &Path, from: u64, mut visit: impl FnMut(Record, &[u8])) -> Result<(), ReadError> {
    let segments = durable::segments(dir).map_err(|source| ReadError::Io { path: dir.to_owned(), source })?;
    let skipped = segments.iter().skip(1).take_while(|(first, _)| *first <= from).count();
    let mut segments = segments.into_iter().skip(skipped).peekable();
    while let Some((_, path)) = segments.next() {
        let bytes = fs::read(&path).map_err(|source| ReadError::Io { path: path.clone(), source })?;
        let newest = segments.peek().is_none();
        let mut frames = Frames::new(&bytes);
        while let Some(frame) = frames.next() {
            let bytes = match frame {
                Ok((_, bytes)) => bytes,
                Err(_) if newest && frames.resume().is_none() => break,
                Err(source) => return Err(ReadError::Frame { path, source }),
            };
            let record: Record =
                serde_json::from_slice(bytes).map_err(|source| ReadError::Record { path: path.clone(), source })?;
            if record.seq >= from {
                visit(record, bytes);
            }
        }
    }
    Ok(())
}
