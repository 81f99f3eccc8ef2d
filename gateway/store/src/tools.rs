//! Tools of MCP servers: the definition that is pinned of each, and the one that waits for a review.

use hoop_model::{ConnectionName, Subject, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{Store, StoreError, column};

/// What is pinned in the tables of pins; prompts and resources may come.
const TOOL: &str = "tool";

/// One definition. The digest is over the clear one; what is kept is masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolDefinition {
    /// Hex SHA-256 of the canonical form.
    pub digest: String,
    pub masked: Value,
    /// What in it is suspicious, as a list.
    pub findings: Value,
}

/// Who reviewed a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewer {
    pub subject: Subject,
    pub name: String,
}

/// The definition that may be used; `by` is absent where it came with the first listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedTool {
    pub definition: ToolDefinition,
    pub by: Option<Reviewer>,
    pub at: Timestamp,
}

/// The definition that the server lists and nobody may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingTool {
    pub definition: ToolDefinition,
    pub seen_at: Timestamp,
    pub rejected_by: Option<Reviewer>,
}

/// All that is known of a tool: something is pinned, something waits, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownTool {
    pub connection: ConnectionName,
    pub name: String,
    pub pinned: Option<PinnedTool>,
    pub pending: Option<PendingTool>,
}

/// A tool by its digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolDigests {
    pub connection: ConnectionName,
    pub name: String,
    pub pinned: Option<String>,
    pub pending: Option<String>,
}

/// What a listing changed of one connection's tools, by their names.
#[derive(Debug, Clone, Default)]
pub struct ToolChanges {
    /// Pinned unseen.
    pub trusted: Vec<(String, ToolDefinition)>,
    pub hidden: Vec<(String, ToolDefinition)>,
    /// Again as they are pinned.
    pub restored: Vec<String>,
}

/// Both tables side by side, a row for each tool that is in either.
const JOINED: &str =
    "FROM (SELECT connection, kind, name FROM pins UNION SELECT connection, kind, name FROM pending_pins) AS known
     LEFT JOIN pins USING (connection, kind, name)
     LEFT JOIN pending_pins AS pending USING (connection, kind, name)
     WHERE kind = ?1 AND (?2 IS NULL OR connection = ?2) AND (?3 IS NULL OR name = ?3)
     ORDER BY connection, name";

