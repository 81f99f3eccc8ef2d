//! Alerts of the automatic review: one for each finding, until somebody has closed it. The trail is the truth of what was
//! opened, acknowledged and closed; here it can be asked for.

use hoop_model::{AlertId, ConnectionName, Subject, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{Reviewer, Store, StoreError, column};

/// A finding that somebody is to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    #[serde(skip)]
    pub id: AlertId,
    /// Of the finding: there is one alert of each.
    #[serde(skip)]
    pub key: String,
    pub rule: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionName>,
    pub what: String,
    /// The records it is about.
    pub first_seq: u64,
    pub last_seq: u64,
    pub count: u64,
    pub opened_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Answer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Answer>,
}

/// What somebody said of an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub by: Reviewer,
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    Open,
    Acknowledged,
    Closed,
}

/// How many alerts wait for somebody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OpenAlerts {
    pub open: u64,
    pub acknowledged: u64,
}

impl AlertState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Closed => "closed",
        }
    }
}

impl Alert {
    pub fn state(&self) -> AlertState {
        match (&self.acknowledged, &self.closed) {
            (_, Some(_)) => AlertState::Closed,
            (Some(_), None) => AlertState::Acknowledged,
            (None, None) => AlertState::Open,
        }
    }
}

impl Store {
    pub async fn alert(&self, id: AlertId) -> Result<Option<Alert>, StoreError> {
        let row =
            sqlx::query("SELECT * FROM alerts WHERE id = ?").bind(id.to_string()).fetch_optional(&self.pool).await?;
        row.map(|row| read(&row)).transpose()
    }

    /// Those that the trail tells of: open ones first, then those that are acknowledged, with `closed` the closed ones; of
    /// each the newest first.
    pub async fn alerts(&self, closed: bool) -> Result<Vec<Alert>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM alerts WHERE recorded = 1 AND (?1 OR state <> 'closed')
             ORDER BY CASE state WHEN 'open' THEN 0 WHEN 'acknowledged' THEN 1 ELSE 2 END, opened_at DESC, id DESC",
        )
        .bind(closed)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read).collect()
    }

    pub async fn open_alerts(&self) -> Result<OpenAlerts, StoreError> {
        let row = sqlx::query(
            "SELECT COUNT(*) FILTER (WHERE state = 'open') AS open,
             COUNT(*) FILTER (WHERE state = 'acknowledged') AS acknowledged FROM alerts",
        )
        .fetch_one(&self.pool)
        .await?;
        let count = |column| Ok::<_, StoreError>(u64::try_from(row.try_get::<i64, _>(column)?).unwrap_or_default());
        Ok(OpenAlerts { open: count("open")?, acknowledged: count("acknowledged")? })
    }

    /// Those of which the trail does not tell yet, oldest first.
    pub async fn unrecorded_alerts(&self) -> Result<Vec<Alert>, StoreError> {
        let rows =
            sqlx::query("SELECT * FROM alerts WHERE recorded = 0 ORDER BY opened_at, id").fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// The trail tells of the alert on this finding, by this id.
    pub async fn alert_recorded(&self, id: AlertId, key: &str) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        recorded(&mut connection, id, key).await
    }

    /// Puts `after` in the place of `before`; `false`: somebody else was faster, and nothing changed.
    pub async fn replace_alert(&self, before: &Alert, after: &Alert) -> Result<bool, StoreError> {
        let mut connection = self.pool.acquire().await?;
        replace(&mut connection, before, after).await
    }
}

/// Keeps a new alert; there is one for each finding.
pub(crate) async fn insert(connection: &mut SqliteConnection, alert: &Alert) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO alerts (id, key, state, opened_at, recorded, document) VALUES (?, ?, ?, ?, 0, ?)
         ON CONFLICT (key) DO NOTHING",
    )
    .bind(alert.id.to_string())
    .bind(&alert.key)
    .bind(alert.state().as_str())
    .bind(column::time(alert.opened_at))
    .bind(column::json("alert", alert)?)
    .execute(connection)
    .await?;
    Ok(())
}

/// An alert that is found anew takes the id that the trail knows it by.
pub(crate) async fn recorded(connection: &mut SqliteConnection, id: AlertId, key: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE alerts SET id = ?, recorded = 1 WHERE key = ? AND recorded = 0")
        .bind(id.to_string())
        .bind(key)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes over what the trail says was answered, where it is not known yet.
pub(crate) async fn answered(
    connection: &mut SqliteConnection,
    id: AlertId,
    to: AlertState,
    answer: &Answer,
) -> Result<(), StoreError> {
    let row = sqlx::query("SELECT * FROM alerts WHERE id = ?").bind(id.to_string()).fetch_optional(&mut *connection);
    let Some(before) = row.await?.map(|row| read(&row)).transpose()? else { return Ok(()) };
    let mut after = before.clone();
    match to {
        AlertState::Acknowledged => after.acknowledged = before.acknowledged.clone().or_else(|| Some(answer.clone())),
        AlertState::Closed => after.closed = before.closed.clone().or_else(|| Some(answer.clone())),
        AlertState::Open => {}
    }
    if before != after {
        replace(connection, &before, &after).await?;
    }
    Ok(())
}

async fn replace(connection: &mut SqliteConnection, before: &Alert, after: &Alert) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE alerts SET state = ?, document = ? WHERE id = ? AND document = ?")
        .bind(after.state().as_str())
        .bind(column::json("alert", after)?)
        .bind(before.id.to_string())
        .bind(column::json("alert", before)?)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

fn read(row: &SqliteRow) -> Result<Alert, StoreError> {
    let alert: Alert = column::document(row, "document")?;
    Ok(Alert { id: column::parsed(row, "id")?, key: row.try_get("key")?, ..alert })
}
