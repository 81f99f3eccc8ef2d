//! Where the entries stand in a client's file, and what can be done with one there. Every edit leaves all other bytes
//! as they are.

use serde_json::{Map, Value, json};

use super::{entry::Entry, error::Problem, jsonc, toml};

#[derive(Debug, Clone, Copy)]
enum Language {
    Json,
    Toml,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    language: Language,
    /// The table of the servers.
    pub(super) key: &'static str,
}

impl Shape {
    pub(super) const fn json(key: &'static str) -> Self {
        Self { language: Language::Json, key }
    }

    pub(super) const fn toml(key: &'static str) -> Self {
        Self { language: Language::Toml, key }
    }

    /// What the text says, without how it says it.
    pub(super) fn meaning(self, text: &str) -> Result<Map<String, Value>, Problem> {
        let (_, text) = mark(text);
        match self.language {
            Language::Json => jsonc::meaning(text, self.key),
            Language::Toml => toml::meaning(text),
        }
    }

    /// The servers' entries in their order.
    pub(super) fn entries(self, text: &str) -> Result<Map<String, Value>, Problem> {
        match self.meaning(text)?.remove(self.key) {
            None => Ok(Map::new()),
            Some(Value::Object(entries)) => Ok(entries),
            Some(_) => Err(Problem::NoPlace { key: self.key }),
        }
    }

    pub(super) fn insert(self, text: &str, name: &str, entry: &Value) -> Result<String, Problem> {
        edited(text, |text| match self.language {
            Language::Json => jsonc::insert(text, self.key, name, entry),
            Language::Toml => toml::insert(text, self.key, name, entry),
        })
    }

    /// Changes the command of an entry and nothing else of it: the rest may have been added to.
    pub(super) fn repoint(self, text: &str, name: &str, command: &str) -> Result<String, Problem> {
        edited(text, |text| match self.language {
            Language::Json => jsonc::repoint(text, self.key, name, command),
            Language::Toml => toml::repoint(text, self.key, name, command),
        })
    }

    /// Takes an entry out; the table of the servers too, where that is then empty and `table` says so.
    pub(super) fn remove(self, text: &str, name: &str, table: bool) -> Result<String, Problem> {
        edited(text, |text| match self.language {
            Language::Json => jsonc::remove(text, self.key, name, table),
            Language::Toml => toml::remove(text, self.key, name),
        })
    }

    /// The entries as a text of their own, for a person to paste.
    pub(super) fn snippet(self, entries: &[Entry]) -> Result<String, Problem> {
        match self.language {
            Language::Json => {
                let entries: Map<_, _> =
                    entries.iter().map(|entry| (entry.name.clone(), entry.value.clone())).collect();
                serde_json::to_string_pretty(&json!({ self.key: entries })).map_err(|_| Problem::NotEdited)
            }
            Language::Toml => entries
                .iter()
                .try_fold(String::new(), |text, entry| toml::insert(&text, self.key, &entry.name, &entry.value)),
        }
    }

    /// Whether the text says nothing at all, not even in a comment.
    pub(super) fn is_blank(self, text: &str) -> bool {
        let (_, text) = mark(text);
        match self.language {
            Language::Json => matches!(text.split_whitespace().collect::<String>().as_str(), "" | "{}"),
            Language::Toml => text.trim().is_empty(),
        }
    }
}

/// Some editors begin a file with a byte order mark, which no parser takes.
fn mark(text: &str) -> (&str, &str) {
    text.strip_prefix('\u{feff}').map_or(("", text), |rest| ("\u{feff}", rest))
}

fn edited(text: &str, edit: impl FnOnce(&str) -> Result<String, Problem>) -> Result<String, Problem> {
    let (mark, text) = mark(text);
    Ok(format!("{mark}{}", edit(text)?))
}
