//! Verification of a pack, offline: its own files, and what is known of its log from elsewhere.

use std::{collections::BTreeSet, fs, io, path::Path};

use hoop_audit::{Checkpoint, Hash, Later, Tree, VerifyingKey};
use serde::Serialize;

use crate::{
    Scope,
    check::{Checks, Id, Outcome, Status},
    coverage::{COVERAGE, Coverage},
    inspect::{Inspected, Of, inspect},
    manifest::{FORMAT, Listed, MANIFEST, MANIFEST_DIGEST, Made, Manifest, files},
    pack::{KIND, json},
    seal::{SEAL, is_seal_of},
};

/// What is known of the log outside the pack.
#[derive(Debug, Default)]
pub struct Known {
    /// Keys that may have signed.
    pub keys: Vec<VerifyingKey>,
    /// Heads that the log has had, each with the name that a report calls it by.
    pub heads: Vec<(String, Checkpoint)>,
}

/// What verification found.
#[derive(Debug, Serialize)]
pub struct Verified {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Scope>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made: Option<Made>,
    pub checks: Vec<Outcome>,
    /// Whether the log itself has recorded the pack.
    pub sealed: bool,
    /// The newest head that holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<Checkpoint>,
    pub keys: Vec<VerifyingKey>,
    /// Whether one of them was known from elsewhere.
    pub key_known: bool,
    /// Which heads known from elsewhere are in the log.
    pub anchors: Vec<String>,
    /// Those that lie where the pack shows nothing of the log.
    pub unreached: Vec<String>,
    /// Why something outside the pack does not count as an anchor.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Verified {
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|check| check.status != Status::Fail)
    }

    /// Whether the files are those that were made, whatever they say of the gateway.
    pub fn is_intact(&self) -> bool {
        let of_files = |check: &&Outcome| check.id.starts_with("a.") || check.id.starts_with("b.");
        self.checks.iter().filter(of_files).all(|check| check.status != Status::Fail)
    }

    pub fn is_anchored(&self) -> bool {
        self.sealed && !self.anchors.is_empty()
    }
}

/// # Errors
/// When a file that is there cannot be read; all else is found.
pub fn verify(dir: &Path, known: &Known) -> io::Result<Verified> {
    let found = files(dir)?;
    let mut checks = Checks::default();
    let text = fs::read(dir.join(MANIFEST)).unwrap_or_default();
    let Some(manifest) = manifest(&text, &mut checks) else {
        return Ok(Verified {
            period: None,
            made: None,
            checks: checks.outcomes(),
            sealed: false,
            head: None,
            keys: Vec::new(),
            key_known: false,
            anchors: Vec::new(),
            unreached: known.heads.iter().map(|(name, _)| name.clone()).collect(),
            notes: Vec::new(),
        });
    };
    let digest = Hash::of(&text);
    hold_files(dir, &manifest, digest, &found, &mut checks)?;
    let mut heads = Heads::of(known);
    let of = Of {
        scope: manifest.period.clone(),
        keys: manifest.keys.clone(),
        checkpoint: manifest.checkpoint.clone(),
        previous: manifest.previous.clone(),
    };
    let mut inspected = inspect(dir, &of, |tree| heads.at(tree))?;
    inspected.scan(dir, &found)?;
    hold_sums(dir, &manifest, &mut inspected);
    inspected.scan_the_rest(dir, &found)?;
    let tree = inspected.tree.take();
    checks.add(inspected.checks);

    let key_known = known.keys.iter().any(|key| manifest.keys.contains(key));
    if !known.keys.is_empty() && !key_known {
        let text = "the log is signed by a key that is none of those it should be";
        checks.find(Id::Signature, MANIFEST, None, text);
    }
    let seal = if found.contains(SEAL) { sealed(dir, digest, tree.as_ref(), &manifest, &mut checks) } else { None };
    if !found.contains(SEAL) && manifest.made.login.is_some() {
        checks.find(Id::Signature, SEAL, None, "the pack was to be sealed by the gateway, and its seal is missing");
    }
    let sealed = seal.is_some();
    let head = seal.or_else(|| tree.is_some().then(|| manifest.checkpoint.clone()));
    if let Some(head) = &head {
        heads.head(head);
    }
    let (anchors, unreached) = heads.finish(&mut checks);
    Ok(Verified {
        period: Some(manifest.period),
        made: Some(manifest.made),
        checks: checks.outcomes(),
        sealed,
        head,
        keys: manifest.keys,
        key_known,
        anchors,
        unreached,
        notes: Vec::new(),
    })
}

fn manifest(text: &[u8], checks: &mut Checks) -> Option<Manifest> {
    let manifest: Manifest = match serde_json::from_slice(text) {
        Ok(manifest) => manifest,
        Err(error) => {
            checks.find(Id::Files, MANIFEST, None, format!("it cannot be read: {error}"));
            return None;
        }
    };
    if manifest.kind != KIND || manifest.format != FORMAT {
        let text = format!(
            "it is {} of format {}, and this program reads {KIND} of format {FORMAT}",
            manifest.kind, manifest.format
        );
        checks.find(Id::Files, MANIFEST, None, text);
        return None;
    }
    if json(&manifest).is_ok_and(|written| written.as_bytes() != text) {
        checks.find(Id::Files, MANIFEST, None, "it is not written as it was made");
    }
    Some(manifest)
}

