//! Heads that witnesses cosigned: they lie beside the trail, or come from the witnesses themselves. What one of them has
//! seen, nobody takes back, so a trail that was cut back is found without having seen it before.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use hoop_audit::{Anchor, Note, VerifyingKey, WitnessKey};
use hoop_model::Timestamp;
use serde::Deserialize;

use super::head::{self, Head, beside};
use crate::{
    args::Witnessed,
    exit::{Exit, Failure},
    gateway::Gateway,
};

/// The folder beside a trail's segments, and in an export.
const FOLDER: &str = "witness";

/// Whose word counts, and how many of them have to give it.
#[derive(Default)]
pub(crate) struct Witnesses {
    keys: Vec<WitnessKey>,
    quorum: usize,
    since: Option<Timestamp>,
}

/// A head that one of them cosigned.
pub(crate) struct Cosigned {
    /// What the report calls it.
    name: String,
    witness: usize,
    counts: bool,
    head: Arc<Head>,
}

impl Witnesses {
    pub(crate) fn new(args: Witnessed) -> Result<Self, Failure> {
        let mut keys: Vec<WitnessKey> = Vec::new();
        for key in args.witness {
            // One witness is one voice, by whatever name.
            if !keys.iter().any(|known| known.is_of(&key)) {
                keys.push(key);
            }
        }
        let quorum = args.quorum.unwrap_or(keys.len());
        if quorum > keys.len() || (quorum == 0 && !keys.is_empty()) {
            let text = format!("--quorum {quorum} of {} witnesses is not possible", keys.len());
            return Err(Failure::new(Exit::Usage, "bad_quorum", text));
        }
        Ok(Self { keys, quorum, since: args.since })
    }

    /// What they cosigned of all that lies beside the trail in `dir` and in these files.
    pub(crate) fn read(&self, dir: Option<&Path>, files: &[PathBuf]) -> Result<Vec<Cosigned>, Failure> {
        if self.keys.is_empty() {
            return Ok(Vec::new());
        }
        let kept = dir.map(|dir| beside(&dir.join(FOLDER), "note")).transpose()?.unwrap_or_default();
        let mut cosigned = Vec::new();
        for path in kept.iter().chain(files) {
            let Some(head) = Head::read(path) else { continue };
            let head = Arc::new(head);
            let Ok(note) = Note::parse(&head.note) else { continue };
            for (witness, key) in self.keys.iter().enumerate() {
                let Some(at) = key.cosigned(&note) else { continue };
                cosigned.push(Cosigned {
                    name: format!("the witness {} ({} records, {at})", key.name(), head.checkpoint.size),
                    witness,
                    counts: self.since.is_none_or(|since| at >= since),
                    head: head.clone(),
                });
            }
        }
        Ok(cosigned)
    }

    /// Leaves those of the anchors that hold, if enough witnesses vouch for the log that these keys sign; else says so.
    pub(crate) fn settle(
        &self,
        cosigned: &[Cosigned],
        keys: &[VerifyingKey],
        anchors: &mut Vec<String>,
    ) -> Option<String> {
        let holds = |one: &&Cosigned| one.counts && one.head.is_of(keys) && anchors.contains(&one.name);
        let mut vouching: Vec<usize> = cosigned.iter().filter(holds).map(|one| one.witness).collect();
        vouching.sort_unstable();
        vouching.dedup();
        let enough = vouching.len() >= self.quorum;
        let keep = |one: &Cosigned| enough && one.counts && one.head.is_of(keys);
        anchors.retain(|name| cosigned.iter().find(|one| one.name == *name).is_none_or(keep));
        (!enough).then(|| {
            format!(
                "{} of {} witnesses vouch for this trail, {} have to; without that they count for nothing",
                vouching.len(),
                self.keys.len(),
                self.quorum
            )
        })
    }
}

impl Cosigned {
    pub(crate) fn anchor(&self) -> Anchor {
        Anchor::Checkpoint { name: self.name.clone(), checkpoint: self.head.checkpoint.clone() }
    }
}

