//! A trail in memory, which tells when its reader has come to the end.

use std::sync::{Arc, Mutex};

use hoop_audit::{Draft, Hash, Record, RecordType};
use hoop_model::ClockState;
use hoop_siem::{Entry, Reading, Source, Waiting};
use tokio::sync::watch;

/// The record that follows.
pub fn next(after: Option<&Entry>, command: &str) -> Entry {
    let seq = after.map_or(0, |entry| entry.record.seq + 1);
    let mut draft = Draft::new(RecordType::Request);
    draft.command = Some(command.to_owned());
    draft.connection = Some("warehouse".parse().unwrap());
    draft.protocol = Some(hoop_model::ConnectionKind::Snowflake);
    let record = Record {
        v: 2,
        seq,
        prev: after.map_or_else(|| Hash::of(b""), |entry| entry.hash),
        session_seq: None,
        prev_session: None,
        ts: "2026-03-01T12:00:00Z".parse().unwrap(),
        mono_ns: None,
        clock: ClockState::Unmeasured,
        draft,
    };
    Entry { hash: Hash::leaf(&serde_json::to_vec(&record).unwrap()), record: Arc::new(record) }
}

#[derive(Clone)]
pub struct Trail {
    entries: Arc<Mutex<Vec<Entry>>>,
    end: watch::Sender<u64>,
    /// What a reader waits for more after.
    waited: watch::Sender<Option<u64>>,
}

impl Trail {
    pub fn of(records: usize) -> Self {
        let trail = Self { entries: Arc::default(), end: watch::Sender::new(0), waited: watch::Sender::new(None) };
        trail.append(records, "SELECT 1");
        trail
    }

    pub fn append(&self, records: usize, command: &str) {
        let mut entries = self.entries.lock().unwrap();
        for _ in 0..records {
            let entry = next(entries.last(), command);
            entries.push(entry);
        }
        self.end.send_replace(entries.len() as u64);
    }

    /// Does what nobody may do to a trail.
    pub fn tamper(&self, change: impl FnOnce(&mut Vec<Entry>)) {
        let mut entries = self.entries.lock().unwrap();
        change(&mut entries);
        self.end.send_replace(entries.len() as u64);
    }

    pub async fn caught_up(&self) {
        let end = *self.end.borrow();
        self.waited.subscribe().wait_for(|waited| *waited == Some(end)).await.unwrap();
    }
}

impl Source for Trail {
    fn read(&mut self, from: u64, most: usize) -> Reading<'_> {
        let entries = self.entries.lock().unwrap();
        let read = entries.iter().skip(from as usize).take(most).cloned().collect();
        Box::pin(std::future::ready(Ok(read)))
    }

    fn end(&self) -> u64 {
        *self.end.borrow()
    }

    fn grown(&self, from: u64) -> Waiting<'_> {
        self.waited.send_replace(Some(from));
        let mut end = self.end.subscribe();
        Box::pin(async move { drop(end.wait_for(|end| *end > from).await) })
    }
}