/// Each file is as the manifest says, and there is no other.
fn hold_files(
    dir: &Path,
    manifest: &Manifest,
    digest: Hash,
    found: &BTreeSet<String>,
    checks: &mut Checks,
) -> io::Result<()> {
    checks.look(Id::Files);
    let written = fs::read(dir.join(MANIFEST_DIGEST)).unwrap_or_default();
    if written != format!("{digest}  {MANIFEST}\n").as_bytes() {
        checks.find(Id::Files, MANIFEST_DIGEST, None, format!("it is not the digest of {MANIFEST}"));
    }
    let mut listed = BTreeSet::from([MANIFEST, MANIFEST_DIGEST, SEAL]);
    for file in &manifest.files {
        checks.look(Id::Files);
        if !found.contains(&file.name) {
            checks.find(Id::Files, &file.name, None, "the file is missing");
        } else {
            let is = Listed::of(dir, &file.name, &Default::default())?;
            if (is.bytes, is.sha256) != (file.bytes, file.sha256) {
                let text = format!("it is not the file that was made: {} bytes, SHA-256 {}", is.bytes, is.sha256);
                checks.find(Id::Files, &file.name, None, text);
            }
        }
        if !listed.insert(&file.name) {
            checks.find(Id::Files, MANIFEST, None, format!("it lists {} twice", file.name));
        }
    }
    for name in found.iter().filter(|name| !listed.contains(name.as_str())) {
        checks.find(Id::Files, name, None, "the manifest does not list it");
    }
    Ok(())
}

/// What the manifest and the coverage say is what the records and rows come to.
fn hold_sums(dir: &Path, manifest: &Manifest, inspected: &mut Inspected) {
    if inspected.seen != manifest.seen {
        let text = "what it says of the period's records is not what they are";
        inspected.checks.find(Id::Chain, MANIFEST, None, text);
    }
    for (name, rows) in &inspected.rows {
        let listed = manifest.files.iter().find(|file| file.name == *name).and_then(|file| file.rows);
        if listed != Some(*rows) {
            let text = format!("the records make {rows} rows, the manifest says {}", listed.unwrap_or_default());
            inspected.checks.find(Id::Rows, name, None, text);
        }
    }
    let coverage = json(&Coverage::of(&inspected.checks, &inspected.rows)).unwrap_or_default();
    if fs::read(dir.join(COVERAGE)).unwrap_or_default() != coverage.as_bytes() {
        inspected.checks.find(Id::Rows, COVERAGE, None, "it is not what the checks come to");
    }
}

/// The head under which the log has recorded the pack.
fn sealed(
    dir: &Path,
    digest: Hash,
    tree: Option<&Tree>,
    manifest: &Manifest,
    checks: &mut Checks,
) -> Option<Checkpoint> {
    checks.look(Id::Signature);
    let text = fs::read(dir.join(SEAL)).unwrap_or_default();
    let mut wrong = |text: String| {
        checks.find(Id::Signature, SEAL, None, text);
        None
    };
    let seal: Later = match serde_json::from_slice(&text) {
        Ok(seal) => seal,
        Err(error) => return wrong(format!("it cannot be read: {error}")),
    };
    if json(&seal).is_ok_and(|written| written.as_bytes() != text) {
        return wrong("it is not written as it was made".to_owned());
    }
    if !serde_json::from_str(&seal.record).is_ok_and(|record| is_seal_of(&record, digest)) {
        return wrong(format!("its record is not of the manifest with SHA-256 {digest}"));
    }
    let (Some(tree), Some(key)) = (tree, manifest.keys.last()) else {
        return wrong("the records do not lead to the log that it is in".to_owned());
    };
    match seal.check(tree.clone(), &[key]) {
        Ok((_, head)) => Some(head),
        Err(error) => wrong(error.to_string()),
    }
}

/// Heads known from elsewhere, and what became of each.
struct Heads<'a> {
    known: Vec<(&'a str, &'a Checkpoint, Option<bool>)>,
}

impl<'a> Heads<'a> {
    fn of(known: &'a Known) -> Self {
        Self { known: known.heads.iter().map(|(name, head)| (name.as_str(), head, None)).collect() }
    }

    fn at(&mut self, tree: &Tree) {
        for (_, head, same) in &mut self.known {
            if head.size == tree.size() {
                *same = Some(head.root == tree.root());
            }
        }
    }

    fn head(&mut self, newest: &Checkpoint) {
        for (_, head, same) in &mut self.known {
            if head.size == newest.size {
                *same = Some(*head == newest);
            }
        }
    }

    fn finish(self, checks: &mut Checks) -> (Vec<String>, Vec<String>) {
        let (mut anchors, mut unreached) = (Vec::new(), Vec::new());
        for (name, head, same) in self.known {
            match same {
                Some(true) => anchors.push(name.to_owned()),
                Some(false) => {
                    let text = format!("the log's first {} records are not those that {name} remembers", head.size);
                    checks.find(Id::Signature, SEAL, None, text);
                }
                None => unreached.push(name.to_owned()),
            }
        }
        (anchors, unreached)
    }
}
