use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Mutex;

use serde::Serialize;

use super::session::locked;

/// One statement that reached the engine, written down before it ran.
#[derive(Debug, Clone, Serialize)]
pub struct Executed {
    /// From 1, in the order of arrival.
    pub number: usize,
    pub request_id: String,
    pub query_id: String,
    pub user: String,
    /// The session's or the statement's `QUERY_TAG`.
    pub tag: Option<String>,
    pub sql: String,
}

/// What was executed: in memory for counting, and line by line in a file that outlives a killed process.
pub(crate) struct Journal {
    file: Option<Mutex<File>>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    statements: Vec<Executed>,
    counts: HashMap<String, usize>,
}

impl Journal {
    pub(crate) fn open(path: Option<&Path>) -> io::Result<Self> {
        let file = path.map(|path| File::options().create(true).append(true).open(path)).transpose()?;
        Ok(Self { file: file.map(Mutex::new), seen: Mutex::default() })
    }

    /// Counts and writes; the line is with the operating system before the statement runs.
    pub(crate) fn record(&self, mut executed: Executed) -> io::Result<()> {
        let mut seen = locked(&self.seen);
        executed.number = seen.statements.len() + 1;
        if let Some(file) = &self.file {
            let mut line = serde_json::to_vec(&executed)?;
            line.push(b'\n');
            locked(file).write_all(&line)?;
        }
        *seen.counts.entry(executed.request_id.clone()).or_default() += 1;
        seen.statements.push(executed);
        Ok(())
    }

    pub(crate) fn count(&self, request_id: &str) -> usize {
        locked(&self.seen).counts.get(request_id).copied().unwrap_or(0)
    }

    pub(crate) fn counts(&self) -> HashMap<String, usize> {
        locked(&self.seen).counts.clone()
    }

    pub(crate) fn statements(&self) -> Vec<Executed> {
        locked(&self.seen).statements.clone()
    }
}
