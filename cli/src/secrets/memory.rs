use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
};

use hoop_model::Secret;

use super::{SecretError, SecretStore};

/// Forgets all when the process ends: for CI jobs and tests.
#[derive(Default)]
pub struct MemoryStore(Mutex<HashMap<String, Secret<String>>>);

impl MemoryStore {
    fn held(&self) -> MutexGuard<'_, HashMap<String, Secret<String>>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl SecretStore for MemoryStore {
    fn read(&self, name: &str) -> Result<Option<Secret<String>>, SecretError> {
        Ok(self.held().get(name).cloned())
    }

    fn write(&self, name: &str, secret: &Secret<String>) -> Result<(), SecretError> {
        self.held().insert(name.to_owned(), secret.clone());
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.held().remove(name);
        Ok(())
    }
}
