//! Reading and replacing a client's file: in one step, through links, with its mode.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use super::{error::Problem, plan::State, splice::line_number};
use crate::context::folder::write_private;

/// After the name of the client's file.
const BACKUP: &str = ".hoopctl-backup";

#[derive(Debug)]
pub(super) struct Files {
    /// The file itself, where a dotfiles manager has put a link in its place.
    file: PathBuf,
    pub(super) backup: PathBuf,
    pub(super) state: State,
}

impl Files {
    pub(super) fn read(path: &Path) -> Result<Self, Problem> {
        let file = match fs::canonicalize(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => path.to_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Problem::LeadsNowhere),
            Err(error) => return Err(Problem::io("read")(error)),
        };
        let mut backup = path.as_os_str().to_owned();
        backup.push(BACKUP);
        let backup = PathBuf::from(backup);
        let unusable = |_| Problem::io("held against its backup")(io::Error::other(backup.display().to_string()));
        let state = State { file: text(&file)?, backup: text(&backup).map_err(unusable)? };
        Ok(Self { file, backup, state })
    }

    /// A crash in between leaves a copy too many, never one too few.
    pub(super) fn turn_into(&self, after: &State) -> Result<(), Problem> {
        self.unchanged()?;
        if let (Some(copy), true) = (&after.backup, after.backup != self.state.backup) {
            write_private(&self.backup, copy.as_bytes()).map_err(Problem::io("backed up"))?;
        }
        if after.file != self.state.file {
            match &after.file {
                Some(text) => self.replace(text)?,
                None => {
                    self.unchanged()?;
                    fs::remove_file(&self.file).map_err(Problem::io("removed"))?;
                }
            }
        }
        if after.backup.is_none() && self.state.backup.is_some() {
            fs::remove_file(&self.backup).map_err(Problem::io("freed of its backup"))?;
        }
        Ok(())
    }

    fn replace(&self, text: &str) -> Result<(), Problem> {
        let failed = Problem::io("written");
        let dir = self.file.parent().ok_or_else(|| failed(io::Error::other("it has no folder")))?;
        fs::create_dir_all(dir).map_err(&failed)?;
        // Of mode 0600, which stays where the file is new: other entries may get secrets.
        let mut draft = NamedTempFile::new_in(dir).map_err(&failed)?;
        draft.write_all(text.as_bytes()).map_err(&failed)?;
        if self.state.file.is_some() {
            let mode = fs::metadata(&self.file).map_err(&failed)?.permissions().mode();
            draft.as_file().set_permissions(fs::Permissions::from_mode(mode)).map_err(&failed)?;
        }
        draft.as_file().sync_all().map_err(&failed)?;
        self.unchanged()?;
        draft.persist(&self.file).map_err(|error| failed(error.error))?;
        fs::File::open(dir).and_then(|dir| dir.sync_all()).map_err(failed)
    }

    /// Clients write their files too, and at any time.
    fn unchanged(&self) -> Result<(), Problem> {
        if text(&self.file)? == self.state.file { Ok(()) } else { Err(Problem::Changed) }
    }
}

fn text(path: &Path) -> Result<Option<String>, Problem> {
    match fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|error| {
            let line = line_number(&String::from_utf8_lossy(error.as_bytes()), error.utf8_error().valid_up_to());
            Problem::Broken { line, why: "this is no UTF-8".to_owned() }
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Problem::io("read")(error)),
    }
}
