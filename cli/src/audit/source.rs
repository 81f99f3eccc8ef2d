//! Where a trail lies: in segments as a gateway keeps it, or in files as an export has it.

use std::path::{Path, PathBuf};

use hoop_audit::{
    Verifier,
    segment::{Frame, Frames},
};

use super::{bundle, pack::is_segment};
use crate::exit::{Exit, Failure};

/// What is read of a trail again once it is verified.
pub(crate) enum Piece<'a> {
    Record(&'a [u8]),
    Checkpoint(&'a str),
}

pub(crate) enum Source {
    /// Oldest first.
    Segments(Vec<PathBuf>),
    Bundle(PathBuf),
}

impl Source {
    pub(crate) fn at(dir: &Path) -> Result<Self, Failure> {
        let unreadable = |error: std::io::Error| {
            Failure::new(Exit::Failed, "no_trail", format!("cannot read {}: {error}", dir.display()))
        };
        let mut segments = Vec::new();
        for entry in std::fs::read_dir(dir).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.file_name().is_some_and(|name| is_segment(&name.to_string_lossy())) {
                segments.push(path);
            }
        }
        if !segments.is_empty() {
            segments.sort();
            return Ok(Self::Segments(segments));
        }
        if dir.join(bundle::CHECKPOINT).exists() {
            return Ok(Self::Bundle(dir.to_owned()));
        }
        let text = format!(
            "{} holds no trail: neither segments, as a gateway keeps them in DATA_DIR/trail, nor a checkpoint, as \
             `hoopctl audit export` writes",
            dir.display()
        );
        Err(Failure::new(Exit::Failed, "no_trail", text))
    }

    /// Gives out all that is to be proven of it, oldest first, and verifies nothing.
    pub(crate) fn read(&self, take: &mut dyn FnMut(Piece<'_>) -> Result<(), Failure>) -> Result<(), Failure> {
        match self {
            Self::Bundle(dir) => bundle::read(dir, take),
            Self::Segments(paths) => {
                for path in paths {
                    let bytes = std::fs::read(path)?;
                    // Damage was found as it was verified; what is torn at the end belongs to nothing.
                    for (_, frame) in Frames::new(&bytes).flatten() {
                        match frame {
                            Frame::Record(record) => take(Piece::Record(record))?,
                            Frame::Checkpoint(note) => take(Piece::Checkpoint(note))?,
                            Frame::Opening(_) | Frame::Payload(_) => {}
                        }
                    }
                }
                Ok(())
            }
        }
    }

    /// Feeds all of it.
    pub(crate) fn verify(&self, verifier: &mut Verifier) -> Result<(), Failure> {
        match self {
            Self::Bundle(dir) => bundle::verify(dir, verifier),
            Self::Segments(paths) => {
                for (index, path) in paths.iter().enumerate() {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    verifier.segment(&name, &std::fs::read(path)?, index + 1 == paths.len());
                }
                Ok(())
            }
        }
    }
}