impl Store {
    /// Every tool of every connection.
    pub async fn tool_digests(&self) -> Result<Vec<ToolDigests>, StoreError> {
        let sql = format!("SELECT connection, name, pins.digest AS pinned, pending.digest AS pending {JOINED}");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(TOOL)
            .bind(None::<&str>)
            .bind(None::<&str>)
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(ToolDigests {
                    connection: column::parsed(row, "connection")?,
                    name: row.try_get("name")?,
                    pinned: row.try_get("pinned")?,
                    pending: row.try_get("pending")?,
                })
            })
            .collect()
    }

    /// The tools of one connection, or of all.
    pub async fn tools(&self, connection: Option<&ConnectionName>) -> Result<Vec<KnownTool>, StoreError> {
        self.known(connection, None).await
    }

    pub async fn tool(&self, connection: &ConnectionName, name: &str) -> Result<Option<KnownTool>, StoreError> {
        Ok(self.known(Some(connection), Some(name)).await?.pop())
    }

    async fn known(
        &self,
        connection: Option<&ConnectionName>,
        name: Option<&str>,
    ) -> Result<Vec<KnownTool>, StoreError> {
        let sql = format!(
            "SELECT connection, name, pins.digest, pins.definition, pins.findings, approved_by, approved_at,
             pending.digest AS pending_digest, pending.definition AS pending_definition,
             pending.findings AS pending_findings, seen_at, rejected_by {JOINED}"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(TOOL)
            .bind(connection.map(ConnectionName::as_str))
            .bind(name)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read).collect()
    }

    /// Takes in what a listing changed. All or nothing.
    pub async fn change_tools(
        &self,
        connection: &ConnectionName,
        changes: &ToolChanges,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        for (name, definition) in &changes.trusted {
            pin(&mut transaction, connection, name, definition, None, at).await?;
        }
        for (name, definition) in &changes.hidden {
            sqlx::query(
                "INSERT INTO pending_pins (connection, kind, name, digest, definition, findings, seen_at)
                 VALUES (?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT (connection, kind, name) DO UPDATE SET digest = excluded.digest,
                 definition = excluded.definition, findings = excluded.findings, seen_at = excluded.seen_at, rejected_by = NULL",
            )
            .bind(connection.as_str())
            .bind(TOOL)
            .bind(name)
            .bind(&definition.digest)
            .bind(column::json("definition", &definition.masked)?)
            .bind(column::json("findings", &definition.findings)?)
            .bind(column::time(at))
            .execute(&mut *transaction)
            .await?;
        }
        for name in &changes.restored {
            settle(&mut transaction, connection, name).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Pins the definition that waits, if it is this one. `false`: another one waits, or none.
    pub async fn approve_tool(
        &self,
        connection: &ConnectionName,
        name: &str,
        digest: &str,
        by: &Reviewer,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let waiting = sqlx::query(
            "SELECT digest, definition, findings FROM pending_pins
             WHERE connection = ? AND kind = ? AND name = ? AND digest = ?",
        )
        .bind(connection.as_str())
        .bind(TOOL)
        .bind(name)
        .bind(digest)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = waiting else { return Ok(false) };
        let definition = ToolDefinition {
            digest: row.try_get("digest")?,
            masked: column::document(&row, "definition")?,
            findings: column::document(&row, "findings")?,
        };
        pin(&mut transaction, connection, name, &definition, Some(by), at).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Marks the definition that waits as rejected, if it is this one; it stays hidden.
    pub async fn reject_tool(
        &self,
        connection: &ConnectionName,
        name: &str,
        digest: &str,
        by: &Reviewer,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE pending_pins SET rejected_by = ? WHERE connection = ? AND kind = ? AND name = ? AND digest = ?",
        )
        .bind(column::json("reviewer", by)?)
        .bind(connection.as_str())
        .bind(TOOL)
        .bind(name)
        .bind(digest)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

/// Pins a definition in the place of what was pinned before, and nothing waits any more.
async fn pin(
    transaction: &mut SqliteConnection,
    connection: &ConnectionName,
    name: &str,
    definition: &ToolDefinition,
    by: Option<&Reviewer>,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO pins (connection, kind, name, digest, definition, findings, approved_by, approved_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (connection, kind, name) DO UPDATE SET digest = excluded.digest, definition = excluded.definition,
         findings = excluded.findings, approved_by = excluded.approved_by, approved_at = excluded.approved_at",
    )
    .bind(connection.as_str())
    .bind(TOOL)
    .bind(name)
    .bind(&definition.digest)
    .bind(column::json("definition", &definition.masked)?)
    .bind(column::json("findings", &definition.findings)?)
    .bind(by.map(|by| column::json("reviewer", by)).transpose()?)
    .bind(column::time(at))
    .execute(&mut *transaction)
    .await?;
    settle(transaction, connection, name).await
}

async fn settle(transaction: &mut SqliteConnection, connection: &ConnectionName, name: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM pending_pins WHERE connection = ? AND kind = ? AND name = ?")
        .bind(connection.as_str())
        .bind(TOOL)
        .bind(name)
        .execute(transaction)
        .await?;
    Ok(())
}

fn read(row: &SqliteRow) -> Result<KnownTool, StoreError> {
    let present = |column| Ok::<_, StoreError>(row.try_get::<Option<String>, _>(column)?.is_some());
    let reviewer =
        |column| Ok::<_, StoreError>(if present(column)? { Some(column::document(row, column)?) } else { None });
    let pinned = if present("digest")? {
        let definition = ToolDefinition {
            digest: row.try_get("digest")?,
            masked: column::document(row, "definition")?,
            findings: column::document(row, "findings")?,
        };
        Some(PinnedTool { definition, by: reviewer("approved_by")?, at: column::parsed(row, "approved_at")? })
    } else {
        None
    };
    let pending = if present("pending_digest")? {
        let definition = ToolDefinition {
            digest: row.try_get("pending_digest")?,
            masked: column::document(row, "pending_definition")?,
            findings: column::document(row, "pending_findings")?,
        };
        let seen_at = column::parsed(row, "seen_at")?;
        Some(PendingTool { definition, seen_at, rejected_by: reviewer("rejected_by")? })
    } else {
        None
    };
    Ok(KnownTool { connection: column::parsed(row, "connection")?, name: row.try_get("name")?, pinned, pending })
}
