//! The trail as stored, for `hoopctl audit`: the caller verifies the bytes, not our word.

use axum::{body::Body, extract::State, response::Response};

use super::{Caller, Refusal};
use crate::{fault, trail};

/// Every segment: `name length` on a line, then the bytes. The newest may end within a frame that is being written.
pub(super) async fn export(State(caller): State<Caller>) -> Result<Response, Refusal> {
    caller.must(caller.is_auditor(), "reading the trail")?;
    trail::read(&caller.gateway, &caller, "trail").await?;
    let dir = caller.gateway.recorder.dir().to_owned();
    let packed = tokio::task::spawn_blocking(move || pack(&dir)).await.map_err(fault::internal)?;
    Ok(Response::new(Body::from(packed.map_err(fault::internal)?)))
}

fn pack(dir: &std::path::Path) -> std::io::Result<Vec<u8>> {
    let mut paths: Vec<_> = std::fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.sort();
    let mut out = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // The writer keeps other files beside the segments: its lock, tails that it cut off.
        if !(name.starts_with("segment-") && name.ends_with(".log")) {
            continue;
        }
        let bytes = std::fs::read(&path)?;
        out.extend_from_slice(format!("{name} {}\n", bytes.len()).as_bytes());
        out.extend_from_slice(&bytes);
    }
    Ok(out)
}
