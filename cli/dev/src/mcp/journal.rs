use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};

/// Executed calls, one JSON line each, written before the call runs.
#[derive(Default)]
pub struct Journal(Mutex<Lines>);

#[derive(Default)]
struct Lines {
    kept: Vec<String>,
    file: Option<File>,
}

impl Journal {
    /// Appends to a file too, which outlives the process.
    pub fn at(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        Ok(Self(Mutex::new(Lines { kept: Vec::new(), file: Some(file) })))
    }

    /// The calls so far, oldest first.
    pub fn executions(&self) -> Vec<String> {
        self.lines().kept.clone()
    }

    pub(super) fn executed(&self, tool: &str, arguments: &Value) {
        let mut line = json!({ "tool": tool, "arguments": arguments }).to_string();
        let mut lines = self.lines();
        lines.kept.push(line.clone());
        line.push('\n');
        if let Some(file) = lines.file.as_mut() {
            // One write: a kill leaves the whole line or none. A journal that cannot be written shows as a call that
            // nobody executed: the test fails.
            let _ = file.write_all(line.as_bytes());
        }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
