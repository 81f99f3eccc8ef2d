//! What was found, as a file: whole or not there.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use hoop_masking::{Finding, Findings};
use serde::Serialize;

use super::{Format, failure::MaskFailure};

/// A report to be. What it is written to goes away with it, unless it is finished.
pub(super) struct Report {
    path: PathBuf,
    file: File,
    /// Where it is written until it is whole. `None` for what is no file, such as a pipe.
    draft: Option<PathBuf>,
}

#[derive(Serialize)]
struct Document {
    kind: &'static str,
    version: u32,
    format: Format,
    total: u64,
    /// Lines of which something was left out, since it could not be read.
    left_out: u64,
    findings: Vec<Finding>,
}

impl Report {
    /// Before anything is masked, so that a path that cannot be written is known then.
    pub(super) fn create(path: &Path) -> Result<Self, MaskFailure> {
        Self::open(path).map_err(|source| MaskFailure::Report { path: path.to_owned(), source })
    }

    fn open(path: &Path) -> io::Result<Self> {
        // A link stays one.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if fs::metadata(&path).is_ok_and(|known| !known.is_file()) {
            let file = OpenOptions::new().write(true).open(&path)?;
            return Ok(Self { path, file, draft: None });
        }
        let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
        let draft = path.with_file_name(format!(".{}.{}.new", name.to_string_lossy(), std::process::id()));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        Ok(Self { path, file, draft: Some(draft) })
    }

    pub(super) fn finish(mut self, format: Format, findings: &Findings, left_out: u64) -> Result<(), MaskFailure> {
        let document = Document {
            kind: "masking_report",
            version: 1,
            format,
            total: findings.total(),
            left_out,
            findings: findings.iter().collect(),
        };
        self.write(&document).map_err(|source| MaskFailure::Report { path: self.path.clone(), source })
    }

    fn write(&mut self, document: &Document) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(document)?;
        text.push(b'\n');
        self.file.write_all(&text)?;
        if let Some(draft) = &self.draft {
            self.file.sync_all()?;
            fs::rename(draft, &self.path)?;
            self.draft = None;
        }
        Ok(())
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        if let Some(draft) = &self.draft {
            let _ = fs::remove_file(draft);
        }
    }
}
