use std::{io, path::PathBuf};

use hoop_masking::{MaskError, ProofFailure};

use super::{Format, left_out::LeftOut};
use crate::SettingsError;

/// Why `hoop-gateway mask` failed: what happened, why, and what to do next. No text here holds data.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MaskFailure {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("the masker failed its own samples, so nothing was read: {0}")]
    Proof(#[from] ProofFailure),
    #[error("standard input cannot be read: {0}; what was read before has been masked and written")]
    Input(#[source] io::Error),
    #[error("standard output cannot be written: {0}; what came after is lost")]
    Output(#[source] io::Error),
    /// Whoever read the output has seen enough.
    #[error("standard output is closed")]
    Closed,
    #[error("{0}; neither it nor what came after it was passed")]
    Masker(#[from] MaskError),
    #[error("{}", left_out(.format, .lines))]
    LeftOut { format: Format, lines: LeftOut },
    #[error("the report {} cannot be written: {source}; name a file in a folder that you may write to", path.display())]
    Report {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

impl From<io::Error> for MaskFailure {
    /// Of writing: reading says so itself.
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::Closed } else { Self::Output(error) }
    }
}

fn left_out(format: &Format, lines: &LeftOut) -> String {
    let LeftOut { first, why, count } = lines;
    let what = if *format == Format::Sse { "an event stream" } else { "JSON" };
    let more = match count {
        1 => String::new(),
        2 => " and of one more line".to_owned(),
        _ => format!(" and of {} more lines", count - 1),
    };
    format!(
        "line {first} cannot be read as {what} ({why}), so the rest of it{more} was left out; correct the input, or give \
         --format auto, which masks as text what it cannot read"
    )
}