/// Puts what the gateway keeps beside a trail that was fetched.
pub(super) async fn fetch(gateway: &Gateway, dir: &Path) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Heads {
        cosigned: Vec<Head>,
    }
    #[derive(Deserialize)]
    struct Head {
        name: String,
        note: String,
    }
    let heads: Heads = gateway.get("/v1/trail/cosigned").await?;
    for Head { name, note } in heads.cosigned {
        // It goes into a path.
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
        if plain && !name.starts_with('.') && name.ends_with(".note") {
            fs::create_dir_all(dir.join(FOLDER))?;
            fs::write(dir.join(FOLDER).join(name), note)?;
        }
    }
    Ok(())
}

/// Puts what lies beside a trail into its export.
pub(super) fn export(from: &Path, to: &Path) -> Result<(), Failure> {
    head::copy(&from.join(FOLDER), &to.join(FOLDER), "note")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use hoop_audit::{Checkpoint, Cosigner, Hash, SigningKey, Tree};

    use super::*;

    fn witnesses(seeds: &[u8], quorum: Option<usize>, since: Option<&str>) -> Result<Witnesses, Failure> {
        let witness = seeds.iter().map(|seed| cosigner(*seed).key().clone()).collect();
        Witnesses::new(Witnessed { witness, quorum, tsa: None, since: since.map(|since| since.parse().unwrap()) })
    }

    fn cosigner(seed: u8) -> Cosigner {
        Cosigner::from_seed(&format!("w{seed}"), &[seed; 32]).unwrap()
    }

    fn log(seed: u8) -> SigningKey {
        SigningKey::from_seed("log", &[seed; 32]).unwrap()
    }

    /// A head of one record that witnesses cosigned, each at its second.
    fn head(dir: &Path, name: &str, key: &SigningKey, by: &[(u8, u64)]) {
        let mut tree = Tree::default();
        tree.push(Hash::leaf(b"one"));
        let mut note = Checkpoint::of("log", &tree).sign([key]);
        for (seed, at) in by {
            let text = Note::parse(&note).unwrap().text().to_owned();
            note.push_str(&cosigner(*seed).cosign(&text, *at));
        }
        fs::create_dir_all(dir.join(FOLDER)).unwrap();
        fs::write(dir.join(FOLDER).join(name), note).unwrap();
    }

    /// Whether enough vouch for the log of key 1, where all that was cosigned is in it.
    fn enough(dir: &Path, witnesses: &Witnesses) -> bool {
        let cosigned = witnesses.read(Some(dir), &[]).unwrap();
        let mut anchors: Vec<_> = cosigned.iter().map(|one| one.name.clone()).collect();
        anchors.push("the last verification".to_owned());
        let told = witnesses.settle(&cosigned, &[log(1).verifying().clone()], &mut anchors);
        assert_eq!(told.is_none(), anchors.len() > 1, "{anchors:?}");
        assert!(anchors.contains(&"the last verification".to_owned()), "what else is known stays");
        told.is_none()
    }

    #[test]
    fn so_many_distinct_witnesses_have_to_vouch() {
        let dir = tempfile::tempdir().unwrap();
        head(dir.path(), "a.note", &log(1), &[(7, 1000)]);
        head(dir.path(), "b.note", &log(1), &[(7, 2000), (8, 500)]);
        fs::write(dir.path().join("witness/c.note"), "no note").unwrap();
        for (seeds, quorum, since, expected) in [
            (&[7][..], None, None, true),
            (&[7, 8], None, None, true),
            (&[7, 9], None, None, false),
            (&[7, 9], Some(1), None, true),
            (&[9], None, None, false),
            // Heard twice, it is one.
            (&[7, 7, 9], Some(2), None, false),
            (&[7], None, Some("1970-01-01T00:33:20Z"), true),
            (&[7], None, Some("1970-01-01T00:33:21Z"), false),
            (&[7, 8], None, Some("1970-01-01T00:33:20Z"), false),
        ] {
            let enough = enough(dir.path(), &witnesses(seeds, quorum, since).unwrap());
            assert_eq!(enough, expected, "{seeds:?} {quorum:?} {since:?}");
        }
        assert!(witnesses(&[7], Some(2), None).is_err() && witnesses(&[7], Some(0), None).is_err());
        assert!(witnesses(&[7, 7], Some(2), None).is_err(), "one key twice");
    }

    #[test]
    fn a_head_of_another_log_counts_for_nothing() {
        let dir = tempfile::tempdir().unwrap();
        head(dir.path(), "a.note", &log(2), &[(7, 1000)]);
        assert!(!enough(dir.path(), &witnesses(&[7], None, None).unwrap()), "the same records under another key");
    }
}
