use std::{
    fs, io,
    path::{Path, PathBuf},
};

use hoop_model::Secret;

use super::{Place, SecretError, SecretStore};
use crate::context::folder::{make_private, not_private, write_private};

/// One file per secret, mode 0600, in a folder of mode 0700. Not encrypted: a key beside it would add nothing.
pub struct FileStore {
    dir: PathBuf,
    /// Nobody asked for files: say once that they are used.
    stopgap: bool,
}

impl FileStore {
    pub fn new(dir: PathBuf) -> Self {
        Self { dir, stopgap: false }
    }

    /// The same, in the place of a keyring that is not there; says so when it makes the folder.
    pub fn for_want_of_a_keyring(dir: PathBuf) -> Self {
        Self { dir, stopgap: true }
    }

    /// Names are a context's and a word of ours: both plain.
    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name.replace('/', "."))
    }

    /// Refuses what others could have read or put there.
    fn check(path: &Path, folder: bool) -> Result<bool, SecretError> {
        match not_private(path, folder) {
            Ok(None) => Ok(true),
            Ok(Some(problem)) => Err(SecretError::File {
                path: path.to_owned(),
                problem: problem.to_owned(),
                remedy: "remove it and log in again, and ask how it came to be so",
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(unusable(path, &error)),
        }
    }
}

impl SecretStore for FileStore {
    fn place(&self) -> Place {
        Place::Files
    }

    fn read(&self, name: &str) -> Result<Option<Secret<String>>, SecretError> {
        let path = self.path(name);
        if !Self::check(&self.dir, true)? || !Self::check(&path, false)? {
            return Ok(None);
        }
        fs::read_to_string(&path).map(|secret| Some(Secret::new(secret))).map_err(|error| unusable(&path, &error))
    }

    fn write(&self, name: &str, secret: &Secret<String>) -> Result<(), SecretError> {
        let first = !self.dir.exists();
        make_private(&self.dir).map_err(|error| unusable(&self.dir, &error))?;
        Self::check(&self.dir, true)?;
        if first && self.stopgap {
            tracing::warn!(
                "there is no keyring: the login's secrets lie in {}, readable by you alone but not encrypted \
                 (HOOPCTL_SECRET_STORE chooses)",
                self.dir.display()
            );
        }
        let path = self.path(name);
        write_private(&path, secret.expose().as_bytes()).map_err(|error| unusable(&path, &error))
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        let path = self.path(name);
        match fs::remove_file(&path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(unusable(&path, &error)),
        }
    }
}

fn unusable(path: &Path, error: &io::Error) -> SecretError {
    let problem = format!("cannot be used ({error})");
    SecretError::File { path: path.to_owned(), problem, remedy: "make it yours, or set HOOPCTL_CONFIG_DIR" }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn store() -> (tempfile::TempDir, FileStore) {
        let dir = tempfile::tempdir().unwrap();
        let store = FileStore::new(dir.path().join("secrets"));
        (dir, store)
    }

    fn secret() -> Secret<String> {
        Secret::new("token".to_owned())
    }

    #[test]
    fn a_secret_is_kept_and_removed() {
        let (_dir, store) = store();
        assert!(store.read("a/key").unwrap().is_none());
        store.write("a/key", &secret()).unwrap();
        assert_eq!(store.read("a/key").unwrap().unwrap().expose(), "token");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&store.dir), mode(&store.path("a/key"))), (0o700, 0o600));
        assert_eq!(fs::read_dir(&store.dir).unwrap().count(), 1, "no draft is left");
        store.remove("a/key").unwrap();
        store.remove("a/key").unwrap();
        assert!(store.read("a/key").unwrap().is_none());
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let (_dir, store) = store();
        store.write("a", &secret()).unwrap();
        fs::set_permissions(store.path("a"), fs::Permissions::from_mode(0o640)).unwrap();
        let text = store.read("a").unwrap_err().to_string();
        assert!(text.contains("can be reached by others") && text.contains("secrets/a"), "{text}");
        fs::set_permissions(&store.dir, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(store.read("b").is_err() && store.write("b", &secret()).is_err());
    }

    #[test]
    fn a_link_is_not_followed() {
        let (dir, store) = store();
        store.write("a", &secret()).unwrap();
        std::os::unix::fs::symlink(store.path("a"), store.path("b")).unwrap();
        assert!(store.read("b").is_err());
        store.write("b", &secret()).unwrap();
        assert_eq!(store.read("a").unwrap().unwrap().expose(), "token", "a link is replaced, not written through");
        drop(dir);
    }

    #[test]
    fn a_broken_write_leaves_the_old_secret() {
        let (_dir, store) = store();
        store.write("a", &secret()).unwrap();
        // What a crash between writing and renaming leaves.
        fs::write(store.dir.join("a.4711.new"), "half").unwrap();
        assert_eq!(store.read("a").unwrap().unwrap().expose(), "token");
    }
}
