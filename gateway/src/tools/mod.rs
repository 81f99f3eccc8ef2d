//! Tools of MCP servers under review: which definitions are pinned, which wait. Kept in the store, and as digests in
//! memory, so that a call costs one look.

mod listing;
mod review;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use hoop_masking::Findings;
use hoop_mcp::pin::{Mode, Surface};
use hoop_model::{ConnectionName, Fault};
use hoop_store::{Store, StoreError};
pub(crate) use listing::hidden;
pub(crate) use review::{Verdict, known, review};
use tokio::time::Instant;

use crate::{Gateway, fault, settings::ConnectionSettings};

/// Names longer than this are kept of no tool: the protocol ends there too.
const LONGEST_NAME: usize = 128;

/// What is known of every connection's tools.
#[derive(Default)]
pub(crate) struct Tools {
    connections: Mutex<HashMap<ConnectionName, Known>>,
    /// Held while store and memory change together: two listings at once must not both be the first.
    changing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Known {
    surface: Surface,
    first: Option<FirstListing>,
    /// The store was told of a change, and nobody was there to hear whether it took it.
    unsure: bool,
}

/// The first listing while it goes on: its next page is trusted as the page before it was.
struct FirstListing {
    cursor: String,
    until: Instant,
}

impl Tools {
    /// As the store has them.
    pub(crate) async fn load(store: &Store) -> Result<Self, StoreError> {
        let mut connections: HashMap<ConnectionName, Known> = HashMap::new();
        for tool in store.tool_digests().await? {
            let known = connections.entry(tool.connection).or_default();
            known.surface.keep(&tool.name, tool.pinned, tool.pending);
        }
        Ok(Self { connections: Mutex::new(connections), changing: tokio::sync::Mutex::default() })
    }

    fn connections(&self) -> MutexGuard<'_, HashMap<ConnectionName, Known>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads or changes what is known of a connection.
    fn with<T>(&self, connection: &ConnectionName, act: impl FnOnce(&mut Known) -> T) -> T {
        let mut connections = self.connections();
        match connections.get_mut(connection) {
            Some(known) => act(known),
            None => act(connections.entry(connection.clone()).or_default()),
        }
    }

    /// Changes the store, and then what is known here. Only while [`Self::changing`] is held.
    async fn change<T>(
        &self,
        connection: &ConnectionName,
        stored: impl Future<Output = Result<T, StoreError>>,
        apply: impl FnOnce(&mut Known, &T),
    ) -> Result<T, Fault> {
        self.with(connection, |known| known.unsure = true);
        let done = stored.await.map_err(fault::store)?;
        self.with(connection, |known| {
            apply(known, &done);
            known.unsure = false;
        });
        Ok(done)
    }

    /// Makes sure that what is known here is what the store has: a client that left in the middle of a change, or a
    /// store that broke off, leaves that open. Only while [`Self::changing`] is held.
    async fn make_sure(&self, store: &Store, connection: &ConnectionName) -> Result<(), Fault> {
        if !self.with(connection, |known| known.unsure) {
            return Ok(());
        }
        let mut surface = Surface::default();
        for tool in store.tool_digests().await.map_err(fault::store)? {
            if tool.connection == *connection {
                surface.keep(&tool.name, tool.pinned, tool.pending);
            }
        }
        self.with(connection, |known| *known = Known { surface, first: known.first.take(), unsure: false });
        Ok(())
    }

    /// Whether a tool of this name may be called: of a connection that nobody ever listed, on first use, any.
    pub(crate) fn callable(&self, connection: &ConnectionSettings, tool: &str) -> bool {
        self.with(&connection.name, |known| match connection.tools {
            Mode::Open => true,
            Mode::FirstUse => known.surface.is_untouched() || known.surface.callable(tool),
            Mode::Pinned => known.surface.callable(tool),
        })
    }
}

/// Whether a tool of this name can be kept: names stand in the store and the trail, and are looked up there as they are.
fn can_be_kept(gateway: &Gateway, name: &str) -> bool {
    let masked = || gateway.masker.text(name, &mut Findings::default());
    name.len() <= LONGEST_NAME && masked().as_ref() == name
}
