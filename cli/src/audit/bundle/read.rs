use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
};

use hoop_audit::{
    Checkpoint, Note, Verifier, VerifyingKey,
    payload::Payload,
    segment::{Frame, Frames},
    tiles::{self, LogFile, Tiles, WIDTH},
};

use super::{CHECKPOINT, KEYS, ROTATIONS, payloads};
use crate::{
    audit::Piece,
    exit::{Exit, Failure},
};

/// Feeds a bundle's records, payloads and checkpoints, and holds its hashes against the records.
pub(in crate::audit) fn verify(dir: &Path, verifier: &mut Verifier) -> Result<(), Failure> {
    let note = text(dir, CHECKPOINT)?;
    let size = Note::parse(&note).and_then(|note| Checkpoint::read(&note));
    let size = size.map_err(|error| bad(CHECKPOINT, &error))?.size;
    let keys = text(dir, KEYS)?;
    let key: VerifyingKey =
        keys.lines().next().unwrap_or_default().parse().map_err(|error: hoop_audit::NoteError| bad(KEYS, &error))?;
    verifier.begin(key);
    let rotations = rotations(dir)?;
    let mut hashes = Tiles::default();
    for (n, (path, width)) in tiles::bundles(size).enumerate() {
        let bundle = match fs::read(dir.join(&path)) {
            Ok(bundle) => bundle,
            Err(error) => {
                verifier.unreadable(&path, &error);
                continue;
            }
        };
        let Some(records) = tiles::records(&bundle) else {
            verifier.unreadable(&path, &"a record is cut off");
            continue;
        };
        if records.len() != width {
            verifier.unreadable(&path, &format_args!("it has {} records instead of {width}", records.len()));
        }
        let stored = fs::read(dir.join(payloads(n as u64))).unwrap_or_default();
        let mut payloads = held(&payloads(n as u64), &stored, verifier);
        let first = n as u64 * WIDTH as u64;
        let mut paired = (first..).zip(records).map(|(seq, record)| (seq, (record, payloads.remove(&seq))));
        let mut pairs = Vec::with_capacity(width);
        for (seq, pair) in paired.by_ref() {
            pairs.push(pair);
            // What two keys signed together stands behind the record that brings the new one in.
            if let Some(note) = rotations.get(&(seq + 1)) {
                verifier.records(&path, &std::mem::take(&mut pairs));
                verifier.checkpoint(&format!("{ROTATIONS}/{}", seq + 1), note);
            }
        }
        verifier.records(&path, &pairs);
        drop(paired);
        for seq in payloads.keys() {
            verifier.unreadable(&path, &format_args!("a payload for record {seq}, which is not there"));
        }
        for record in tiles::records(&bundle).unwrap_or_default() {
            hashes.push(record);
        }
        compare(dir, hashes.take(), verifier);
    }
    compare(dir, hashes.finish(), verifier);
    verifier.checkpoint(&CHECKPOINT, &note);
    Ok(())
}

/// Gives out a bundle's records and checkpoints, in order.
pub(in crate::audit) fn read(
    dir: &Path,
    take: &mut dyn FnMut(Piece<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let note = text(dir, CHECKPOINT)?;
    let size = Note::parse(&note).and_then(|note| Checkpoint::read(&note));
    let size = size.map_err(|error| bad(CHECKPOINT, &error))?.size;
    let rotations = rotations(dir)?;
    let mut seq = 0;
    for (path, _) in tiles::bundles(size) {
        let bundle = fs::read(dir.join(&path))?;
        for record in tiles::records(&bundle).ok_or_else(|| bad(&path, &"a record is cut off"))? {
            take(Piece::Record(record))?;
            seq += 1;
            if let Some(note) = rotations.get(&seq) {
                take(Piece::Checkpoint(note))?;
            }
        }
    }
    take(Piece::Checkpoint(&note))
}

/// Payloads of one bundle of records, by record.
fn held<'a>(name: &str, stored: &'a [u8], verifier: &mut Verifier) -> HashMap<u64, Payload<'a>> {
    let mut held = HashMap::new();
    if stored.is_empty() {
        return held;
    }
    for frame in Frames::new(stored) {
        match frame {
            Ok((at, Frame::Payload(payload))) => {
                if held.insert(payload.seq, payload).is_some() {
                    verifier.unreadable(&format!("{name}, byte {at}"), &"a second payload for one record");
                }
            }
            Ok((at, _)) => verifier.unreadable(&format!("{name}, byte {at}"), &"no payload"),
            Err(error) => verifier.unreadable(&name, &error),
        }
    }
    held
}

/// Tiles of hashes are made anew from the records: other programs rely on them.
fn compare(dir: &Path, files: Vec<LogFile>, verifier: &mut Verifier) {
    for LogFile { path, bytes } in files {
        match fs::read(dir.join(&path)) {
            Ok(found) if found == bytes => {}
            Ok(_) => verifier.unreadable(&path, &"it is not what the records make"),
            Err(error) => verifier.unreadable(&path, &error),
        }
    }
}

fn rotations(dir: &Path) -> Result<BTreeMap<u64, String>, Failure> {
    let mut rotations = BTreeMap::new();
    let folder = dir.join(ROTATIONS);
    if folder.exists() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let size = path.file_name().and_then(|name| name.to_str()?.parse().ok());
            rotations.extend(size.zip(Some(fs::read_to_string(&path)?)));
        }
    }
    Ok(rotations)
}

fn text(dir: &Path, name: &str) -> Result<String, Failure> {
    fs::read_to_string(dir.join(name)).map_err(|error| bad(name, &error))
}

fn bad(name: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::new(Exit::Tampered, "bad_trail", format!("the export's {name} cannot be read: {error}"))
}
