//! Heads that a time stamp authority was shown (RFC 3161): what it was shown existed then, so a trail that does not hold it
//! was changed since.

use std::{
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use hoop_audit::{
    Anchor, Hash, VerifyingKey,
    timestamp::{Authority, check},
};
use hoop_model::Timestamp;
use serde::Deserialize;

use super::head::{Head, LONGEST, beside};
use crate::{
    exit::{Exit, Failure},
    gateway::Gateway,
};

/// The folder beside a trail's segments, and in an export.
const FOLDER: &str = "timestamp";

/// Whose time stamps are believed.
#[derive(Default)]
pub(crate) struct Stamps {
    authority: Option<Authority>,
    since: Option<Timestamp>,
}

/// A head, and when the authority was shown it.
pub(crate) struct Stamped {
    /// What the report calls it.
    name: String,
    at: Timestamp,
    counts: bool,
    head: Head,
}

impl Stamps {
    /// `authority`: a file of certificates in PEM form.
    pub(crate) fn new(authority: Option<&Path>, since: Option<Timestamp>) -> Result<Self, Failure> {
        let authority = authority.map(|path| {
            let pem = fs::read_to_string(path).map_err(|error| error.to_string());
            pem.and_then(|pem| Authority::from_pem(&pem).map_err(|error| error.to_string())).map_err(|error| {
                let text = format!("{} does not hold an authority's certificates: {error}", path.display());
                Failure::new(Exit::Usage, "bad_anchor", text)
            })
        });
        Ok(Self { authority: authority.transpose()?, since })
    }

    /// What it stamped of all that lies beside the trail in `dir`, and of these heads, whose tokens lie beside them; and
    /// why others do not count.
    pub(crate) fn read(&self, dir: Option<&Path>, heads: &[PathBuf]) -> Result<(Vec<Stamped>, Vec<String>), Failure> {
        let (mut stamped, mut problems) = (Vec::new(), Vec::new());
        let Some(authority) = &self.authority else { return Ok((stamped, problems)) };
        let kept = dir.map(|dir| beside(&dir.join(FOLDER), "tst")).transpose()?.unwrap_or_default();
        let mut pairs: Vec<(PathBuf, PathBuf)> =
            kept.into_iter().map(|token| (token.clone(), token.with_extension("note"))).collect();
        let given = heads.iter().map(|note| (note.with_extension("tst"), note.clone()));
        pairs.extend(given.filter(|(token, _)| token.exists()));
        for (path, note) in &pairs {
            let too_long = fs::metadata(path)?.len() > LONGEST;
            let Some(token) = fs::read(path).ok().filter(|_| !too_long) else { continue };
            let Some(head) = Head::read(note) else { continue };
            match check(&token, &Hash::of(head.note.as_bytes()), authority, None) {
                Ok(stamp) => stamped.push(Stamped {
                    name: format!("the time stamp of {} ({} records)", stamp.at, head.checkpoint.size),
                    at: stamp.at,
                    counts: self.since.is_none_or(|since| stamp.at >= since),
                    head,
                }),
                Err(error) => {
                    problems.push(format!("the time stamp in {} counts for nothing: {error}", path.display()))
                }
            }
        }
        Ok((stamped, problems))
    }

    /// Leaves of the anchors that hold only the newest time stamp; says so where there is none.
    pub(crate) fn settle(
        &self,
        stamped: &[Stamped],
        keys: &[VerifyingKey],
        anchors: &mut Vec<String>,
    ) -> Option<String> {
        self.authority.as_ref()?;
        let holds = |one: &&Stamped| one.counts && one.head.is_of(keys) && anchors.contains(&one.name);
        let newest = stamped.iter().filter(holds).max_by_key(|one| one.at).map(|one| one.name.clone());
        let is_stamp = |name: &String| stamped.iter().any(|one| one.name == *name);
        anchors.retain(|name| !is_stamp(name) || newest.as_ref() == Some(name));
        newest.is_none().then(|| "no time stamp by the given authority vouches for this trail".to_owned())
    }
}

impl Stamped {
    pub(crate) fn anchor(&self) -> Anchor {
        Anchor::Checkpoint { name: self.name.clone(), checkpoint: self.head.checkpoint.clone() }
    }
}

/// Puts what the gateway keeps beside a trail that was fetched.
pub(super) async fn fetch(gateway: &Gateway, dir: &Path) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Heads {
        stamped: Vec<Kept>,
    }
    #[derive(Deserialize)]
    struct Kept {
        name: String,
        note: String,
        token: String,
    }
    let heads: Heads = gateway.get("/v1/trail/stamped").await?;
    for Kept { name, note, token } in heads.stamped {
        // It goes into a path.
        if let (true, Ok(token)) = (name.chars().all(|c| c.is_ascii_digit()), BASE64_STANDARD.decode(token)) {
            let path = dir.join(FOLDER).join(name);
            fs::create_dir_all(dir.join(FOLDER))?;
            fs::write(path.with_extension("note"), note)?;
            fs::write(path.with_extension("tst"), token)?;
        }
    }
    Ok(())
}

/// Puts what lies beside a trail into its export.
pub(super) fn export(from: &Path, to: &Path) -> Result<(), Failure> {
    for extension in ["note", "tst"] {
        super::head::copy(&from.join(FOLDER), &to.join(FOLDER), extension)?;
    }
    Ok(())
}
