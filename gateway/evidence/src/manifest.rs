use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, Read},
    path::Path,
};

use hoop_audit::{Checkpoint, Hash, VerifyingKey};
use hoop_model::{Subject, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Scope;

pub(crate) const MANIFEST: &str = "manifest.json";
/// The manifest's digest, as `sha256sum` writes and checks it.
pub(crate) const MANIFEST_DIGEST: &str = "manifest.json.sha256";
/// Of the files, columns and checks: another one is another program's.
pub(crate) const FORMAT: u32 = 2;

/// Who made a pack, and of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// The program and its version.
    pub by: String,
    pub at: Timestamp,
    /// Whose login fetched the trail; absent where it was read from a copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<Subject>,
    /// Where the trail came from, in words.
    pub from: String,
}

/// What is in a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub kind: String,
    pub format: u32,
    pub period: Scope,
    pub made: Made,
    /// Keys that signed the log, oldest first.
    pub keys: Vec<VerifyingKey>,
    /// The head that the records are proven under.
    pub checkpoint: Checkpoint,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Checkpoint>,
    pub seen: Seen,
    pub files: Vec<Listed>,
}

/// What the records of the period say of themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seen {
    /// Records of the period.
    pub records: u64,
    pub first_seq: u64,
    pub last_seq: u64,
    /// The last record's hash.
    pub head: Option<Hash>,
    /// Digests of the policies that decided, and of the settings that were loaded.
    pub policies: BTreeSet<String>,
    pub settings: BTreeSet<String>,
    /// Of the gateway.
    pub versions: BTreeSet<String>,
}

impl Seen {
    /// The next record of the period.
    pub(crate) fn take(&mut self, seq: u64, hash: Hash) {
        if self.head.is_none() {
            self.first_seq = seq;
        }
        self.last_seq = seq;
        self.head = Some(hash);
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listed {
    pub name: String,
    pub bytes: u64,
    pub sha256: Hash,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
}

impl Listed {
    pub(crate) fn of(dir: &Path, name: &str, rows: &BTreeMap<String, u64>) -> io::Result<Self> {
        let (bytes, sha256) = digest(&mut File::open(dir.join(name))?)?;
        Ok(Self { name: name.to_owned(), bytes, sha256, rows: rows.get(name).copied() })
    }
}

/// A file's length and SHA-256.
fn digest(file: &mut impl Read) -> io::Result<(u64, Hash)> {
    let mut hashing = hoop_audit::Hashing::default();
    let mut piece = vec![0; 128 * 1024];
    let mut length = 0;
    loop {
        match file.read(&mut piece)? {
            0 => return Ok((length, hashing.finish())),
            read => {
                length += read as u64;
                hashing.update(piece.get(..read).unwrap_or_default());
            }
        }
    }
}

/// The files in a folder and those below it, by their paths in it, in order.
pub(crate) fn files(dir: &Path) -> io::Result<BTreeSet<String>> {
    let mut files = BTreeSet::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            files.extend(self::files(&entry.path())?.into_iter().map(|below| format!("{name}/{below}")));
        } else {
            files.insert(name);
        }
    }
    Ok(files)
}
