//! Where the refresh token and the session's private key rest between two runs. Nothing else is kept secret: ID and
//! access tokens are used once and dropped.

mod file;
mod keyring;
mod memory;

use std::{str::FromStr, sync::Arc};

pub use file::FileStore;
use hoop_model::Secret;
pub use keyring::KeyringStore;
pub use memory::MemoryStore;

use crate::{
    context::Folder,
    exit::{Exit, Failure},
};

/// Keeps small secrets by name. Calls may block on another process.
pub trait SecretStore: Send + Sync {
    fn read(&self, name: &str) -> Result<Option<Secret<String>>, SecretError>;
    fn write(&self, name: &str, secret: &Secret<String>) -> Result<(), SecretError>;
    /// Removing what is not there is no error.
    fn remove(&self, name: &str) -> Result<(), SecretError>;
}

/// A store that cannot be used; holds no secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    #[error("the system's keyring cannot be used ({0}); unlock it, or set HOOPCTL_SECRET_STORE=file")]
    Keyring(String),
    #[error("{path} {problem}, so it is not used; {remedy}", path = path.display())]
    File { path: std::path::PathBuf, problem: String, remedy: &'static str },
    #[error("HOOPCTL_SECRET_STORE is \"{0}\"; it can be auto, keyring, file or memory")]
    Choice(String),
    #[error("the secret store did not answer")]
    Lost,
}

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Self {
        Failure::new(Exit::Failed, "secret_store", error.to_string())
    }
}

/// `HOOPCTL_SECRET_STORE`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Choice {
    /// The keyring where there is one, else files.
    #[default]
    Auto,
    Keyring,
    File,
    /// Gone when the process ends.
    Memory,
}

impl FromStr for Choice {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        match text {
            "" | "auto" => Ok(Self::Auto),
            "keyring" => Ok(Self::Keyring),
            "file" => Ok(Self::File),
            "memory" => Ok(Self::Memory),
            other => Err(SecretError::Choice(other.to_owned())),
        }
    }
}

impl Choice {
    /// As the environment says.
    pub fn of_user() -> Result<Self, SecretError> {
        std::env::var("HOOPCTL_SECRET_STORE").map_or(Ok(Self::Auto), |text| text.parse())
    }
}

/// The store that `choice` means. A keyring is taken for usable once it has answered a read.
pub fn open(choice: Choice, folder: &Folder) -> Result<Arc<dyn SecretStore>, SecretError> {
    let keyring = || {
        let keyring = KeyringStore::new(folder);
        keyring.read("probe").map(|_| Arc::new(keyring) as Arc<dyn SecretStore>)
    };
    match choice {
        Choice::File => Ok(Arc::new(FileStore::new(folder.secrets()))),
        Choice::Memory => Ok(Arc::new(MemoryStore::default())),
        Choice::Keyring => keyring(),
        Choice::Auto => keyring().or_else(|error| {
            tracing::debug!(%error, "no keyring; secrets go into files");
            Ok(Arc::new(FileStore::for_want_of_a_keyring(folder.secrets())))
        }),
    }
}

/// The secrets of one folder's logins. Cheap to clone; calls run off the async threads.
#[derive(Clone)]
pub struct Vault(Arc<dyn SecretStore>);

impl Vault {
    pub fn new(store: impl SecretStore + 'static) -> Self {
        Self(Arc::new(store))
    }

    /// The store that `choice` means; see [`open`].
    pub async fn open(choice: Choice, folder: &Folder) -> Result<Self, SecretError> {
        let folder = folder.clone();
        blocking(move || open(choice, &folder)).await.map(Self)
    }

    pub async fn read(&self, name: &str) -> Result<Option<Secret<String>>, SecretError> {
        let (store, name) = (self.0.clone(), name.to_owned());
        blocking(move || store.read(&name)).await
    }

    pub async fn write(&self, name: &str, secret: Secret<String>) -> Result<(), SecretError> {
        let (store, name) = (self.0.clone(), name.to_owned());
        blocking(move || store.write(&name, &secret)).await
    }

    pub async fn remove(&self, name: &str) -> Result<(), SecretError> {
        let (store, name) = (self.0.clone(), name.to_owned());
        blocking(move || store.remove(&name)).await
    }
}

async fn blocking<T: Send + 'static>(
    call: impl FnOnce() -> Result<T, SecretError> + Send + 'static,
) -> Result<T, SecretError> {
    tokio::task::spawn_blocking(call).await.unwrap_or(Err(SecretError::Lost))
}
