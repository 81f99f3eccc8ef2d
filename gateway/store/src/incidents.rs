//! Incidents: the times that a control failed, as the trail tells them, and those that it could not be told of yet.

use hoop_model::{IncidentId, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::{SqliteConnection, sqlite::SqliteRow};

use crate::{Store, StoreError, column};

/// One time that a control failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    pub id: IncidentId,
    pub control: String,
    /// Which of several: a connection, a receiver.
    pub key: String,
    pub cause: String,
    pub owner: String,
    pub since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<IncidentEnd>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentEnd {
    pub until: Timestamp,
    pub seconds: u64,
    /// What mended it.
    pub remediation: String,
}

impl Store {
    /// Keeps what is known of an incident; `recorded`: the trail tells of its beginning.
    pub async fn keep_incident(&self, incident: &Incident, recorded: bool) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        keep(&mut connection, incident, recorded).await
    }

    /// Those that have not ended, or that the trail does not tell of; each with whether it does.
    pub async fn unsettled_incidents(&self) -> Result<Vec<(Incident, bool)>, StoreError> {
        use sqlx::Row;
        let rows = sqlx::query("SELECT document, recorded FROM incidents WHERE ended = 0 OR recorded = 0 ORDER BY id")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok((read(row)?, row.try_get::<i64, _>("recorded")? == 1))).collect()
    }
}

/// An incident that has ended stays so, and so does one that was recorded.
pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    incident: &Incident,
    recorded: bool,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO incidents (id, control, key, recorded, ended, document) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO UPDATE SET recorded = MAX(recorded, excluded.recorded),
         document = CASE WHEN ended = 1 THEN document ELSE excluded.document END, ended = MAX(ended, excluded.ended)",
    )
    .bind(incident.id.to_string())
    .bind(&incident.control)
    .bind(&incident.key)
    .bind(recorded)
    .bind(incident.ended.is_some())
    .bind(column::json("incident", incident)?)
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes over a beginning from the trail. One that was shown anew, after the store was lost, is the same.
pub(crate) async fn began(connection: &mut SqliteConnection, incident: &Incident) -> Result<(), StoreError> {
    sqlx::query(
        "DELETE FROM incidents WHERE control = ?1 AND key = ?2 AND recorded = 0 AND id <> ?3
         AND json_extract(document, '$.since') = json_extract(?4, '$.since')",
    )
    .bind(&incident.control)
    .bind(&incident.key)
    .bind(incident.id.to_string())
    .bind(column::json("incident", incident)?)
    .execute(&mut *connection)
    .await?;
    keep(connection, incident, true).await
}

/// Keeps an incident that the trail itself shows, unless there is one of this control and key.
pub(crate) async fn insert_once(connection: &mut SqliteConnection, incident: &Incident) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO incidents (id, control, key, recorded, ended, document) SELECT ?1, ?2, ?3, 0, ?4, ?5
         WHERE NOT EXISTS (SELECT 1 FROM incidents WHERE control = ?2 AND key = ?3)",
    )
    .bind(incident.id.to_string())
    .bind(&incident.control)
    .bind(&incident.key)
    .bind(incident.ended.is_some())
    .bind(column::json("incident", incident)?)
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes over an end from the trail.
pub(crate) async fn ended(
    connection: &mut SqliteConnection,
    id: IncidentId,
    end: &IncidentEnd,
) -> Result<(), StoreError> {
    let row = sqlx::query("SELECT document FROM incidents WHERE id = ?")
        .bind(id.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else { return Ok(()) };
    keep(connection, &Incident { ended: Some(end.clone()), ..read(&row)? }, true).await
}

fn read(row: &SqliteRow) -> Result<Incident, StoreError> {
    column::document(row, "document")
}
