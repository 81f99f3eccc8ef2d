use hoop_model::Secret;
use keyring::{Error, v1::Entry};

use super::{Place, SecretError, SecretStore};
use crate::context::Folder;

/// Keychain, Credential Manager or Secret Service.
pub struct KeyringStore {
    folder: String,
}

impl KeyringStore {
    pub fn new(folder: &Folder) -> Self {
        Self { folder: folder.id() }
    }

    fn entry(&self, name: &str) -> Result<Entry, SecretError> {
        if let Err(error) = Entry::store_status() {
            return Err(SecretError::Keyring(error.to_string()));
        }
        Entry::new("hoopctl", &format!("{name} in {}", self.folder)).map_err(failed)
    }
}

impl SecretStore for KeyringStore {
    fn place(&self) -> Place {
        Place::Keyring
    }

    fn read(&self, name: &str) -> Result<Option<Secret<String>>, SecretError> {
        match self.entry(name)?.get_password() {
            Ok(secret) => Ok(Some(Secret::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    fn write(&self, name: &str, secret: &Secret<String>) -> Result<(), SecretError> {
        self.entry(name)?.set_password(secret.expose()).map_err(failed)
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        match self.entry(name)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }
}

/// Some variants carry the secret in their fields; none prints it, and only the text is kept.
fn failed(error: Error) -> SecretError {
    SecretError::Keyring(error.to_string())
}
