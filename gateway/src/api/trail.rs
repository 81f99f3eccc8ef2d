//! The trail as stored, for `hoopctl audit`: the caller verifies the bytes, not our word. And the key that signs it.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use axum::{Json, body::Body, extract::State, response::Response};
use bytes::Bytes;
use futures_util::stream;
use hoop_audit::{
    Hash, VerifyingKey,
    payload::PayloadKeys,
    segment::{Frame, Frames},
};
use serde::Serialize;
use tokio::sync::mpsc;

use super::{Answer, Caller, Refusal};
use crate::{fault, timestamp, trail, trail_key, witness};

/// Pieces that are read ahead of the stream, and their size in bytes.
const AHEAD: usize = 4;
const PIECE: u64 = 1024 * 1024;

#[derive(Serialize)]
pub(super) struct Key {
    /// As a C2SP verifier key: `name+id+key`.
    key: VerifyingKey,
    /// Hex SHA-256 of the public key.
    fingerprint: Hash,
}

impl From<VerifyingKey> for Key {
    fn from(key: VerifyingKey) -> Self {
        Self { fingerprint: key.fingerprint(), key }
    }
}

/// Every segment: `name length` on a line, then the bytes. The newest ends with a checkpoint over all that was recorded
/// when it was asked for.
pub(super) async fn export(State(caller): State<Caller>) -> Result<Response, Refusal> {
    caller.must(caller.is_auditor(), "reading the trail")?;
    trail::read(&caller.gateway, &caller, "trail").await?;
    caller.gateway.recorder.sign().await.map_err(fault::record)?;
    let dir = caller.gateway.recorder.dir().to_owned();
    let keys = caller.gateway.recorder.payload_keys().clone();
    let (pieces, ready) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let failed = pack(&dir, &keys, |piece| pieces.blocking_send(Ok(piece)).is_ok());
        if let Err(error) = failed {
            // The stream breaks off, which the caller sees: there is no status left to send.
            tracing::error!(%error, "the trail could not be read");
            let _ = pieces.blocking_send(Err(error));
        }
    });
    let body = stream::unfold(ready, async |mut ready| ready.recv().await.map(|piece| (piece, ready)));
    Ok(Response::new(Body::from_stream(body)))
}

/// Gives out the segments, one after the other and without seals, until nobody wants more.
fn pack(dir: &Path, keys: &PayloadKeys, mut give: impl FnMut(Bytes) -> bool) -> io::Result<()> {
    let mut paths: Vec<_> = fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    // The writer keeps other files beside the segments: its lock, tails that it cut off.
    paths.retain(|path| {
        path.extension().is_some_and(|extension| extension == "log")
            && path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("segment-"))
    });
    paths.sort();
    let newest = paths.pop();
    for path in &paths {
        if !keys.is_empty() {
            let bytes = opened(&fs::read(path)?, keys);
            if !(give(head(path, bytes.len() as u64)) && give(bytes.into())) {
                return Ok(());
            }
            continue;
        }
        let mut file = File::open(path)?;
        let mut left = file.metadata()?.len();
        if !give(head(path, left)) {
            return Ok(());
        }
        while left > 0 {
            let mut piece = vec![0; PIECE.min(left) as usize];
            file.read_exact(&mut piece)?;
            left -= piece.len() as u64;
            if !give(piece.into()) {
                return Ok(());
            }
        }
    }
    if let Some(path) = newest {
        let bytes = fs::read(&path)?;
        let bytes = opened(bytes.get(..signed(&bytes)).unwrap_or_default(), keys);
        let _ = give(head(&path, bytes.len() as u64)) && give(bytes.into());
    }
    Ok(())
}

/// A segment without its payloads' seals. Whatever is damaged in it stays as it is, but for a payload that its key does not
/// open: it is left out, and whoever verifies finds it missing.
fn opened(segment: &[u8], keys: &PayloadKeys) -> Vec<u8> {
    let mut out = Vec::with_capacity(segment.len());
    let mut frames = Frames::new(segment);
    let mut begin = 0;
    while let Some(Ok((at, frame))) = frames.next() {
        if let Frame::Payload(payload) = frame {
            out.extend_from_slice(segment.get(begin..at).unwrap_or_default());
            if let Err(error) = hoop_recording::unsealed(payload, keys, &mut out) {
                tracing::error!(%error, seq = payload.seq, "what was delivered cannot be read back");
            }
            begin = frames.offset();
        }
    }
    out.extend_from_slice(segment.get(begin..).unwrap_or_default());
    out
}

