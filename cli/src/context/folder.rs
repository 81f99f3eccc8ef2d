use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use directories::ProjectDirs;

use crate::exit::{Exit, Failure};

/// Where hoopctl keeps its things: `HOOPCTL_CONFIG_DIR`, or the platform's folders (XDG on Linux).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    config: PathBuf,
    state: PathBuf,
}

impl Folder {
    /// The folders of whoever runs this process.
    pub fn of_user() -> Result<Self, Failure> {
        if let Some(dir) = std::env::var_os("HOOPCTL_CONFIG_DIR").filter(|dir| !dir.is_empty()) {
            return Ok(Self::at(std::path::absolute(dir)?));
        }
        let dirs = ProjectDirs::from("", "", "hoopctl").ok_or_else(|| {
            Failure::new(Exit::Failed, "no_home", "there is no home folder; name one for hoopctl in HOOPCTL_CONFIG_DIR")
        })?;
        let state = dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir());
        Ok(Self { config: dirs.config_dir().to_owned(), state: state.to_owned() })
    }

    /// Everything below one folder, as `HOOPCTL_CONFIG_DIR` has it.
    pub fn at(dir: impl Into<PathBuf>) -> Self {
        let config = dir.into();
        Self { state: config.join("state"), config }
    }

    pub fn contexts(&self) -> PathBuf {
        self.config.join("contexts.toml")
    }

    /// A file of the login in `context`.
    pub fn state(&self, context: &str, extension: &str) -> PathBuf {
        self.state.join(format!("{context}.{extension}"))
    }

    pub fn secrets(&self) -> PathBuf {
        self.state.join("secrets")
    }

    /// Tells logins of different folders apart where the system has one store for all.
    pub fn id(&self) -> String {
        self.config.display().to_string()
    }
}

/// Makes `dir` (mode 0700) where it is missing.
pub(crate) fn make_private(dir: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// Writes a file of mode 0600 in one step: whoever reads it sees the old content or the new, and a crash leaves one.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let dir = path.parent().ok_or_else(|| io::Error::other("a file needs a folder"))?;
    make_private(dir)?;
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    // A draft that a crash left behind could have any mode.
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    fs::File::open(dir)?.sync_all()
}

/// Why a file with secrets must not be believed: another owner, a mode that lets others in, or no plain file.
pub(crate) fn not_private(path: &Path, folder: bool) -> io::Result<Option<&'static str>> {
    let about = fs::symlink_metadata(path)?;
    if (folder && !about.is_dir()) || (!folder && !about.is_file()) {
        return Ok(Some("is a link or of another kind"));
    }
    if about.uid() != rustix::process::geteuid().as_raw() {
        return Ok(Some("belongs to another user"));
    }
    Ok((about.mode() & 0o077 != 0).then_some("can be reached by others"))
}
