//! The one thing asked of a disk: take these bytes for good.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// Where frames go. A test puts a failing disk in its place.
pub(crate) trait Durable: Send {
    /// Returns once the bytes survive a power cut. After an error nothing more may be written: the kernel may have
    /// dropped the pages and would call the next sync a success.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
}

impl Durable for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)?;
        self.sync_data()
    }
}

/// A new segment, its header written and its name in the folder durable.
pub(crate) fn create(dir: &Path, first: u64) -> io::Result<File> {
    let path = dir.join(name(first));
    let mut file = OpenOptions::new().append(true).create_new(true).open(path)?;
    file.append(hoop_audit::segment::MAGIC)?;
    File::open(dir)?.sync_all()?;
    Ok(file)
}

/// Segments sort by the number of their first record.
pub(crate) fn name(first: u64) -> String {
    format!("segment-{first:020}.log")
}
