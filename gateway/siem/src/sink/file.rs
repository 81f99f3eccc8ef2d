//! A file: one event a line. It is opened for each batch, so that it may be rotated away at any time.

use std::{
    fs::OpenOptions,
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use super::{SendError, Sending, Sink, Taken};
use crate::event::Event;

pub struct File {
    path: PathBuf,
}

impl File {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }
}

impl Sink for File {
    fn send<'a>(&'a mut self, batch: &'a [Event]) -> Sending<'a> {
        let lines: String = batch.iter().flat_map(|event| [event.text.as_str(), "\n"]).collect();
        let path = self.path.clone();
        Box::pin(async move {
            let written = tokio::task::spawn_blocking(move || append(&path, &lines).map_err(|error| (path, error)));
            match written.await {
                Ok(Ok(())) => Ok(Taken::default()),
                Ok(Err((path, error))) => Err(SendError::failed(format!("{}: {error}", path.display()))),
                Err(_) => Err(SendError::failed("the writer of the file ended")),
            }
        })
    }
}

/// Durable when it returns. A line that a crash or a full disk cut off is ended first.
fn append(path: &Path, lines: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
        }
    }
    file.write_all(lines.as_bytes())?;
    file.sync_data()
}
