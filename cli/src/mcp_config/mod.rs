//! `hoopctl mcp config`: enters connections into the settings of editors and assistants, and takes them out again.

mod client;
mod entry;
mod error;
mod file;
mod jsonc;
mod plan;
mod shape;
mod splice;
mod toml;
mod undo;

use std::path::{Path, PathBuf};

use entry::{Entry, Start};
use error::Problem;
use file::Files;
use serde_json::json;

use crate::{
    args::{McpClient, McpConfig},
    connect::connection_name,
    exit::{Exit, Failure},
    output::Printer,
};

pub(crate) fn run(args: &McpConfig, context: Option<&str>, printer: Printer) -> Result<u8, Failure> {
    let entries = entries(args, context)?;
    let file = match args.client.map(client::file).transpose() {
        Ok(file) => file,
        Err(problem) => return Err(problem.failure(Path::new(""))),
    };
    match (args.client, file) {
        (Some(client), Some(file)) if args.write || args.remove => {
            let done = if args.write { write(client, &file, &entries) } else { remove(client, &file, &entries) };
            let done = done.map_err(|problem| problem.failure(&file))?;
            done.show(args, &entries, printer);
        }
        (client, file) => print(client, file, &entries, printer)?,
    }
    Ok(Exit::Ok as u8)
}

fn entries(args: &McpConfig, context: Option<&str>) -> Result<Vec<Entry>, Failure> {
    let command = std::env::current_exe()?;
    let config_dir = std::env::var_os("HOOPCTL_CONFIG_DIR").filter(|dir| !dir.is_empty());
    let config_dir = config_dir.map(std::path::absolute).transpose()?;
    let command = command.to_str().ok_or_else(|| {
        let text = format!("{} is no path that a client's file can hold: it is not UTF-8", command.display());
        Failure::new(Exit::Failed, "client_file_not_edited", text)
    })?;
    let start = Start { command, context, config_dir: config_dir.as_deref() };
    let mut entries: Vec<Entry> = Vec::new();
    for name in &args.names {
        let connection = connection_name(name)?;
        let entry = entry_name(args)?.unwrap_or(name);
        if entries.iter().all(|known| known.name != entry) {
            entries.push(Entry::new(entry, connection.as_str(), &start, args.client));
        }
    }
    Ok(entries)
}

/// As every client takes it: Codex has no other characters.
fn entry_name(args: &McpConfig) -> Result<Option<&str>, Failure> {
    let Some(name) = args.entry.as_deref() else { return Ok(None) };
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if args.names.len() == 1 && (1..=63).contains(&name.len()) && name.chars().all(plain) {
        return Ok(Some(name));
    }
    let text = format!("--as {name}: it names one connection's entry, with 1 to 63 letters, digits, '-' and '_'");
    Err(Failure::new(Exit::Usage, "bad_entry_name", text))
}

fn print(client: Option<McpClient>, file: Option<PathBuf>, entries: &[Entry], printer: Printer) -> Result<(), Failure> {
    let shape = client::shape(client);
    let place = file.as_deref().map(Path::display).map(|file| file.to_string());
    let snippet =
        shape.snippet(entries).map_err(|problem| problem.failure(file.as_deref().unwrap_or(Path::new(""))))?;
    let items: Vec<_> = entries
        .iter()
        .map(|entry| {
            json!({
                "client": client.map(McpClient::name),
                "file": place,
                "key": shape.key,
                "name": entry.name,
                "entry": entry.value,
            })
        })
        .collect();
    printer.list("mcp_config", "entries", &items, |_| snippet);
    match (client, place) {
        (Some(client), Some(file)) => printer.say(&format!(
            "this belongs into {file} ({}), beside what is there; --write puts it there",
            client::title(client)
        )),
        _ => printer.say("most clients read this; --client names yours, with its file"),
    }
    Ok(())
}

/// What became of the file.
#[derive(Debug)]
struct Done {
    client: McpClient,
    file: PathBuf,
    /// The copy that is there now.
    backup: Option<PathBuf>,
    changed: bool,
    deleted: bool,
}

fn write(client: McpClient, file: &Path, entries: &[Entry]) -> Result<Done, Problem> {
    let files = Files::read(file)?;
    let after = plan::write(client::shape(Some(client)), &files.state, entries)?;
    finish(client, file, &files, &after)
}

fn remove(client: McpClient, file: &Path, entries: &[Entry]) -> Result<Done, Problem> {
    let files = Files::read(file)?;
    let names: Vec<String> = entries.iter().map(|entry| entry.name.clone()).collect();
    let after = plan::remove(client::shape(Some(client)), &files.state, &names)?;
    finish(client, file, &files, &after)
}

fn finish(client: McpClient, file: &Path, files: &Files, after: &plan::State) -> Result<Done, Problem> {
    files.turn_into(after)?;
    Ok(Done {
        client,
        file: file.to_owned(),
        backup: after.backup.is_some().then(|| files.backup.clone()),
        changed: after.file != files.state.file,
        deleted: after.file.is_none() && files.state.file.is_some(),
    })
}

impl Done {
    fn show(&self, args: &McpConfig, entries: &[Entry], printer: Printer) {
        let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        let (kind, named) = (if args.write { "mcp_config_written" } else { "mcp_config_removed" }, names.join(", "));
        let value = json!({
            "client": self.client.name(),
            "file": self.file.display().to_string(),
            "names": names,
            "changed": self.changed,
            "backup": self.backup.as_deref().map(|backup| backup.display().to_string()),
            "deleted": self.deleted,
        });
        let file = self.file.display();
        printer.result(kind, &value, |_| match (args.write, self.changed, self.deleted) {
            (true, true, _) => format!("{named}: entered into {file}"),
            (true, false, _) => format!("{named}: in {file} already, nothing was changed"),
            (false, true, true) => format!("{named}: taken out; {file} held nothing else and is gone"),
            (false, true, false) => format!("{named}: taken out of {file}"),
            (false, false, _) => format!("{named}: not in {file}, nothing was changed"),
        });
        if self.changed {
            let title = client::title(self.client);
            printer.say(&format!("{title} may need a restart, or to read its settings again"));
        }
        if let (true, true, Some(backup)) = (args.write, self.changed, &self.backup) {
            printer.say(&format!("as it was before: {}", backup.display()));
        }
    }
}

#[cfg(test)]
mod tests;
