//! The agent's identity on disk: one file, 0600, replaced as a whole.

use std::{
    fs::{self, DirBuilder, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use hoop_model::{AgentId, Secret, Timestamp};
use hoop_tunnel::{Identity, PemError};
use hoop_wire::enrol::AgentCertificate;
use serde::{Deserialize, Serialize};

const FILE: &str = "identity.json";

/// A key made here and what the gateway certified for it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct StoredIdentity {
    pub(crate) agent: AgentId,
    pub(crate) name: String,
    certificate: String,
    pub(crate) authority: String,
    issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    #[serde(serialize_with = "Secret::reveal")]
    key: Secret<String>,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    #[error("the state folder's {} cannot be used: {source}; check state_dir and its owner", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("another hoop-agent runs with the state folder {}; stop it, or give this one a state_dir of its own", path.display())]
    InUse { path: PathBuf },
    #[error("{} is damaged; remove it and enrol this agent again", path.display())]
    Damaged { path: PathBuf },
    #[error(
        "{} is damaged; put it back, or remove receipts.key and receipts.json: the agent then signs for what it does under \
         another name, and verification says so", path.display()
    )]
    Unreadable { path: PathBuf },
}

impl StoredIdentity {
    pub(crate) fn new(issued: AgentCertificate, key: Secret<String>, now: Timestamp) -> Self {
        Self {
            agent: issued.agent,
            name: issued.name,
            certificate: issued.certificate,
            authority: issued.authority,
            issued_at: now,
            expires_at: issued.expires_at,
            key,
        }
    }

    pub(crate) fn load(folder: &Path) -> Result<Option<Self>, StateError> {
        let path = folder.join(FILE);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| StateError::Damaged { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(StateError::Io { path, source }),
        }
    }

    /// Durable when it returns: a join token is used up by then.
    pub(crate) fn store(&self, folder: &Path) -> Result<(), StateError> {
        let text = serde_json::to_vec(self).map_err(io::Error::from);
        replace(folder, FILE, &text.map_err(|source| StateError::Io { path: folder.join(FILE), source })?)
    }

    pub(crate) fn tunnel_identity(&self) -> Result<Identity, PemError> {
        Identity::from_pem(&self.certificate, self.key.expose())
    }

    /// At two thirds of the certificate's life: a third is left to reach the gateway in.
    pub(crate) fn renew_at(&self) -> Timestamp {
        let life = self.expires_at.duration_since(self.issued_at);
        self.issued_at.saturating_add(life * 2 / 3).unwrap_or(self.expires_at)
    }
}

/// Puts a file in the place of another, whole or not at all, readable by nobody else. Durable when it returns.
pub(crate) fn replace(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), StateError> {
    let path = folder.join(name);
    let write = || -> io::Result<()> {
        let new = folder.join(format!("{name}.new"));
        let _ = fs::remove_file(&new);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        fs::File::open(folder)?.sync_all()
    };
    write().map_err(|source| StateError::Io { path: path.clone(), source })
}

/// One running agent for each state folder. The lock goes with the file handle. Waits a moment for one that is just ending.
pub(crate) fn lock(folder: &Path) -> Result<fs::File, StateError> {
    let path = folder.join("lock");
    let io = |source| StateError::Io { path: path.clone(), source };
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(&path).map_err(io)?;
    for _ in 0..40 {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(25)),
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
    }
    Err(StateError::InUse { path: folder.to_owned() })
}

/// Makes the state folder, readable by nobody else.
pub(crate) fn prepare(folder: &Path) -> Result<(), StateError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|source| StateError::Io { path: folder.to_owned(), source })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn an_identity_is_kept_private_and_whole() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a/b");
        prepare(&folder).unwrap();
        assert!(StoredIdentity::load(&folder).unwrap().is_none());
        let now = Timestamp::from_second(1_000_000).unwrap();
        let issued = AgentCertificate {
            agent: AgentId::new(),
            name: "dmz".to_owned(),
            certificate: "C".to_owned(),
            authority: "A".to_owned(),
            expires_at: Timestamp::from_second(1_000_900).unwrap(),
        };
        let identity = StoredIdentity::new(issued, Secret::new("K".to_owned()), now);
        assert_eq!(identity.renew_at().as_second(), 1_000_600);
        identity.store(&folder).unwrap();
        identity.store(&folder).unwrap();
        let loaded = StoredIdentity::load(&folder).unwrap().unwrap();
        assert_eq!((loaded.name.as_str(), loaded.key.expose().as_str()), ("dmz", "K"));
        assert_eq!(fs::metadata(folder.join(FILE)).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        fs::write(folder.join(FILE), "{").unwrap();
        assert!(matches!(StoredIdentity::load(&folder), Err(StateError::Damaged { .. })));
    }
}
