use std::sync::Arc;

use hoop_model::Fault;

use crate::{Gateway, fault};

/// From this many bytes on, reading and masking take milliseconds: too long for a thread that everybody's exchanges
/// and the revocations need.
const LARGE: usize = 256 * 1024;

/// Runs `work` over `bytes` bytes: here when they are few, else on a thread apart, and only so many at a time.
/// Dropping the future leaves the work running to its end.
pub(super) async fn offload<T: Send + 'static>(
    gateway: &Arc<Gateway>,
    bytes: usize,
    work: impl FnOnce(&Gateway) -> T + Send + 'static,
) -> Result<T, Fault> {
    if bytes < LARGE {
        return Ok(work(gateway));
    }
    let permit = gateway.large_work.clone().acquire_owned().await.map_err(fault::internal)?;
    let gateway = gateway.clone();
    let done = tokio::task::spawn_blocking(move || {
        let done = work(&gateway);
        drop(permit);
        done
    });
    done.await.map_err(fault::internal)
}
