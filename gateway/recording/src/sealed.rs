//! The trail's segments as files, for who copies them away.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use hoop_audit::{
    Checkpoint, Note,
    segment::{Frame, Frames},
};

use crate::durable;

/// A segment as it lies on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentFile {
    /// The number of its first record.
    pub first: u64,
    pub path: PathBuf,
    /// With room that was made ahead.
    pub bytes: u64,
}

/// All segments, oldest first. Once a record of a later one is durable, nothing more is written to a segment. Blocks on
/// the disk.
pub fn segment_files(dir: &Path) -> io::Result<Vec<SegmentFile>> {
    let segments = durable::segments(dir)?.into_iter();
    segments.map(|(first, path)| Ok(SegmentFile { first, bytes: fs::metadata(&path)?.len(), path })).collect()
}

/// The newest signed head over at most so many records, as it was signed. Blocks on the disk: reads the newest segment.
pub fn newest_checkpoint(dir: &Path, most: u64) -> io::Result<Option<String>> {
    for (_, path) in durable::segments(dir)?.into_iter().rev() {
        let bytes = fs::read(path)?;
        let notes = Frames::new(&bytes).map_while(Result::ok).filter_map(|(_, frame)| match frame {
            Frame::Checkpoint(note) => Some(note),
            _ => None,
        });
        let covered = |note: &&str| {
            let checkpoint = Note::parse(note).and_then(|note| Checkpoint::read(&note));
            checkpoint.is_ok_and(|checkpoint| checkpoint.size <= most)
        };
        if let Some(note) = notes.filter(covered).last() {
            return Ok(Some(note.to_owned()));
        }
    }
    Ok(None)
}
