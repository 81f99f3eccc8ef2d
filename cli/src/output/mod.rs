//! What a command prints: data on stdout, words on stderr.

mod hidden;
pub mod human;
pub mod json;
mod progress;

use std::io::{IsTerminal, Write};

pub use progress::waiting;
use serde::Serialize;

use crate::{args::Output, exit::Failure};

/// Where a command's results go, in the form the person asked for.
#[derive(Debug, Clone, Copy)]
pub struct Printer {
    form: Output,
}

impl Printer {
    pub fn new(form: Output) -> Self {
        Self { form }
    }

    pub fn is_json(self) -> bool {
        self.form != Output::Human
    }

    /// One result: JSON with `kind` and `version`, or what `human` makes of it.
    pub fn result<T: Serialize>(self, kind: &str, value: &T, human: impl FnOnce(&T) -> String) {
        match self.form {
            Output::Human => data(&human(value)),
            Output::Json | Output::Jsonl => data(&json::document(kind, value)),
        }
    }

    /// A list: one JSON document, one line per item for `jsonl`, or a table.
    pub fn list<T: Serialize>(self, kind: &str, field: &str, items: &[T], human: impl FnOnce(&[T]) -> String) {
        match self.form {
            Output::Human => data(&human(items)),
            Output::Json => data(&json::document(kind, &serde_json::json!({ field: items }))),
            Output::Jsonl => items.iter().for_each(|item| data(&json::document(kind, item))),
        }
    }

    /// A page of a list: as [`Self::list`], and the JSON document says whether there are `more`.
    pub fn page<T: Serialize>(
        self,
        kind: &str,
        field: &str,
        items: &[T],
        more: bool,
        human: impl FnOnce(&[T]) -> String,
    ) {
        match self.form {
            Output::Json => data(&json::document(kind, &serde_json::json!({ field: items, "more": more }))),
            Output::Human | Output::Jsonl => self.list(kind, field, items, human),
        }
    }

    /// One of many results as it comes, as a line of JSON.
    pub fn line<T: Serialize>(self, kind: &str, value: &T) {
        data(&json::document(kind, value));
    }

    /// Data that is text already.
    pub fn text(self, text: &str) {
        data(text);
    }

    /// Words for the person; never data.
    pub fn say(self, words: &str) {
        let _ = writeln!(anstream::stderr(), "{words}");
    }

    pub fn failure(self, failure: &Failure) {
        if self.is_json() {
            let body = serde_json::json!({ "code": failure.code, "text": failure.text, "exit": failure.exit as u8 });
            data(&json::document("error", &body));
        }
        let red = anstyle::AnsiColor::Red.on_default().bold();
        let _ = writeln!(anstream::stderr(), "{red}error{red:#}: {}", failure.text);
    }
}

/// Whether someone may be reading along: only then tables are aligned and progress is shown.
pub fn stdout_is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

fn data(text: &str) {
    let mut out = anstream::stdout();
    let _ = writeln!(out, "{}", text.trim_end_matches('\n'));
    let _ = out.flush();
}
