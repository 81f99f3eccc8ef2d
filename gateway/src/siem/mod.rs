//! The trail's way to the SIEMs: a forwarder for each, beside the data path, and whether new sessions may begin.

mod reader;

use std::{path::Path, sync::Arc, time::Duration};

use hoop_model::{Clock, Fault, Timestamp};
use hoop_recording::Recorder;
use hoop_siem::{Cursor, CursorError, Forwarder, Mapper, Pace, State, Status, sink::Sink};
pub(crate) use reader::{TrailReader, end};
use serde::Serialize;
use tokio_util::task::AbortOnDropHandle;

use crate::{
    Gateway, Settings, SettingsError, fault,
    settings::{Limit, Siem, SiemKind},
};

/// How long the gateway's end waits for the last records to be sent. What is not, is sent after the next start.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A receiver as it is set, and what sends to it.
pub(crate) type Set = (Siem, Box<dyn Sink>);

/// Each of the settings' receivers, ready to be sent to.
pub(crate) fn receivers(settings: &Settings, clock: &Arc<dyn Clock>) -> Result<Vec<Set>, SettingsError> {
    settings.siem.iter().map(|siem| Ok((siem.clone(), siem.sink(settings, clock)?))).collect()
}

/// All of them at work, until this is dropped.
pub(crate) struct Forwarding(Vec<Running>);

struct Running {
    name: String,
    kind: SiemKind,
    limit: Option<Limit>,
    state: State,
    task: AbortOnDropHandle<()>,
}

/// One receiver, for the status.
#[derive(Serialize)]
pub(crate) struct Receiver {
    name: String,
    kind: SiemKind,
    required: bool,
    #[serde(flatten)]
    status: Status,
}

impl Forwarding {
    /// `dir`: of the cursors.
    pub(crate) fn open(
        dir: &Path,
        receivers: Vec<Set>,
        settings: &Settings,
        recorder: &Recorder,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, CursorError> {
        // By it, events of one trail are told from those of another.
        let origin = recorder.key().name().to_owned();
        let running = receivers.into_iter().map(|(siem, sink)| {
            let mapper = Mapper {
                origin: origin.clone(),
                host: settings.host().to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                format: siem.format,
                longest: siem.longest(),
            };
            let (name, cursor) = (siem.name.to_string(), Cursor::open(&dir.join(format!("{}.cursor", siem.name)))?);
            let source = Box::new(TrailReader::new(recorder.clone()));
            let forwarder = Forwarder::new(&name, source, sink, cursor, mapper, clock.clone(), Pace::default());
            let state = forwarder.state();
            let task = AbortOnDropHandle::new(tokio::spawn(forwarder.run()));
            Ok(Running { name, kind: siem.kind, limit: siem.limit(), state, task })
        });
        running.collect::<Result<_, _>>().map(Self)
    }

    /// Whether each receiver that must keep up does (`required` in the settings).
    pub(crate) fn admits(&self, gateway: &Gateway) -> Result<(), Fault> {
        match self.behind(gateway).find_map(|(name, behind)| Some(format!("{name}: {}", behind?))) {
            Some(behind) => Err(fault::siem(behind)),
            None => Ok(()),
        }
    }

    /// The receivers that must keep up, each with how far it is behind where that is too far.
    pub(crate) fn behind(&self, gateway: &Gateway) -> impl Iterator<Item = (&str, Option<String>)> {
        let (end, now) = (reader::end(&gateway.recorder), gateway.clock.now());
        self.0.iter().filter_map(move |running| {
            let (limit, status) = (running.limit?, running.status(end, now));
            let (records, seconds) = (status.lag_records, status.lag_seconds);
            let behind = over(&status, limit).then(|| format!("{records} records and {seconds:.0} s behind"));
            Some((running.name.as_str(), behind))
        })
    }

    pub(crate) fn status(&self, gateway: &Gateway) -> Vec<Receiver> {
        let (end, now) = (reader::end(&gateway.recorder), gateway.clock.now());
        let one = |running: &Running| Receiver {
            name: running.name.clone(),
            kind: running.kind,
            required: running.limit.is_some(),
            status: running.status(end, now),
        };
        self.0.iter().map(one).collect()
    }

    /// Ends all, once they have sent what is there, or after a moment.
    pub(crate) async fn stop(&self, gateway: &Gateway) {
        let sent = async {
            while self.status(gateway).iter().any(|receiver| receiver.status.lag_records > 0) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(LAST_WORDS, sent).await.is_err() {
            tracing::warn!("a SIEM has not the end of the trail; it is sent after the next start");
        }
        self.0.iter().for_each(|running| running.task.abort());
    }
}

impl Running {
    fn status(&self, end: u64, now: Timestamp) -> Status {
        self.state.status(end, now)
    }
}

/// Also where nothing will be sent any more until somebody looks.
fn over(status: &Status, limit: Limit) -> bool {
    status.condition == hoop_siem::Condition::Diverged
        || status.lag_records > limit.records
        || status.lag_seconds > limit.age.as_secs_f64()
}

#[cfg(test)]
mod tests;
