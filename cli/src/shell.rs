//! Completion scripts and man pages, both made from the one table in [`crate::args`].

use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::{args::Cli, exit::Failure};

/// The completion script for a shell.
pub fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "hoopctl", &mut script);
    script
}

/// Writes one man page per command into `dir`.
pub(crate) fn man(dir: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(dir)?;
    clap_mangen::generate_to(Cli::command(), dir)?;
    Ok(())
}
