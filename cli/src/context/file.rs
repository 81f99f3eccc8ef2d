use std::{collections::BTreeMap, io};

use serde::{Deserialize, Serialize};

use super::{Folder, folder::write_private, trust::TrustBy};
use crate::exit::{Exit, Failure};

/// `contexts.toml`: the gateways a person knows. Unknown keys are refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contexts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    #[serde(default)]
    pub contexts: BTreeMap<String, Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// `host:port`.
    pub gateway: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
    #[serde(default)]
    pub trust: TrustBy,
}

impl Contexts {
    pub fn load(folder: &Folder) -> Result<Self, Failure> {
        let path = folder.contexts();
        let broken = |why: &dyn std::fmt::Display| {
            let text = format!("{}: {why}; mend or remove the file", path.display());
            Failure::new(Exit::Failed, "bad_contexts", text)
        };
        match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|error| broken(&error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(broken(&error)),
        }
    }

    pub fn save(&self, folder: &Folder) -> Result<(), Failure> {
        let path = folder.contexts();
        let failed = |why: &dyn std::fmt::Display| {
            Failure::new(Exit::Failed, "contexts_not_saved", format!("{} cannot be written: {why}", path.display()))
        };
        let text = toml::to_string(self).map_err(|error| failed(&error))?;
        write_private(&path, text.as_bytes()).map_err(|error| failed(&error))
    }

    /// The entry for `gateway`, made where it is missing, and its name. With `named`, that one, whatever it was.
    pub fn enter(&mut self, named: Option<&str>, entry: Entry) -> String {
        let same = self.contexts.iter().find(|(_, known)| known.gateway == entry.gateway).map(|(name, _)| name.clone());
        let name = named.map(str::to_owned).or(same).unwrap_or_else(|| self.free_name(&entry.gateway));
        self.contexts.insert(name.clone(), entry);
        name
    }

    /// The gateway's host; with its port too where another gateway has that name.
    fn free_name(&self, gateway: &str) -> String {
        let host = gateway.rsplit_once(':').map_or(gateway, |(host, _)| host);
        let short = plain(host);
        if self.contexts.contains_key(&short) { plain(gateway) } else { short }
    }
}

fn plain(text: &str) -> String {
    let name: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') { c } else { '-' })
        .take(63)
        .collect();
    let name = name.trim_matches(['-', '.']);
    if name.is_empty() { "gateway".to_owned() } else { name.to_owned() }
}

/// Names become parts of file names.
pub(super) fn check_name(name: &str) -> Result<(), Failure> {
    if (1..=63).contains(&name.len()) && plain(name) == name {
        return Ok(());
    }
    let text = format!("\"{name}\" cannot name a context: use 1 to 63 letters, digits, '.', '-' and '_'");
    Err(Failure::new(Exit::Usage, "bad_context_name", text))
}
