//! For tests alone: `HOOP_DEV_KILL_AT=RequestRecorded:7` ends the process by SIGKILL as it gets there the seventh time.

use std::{
    env,
    sync::atomic::{AtomicUsize, Ordering},
};

use hoop_gateway::{Failpoint, Failpoints};
use rustix::process::{Signal, getpid, kill_process};

const KILL_AT: &str = "HOOP_DEV_KILL_AT";
/// Bytes of a full segment meanwhile: so that there are several.
const SEGMENT: u64 = 40_000;

pub fn from_environment() -> Result<Failpoints, String> {
    let Ok(text) = env::var(KILL_AT) else { return Ok(Failpoints::default()) };
    let wrong = |why: &str| format!("{KILL_AT}={text}: {why}; it is PLACE:TIMES");
    let (point, times) = text.split_once(':').ok_or_else(|| wrong("no number"))?;
    let point: Failpoint = point.parse().map_err(|error: String| wrong(&error))?;
    let times: usize = times.parse().map_err(|_| wrong("no number"))?;
    let reached = AtomicUsize::new(0);
    Ok(Failpoints::new(SEGMENT, move |there| {
        if there == point && reached.fetch_add(1, Ordering::SeqCst) + 1 == times {
            let _ = kill_process(getpid(), Signal::KILL);
        }
    }))
}