/// What stands before a segment.
fn head(path: &Path, length: u64) -> Bytes {
    format!("{} {length}\n", path.file_name().unwrap_or_default().to_string_lossy()).into()
}

/// Where the last checkpoint of a segment ends. Behind it lies what is being written, and room made ahead.
fn signed(segment: &[u8]) -> usize {
    let mut frames = Frames::new(segment);
    let mut end = 0;
    while let Some(Ok((_, frame))) = frames.next() {
        if matches!(frame, Frame::Opening(_) | Frame::Checkpoint(_)) {
            end = frames.offset();
        }
    }
    end
}

#[derive(Serialize)]
pub(super) struct Heads {
    cosigned: Vec<witness::Cosigned>,
}

/// The newest head that each witness cosigned.
pub(super) async fn cosigned(State(caller): State<Caller>) -> Answer<Heads> {
    caller.must(caller.is_auditor(), "reading the trail")?;
    let dir = caller.gateway.recorder.dir().to_owned();
    let kept = tokio::task::spawn_blocking(move || witness::cosigned(&dir)).await.map_err(fault::internal)?;
    Ok(Json(Heads { cosigned: kept.map_err(fault::internal)? }))
}

#[derive(Serialize)]
pub(super) struct Stamps {
    stamped: Vec<timestamp::Stamped>,
}

/// Heads with their time stamps, the newest last.
pub(super) async fn stamped(State(caller): State<Caller>) -> Answer<Stamps> {
    caller.must(caller.is_auditor(), "reading the trail")?;
    let dir = caller.gateway.recorder.dir().to_owned();
    let kept = tokio::task::spawn_blocking(move || timestamp::stamped(&dir)).await.map_err(fault::internal)?;
    Ok(Json(Stamps { stamped: kept.map_err(fault::internal)? }))
}

pub(super) async fn key(State(caller): State<Caller>) -> Answer<Key> {
    caller.must(caller.is_auditor(), "reading the trail's key")?;
    Ok(Json(caller.gateway.recorder.key().into()))
}

pub(super) async fn rotate(State(caller): State<Caller>) -> Answer<Key> {
    caller.must(caller.is_admin(), "changing the trail's key")?;
    let one_at_a_time = caller.gateway.rotating.lock().await;
    let key = trail_key::rotate(&caller.gateway.settings.data_dir, &caller.gateway.recorder).await?;
    drop(one_at_a_time);
    trail::key_rotated(&caller.gateway, &caller, &key).await?;
    Ok(Json(key.into()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use hoop_audit::{
        payload::{Codec, Payload, SALT},
        segment::MAGIC,
    };

    use super::*;

    #[test]
    fn a_seal_is_taken_off_and_what_does_not_open_is_left_out() {
        let keys = PayloadKeys::new([vec![7; 32]]).unwrap();
        let salt = [1; SALT];
        let mut stored = b"rows".to_vec();
        let sealed_by = keys.seal(&salt, &mut stored).unwrap();
        let segment = |stored: &[u8]| {
            let mut segment = MAGIC.to_vec();
            let payload = Payload { seq: 0, codec: Codec::Plain, sealed_by, salt: &salt, stored };
            Frame::Payload(payload).write(&mut segment).unwrap();
            Frame::Record(b"{}").write(&mut segment).unwrap();
            segment
        };
        let payloads = |segment: &[u8]| -> Vec<Vec<u8>> {
            let frames = Frames::new(segment).map(|frame| frame.unwrap().1);
            let payload = |frame| match frame {
                Frame::Payload(payload) => {
                    Some((payload.sealed_by.is_none()).then(|| payload.stored.to_vec()).unwrap())
                }
                _ => None,
            };
            frames.filter_map(payload).collect()
        };
        assert_eq!(payloads(&opened(&segment(&stored), &keys)), [b"rows"]);
        stored[0] ^= 1;
        let left = opened(&segment(&stored), &keys);
        assert_eq!((payloads(&left).len(), Frames::new(&left).count()), (0, 1));
    }
}
