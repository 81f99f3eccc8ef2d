//! Legal holds in force. That one was set, and that it was released, is in the trail.

use hoop_model::{ConnectionName, HoldId, SessionId, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;

use crate::{Reviewer, Store, StoreError, column};

/// What is kept whatever its age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldOf {
    Session(SessionId),
    Connection(ConnectionName),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalHold {
    pub id: HoldId,
    pub of: HoldOf,
    /// Masked.
    pub reason: String,
    pub by: Reviewer,
    pub at: Timestamp,
}

impl LegalHold {
    /// Whether it keeps what was recorded of this session and connection.
    pub fn keeps(&self, session: Option<SessionId>, connection: Option<&ConnectionName>) -> bool {
        match &self.of {
            HoldOf::Session(held) => session == Some(*held),
            HoldOf::Connection(held) => connection == Some(held),
        }
    }
}

impl Store {
    pub async fn insert_legal_hold(&self, hold: &LegalHold) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO legal_holds (id, document) VALUES (?, ?)")
            .bind(hold.id.to_string())
            .bind(column::json("legal hold", hold)?)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Those in force, the oldest first.
    pub async fn legal_holds(&self) -> Result<Vec<LegalHold>, StoreError> {
        let rows = sqlx::query("SELECT document FROM legal_holds ORDER BY id").fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// Releases a hold and says what it was. `None`: there is none of this id.
    pub async fn remove_legal_hold(&self, id: HoldId) -> Result<Option<LegalHold>, StoreError> {
        let row = sqlx::query("DELETE FROM legal_holds WHERE id = ? RETURNING document")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(read).transpose()
    }
}

fn read(row: &SqliteRow) -> Result<LegalHold, StoreError> {
    column::document(row, "document")
}
