//! Searches of the trail for a card. One person asks, another lets it happen.

use hoop_model::{SearchId, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;

use crate::{Answer, Reviewer, Store, StoreError, column};

/// The card is nowhere here: its keyed digest is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardSearch {
    pub id: SearchId,
    /// As records have it, `<key id>_<letters>`.
    pub digest: String,
    /// Masked.
    pub reason: String,
    pub by: Reviewer,
    pub at: Timestamp,
    /// Nobody may look after this.
    pub ends: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<Answer>,
}

impl Store {
    pub async fn insert_card_search(&self, search: &CardSearch) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO card_searches (id, approved, ends_at, document) VALUES (?, 0, ?, ?)")
            .bind(search.id.to_string())
            .bind(column::time(search.ends))
            .bind(column::json("search", search)?)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    pub async fn card_search(&self, id: SearchId) -> Result<Option<CardSearch>, StoreError> {
        let row = sqlx::query("SELECT document FROM card_searches WHERE id = ?")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Those that have not ended, the oldest first.
    pub async fn card_searches(&self, now: Timestamp) -> Result<Vec<CardSearch>, StoreError> {
        let rows = sqlx::query("SELECT document FROM card_searches WHERE ends_at > ? ORDER BY id")
            .bind(column::time(now))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read).collect()
    }

    /// Keeps that a search was approved. Of two that come at once, one wins: whether this was it.
    pub async fn approve_card_search(&self, search: &CardSearch) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE card_searches SET approved = 1, document = ? WHERE id = ? AND approved = 0")
            .bind(column::json("search", search)?)
            .bind(search.id.to_string())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn read(row: &SqliteRow) -> Result<CardSearch, StoreError> {
    column::document(row, "document")
}
