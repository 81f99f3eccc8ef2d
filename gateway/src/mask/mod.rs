//! `hoop-gateway mask`: standard input, masked by the gateway's rules, to standard output. For trying rules on samples,
//! and for pipes.

mod arrow;
mod documents;
mod events;
mod failure;
mod grammar;
mod left_out;
mod output;
mod report;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    fs::File,
    io::{self, Read, Write},
    os::fd::AsFd,
    path::PathBuf,
};

use clap::{Args, ValueEnum};
pub use failure::MaskFailure;
use hoop_masking::{Findings, Form, Masker};
pub use left_out::LeftOut;
use serde::Serialize;

use self::{documents::Documents, events::Events, output::Output, report::Report};
use crate::settings;

/// Bytes read at a time.
const PIECE: usize = 64 * 1024;
/// What an Arrow IPC stream begins with, and nothing that is text.
const ARROW: &[u8] = &[0xff; 4];

/// The options of `hoop-gateway mask`.
#[derive(Debug, Clone, Default, Args)]
pub struct MaskOptions {
    /// The gateway's configuration, or a file with nothing but its [masking] table. Card numbers and authentication
    /// data are hidden also without one
    #[arg(long, value_name = "FILE", env = "HOOP_GATEWAY_CONFIG")]
    pub config: Option<PathBuf>,
    /// What the input is
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Write what was found, where and by which rule to FILE, as JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Mask as for a member of this group; may be given more than once
    #[arg(long, value_name = "GROUP")]
    pub group: Vec<String>,
    /// Mask as the result of this MCP tool, for rules that name one
    #[arg(long, value_name = "NAME")]
    pub tool: Option<String>,
}

/// What `hoop-gateway mask` reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Arrow if it begins like it; otherwise text, in which JSON documents, events and tables are read as such
    #[default]
    Auto,
    /// Text, whatever it looks like
    Text,
    /// JSON documents, one after another
    Json,
    /// Server-sent events
    Sse,
    /// One Arrow IPC stream
    Arrow,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// What became of the input.
struct Outcome {
    format: Format,
    findings: Findings,
    left_out: Option<LeftOut>,
}

/// Runs `hoop-gateway mask` on this process's input and output.
///
/// # Errors
/// [`MaskFailure`] once nothing more can be masked, or at the end, if a part of the input was left out.
pub fn mask(options: &MaskOptions) -> Result<(), MaskFailure> {
    let masker = options.config.as_deref().map_or_else(|| Ok(Masker::default()), settings::masker_of)?;
    masker.prove()?;
    let mut masker = masker.for_groups(options.group.iter().cloned());
    if let Some(tool) = &options.tool {
        masker = masker.for_tool(tool);
    }
    let report = options.report.as_deref().map(Report::create).transpose()?;
    // The handles of the standard library have buffers, by lines on the way out.
    let input = io::stdin().as_fd().try_clone_to_owned().map_err(MaskFailure::Input)?;
    let output = io::stdout().as_fd().try_clone_to_owned()?;
    let outcome = match through(masker, options.format, File::from(input), File::from(output)) {
        Err(MaskFailure::Closed) => return Ok(()),
        outcome => outcome?,
    };
    if let Some(report) = report {
        report.finish(outcome.format, &outcome.findings, outcome.left_out.map_or(0, |lines| lines.count))?;
    }
    match outcome.left_out {
        None => Ok(()),
        Some(lines) => Err(MaskFailure::LeftOut { format: outcome.format, lines }),
    }
}

fn through(masker: Masker, format: Format, mut input: impl Read, output: impl Write) -> Result<Outcome, MaskFailure> {
    let begin = if format == Format::Auto { beginning(&mut input)? } else { Vec::new() };
    let format = if begin == ARROW { Format::Arrow } else { format };
    let form = if format == Format::Text { Form::Text } else { Form::Auto };
    let mut input = io::Cursor::new(begin).chain(input);
    if format == Format::Arrow {
        let mut findings = Findings::default();
        arrow::mask(&masker, input, output, &mut findings)?;
        return Ok(Outcome { format, findings, left_out: None });
    }
    let mut output = Output::new(masker, form, output);
    let left_out = match format {
        Format::Json => {
            let mut documents = Documents::default();
            each_piece(&mut input, |piece| documents.read(piece, &mut output))?;
            documents.end(&mut output)?;
            documents.lines.left_out()
        }
        Format::Sse => {
            let mut events = Events::default();
            each_piece(&mut input, |piece| events.read(piece, &mut output))?;
            events.lines.left_out()
        }
        _ => {
            each_piece(&mut input, |piece| output.pass(piece))?;
            None
        }
    };
    Ok(Outcome { format, findings: output.end()?, left_out })
}

/// As many of the first bytes as it takes to tell whether it is Arrow: of a line that is being typed one is enough.
fn beginning(input: &mut impl Read) -> Result<Vec<u8>, MaskFailure> {
    let mut begin = Vec::new();
    while begin.len() < ARROW.len() && ARROW.starts_with(&begin) {
        let mut next = [0; ARROW.len()];
        let room = next.get_mut(begin.len()..).unwrap_or_default();
        match input.read(room) {
            Ok(0) => break,
            Ok(length) => begin.extend_from_slice(room.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(MaskFailure::Input(error)),
        }
    }
    Ok(begin)
}

fn each_piece(
    input: &mut impl Read,
    mut read: impl FnMut(&[u8]) -> Result<(), MaskFailure>,
) -> Result<(), MaskFailure> {
    let mut buffer = vec![0; PIECE];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => read(buffer.get(..length).unwrap_or_default())?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(MaskFailure::Input(error)),
        }
    }
}
