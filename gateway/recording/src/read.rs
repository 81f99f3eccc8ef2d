use std::{
    fs, io,
    path::{Path, PathBuf},
};

use hoop_audit::{
    Record,
    segment::{FrameError, Frames},
};

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

/// The segments of a trail, oldest first.
pub(crate) fn segments(dir: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let unreadable = |source| ReadError::Io { path: dir.to_owned(), source };
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("segment-")) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Visits every record of a trail in order. The newest segment may be written to meanwhile: it is read up to its last
/// whole frame.
pub fn records(dir: &Path, mut visit: impl FnMut(Record, &[u8])) -> Result<(), ReadError> {
    let paths = segments(dir)?;
    for (index, path) in paths.iter().enumerate() {
        let bytes = fs::read(path).map_err(|source| ReadError::Io { path: path.clone(), source })?;
        let newest = index + 1 == paths.len();
        for frame in Frames::new(&bytes) {
            let (_, bytes) = match frame {
                Ok(frame) => frame,
                Err(FrameError::Cut { .. }) if newest => break,
                Err(source) => return Err(ReadError::Frame { path: path.clone(), source }),
            };
            let record = serde_json::from_slice(bytes)
                .map_err(|source| ReadError::Record { path: path.clone(), source })?;
            visit(record, bytes);
        }
    }
    Ok(())
}
