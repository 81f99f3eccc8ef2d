use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    sync::{Mutex, PoisonError},
};

use serde_json::{Value, json};

/// Executed calls, one JSON line each, written before the call runs.
#[derive(Default)]
pub struct Journal(Mutex<Option<File>>);

impl Journal {
    pub fn at(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        Ok(Self(Mutex::new(Some(file))))
    }

    pub(super) fn executed(&self, tool: &str, arguments: &Value) {
        let line = json!({ "tool": tool, "arguments": arguments });
        if let Some(file) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            // A journal that cannot be written shows as a call that nobody executed: the test fails.
            let _ = writeln!(file, "{line}");
        }
    }
}
