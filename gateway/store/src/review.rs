//! How far the automatic review has read the trail, kept together with what it found there.

use hoop_model::{AlertId, IncidentId};
use sqlx::Row;

use crate::{Alert, AlertState, Answer, Incident, IncidentEnd, Store, StoreError, alerts, incidents};

/// What a stretch of the trail says, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reviewed {
    /// A finding to open an alert on.
    Found(Box<Alert>),
    /// The trail shows that a control failed for a while.
    Shown(Incident),
    Opened {
        id: AlertId,
        key: String,
    },
    Answered {
        id: AlertId,
        to: AlertState,
        answer: Answer,
    },
    Began(Incident),
    Ended {
        id: IncidentId,
        end: IncidentEnd,
    },
}

impl Store {
    /// As [`Store::save_review`] was given it last.
    pub async fn review_state(&self) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT document FROM review_state").fetch_optional(&self.pool).await?;
        row.map(|row| Ok(row.try_get("document")?)).transpose()
    }

    /// Keeps what was read, and where to go on. All or nothing; what is known already changes nothing.
    pub async fn save_review(&self, state: &str, reviewed: &[Reviewed]) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        for one in reviewed {
            match one {
                Reviewed::Found(alert) => alerts::insert(&mut transaction, alert).await?,
                Reviewed::Shown(incident) => incidents::insert_once(&mut transaction, incident).await?,
                Reviewed::Opened { id, key } => alerts::recorded(&mut transaction, *id, key).await?,
                Reviewed::Answered { id, to, answer } => {
                    alerts::answered(&mut transaction, *id, *to, answer).await?;
                }
                Reviewed::Began(incident) => incidents::began(&mut transaction, incident).await?,
                Reviewed::Ended { id, end } => incidents::ended(&mut transaction, *id, end).await?,
            }
        }
        sqlx::query(
            "INSERT INTO review_state (one, document) VALUES (1, ?)
             ON CONFLICT (one) DO UPDATE SET document = excluded.document",
        )
        .bind(state)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }
}
