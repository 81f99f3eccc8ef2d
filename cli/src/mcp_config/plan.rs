//! What the files are to hold: pure, so that tests can hold `--remove` to be the inverse of `--write`.

use serde_json::{Map, Value};

use super::{
    entry::{Entry, command, is_ours},
    error::Problem,
    shape::Shape,
    undo::base,
};

/// The client's file and the copy beside it. None: not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct State {
    pub(super) file: Option<String>,
    /// The file without hoopctl's entries; none where there is no such file.
    pub(super) backup: Option<String>,
}

impl State {
    pub(super) fn text(&self) -> &str {
        self.file.as_deref().unwrap_or_default()
    }
}

/// With every one of `entries` in the file; those that are there already stay as they are.
pub(super) fn write(shape: Shape, state: &State, entries: &[Entry]) -> Result<State, Problem> {
    let before = shape.entries(state.text())?;
    let mut after = before.clone();
    for entry in entries {
        match before.get(&entry.name) {
            Some(there) if entry.leads_as(there) => {
                // Another hoopctl's path; the client or the person may have added settings of their own.
                if let Some(command) = after.get_mut(&entry.name).and_then(|there| there.get_mut("command")) {
                    *command = Value::from(entry.command());
                }
            }
            Some(there) => return Err(Problem::Taken { name: entry.name.clone(), hoopctls: is_ours(there) }),
            None => {
                after.insert(entry.name.clone(), entry.value.clone());
            }
        }
    }
    if after == before {
        return Ok(state.clone());
    }
    let (text, backup) = match base(shape, state)? {
        Some(base) => (with(shape, base.text(), &after)?, base.file),
        None => {
            let ours: Vec<_> =
                before.iter().filter(|(_, entry)| is_ours(entry)).map(|(name, _)| name.clone()).collect();
            (with(shape, state.text(), &after)?, left(shape, state, without(shape, state, state.text(), &ours)?))
        }
    };
    checked(shape, state, &text, &after)?;
    Ok(State { file: Some(text), backup })
}

/// Without the entries of these names.
pub(super) fn remove(shape: Shape, state: &State, names: &[String]) -> Result<State, Problem> {
    let before = shape.entries(state.text())?;
    let mut after = before.clone();
    for name in names {
        match before.get(name) {
            Some(there) if !is_ours(there) => return Err(Problem::Taken { name: name.clone(), hoopctls: false }),
            _ => after.shift_remove(name),
        };
    }
    if after == before {
        return Ok(state.clone());
    }
    let more = after.values().any(is_ours);
    let (text, backup) = match base(shape, state)? {
        Some(base) => (with(shape, base.text(), &after)?, base.file),
        None => (state.text().to_owned(), state.backup.clone()),
    };
    // Of another hoopctl they may stand in the copy as well.
    let text = without(shape, state, &text, names)?;
    checked(shape, state, &text, &after)?;
    Ok(State { file: left(shape, state, text), backup: backup.filter(|_| more) })
}

/// `text` without our entries of these names, and without the table that `--write` made for them.
fn without(shape: Shape, state: &State, text: &str, names: &[String]) -> Result<String, Problem> {
    let copy = state.backup.as_deref().unwrap_or_default();
    let made = !shape.meaning(copy).is_ok_and(|meaning| meaning.contains_key(shape.key));
    let mut text = text.to_owned();
    for name in names {
        if shape.entries(&text)?.contains_key(name) {
            text = shape.remove(&text, name, made)?;
        }
    }
    Ok(text)
}

/// The file without entries of ours: none, where `--write` made it and nothing else is in it.
fn left(shape: Shape, state: &State, text: String) -> Option<String> {
    (state.backup.is_some() || !shape.is_blank(&text)).then_some(text)
}

/// `text` with those of our entries that it lacks, and the commands that the others have in `entries`.
pub(super) fn with(shape: Shape, text: &str, entries: &Map<String, Value>) -> Result<String, Problem> {
    let mut text = text.to_owned();
    let there = shape.entries(&text)?;
    for (name, entry) in entries.iter().filter(|(_, entry)| is_ours(entry)) {
        match (there.get(name), command(entry)) {
            (None, _) => text = shape.insert(&text, name, entry)?,
            (Some(there), Some(now)) if command(there) != Some(now) => text = shape.repoint(&text, name, now)?,
            _ => {}
        }
    }
    Ok(text)
}

/// The last look before anything is written: the servers are as meant, and all else says what it said.
fn checked(shape: Shape, state: &State, text: &str, servers: &Map<String, Value>) -> Result<(), Problem> {
    let (mut before, mut after) = (shape.meaning(state.text())?, shape.meaning(text)?);
    before.remove(shape.key);
    let now = match after.remove(shape.key) {
        None => Map::new(),
        Some(Value::Object(now)) => now,
        Some(_) => return Err(Problem::NotEdited),
    };
    if before == after && now == *servers { Ok(()) } else { Err(Problem::NotEdited) }
}
