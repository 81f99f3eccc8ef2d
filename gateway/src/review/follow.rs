//! Reads the trail on from where it was read to, beside the data path, and opens an alert on each finding.
//!
//! What is found and how far it was read are kept together. An alert is recorded after that, under the id that it has by
//! then; whether one of those that are left over from a crash was recorded, the trail's end says. So nothing is told of
//! before the trail was read up to where it ended when this gateway started.

use std::{sync::Arc, time::Duration};

use hoop_recording::RecordError;
use hoop_review::{Review, State};
use hoop_siem::{Source, SourceError};
use hoop_store::{Reviewed, StoreError};
use serde::{Deserialize, Serialize};
use tokio::{
    task::yield_now,
    time::{Instant, sleep},
};

use super::record;
use crate::{
    Gateway,
    incidents::{self, Control},
    siem::{TrailReader, end},
};

/// Records at a time.
const BATCH: usize = 250;
/// After so many, exchanges have their turn on the threads that both run on: some tens of microseconds.
const TURN: usize = 8;
/// After so many records, or so long, it is kept how far it was read, though nothing was found.
const KEEP_RECORDS: u64 = 10_000;
const KEEP: Duration = Duration::from_secs(60);
/// After a failure, and between two looks at whether a day is over.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug, thiserror::Error)]
enum ReviewFailure {
    #[error(transparent)]
    Read(#[from] SourceError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error("what was read cannot be kept: {0}")]
    Encode(#[from] serde_json::Error),
    #[error("what was read cannot be kept: {0}")]
    Thread(#[from] tokio::task::JoinError),
}

/// How far it was read, and of which trail.
#[derive(Serialize, Deserialize)]
struct Kept<S> {
    origin: String,
    state: S,
}

struct Follower<'a> {
    gateway: &'a Gateway,
    reader: TrailReader,
    /// Shared only while it is written out.
    review: Arc<Review>,
    /// Where the trail ended when this gateway started.
    old: u64,
    unsaved: Vec<Reviewed>,
    saved: (u64, Instant),
    /// Alerts may wait to be recorded.
    opening: bool,
}

/// Never returns.
pub(crate) async fn follow(gateway: Arc<Gateway>) {
    let mut follower = None;
    loop {
        let stepped = async {
            let follower = match &mut follower {
                Some(follower) => follower,
                none => none.insert(Follower::begin(&gateway).await?),
            };
            follower.step().await
        };
        match stepped.await {
            Ok(()) => gateway.incidents.works(Control::Review, "", "the trail is reviewed again"),
            Err(error) => {
                tracing::error!(%error, "the trail could not be reviewed; it is tried again");
                if matches!(error, ReviewFailure::Read(_) | ReviewFailure::Encode(_)) {
                    gateway.incidents.fails(Control::Review, "", "the trail could not be read for its review");
                }
                sleep(PAUSE).await;
            }
        }
    }
}

impl<'a> Follower<'a> {
    async fn begin(gateway: &'a Gateway) -> Result<Self, ReviewFailure> {
        let (origin, old) = (gateway.recorder.key().name().to_owned(), end(&gateway.recorder));
        let kept = gateway.store.review_state().await?;
        // Of another trail, or by another version: it is read from its beginning, which opens no alert a second time.
        let kept = kept.and_then(|text| serde_json::from_str::<Kept<State>>(&text).ok());
        let kept = kept.filter(|kept| kept.origin == origin).map(|kept| kept.state).unwrap_or_default();
        let rules = &gateway.settings.review.rules;
        let mut review = Review::new(rules.clone(), kept);
        if review.next() > old {
            tracing::warn!("the trail is shorter than what was reviewed of it; it is reviewed from its beginning");
            review = Review::new(rules.clone(), State::default());
        }
        let reader = TrailReader::new((*gateway.recorder).clone());
        let saved = (review.next(), Instant::now());
        Ok(Self { gateway, reader, review: Arc::new(review), old, unsaved: Vec::new(), saved, opening: true })
    }

    /// Reads what there is, tells what was found; when nothing is left, waits a while.
    async fn step(&mut self) -> Result<(), ReviewFailure> {
        let next = self.review.next();
        if next < end(&self.gateway.recorder) {
            for turn in self.reader.read(next, BATCH).await?.chunks(TURN) {
                turn.iter().for_each(|entry| self.take(&entry.record));
                yield_now().await;
            }
        }
        let read = self.review.next().saturating_sub(self.saved.0);
        if !self.unsaved.is_empty() || read >= KEEP_RECORDS || (read > 0 && self.saved.1.elapsed() >= KEEP) {
            self.save().await?;
        }
        if self.review.next() < self.old {
            return Ok(());
        }
        self.gateway.review.caught_up();
        if self.opening {
            self.open().await?;
        }
        if self.review.next() >= end(&self.gateway.recorder) && !self.say_reviewed().await? {
            tokio::select! {
                () = self.reader.grown(self.review.next()) => {}
                () = sleep(PAUSE) => {}
            }
        }
        Ok(())
    }

    fn take(&mut self, record: &hoop_audit::Record) {
        let seen = Arc::make_mut(&mut self.review).take(record);
        let owner = &self.gateway.settings.review.owner;
        self.unsaved.extend(seen.findings.into_iter().map(record::found));
        self.unsaved.extend(seen.interruption.map(|interruption| record::shown(interruption, owner)));
        self.unsaved.extend(record::read(record));
        self.unsaved.extend(incidents::read(record));
    }

    async fn save(&mut self) -> Result<(), ReviewFailure> {
        let (origin, review) = (self.gateway.recorder.key().name().to_owned(), self.review.clone());
        // Of a large site it takes a while.
        let written =
            tokio::task::spawn_blocking(move || serde_json::to_string(&Kept { origin, state: review.state() }));
        let state = written.await??;
        self.gateway.store.save_review(&state, &self.unsaved).await?;
        self.opening |= self.unsaved.iter().any(|one| matches!(one, Reviewed::Found(_)));
        self.unsaved.clear();
        self.saved = (self.review.next(), Instant::now());
        Ok(())
    }

    /// Records the alerts that are kept and of which the trail does not tell.
    async fn open(&mut self) -> Result<(), ReviewFailure> {
        let store = &self.gateway.store;
        for alert in store.unrecorded_alerts().await? {
            tracing::warn!(alert = %alert.id, rule = alert.rule, what = alert.what, "an alert was opened");
            self.gateway.recorder.append(record::opened(&alert)).await?;
            store.alert_recorded(alert.id, &alert.key).await?;
        }
        self.opening = false;
        Ok(())
    }

    /// Records that the days which are over were reviewed. Only where all is read.
    async fn say_reviewed(&self) -> Result<bool, ReviewFailure> {
        let Some(reviewed) = self.review.due(self.gateway.clock.now()) else { return Ok(false) };
        let waiting = self.gateway.store.open_alerts().await?;
        self.gateway.recorder.append(record::reviewed(&reviewed, &self.review.rules(), waiting)).await?;
        Ok(true)
    }
}
