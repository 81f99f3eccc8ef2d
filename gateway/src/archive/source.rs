use std::{fs, io};

use hoop_archive::{Sealed, Segments, Source};
use hoop_recording::{Recorder, newest_checkpoint, segment_files};

/// The trail on this disk. Of what is written and not durable yet, nothing is archived.
pub(super) struct Trail(Recorder);

impl Trail {
    pub(super) fn new(recorder: Recorder) -> Self {
        Self(recorder)
    }

    /// How many records are durable.
    fn durable(&self) -> u64 {
        self.0.head().map_or(0, |head| head.seq.saturating_add(1))
    }
}

impl Source for Trail {
    fn segments(&self) -> io::Result<Segments> {
        let durable = self.durable();
        let files = segment_files(self.0.dir())?;
        // Only once the next one holds a durable record: what a crash leaves of one that was only begun is removed, and
        // the one before it goes on.
        let begun = files.iter().filter(|file| file.first < durable || file.first == 0);
        let begun: Vec<_> = begun.collect();
        let pairs = begun.iter().zip(begun.iter().skip(1));
        let sealed = pairs.map(|(file, next)| Sealed { first: file.first, next: next.first, bytes: file.bytes });
        Ok(Segments { sealed: sealed.collect(), open: begun.last().map_or(0, |file| file.first) })
    }

    fn read(&self, first: u64) -> io::Result<Vec<u8>> {
        let files = segment_files(self.0.dir())?;
        let file = files.into_iter().find(|file| file.first == first);
        fs::read(file.ok_or(io::ErrorKind::NotFound)?.path)
    }

    fn checkpoint(&self) -> io::Result<Option<String>> {
        newest_checkpoint(self.0.dir(), self.durable())
    }
}
