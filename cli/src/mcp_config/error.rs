//! Why a client's file was left as it is, and what the person reads then.

use std::{io, path::Path};

use crate::exit::{Exit, Failure};

#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("not read: {why}")]
    Broken { line: usize, why: String },
    /// It can be read, and has something else where the servers are to stand.
    #[error("{key} is something else")]
    NoPlace { key: &'static str },
    #[error("{name} is another's")]
    Taken { name: String, hoopctls: bool },
    /// The text came out otherwise than meant.
    #[error("not edited")]
    NotEdited,
    #[error("changed meanwhile")]
    Changed,
    #[error("a link that leads nowhere")]
    LeadsNowhere,
    #[error("{doing}: {error}")]
    Io { doing: &'static str, error: io::Error },
    #[error("no home folder")]
    NoHome,
}

impl Problem {
    pub(super) fn io(doing: &'static str) -> impl Fn(io::Error) -> Self {
        move |error| Self::Io { doing, error }
    }

    pub(super) fn failure(self, file: &Path) -> Failure {
        let file = file.display();
        match self {
            Self::Broken { line, why } => Failure::new(
                Exit::Failed,
                "client_file_broken",
                format!(
                    "{file}, line {line}: {why}; nothing was changed. Mend that line and run this again, or enter by \
                     hand what the command prints without --write"
                ),
            ),
            Self::NoPlace { key } => Failure::new(
                Exit::Failed,
                "client_file_broken",
                format!(
                    "{file}: the servers' entries belong into a table \"{key}\", and something else stands there; \
                     nothing was changed"
                ),
            ),
            Self::Taken { name, hoopctls } => {
                let whose = if hoopctls { "leads to another connection or context" } else { "is not hoopctl's" };
                Failure::new(
                    Exit::Failed,
                    "entry_taken",
                    format!(
                        "{file}: the entry \"{name}\" {whose}; nothing was changed. Name ours otherwise with --as, or \
                         take that one out"
                    ),
                )
            }
            Self::NotEdited => Failure::new(
                Exit::Failed,
                "client_file_not_edited",
                format!(
                    "{file} is written in a way that cannot be edited without changing more than the entry; nothing \
                     was changed. Edit it by hand: the command prints the entry without --write"
                ),
            ),
            Self::Changed => Failure::new(
                Exit::Failed,
                "client_file_changed",
                format!("{file} was changed by somebody else just now; nothing was changed, run this again"),
            ),
            Self::LeadsNowhere => Failure::new(
                Exit::Failed,
                "client_file_unusable",
                format!(
                    "{file} is a link to a file that is not there; nothing was changed. Make the file, or \
                     remove the link"
                ),
            ),
            Self::Io { doing, error } => {
                Failure::new(Exit::Failed, "client_file_unusable", format!("{file} cannot be {doing}: {error}"))
            }
            Self::NoHome => {
                Failure::new(Exit::Failed, "no_home", "there is no home folder to look for the client's file in")
            }
        }
    }
}
