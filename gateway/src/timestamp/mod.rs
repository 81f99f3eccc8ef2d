//! Time stamps of the trail's heads: what an authority was shown at a time existed then, so a trail that does not hold it
//! was changed since. Beside the data path; an authority that does not answer stops nothing.

mod client;
mod kept;

use std::{io, path::Path, sync::Mutex, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
pub(crate) use client::Client;
use hoop_audit::{Checkpoint, Note};
use hoop_recording::{Recorder, newest_checkpoint};
use kept::Kept;
use serde::Serialize;
use tokio::time::sleep;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::{
    Settings, SettingsError,
    settings::{Timestamping, wrong_timestamp},
    vouching::{State, Status},
};

/// Between two looks whether there is a new head.
const LOOK: Duration = Duration::from_secs(1);
/// After a failure it is tried again, first after this, at last after that.
const SOON: Duration = Duration::from_secs(1);
const LATE: Duration = Duration::from_secs(5 * 60);
/// How long the gateway's end waits for the last head to be stamped.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// Of what is kept, what whoever verifies the trail is given.
const GIVEN: usize = 32;

/// An authority as it is set, and what asks it.
pub(crate) type Set = (Timestamping, Client);

/// The settings' authority, ready to be asked.
pub(crate) fn client(settings: &Settings) -> Result<Option<Set>, SettingsError> {
    let Some(set) = &settings.trail.timestamp else { return Ok(None) };
    let client = || Ok(Client::new(set.url.clone(), set.authority(settings)?, set.tls(settings)?)?);
    Ok(Some((set.clone(), client().map_err(|source| wrong_timestamp(&settings.file, source))?)))
}

/// At work, where there is an authority, until this is stopped or dropped.
pub(crate) struct Stamping(Option<Running>);

struct Running {
    patience: Duration,
    state: State,
    ending: CancellationToken,
    task: Mutex<Option<AbortOnDropHandle<()>>>,
}

/// A stamped head, for whoever verifies the trail.
#[derive(Serialize)]
pub(crate) struct Stamped {
    /// Of its files, without an extension.
    name: String,
    note: String,
    /// Base64 of the token's DER.
    token: String,
}

impl Stamping {
    /// Blocks on the disk.
    pub(crate) fn open(set: Option<Set>, recorder: &Recorder) -> Self {
        Self(set.map(|(set, client)| {
            let kept = Kept::of(recorder.dir(), &client);
            let (state, ending) = (State::new(kept.newest()), CancellationToken::new());
            let stamper = Stamper { recorder: recorder.clone(), client, kept: Some(kept), state: state.clone() };
            let task = AbortOnDropHandle::new(tokio::spawn(stamper.run(set.every(), ending.clone())));
            Running { patience: set.patience(), state, ending, task: Mutex::new(Some(task)) }
        }))
    }

    /// Whether there is an authority, and what is wrong with it where that has been for too long.
    pub(crate) fn failing(&self) -> Option<Option<String>> {
        self.0.as_ref().map(|running| running.state.fails(running.patience))
    }

    pub(crate) fn status(&self) -> Option<Status> {
        self.0.as_ref().map(|running| running.state.status())
    }

    /// Ends it, once the last head is stamped, or after a moment.
    pub(crate) async fn stop(&self) {
        let Some(running) = &self.0 else { return };
        running.ending.cancel();
        let task = running.task.lock().ok().and_then(|mut task| task.take());
        if let Some(task) = task
            && tokio::time::timeout(LAST_WORDS, task).await.is_err()
        {
            tracing::warn!("the trail's last head was not stamped; another is after the next start");
        }
    }
}

/// What is kept beside a trail, the newest last. Blocks on the disk.
pub(crate) fn stamped(trail: &Path) -> io::Result<Vec<Stamped>> {
    let one =
        |(name, note, token): (String, String, Vec<u8>)| Stamped { name, note, token: BASE64_STANDARD.encode(token) };
    Ok(kept::newest(trail, GIVEN)?.into_iter().map(one).collect())
}

struct Stamper {
    recorder: Recorder,
    client: Client,
    /// Away while something is put there.
    kept: Option<Kept>,
    state: State,
}

impl Stamper {
    async fn run(mut self, every: Duration, ending: CancellationToken) {
        let working = async {
            let mut pause = SOON;
            loop {
                while self.recorder.checkpoint().is_none_or(|head| self.has(head.size) && self.state.is_good()) {
                    sleep(LOOK).await;
                }
                if self.send().await {
                    pause = SOON;
                    sleep(every).await;
                } else {
                    sleep(pause).await;
                    pause = (pause * 2).min(LATE);
                }
            }
        };
        tokio::select! {
            () = working => {}
            () = ending.cancelled() => {}
        }
        self.send().await;
    }

    fn has(&self, size: u64) -> bool {
        self.kept.as_ref().and_then(Kept::newest).is_some_and(|(newest, _)| newest == size)
    }

    /// Has the newest head stamped; whether that went well.
    async fn send(&mut self) -> bool {
        match self.newest().await {
            Ok(()) => true,
            Err(problem) => {
                tracing::warn!(problem, "a head was not stamped");
                self.state.failed(&problem, false);
                false
            }
        }
    }

    async fn newest(&mut self) -> Result<(), String> {
        let durable = self.recorder.head().map_or(0, |head| head.seq.saturating_add(1));
        let dir = self.recorder.dir().to_owned();
        let head = blocking(move || newest_checkpoint(&dir, durable)).await?.map_err(|error| error.to_string())?;
        let Some(head) = head else { return Ok(()) };
        let size = Note::parse(&head).and_then(|note| Checkpoint::read(&note)).map_err(|error| error.to_string())?.size;
        if self.has(size) {
            return Ok(());
        }
        let (token, stamp) = self.client.stamp(head.as_bytes()).await.map_err(|error| error.to_string())?;
        let dir = self.recorder.dir().to_owned();
        let mut kept = match self.kept.take() {
            Some(kept) => kept,
            None => Kept::of(&dir, &self.client),
        };
        let (kept, put) = blocking(move || {
            let put = kept.add(size, stamp.at, &head, &token);
            (kept, put)
        })
        .await?;
        self.kept = Some(kept);
        put.map_err(|error| format!("the time stamp cannot be kept: {error}"))?;
        self.state.vouched(size, stamp.at);
        Ok(())
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    tokio::task::spawn_blocking(work).await.map_err(|error| error.to_string())
}
