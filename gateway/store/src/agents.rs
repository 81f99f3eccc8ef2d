//! Agents and the one-time tokens they join with.

use hoop_model::{AgentId, Timestamp};
use sqlx::{Row, sqlite::SqliteRow};

use crate::{Store, StoreError, column};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    pub id: AgentId,
    pub name: String,
    pub created_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

impl Store {
    /// `hash`: hex SHA-256 of the token's secret, which is kept nowhere.
    pub async fn insert_join_token(&self, hash: &str, name: &str, expires_at: Timestamp) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO join_tokens (hash, name, expires_at) VALUES (?, ?, ?)")
            .bind(hash)
            .bind(name)
            .bind(column::time(expires_at))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Uses a token up and makes its agent; says the agent's name. `None`: unknown, used or expired. Of two that come
    /// at once, one wins.
    pub async fn redeem_join_token(
        &self,
        hash: &str,
        agent: AgentId,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let used = sqlx::query(
            "UPDATE join_tokens SET used_at = ?1 WHERE hash = ?2 AND used_at IS NULL AND expires_at > ?1 RETURNING name",
        )
        .bind(column::time(now))
        .bind(hash)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = used else { return Ok(None) };
        let name: String = row.try_get("name")?;
        sqlx::query("INSERT INTO agents (id, name, created_at) VALUES (?, ?, ?)")
            .bind(agent.to_string())
            .bind(&name)
            .bind(column::time(now))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Some(name))
    }

    pub async fn agent(&self, id: AgentId) -> Result<Option<Agent>, StoreError> {
        let row =
            sqlx::query("SELECT * FROM agents WHERE id = ?").bind(id.to_string()).fetch_optional(&self.pool).await?;
        row.map(|row| read(&row)).transpose()
    }

    pub async fn agents(&self) -> Result<Vec<Agent>, StoreError> {
        let rows = sqlx::query("SELECT * FROM agents ORDER BY name, created_at").fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    pub async fn revoke_agent(&self, id: AgentId, at: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE agents SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL")
            .bind(column::time(at))
            .bind(id.to_string())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Agents revoked at `since` or after it.
    pub async fn agents_revoked_since(&self, since: Timestamp) -> Result<Vec<AgentId>, StoreError> {
        let rows = sqlx::query("SELECT id FROM agents WHERE revoked_at >= ?")
            .bind(column::time(since))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| column::parsed(row, "id")).collect()
    }
}

fn read(row: &SqliteRow) -> Result<Agent, StoreError> {
    Ok(Agent {
        id: column::parsed(row, "id")?,
        name: row.try_get("name")?,
        created_at: column::parsed(row, "created_at")?,
        revoked_at: column::optional_time(row, "revoked_at")?,
    })
}
