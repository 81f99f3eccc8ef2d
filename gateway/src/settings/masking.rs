//! `[masking]`: the rules of what is hidden as written, and the masker they make.

use std::path::Path;

use hoop_masking::{EntityRule, Key, KeyError, Masker, Mode, NamedPattern, Numbers, RuleError, Rules, WordList};
use serde::Deserialize;

use super::{
    SettingsError, read, read_toml,
    secret::{SecretError, SecretRef},
};

/// The id of a key that has been given none.
const FIRST_KEY: &str = "k1";

/// The table as written. The rules' own keys stand here one by one, so that a mistake is found on its line.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Masking {
    mode: Mode,
    numbers: Numbers,
    card: Vec<String>,
    not_card: Vec<String>,
    rule: Vec<EntityRule>,
    pattern: Vec<NamedPattern>,
    words: Vec<WordList>,
    key: Option<SecretRef>,
    key_id: Option<String>,
}

/// Rules or a key that no masker can be made from.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MaskingError {
    #[error(transparent)]
    Rules(#[from] RuleError),
    #[error("key: {0}")]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("key_id is set and key is not; set key to env:NAME, file:/path or command:/program, or take key_id out")]
    IdAlone,
}

impl Masking {
    /// The masker that goes by this. `path`: the file it stands in.
    pub(crate) fn masker(&self, path: &Path) -> Result<Masker, SettingsError> {
        self.made(path.parent().unwrap_or(Path::new("")))
            .map_err(|source| SettingsError::Masking { path: path.to_owned(), source })
    }

    fn made(&self, folder: &Path) -> Result<Masker, MaskingError> {
        let key = match (&self.key, &self.key_id) {
            (Some(secret), id) => {
                let secret = secret.resolve(folder)?;
                Some(Key::new(id.as_deref().unwrap_or(FIRST_KEY), secret.expose().clone())?)
            }
            (None, Some(_)) => return Err(MaskingError::IdAlone),
            (None, None) => None,
        };
        let rules = Rules {
            mode: self.mode,
            numbers: self.numbers,
            card: self.card.clone(),
            not_card: self.not_card.clone(),
            rules: self.rule.clone(),
            patterns: self.pattern.clone(),
            words: self.words.clone(),
        };
        Ok(Masker::new(&rules, key)?)
    }
}

/// A gateway's configuration, of which only this table is of interest.
#[derive(Deserialize)]
struct Whole {
    #[serde(default)]
    masking: Masking,
}

/// The masker by the rules of a file: of the table `[masking]` in a gateway's configuration, or of a file that holds
/// nothing but the table or its keys.
pub(crate) fn masker_of(path: &Path) -> Result<Masker, SettingsError> {
    let text = read(path)?;
    let keys: toml::Table = read_toml(path, &text)?;
    // Every configuration of a gateway has this key.
    let masking = match keys.contains_key("masking") || keys.contains_key("data_dir") {
        true => read_toml::<Whole>(path, &text)?.masking,
        false => read_toml(path, &text)?,
    };
    masking.masker(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn made(text: &str) -> Result<Masker, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key"), [7; 32]).unwrap();
        let path = folder.path().join("rules.toml");
        std::fs::write(&path, text).unwrap();
        masker_of(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn a_whole_configuration_the_table_or_its_keys() {
        for (text, key) in [
            ("", None),
            ("data_dir = \"/x\"\n[listen]\nquic = 1", None),
            ("mode = \"tokenize\"\nkey = \"file:key\"", Some("k1")),
            ("[masking]\nmode = \"tokenize\"\nkey = \"file:key\"\nkey_id = \"k2026\"", Some("k2026")),
            (
                "data_dir = \"/x\"\n[masking]\nkey = \"file:key\"\n[[masking.rule]]\nentity = \"email\"\nmode = \"full\"",
                Some("k1"),
            ),
        ] {
            assert_eq!(
                made(text).map(|masker| masker.rules().key().map(|key| key.id().to_owned())),
                Ok(key.map(str::to_owned)),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (text, words) in [
            ("[masking]\nmod = \"full\"", ["line 2", "`mod`"]),
            ("data_dir = \"/x\"\n[masking]\nmode = \"fill\"", ["line 3", "first6last4"]),
            ("key = \"hunter2\"", ["line 1", "env:NAME"]),
            ("key = \"file:missing\"", ["[masking] key", "missing"]),
            ("key_id = \"k1\"", ["key_id", "take key_id out"]),
            ("key = \"file:key\"\nkey_id = \"K 1\"", ["key's id", "change the id"]),
            ("key = \"command:/bin/echo short\"", ["5 bytes", "at least 16"]),
            ("mode = \"fpe\"", ["fpe", "needs a masking key"]),
            (
                "[[rule]]\nentity = \"pan\"\nmode = \"full\"\n[[rule]]\nentity = \"emial\"\nmode = \"full\"",
                ["rule 2", "emial"],
            ),
        ] {
            let text = made(text).err().unwrap();
            assert!(words.iter().all(|word| text.contains(word)) && !text.contains("hunter2"), "{text}");
        }
    }
}
