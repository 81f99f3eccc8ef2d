//! `hoop-gateway trail begin-anew`: for a trail's key that is lost or stolen.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use hoop_recording::{Before, RecordError};

use crate::{Settings, SettingsError, trail_key};

#[derive(Debug, Subcommand)]
pub enum Trail {
    /// Set the trail aside and have another begin: when its key is lost or stolen.
    ///
    /// The gateway must not run. Whatever belongs to the old trail (its records, its key if there is one, how far SIEM and
    /// archive have it) is moved to data_dir/frozen-ID and not touched again; the next start begins a new trail under a new
    /// key, whose first record says where the old one ended, and why.
    #[command(after_help = EXAMPLE)]
    BeginAnew(BeginAnew),
}

const EXAMPLE: &str = "\
Example:
  hoop-gateway trail begin-anew --config /etc/hoop/gateway.toml --reason 'the disk with trail.key is gone'
  hoopctl audit verify /var/lib/hoop/frozen-0192…/trail --state head.json";

#[derive(Debug, Args)]
pub struct BeginAnew {
    #[arg(long, value_name = "FILE", env = "HOOP_GATEWAY_CONFIG")]
    config: PathBuf,
    /// Goes into the new trail's first record.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Why everything stayed as it was, or has to be done once more.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnewError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Trail(#[from] RecordError),
    #[error("{path}: {source}; run it again once that is mended")]
    Move {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// What was set aside, and where it lies now.
#[derive(Debug)]
pub struct SetAside {
    pub before: Before,
    pub folder: PathBuf,
}

/// Beside the trail's folder, what is only true of this trail.
const ITS: [&str; 2] = ["siem", "archive.cursor"];

/// The trail's own folder goes last: until then it is the old trail that a start finds, and refuses.
pub fn begin_anew(command: Trail) -> Result<SetAside, AnewError> {
    let Trail::BeginAnew(BeginAnew { config, reason }) = command;
    let dir = Settings::load(&config)?.data_dir;
    let trail = dir.join("trail");
    let before = Before::of(&trail, &reason)?;
    before.announce(&trail)?;
    let id = before.origin.rsplit('/').next().unwrap_or_default();
    let folder = dir.join(format!("frozen-{id}"));
    let moved =
        |path: &Path, done: io::Result<()>| done.map_err(|source| AnewError::Move { path: path.to_owned(), source });
    moved(&folder, fs::create_dir_all(&folder))?;
    for name in ITS.into_iter().chain(trail_key::FILES).chain(["trail"]) {
        let (from, to) = (dir.join(name), folder.join(name));
        match fs::rename(&from, &to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            done => moved(&from, done)?,
        }
    }
    moved(&dir, fs::File::open(&dir).and_then(|dir| dir.sync_all()))?;
    Ok(SetAside { before, folder })
}
