//! A folder for the command of `--exec` alone, with a `connections.toml` that Snowflake's own programs find by
//! themselves. It goes when the command has ended.

use std::{
    collections::BTreeMap,
    fs::{OpenOptions, Permissions},
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
};

use hoop_model::ConnectionKind;
use tempfile::TempDir;

use super::{
    settings::{CONNECTION, Settings},
    snippet::connection_table,
};
use crate::exit::{Exit, Failure};

pub(super) struct PrivateFolder(Option<TempDir>);

impl PrivateFolder {
    /// For MCP there is nothing to write down, so no folder is made.
    pub(super) fn of(settings: &Settings) -> Result<Self, Failure> {
        if settings.kind() != ConnectionKind::Snowflake {
            return Ok(Self(None));
        }
        let made = || {
            let folder =
                tempfile::Builder::new().prefix("hoopctl-").permissions(Permissions::from_mode(0o700)).tempdir()?;
            let path = folder.path().join("connections.toml");
            // The connector and `snow` refuse what others can read.
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
            writeln!(file, "{}", connection_table(settings))?;
            Ok(Self(Some(folder)))
        };
        made().map_err(|error: std::io::Error| {
            let text =
                format!("no folder for the command's settings could be made: {error}; check the temporary folder");
            Failure::new(Exit::Failed, "no_private_folder", text)
        })
    }

    /// Where the programs look, and which connection they take unasked.
    pub(super) fn environment(&self) -> BTreeMap<&'static str, String> {
        self.0.iter().fold(BTreeMap::new(), |mut environment, folder| {
            environment.insert("SNOWFLAKE_HOME", folder.path().display().to_string());
            environment.insert("SNOWFLAKE_DEFAULT_CONNECTION_NAME", CONNECTION.to_owned());
            environment
        })
    }
}
