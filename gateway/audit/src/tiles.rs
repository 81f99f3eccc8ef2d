//! The log as static files (C2SP tlog-tiles): any program that reads the format can check it, and any file server serve it.

use crate::digest::Hash;

/// Hashes in a whole tile, and records in a whole bundle.
pub const WIDTH: usize = 256;

/// A file of the log: its path below the log's folder, and its bytes.
pub struct LogFile {
    pub path: String,
    pub bytes: Vec<u8>,
}

/// Where the bundle of records is, or a tile of hashes: the `n`th of its `kind` (`tile/entries`, `tile/0`, …), with `width`
/// of 256 in it.
pub fn path(kind: &str, n: u64, width: usize) -> String {
    let mut groups = vec![format!("{:03}", n % 1000)];
    let mut rest = n / 1000;
    while rest > 0 {
        groups.push(format!("x{:03}", rest % 1000));
        rest /= 1000;
    }
    groups.reverse();
    let partial = if width < WIDTH { format!(".p/{width}") } else { String::new() };
    format!("{kind}/{}{partial}", groups.join("/"))
}

/// Paths of the bundles of a log of this size, in order, each with how many records it has.
pub fn bundles(size: u64) -> impl Iterator<Item = (String, usize)> {
    let width = WIDTH as u64;
    (0..size.div_ceil(width)).map(move |n| {
        let records = (size - n * width).min(width) as usize;
        (path("tile/entries", n, records), records)
    })
}

/// Records of a bundle's bytes; `None`: it is none.
pub fn records(bundle: &[u8]) -> Option<Vec<&[u8]>> {
    let mut records = Vec::new();
    let mut rest = bundle;
    while !rest.is_empty() {
        let (length, more) = rest.split_first_chunk::<2>()?;
        let (record, more) = more.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        records.push(record);
        rest = more;
    }
    Some(records)
}

/// Makes the files of a log from its records, in order.
#[derive(Default)]
pub struct Tiles {
    size: u64,
    entries: Vec<u8>,
    /// Of each level, the hashes of its last tile.
    levels: Vec<Vec<Hash>>,
    /// How many tiles of each level are complete.
    complete: Vec<u64>,
    files: Vec<LogFile>,
}

impl Tiles {
    /// The next record, of at most 65,535 bytes.
    pub fn push(&mut self, record: &[u8]) {
        let length = u16::try_from(record.len()).unwrap_or(u16::MAX);
        self.entries.extend_from_slice(&length.to_be_bytes());
        self.entries.extend_from_slice(record);
        self.size += 1;
        if self.size.is_multiple_of(WIDTH as u64) {
            let bytes = std::mem::take(&mut self.entries);
            self.files.push(LogFile { path: path("tile/entries", self.size / WIDTH as u64 - 1, WIDTH), bytes });
        }
        self.hash(0, Hash::leaf(record));
    }

    fn hash(&mut self, level: usize, hash: Hash) {
        if self.levels.len() <= level {
            self.levels.push(Vec::with_capacity(WIDTH));
            self.complete.push(0);
        }
        let (Some(tile), Some(complete)) = (self.levels.get_mut(level), self.complete.get_mut(level)) else { return };
        tile.push(hash);
        if tile.len() < WIDTH {
            return;
        }
        let full = std::mem::take(tile);
        self.files.push(tile_file(level, *complete, &full));
        *complete += 1;
        self.hash(level + 1, root(full));
    }

    /// Files that are complete by now, each once.
    pub fn take(&mut self) -> Vec<LogFile> {
        std::mem::take(&mut self.files)
    }

    /// The rest: the last bundle, and the last tile of each level.
    pub fn finish(mut self) -> Vec<LogFile> {
        let width = (self.size % WIDTH as u64) as usize;
        if width > 0 {
            let path = path("tile/entries", self.size / WIDTH as u64, width);
            self.files.push(LogFile { path, bytes: std::mem::take(&mut self.entries) });
        }
        for ((level, tile), complete) in self.levels.iter().enumerate().zip(&self.complete) {
            if !tile.is_empty() {
                self.files.push(tile_file(level, *complete, tile));
            }
        }
        self.files
    }
}

fn tile_file(level: usize, n: u64, tile: &[Hash]) -> LogFile {
    let bytes = tile.iter().flat_map(Hash::as_bytes).copied().collect();
    LogFile { path: path(&format!("tile/{level}"), n, tile.len()), bytes }
}

/// Of a whole tile.
fn root(mut hashes: Vec<Hash>) -> Hash {
    while hashes.len() > 1 {
        hashes = hashes.as_chunks::<2>().0.iter().map(|[left, right]| Hash::node(left, right)).collect();
    }
    hashes.pop().unwrap_or_else(|| Hash::of(b""))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::tree::Tree;

    #[test]
    fn paths_are_as_specified() {
        assert_eq!(path("tile/0", 273, 256), "tile/0/273");
        assert_eq!(path("tile/1", 1_234_067, 256), "tile/1/x001/x234/067");
        assert_eq!(path("tile/entries", 1000, 8), "tile/entries/x001/000.p/8");
    }

    #[test]
    fn the_tiles_of_70000_records_are_those_of_the_tree() {
        let mut tiles = Tiles::default();
        let mut tree = Tree::default();
        let mut files = Vec::new();
        let record = |n: u32| format!("record {n}").into_bytes();
        for n in 0..70_000 {
            tiles.push(&record(n));
            tree.push(Hash::leaf(&record(n)));
            files.extend(tiles.take());
        }
        files.extend(tiles.finish());
        let find = |path: &str| &files.iter().find(|file| file.path == path).unwrap().bytes;
        // 273 whole tiles and 112 hashes; the 273 are one whole tile and 17 above, that one is one above.
        assert_eq!(find("tile/0/273.p/112").len(), 112 * 32);
        assert_eq!(find("tile/1/001.p/17").len(), 17 * 32);
        assert_eq!(find("tile/2/000.p/1").len(), 32);
        assert_eq!(files.len(), 274 + 274 + 2 + 1);
        // The tree of the level above, and the rest of the level below, are the tree.
        let mut above = Tree::default();
        find("tile/1/000").as_chunks::<32>().0.iter().for_each(|hash| above.push(Hash::from_bytes(*hash)));
        assert_eq!(above.root().as_bytes().as_slice(), find("tile/2/000.p/1"));
        let mut all = Vec::new();
        for (path, count) in bundles(70_000) {
            let bundle = find(&path);
            let read = records(bundle).unwrap();
            assert_eq!(read.len(), count);
            all.extend(read.into_iter().map(<[u8]>::to_vec));
        }
        assert!(all.iter().eq((0..70_000).map(record).collect::<Vec<_>>().iter()));
        assert_eq!(records(&find("tile/entries/000")[..101]), None);
    }
}
