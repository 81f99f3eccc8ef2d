use std::path::Path;

use hoop_audit::{Hash, KEY, Opening, Proof, Proving, Record, RecordType, VerifyingKey};

use crate::{
    ReadError, durable,
    scan::{Found, Scan},
};

/// That the record numbered `seq` is in the log, under the first head over it, and the key that signed that head. Reads from
/// the segment that holds it on, and of that no payloads. `None`: there is no such head, or no such record. Blocks on the
/// disk.
pub fn proof(dir: &Path, seq: u64) -> Result<Option<(Proof, VerifyingKey)>, ReadError> {
    let segments = durable::segments(dir).map_err(|source| ReadError::Io { path: dir.to_owned(), source })?;
    let begin = segments.iter().rposition(|(first, _)| *first <= seq).unwrap_or(0);
    let mut so_far: Option<(Proving, VerifyingKey)> = None;
    for (index, (_, path)) in segments.iter().enumerate().skip(begin) {
        let unreadable = |source| ReadError::Record { path: path.clone(), source };
        let mut scan = Scan::of(path, index + 1 == segments.len())?;
        while let Some(found) = scan.next_found()? {
            match (found, &mut so_far) {
                (Found::Opening(state), None) => {
                    let Opening { key, chain } = serde_json::from_slice(state).map_err(unreadable)?;
                    let Some(proving) = Proving::of(seq, chain.tree()) else { return Ok(None) };
                    so_far = Some((proving, key));
                }
                (Found::Record(_, stored), Some((proving, key))) => {
                    proving.push(Hash::leaf(stored));
                    // The head behind it is signed by the key before and by the new one.
                    if proving.size() <= seq && is_rotation(stored) {
                        let record: Record = serde_json::from_slice(stored).map_err(unreadable)?;
                        let next = record.draft.detail.get(KEY).and_then(|key| key.parse().ok());
                        *key = next.filter(|_| record.draft.kind == RecordType::KeyRotation).unwrap_or(key.clone());
                    }
                }
                (Found::Checkpoint(note), Some((proving, key))) if proving.size() > seq => {
                    return Ok(proving.under(note).map(|proof| (proof, key.clone())));
                }
                _ => {}
            }
        }
    }
    Ok(None)
}

fn is_rotation(stored: &[u8]) -> bool {
    memchr::memmem::find(stored, b"\"key_rotation\"").is_some()
}
