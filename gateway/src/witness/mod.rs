//! The trail's way to its witnesses: what they cosign shows anybody that the trail was not cut back, without having seen it
//! before. Beside the data path; what a witness does not answer stops nothing, unless the settings say so.

mod client;
mod kept;
mod submit;

use std::{io, path::Path, sync::Arc, time::Duration};

pub(crate) use client::Client;
pub(crate) use client::told;
use hoop_model::Fault;
use hoop_recording::Recorder;
use kept::Kept;
pub(crate) use kept::replace;
use serde::Serialize;
use submit::Submitter;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::{
    Settings, SettingsError, fault,
    settings::Witness,
    vouching::{State, Status},
};

/// How long the gateway's end waits for the last head to be cosigned. Another is sent after the next start.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A witness as it is set, and what asks it.
pub(crate) type Set = (Witness, Client);

/// Each of the settings' witnesses, ready to be asked.
pub(crate) fn clients(settings: &Settings) -> Result<Vec<Set>, SettingsError> {
    let one = |witness: &Witness| {
        let tls = witness.tls(settings).map_err(|source| witness.wrong(&settings.file, source))?;
        let client = Client::new(witness.add_checkpoint(), witness.key.clone(), tls);
        Ok((witness.clone(), client.map_err(|error| witness.wrong(&settings.file, error.into()))?))
    };
    settings.trail.witness.iter().map(one).collect()
}

/// All of them at work, until this is stopped or dropped.
pub(crate) struct Witnessing {
    running: Vec<Running>,
    ending: CancellationToken,
    tasks: tokio::sync::Mutex<Vec<AbortOnDropHandle<()>>>,
}

struct Running {
    name: String,
    required: bool,
    patience: Duration,
    state: State,
}

/// One witness, for the status.
#[derive(Serialize)]
pub(crate) struct Report {
    name: String,
    required: bool,
    #[serde(flatten)]
    status: Status,
}

/// What is kept of one, for whoever verifies the trail.
#[derive(Serialize)]
pub(crate) struct Cosigned {
    /// Of a file.
    name: String,
    /// A C2SP checkpoint with the log's signature and the witness's.
    note: String,
}

impl Witnessing {
    pub(crate) fn open(clients: Vec<Set>, recorder: &Recorder) -> Self {
        let ending = CancellationToken::new();
        let (mut running, mut tasks) = (Vec::new(), Vec::new());
        for (witness, client) in clients {
            let kept = Arc::new(Kept::of(recorder.dir(), &witness.key));
            let known = kept.read();
            let state = State::new(known);
            running.push(Running {
                name: witness.key.name().to_owned(),
                required: witness.required,
                patience: witness.patience(),
                state: state.clone(),
            });
            let submitter = Submitter {
                recorder: recorder.clone(),
                client,
                kept,
                state,
                every: witness.every(),
                seen: known.map_or(0, |(records, _)| records),
                ending: ending.clone(),
            };
            tasks.push(AbortOnDropHandle::new(tokio::spawn(submitter.run())));
        }
        Self { running, ending, tasks: tokio::sync::Mutex::new(tasks) }
    }

    /// Whether each witness that is required cosigns.
    pub(crate) fn admits(&self) -> Result<(), Fault> {
        let required = self.running.iter().filter(|running| running.required);
        match required.filter_map(|running| Some((&running.name, running.state.fails(running.patience)?))).next() {
            Some((name, problem)) => Err(fault::witness(format!("{name}: {problem}"))),
            None => Ok(()),
        }
    }

    /// Each with what is wrong with it, where that has been for too long.
    pub(crate) fn failing(&self) -> impl Iterator<Item = (&str, Option<String>)> {
        self.running.iter().map(|running| (running.name.as_str(), running.state.fails(running.patience)))
    }

    pub(crate) fn status(&self) -> Vec<Report> {
        let one = |running: &Running| Report {
            name: running.name.clone(),
            required: running.required,
            status: running.state.status(),
        };
        self.running.iter().map(one).collect()
    }

    /// Ends all, once the last head is cosigned, or after a moment.
    pub(crate) async fn stop(&self) {
        self.ending.cancel();
        let mut tasks = std::mem::take(&mut *self.tasks.lock().await);
        let sent = async {
            for task in &mut tasks {
                let _ = task.await;
            }
        };
        if tokio::time::timeout(LAST_WORDS, sent).await.is_err() {
            tracing::warn!("a witness has not cosigned the trail's last head; another is sent after the next start");
        }
    }
}

/// What is kept beside a trail. Blocks on the disk.
pub(crate) fn cosigned(trail: &Path) -> io::Result<Vec<Cosigned>> {
    Ok(kept::all(trail)?.into_iter().map(|(name, note)| Cosigned { name, note }).collect())
}
