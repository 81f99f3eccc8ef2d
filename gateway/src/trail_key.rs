//! The key that signs the trail, as a seed in a file of its own: `trail.key`. While it is changed for another, that one
//! lies beside it as `trail.key.next`; which of them signs, the trail itself says.

use std::{fs, io, path::Path};

use aws_lc_rs::rand;
use hoop_audit::{SigningKey, VerifyingKey};
use hoop_model::Fault;
use hoop_recording::{Recorder, Seeds};

use crate::{authority, fault, start::key};

const KEY: &str = "trail.key";
const NEXT: &str = "trail.key.next";
/// Both, as they lie in the data folder.
pub(crate) const FILES: [&str; 2] = [KEY, NEXT];

/// Both, where there are two.
pub(crate) fn seeds(dir: &Path) -> io::Result<Seeds> {
    let mut seeds = vec![key(&dir.join(KEY))?];
    let next = dir.join(NEXT);
    if next.exists() {
        seeds.push(key(&next)?);
    }
    Ok(Seeds::new(seeds))
}

/// Ends a change that a crash interrupted, one way or the other.
pub(crate) fn settle(dir: &Path, recorder: &Recorder) -> io::Result<()> {
    let next = dir.join(NEXT);
    if !next.exists() {
        return Ok(());
    }
    let signs = recorder.key();
    let key = SigningKey::from_seed(signs.name(), &key(&next)?).map_err(io::Error::other)?;
    if *key.verifying() == signs { fs::rename(next, dir.join(KEY)) } else { fs::remove_file(next) }
}

/// Has another key sign from now on, after a record of the change that both sign.
pub(crate) async fn rotate(dir: &Path, recorder: &Recorder) -> Result<VerifyingKey, Fault> {
    let mut seed = [0; 32];
    rand::fill(&mut seed).map_err(|_| fault::internal("the system gave no random bytes"))?;
    let next = dir.join(NEXT);
    authority::write_private(&next, &seed).map_err(fault::internal)?;
    let key = recorder.rotate(seed).await.map_err(fault::record)?;
    fs::rename(next, dir.join(KEY)).map_err(fault::internal)?;
    Ok(key)
}
