//! Where the refresh token and the session's private key rest between two runs. Nothing else is kept secret: ID and
//! access tokens are used once and dropped.

mod file;
mod keyring;

use std::{str::FromStr, sync::Arc};

pub use file::FileStore;
use hoop_model::Secret;
pub use keyring::KeyringStore;
use serde::{Deserialize, Serialize};

use crate::{
    context::Folder,
    exit::{Exit, Failure},
};

/// Keeps small secrets by name. Calls may block on another process.
pub trait SecretStore: Send + Sync {
    fn place(&self) -> Place;
    fn read(&self, name: &str) -> Result<Option<Secret<String>>, SecretError>;
    fn write(&self, name: &str, secret: &Secret<String>) -> Result<(), SecretError>;
    /// Removing what is not there is no error.
    fn remove(&self, name: &str) -> Result<(), SecretError>;
}

/// Which store a login's secrets are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    Keyring,
    Files,
}

/// A store that cannot be used; holds no secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    #[error("the system's keyring cannot be used ({0}); unlock it, or set HOOPCTL_SECRET_STORE=file")]
    Keyring(String),
    #[error(
        "the secrets of this login are in the system's keyring, which cannot be used here ({0}); unlock it or go where \
         it can be used, or log in anew with HOOPCTL_SECRET_STORE=file"
    )]
    NotHere(String),
    #[error("{path} {problem}, so it is not used; {remedy}", path = path.display())]
    File { path: std::path::PathBuf, problem: String, remedy: &'static str },
    #[error("HOOPCTL_SECRET_STORE is \"{0}\"; it can be auto, keyring or file")]
    Choice(String),
    #[error("the secret store did not answer")]
    Lost,
}

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Self {
        Failure::new(Exit::Failed, "secret_store", error.to_string())
    }
}

/// `HOOPCTL_SECRET_STORE`: where a new login's secrets go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Choice {
    /// The keyring where there is one, else files.
    #[default]
    Auto,
    Keyring,
    File,
}

impl FromStr for Choice {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        match text {
            "" | "auto" => Ok(Self::Auto),
            "keyring" => Ok(Self::Keyring),
            "file" => Ok(Self::File),
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
fn open(choice: Choice, folder: &Folder) -> Result<Arc<dyn SecretStore>, SecretError> {
    match choice {
        Choice::File => Ok(Arc::new(FileStore::new(folder.secrets()))),
        Choice::Keyring => keyring(folder),
        Choice::Auto => keyring(folder).or_else(|error| {
            tracing::debug!(%error, "no keyring; secrets go into files");
            Ok(Arc::new(FileStore::for_want_of_a_keyring(folder.secrets())))
        }),
    }
}

fn keyring(folder: &Folder) -> Result<Arc<dyn SecretStore>, SecretError> {
    let keyring = KeyringStore::new(folder);
    keyring.read("probe").map(|_| Arc::new(keyring) as Arc<dyn SecretStore>)
}

/// The store of a login that is there: where it was put, whatever would be chosen today. A login from before that was
/// written down is looked for where the environment says. Blocks.
pub fn reopen(place: Option<Place>, folder: &Folder) -> Result<Arc<dyn SecretStore>, SecretError> {
    match place {
        Some(Place::Files) => open(Choice::File, folder),
        Some(Place::Keyring) => keyring(folder).map_err(|error| match error {
            SecretError::Keyring(why) => SecretError::NotHere(why),
            error => error,
        }),
        None => open(Choice::of_user()?, folder),
    }
}

/// The secrets of one folder's logins. Cheap to clone; calls run off the async threads.
#[derive(Clone)]
pub struct Vault(Arc<dyn SecretStore>);

impl Vault {
    pub fn new(store: impl SecretStore + 'static) -> Self {
        Self(Arc::new(store))
    }

    /// The store for a new login.
    pub async fn open(choice: Choice, folder: &Folder) -> Result<Self, SecretError> {
        let folder = folder.clone();
        blocking(move || open(choice, &folder)).await.map(Self)
    }

    /// See [`reopen`].
    pub async fn reopen(place: Option<Place>, folder: &Folder) -> Result<Self, SecretError> {
        let folder = folder.clone();
        blocking(move || reopen(place, &folder)).await.map(Self)
    }

    pub fn place(&self) -> Place {
        self.0.place()
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_store_that_forgets_is_no_choice() {
        assert_eq!("".parse::<Choice>().unwrap(), Choice::Auto);
        for word in ["memory", "File", "x"] {
            let text = word.parse::<Choice>().unwrap_err().to_string();
            assert!(text.contains(word) && text.contains("auto, keyring or file"), "{text}");
        }
    }

    #[test]
    fn a_login_is_looked_for_where_it_was_put() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::at(dir.path());
        assert_eq!(reopen(Some(Place::Files), &folder).map(|store| store.place()).ok(), Some(Place::Files));
        // Files never stand in for a keyring that is not there.
        match reopen(Some(Place::Keyring), &folder) {
            Ok(store) => assert_eq!(store.place(), Place::Keyring),
            Err(error) => assert!(matches!(error, SecretError::NotHere(_)), "{error}"),
        }
    }
}
