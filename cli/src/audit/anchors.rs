//! What is known of a trail from elsewhere.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hoop_audit::{AgentHead, Anchor, Checkpoint, Hash, Note, Report, VerifyingKey, payload::PayloadKeys};
use serde_json::Value;

use super::{stamp::Stamps, state::State, witness::Witnesses};
use crate::exit::{Exit, Failure};

#[derive(Default)]
pub(crate) struct Anchors {
    pub state: State,
    pub trust: Option<PathBuf>,
    pub head: Vec<PathBuf>,
    pub siem: Option<PathBuf>,
    pub agent: Vec<PathBuf>,
    pub payload_key: Vec<PathBuf>,
    pub witnesses: Witnesses,
    pub stamps: Stamps,
}

impl Anchors {
    /// The keys that may have signed, and what the trail has to hold.
    pub(crate) fn read(&self) -> Result<(Vec<VerifyingKey>, Vec<Anchor>), Failure> {
        let mut anchors = Vec::new();
        let mut trusted = match &self.trust {
            Some(path) => keys(path)?,
            None => Vec::new(),
        };
        if let Some(remembered) = self.state.remembered()? {
            anchors.push(remembered.anchor());
            if trusted.is_empty() {
                trusted = remembered.keys;
            }
        }
        for path in &self.head {
            let note = fs::read_to_string(path).map_err(|error| bad(path, "a signed head", &error))?;
            let checkpoint = Note::parse(&note).and_then(|note| Checkpoint::read(&note));
            let checkpoint = checkpoint.map_err(|error| bad(path, "a signed head", &error))?;
            anchors.push(Anchor::Checkpoint { name: path.display().to_string(), checkpoint });
        }
        if let Some(path) = &self.siem {
            anchors.extend(events(path)?);
        }
        Ok((trusted, anchors))
    }

    /// What agents signed for, as their own machines have it.
    pub(super) fn agents(&self) -> Result<Vec<AgentHead>, Failure> {
        let read = |path: &PathBuf| {
            let text = fs::read_to_string(path).map_err(|error| bad(path, "an agent's head", &error))?;
            AgentHead::read(&path.display().to_string(), &text).map_err(|error| bad(path, "an agent's head", &error))
        };
        self.agent.iter().map(read).collect()
    }

    /// The keys that open sealed payloads.
    pub(super) fn payload_keys(&self) -> Result<PayloadKeys, Failure> {
        let mut secrets = Vec::new();
        for path in &self.payload_key {
            let secret = fs::read(path).map_err(|error| bad(path, "a payload's key", &error))?;
            // As the gateway reads it.
            secrets.push(secret.trim_ascii().to_vec());
            PayloadKeys::new(secrets.clone()).map_err(|error| bad(path, "a payload's key", &error))?;
        }
        PayloadKeys::new(secrets).map_err(|error| Failure::new(Exit::Usage, "bad_anchor", error.to_string()))
    }

    /// A head that none of the log's keys signed vouches for nothing.
    pub(crate) fn vouch(&self, report: &Report) -> Result<(), Failure> {
        self.head.iter().try_for_each(|path| signed_by(path, &report.keys))
    }
}

/// Holds a head against the keys of a log.
pub(crate) fn signed_by(path: &Path, keys: &[VerifyingKey]) -> Result<(), Failure> {
    let note = fs::read_to_string(path)?;
    let note = Note::parse(&note).map_err(|error| bad(path, "a signed head", &error))?;
    if keys.iter().any(|key| note.is_signed_by(key)) {
        return Ok(());
    }
    Err(bad(path, "a signed head", &"none of the trail's keys signed it"))
}

fn keys(path: &PathBuf) -> Result<Vec<VerifyingKey>, Failure> {
    let text = fs::read_to_string(path).map_err(|error| bad(path, "verifier keys", &error))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let keys = lines.map(str::parse).collect::<Result<Vec<_>, _>>();
    match keys.map_err(|error: hoop_audit::NoteError| bad(path, "verifier keys", &error))? {
        keys if keys.is_empty() => Err(bad(path, "verifier keys", &"it is empty")),
        keys => Ok(keys),
    }
}

/// Records as a SIEM got them: each event names its record's number and hash.
fn events(path: &PathBuf) -> Result<Vec<Anchor>, Failure> {
    let text = fs::read_to_string(path).map_err(|error| bad(path, "events", &error))?;
    let mut anchors = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let event: Value = serde_json::from_str(line)
            .map_err(|error| bad(path, &format!("an event in line {}", number + 1), &error))?;
        let seq = event.pointer("/metadata/sequence").and_then(Value::as_u64);
        let hash = event.pointer("/unmapped/record_hash").and_then(Value::as_str).and_then(Hash::from_hex);
        let Some((seq, hash)) = seq.zip(hash) else {
            let what = format!("a gateway's event in line {}", number + 1);
            return Err(bad(path, &what, &"no metadata.sequence and unmapped.record_hash"));
        };
        anchors.push(Anchor::Record { name: path.display().to_string(), seq, hash });
    }
    Ok(anchors)
}

fn bad(path: &Path, what: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::new(Exit::Usage, "bad_anchor", format!("{} does not hold {what}: {error}", path.display()))
}
