//! The one thing asked of a disk: take these bytes for good.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
    thread,
    time::Duration,
};

/// Only the gateway's own user reads the trail.
const FILE_MODE: u32 = 0o600;
const DIR_MODE: u32 = 0o700;

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

/// The trail's folder, made when it is missing.
pub(crate) fn folder(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(DIR_MODE).create(dir)?;
    match dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

/// A new segment, its header written and its name in the folder durable.
pub(crate) fn create(dir: &Path, first: u64) -> io::Result<File> {
    let path = dir.join(name(first));
    let mut file = OpenOptions::new().append(true).create_new(true).mode(FILE_MODE).open(path)?;
    file.append(hoop_audit::segment::MAGIC)?;
    sync_folder(dir)?;
    Ok(file)
}

/// A new file of its own, durable with its name. Takes another name when `name` is there already; says which.
pub(crate) fn keep(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<String> {
    for n in 0.. {
        let name = format!("{name}-{n}");
        match OpenOptions::new().append(true).create_new(true).mode(FILE_MODE).open(dir.join(&name)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(mut file) => {
                file.append(bytes)?;
                sync_folder(dir)?;
                return Ok(name);
            }
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn sync_folder(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// One writer per trail. The lock goes with the file handle. Waits a moment for a writer that is just ending.
pub(crate) fn lock(dir: &Path) -> io::Result<Option<File>> {
    let file = OpenOptions::new().append(true).create(true).mode(FILE_MODE).open(dir.join("lock"))?;
    for _ in 0..40 {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(25)),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(None)
}

/// Segments sort by the number of their first record.
pub(crate) fn name(first: u64) -> String {
    format!("segment-{first:020}.log")
}

/// The segments of a trail, oldest first, each with the number of its first record.
pub(crate) fn segments(dir: &Path) -> io::Result<Vec<(u64, std::path::PathBuf)>> {
    let mut segments = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let first = path
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.strip_prefix("segment-")?.strip_suffix(".log")?.parse().ok());
        if let Some(first) = first {
            segments.push((first, path));
        }
    }
    segments.sort();
    Ok(segments)
}
