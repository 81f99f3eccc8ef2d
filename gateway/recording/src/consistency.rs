use std::{fs, path::Path};

use hoop_audit::{
    Consistency, Hash, Opening, Tree,
    segment::{Frame, Frames},
};

use crate::{ReadError, read::segments_from};

/// How the log's first `size` records continue its first `old` (RFC 6962 §2.1.2); `None`: there are not so many. Blocks on
/// the disk: reads the segments from the one with record `old` on, one at a time.
pub fn consistency(dir: &Path, old: u64, size: u64) -> Result<Option<Vec<Hash>>, ReadError> {
    if old == 0 || old == size {
        return Ok(Some(Vec::new()));
    }
    let mut grown: Option<Tree> = None;
    let mut proof: Option<Consistency> = None;
    for (path, _) in segments_from(dir, old)? {
        let bytes = fs::read(&path).map_err(|source| ReadError::Io { path: path.clone(), source })?;
        // What is torn at the end lies behind all that is asked for.
        for (_, frame) in Frames::new(&bytes).flatten() {
            match frame {
                Frame::Opening(state) if grown.is_none() => {
                    let opening: Opening = serde_json::from_slice(state)
                        .map_err(|source| ReadError::Record { path: path.clone(), source })?;
                    grown = Some(opening.chain.tree().clone());
                }
                Frame::Record(stored) => {
                    let tree = grown.get_or_insert_default();
                    if tree.size() == old && proof.is_none() {
                        proof = Consistency::new(tree, size);
                    }
                    if let Some(proof) = &mut proof {
                        proof.push(Hash::leaf(stored));
                    }
                    tree.push(Hash::leaf(stored));
                    if tree.size() == size {
                        return Ok(proof.and_then(Consistency::finish));
                    }
                }
                _ => {}
            }
        }
    }
    Ok(None)
}
