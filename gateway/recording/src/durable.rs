//! What is asked of a disk: take these bytes for good.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt},
    path::Path,
    thread,
    time::Duration,
};

/// Only the gateway's own user reads the trail.
pub(crate) const FILE_MODE: u32 = 0o600;
const DIR_MODE: u32 = 0o700;

/// Bytes of room that a segment is given ahead, in zeros: a sync of what lies within it writes no file length, which is
/// several times as fast (`audit-and-recording.md` §2).
const ROOM: u64 = 1024 * 1024;

/// Of it, what only the ends of things under way may use: on a full disk they are still recorded, a few hundred of them.
const RESERVE: u64 = 256 * 1024;

/// Where frames go. A test puts a failing disk in its place.
pub(crate) trait Durable: Send {
    /// Returns once the bytes survive a power cut. After an error nothing more may be written: the kernel may have
    /// dropped the pages and would call the next sync a success.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.put(bytes)?;
        self.sync()
    }

    /// Writes without waiting: the next [`Self::append`] makes it durable.
    fn put(&mut self, bytes: &[u8]) -> io::Result<()>;

    fn sync(&mut self) -> io::Result<()>;

    /// Makes room for about so many bytes and the reserve behind them. [`Room::Full`]: the disk is full, and so much of
    /// the reserve is left.
    fn reserve(&mut self, bytes: u64) -> io::Result<Room>;

    /// Gives back the room that is left: the segment is complete.
    fn seal(&mut self) -> io::Result<()>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    There,
    Made,
    Full { left: u64 },
}

/// Whether a disk that is full said so, which is no failure: nothing of what it had taken is lost.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// A segment that is written to.
pub(crate) struct Segment {
    file: File,
    /// Where the next frame goes.
    length: u64,
    /// Where the file ends.
    room: u64,
    /// The room is only set aside: a sync of what is written there takes long once.
    set_aside: bool,
}

impl Segment {
    /// `length` bytes of the file are frames, and it ends with them.
    pub(crate) fn new(file: File, length: u64) -> Self {
        Self { file, length, room: length, set_aside: false }
    }
}

impl Durable for Segment {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(bytes, self.length)?;
        self.length += bytes.len() as u64;
        self.room = self.room.max(self.length);
        Ok(())
    }

    fn reserve(&mut self, bytes: u64) -> io::Result<Room> {
        let wanted = self.length + bytes + RESERVE;
        let much = bytes >= ROOM;
        if self.set_aside && !much {
            match self.file.write_all_at(&zeros(self.room - self.length), self.length) {
                Ok(()) => self.set_aside = false,
                // It stays as it is, and as slow.
                Err(error) if is_full(&error) => {}
                Err(error) => return Err(error),
            }
        }
        if wanted <= self.room {
            return Ok(Room::There);
        }
        let more = wanted + ROOM - self.room;
        // To write much twice costs more than its sync does.
        let made = if much && set_aside(&self.file, self.room, more) {
            self.set_aside = true;
            Ok(())
        } else {
            self.file.write_all_at(&zeros(more), self.room)
        };
        match made {
            Ok(()) => {
                self.room = wanted + ROOM;
                Ok(Room::Made)
            }
            // Where it stopped does not matter: what was written are zeros.
            Err(error) if is_full(&error) => Ok(Room::Full { left: self.room - self.length }),
            Err(error) => Err(error),
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn seal(&mut self) -> io::Result<()> {
        self.file.set_len(self.length)?;
        self.room = self.length;
        self.file.sync_all()
    }
}

fn zeros(count: u64) -> Vec<u8> {
    vec![0; usize::try_from(count).unwrap_or(usize::MAX)]
}

/// Whether the file system keeps so many bytes free for the file, which reads them as zeros.
#[cfg(target_os = "linux")]
fn set_aside(file: &File, from: u64, bytes: u64) -> bool {
    rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), from, bytes).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn set_aside(_: &File, _: u64, _: u64) -> bool {
    false
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

/// A new segment that begins with `head`, durable with its name in the folder.
pub(crate) fn create(dir: &Path, first: u64, head: &[u8]) -> io::Result<Segment> {
    let file = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(dir.join(name(first)))?;
    let mut segment = Segment::new(file, 0);
    segment.append(head)?;
    sync_folder(dir)?;
    Ok(segment)
}

/// A new file of its own, durable with its name. Takes another name when `name` is there already; says which.
pub(crate) fn keep(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<String> {
    for n in 0.. {
        let name = format!("{name}-{n}");
        match OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(dir.join(&name)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(file) => {
                file.write_all_at(bytes, 0)?;
                file.sync_all()?;
                sync_folder(dir)?;
                return Ok(name);
            }
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Puts other bytes in a file's place, all or none of them.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    // One that a crash left is begun anew.
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(FILE_MODE).open(&new)?;
    file.write_all_at(bytes, 0)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

pub(crate) fn sync_folder(dir: &Path) -> io::Result<()> {
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
