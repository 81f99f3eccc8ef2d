//! What `hoopctl sessions` lists: one summary per session, read off the trail's records. The trail is the truth; the
//! index can be forgotten and made again from record 0.

use std::collections::{HashMap, hash_map::Entry};

use hoop_audit::{Counts, Origin, Record, RecordType};
use hoop_model::{ConnectionKind, ConnectionName, SessionId, Subject, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::{Row, SqliteConnection};

use crate::{Store, StoreError, column};

/// One session as its records tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionSummary {
    pub id: SessionId,
    pub origin: Option<Origin>,
    pub connection: Option<ConnectionName>,
    pub protocol: Option<ConnectionKind>,
    pub started_at: Timestamp,
    /// Absent: it lives.
    pub ended_at: Option<Timestamp>,
    /// `unknown` when the gateway did not live to see its end.
    pub outcome: Option<String>,
    /// Requests that went upstream.
    pub exchanges: u64,
    /// Requests that waited for an approver.
    pub held: u64,
    pub denied: u64,
    /// Delivered, and masked in it, commands included.
    pub counts: Counts,
    /// Its first and newest record in the log.
    pub first_seq: u64,
    pub last_seq: u64,
}

/// Which sessions to list.
#[derive(Debug, Clone, Default)]
pub struct SessionFilter {
    pub subject: Option<Subject>,
    pub connection: Option<ConnectionName>,
    /// Only sessions older than the one that began with this record: the next page.
    pub before: Option<u64>,
    /// At the most this many; 0 means 100.
    pub limit: u32,
}

impl SessionSummary {
    fn begin(id: SessionId, record: &Record) -> Self {
        Self {
            id,
            origin: record.draft.origin.clone(),
            connection: record.draft.connection.clone(),
            protocol: record.draft.protocol,
            started_at: record.ts,
            ended_at: None,
            outcome: None,
            exchanges: 0,
            held: 0,
            denied: 0,
            counts: Counts::default(),
            first_seq: record.seq,
            last_seq: record.seq,
        }
    }

    fn take(&mut self, record: &Record) {
        self.last_seq = record.seq;
        match record.draft.kind {
            RecordType::Request => self.exchanges += 1,
            RecordType::ApprovalRequested => self.held += 1,
            RecordType::Denied => self.denied += 1,
            RecordType::SessionEnd => {
                self.ended_at = Some(record.ts);
                self.outcome = record.draft.outcome.clone();
            }
            _ => {}
        }
        // The end of an exchange repeats what its chunks said; a crash leaves it without.
        let counted = matches!(record.draft.kind, RecordType::Request | RecordType::ResponseChunk);
        if let Some(counts) = record.draft.counts.as_ref().filter(|_| counted) {
            self.counts.rows = self.counts.rows.saturating_add(counts.rows);
            self.counts.bytes = self.counts.bytes.saturating_add(counts.bytes);
            for (rule, count) in &counts.masked {
                let sum: &mut u64 = self.counts.masked.entry(rule.clone()).or_default();
                *sum = sum.saturating_add(*count);
            }
        }
    }
}

impl Store {
    /// The number of the record that the index wants next. Beyond the trail's end, the trail is not the one it was made
    /// from: [`Store::forget_trail_index`].
    pub async fn trail_cursor(&self) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT next_seq FROM trail_cursor").fetch_one(&self.pool).await?;
        seq(row.try_get("next_seq")?)
    }

    /// Takes the next records in, in order; those it has already are passed over. All or nothing.
    pub async fn index_trail(&self, records: &[Record]) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let row = sqlx::query("SELECT next_seq FROM trail_cursor").fetch_one(&mut *transaction).await?;
        let from = seq(row.try_get("next_seq")?)?;
        let mut next = from;
        let mut changed: HashMap<SessionId, SessionSummary> = HashMap::new();
        for record in records.iter().skip_while(|record| record.seq < from) {
            if record.seq != next {
                return Err(StoreError::TrailGap { expected: next, found: record.seq });
            }
            next = next.saturating_add(1);
            let Some(id) = record.draft.session_id else { continue };
            let summary = match changed.entry(id) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => {
                    let known = find(&mut transaction, id).await?;
                    entry.insert(known.unwrap_or_else(|| SessionSummary::begin(id, record)))
                }
            };
            summary.take(record);
        }
        for summary in changed.values() {
            save(&mut transaction, summary).await?;
        }
        sqlx::query("UPDATE trail_cursor SET next_seq = ?")
            .bind(column::count("record number", next)?)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    pub async fn indexed_session(&self, id: SessionId) -> Result<Option<SessionSummary>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        find(&mut connection, id).await
    }

    /// Newest first.
    pub async fn indexed_sessions(&self, filter: &SessionFilter) -> Result<Vec<SessionSummary>, StoreError> {
        let rows = sqlx::query(
            "SELECT document FROM trail_sessions
             WHERE (?1 IS NULL OR subject = ?1) AND (?2 IS NULL OR connection = ?2) AND (?3 IS NULL OR first_seq < ?3)
             ORDER BY first_seq DESC LIMIT ?4",
        )
        .bind(filter.subject.as_ref().map(column::subject).transpose()?)
        .bind(filter.connection.as_ref().map(ConnectionName::as_str))
        .bind(filter.before.map(|before| i64::try_from(before).unwrap_or(i64::MAX)))
        .bind(if filter.limit == 0 { 100 } else { filter.limit })
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| column::document(row, "document")).collect()
    }

    /// Empties the index; [`Store::index_trail`] begins with record 0 again.
    pub async fn forget_trail_index(&self) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM trail_sessions").execute(&mut *transaction).await?;
        sqlx::query("UPDATE trail_cursor SET next_seq = 0").execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(())
    }
}

async fn find(connection: &mut SqliteConnection, id: SessionId) -> Result<Option<SessionSummary>, StoreError> {
    let row = sqlx::query("SELECT document FROM trail_sessions WHERE id = ?")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    row.map(|row| column::document(&row, "document")).transpose()
}

async fn save(connection: &mut SqliteConnection, summary: &SessionSummary) -> Result<(), StoreError> {
    let subject = summary.origin.as_ref().map(|origin| column::subject(&origin.subject)).transpose()?;
    sqlx::query(
        "INSERT INTO trail_sessions (id, subject, connection, first_seq, document) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET document = excluded.document",
    )
    .bind(summary.id.to_string())
    .bind(subject.unwrap_or_default())
    .bind(summary.connection.as_ref().map_or("", ConnectionName::as_str))
    .bind(column::count("record number", summary.first_seq)?)
    .bind(column::json("session", summary)?)
    .execute(connection)
    .await?;
    Ok(())
}

fn seq(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|error| StoreError::Unreadable { what: "record number", detail: error.to_string() })
}
