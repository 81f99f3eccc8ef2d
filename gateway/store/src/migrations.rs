use sqlx::{Row, SqlitePool};

use crate::StoreError;

/// One step per schema version, in order; never changed once released.
const STEPS: &[&str] = &["
CREATE TABLE logins (
    id TEXT PRIMARY KEY, subject TEXT NOT NULL, principal TEXT NOT NULL, key TEXT NOT NULL,
    created_at TEXT NOT NULL, expires_at TEXT NOT NULL, ends_at TEXT NOT NULL, revoked_at TEXT
) STRICT;
CREATE INDEX logins_by_subject ON logins (subject);
CREATE TABLE agents (id TEXT PRIMARY KEY, name TEXT NOT NULL, created_at TEXT NOT NULL, revoked_at TEXT) STRICT;
CREATE TABLE join_tokens (
    hash TEXT PRIMARY KEY, name TEXT NOT NULL, expires_at TEXT NOT NULL, used_at TEXT
) STRICT;
CREATE TABLE approvals (
    id TEXT PRIMARY KEY, binding TEXT NOT NULL, state TEXT NOT NULL, created_at TEXT NOT NULL, document TEXT NOT NULL
) STRICT;
CREATE INDEX approvals_by_binding ON approvals (binding);
CREATE INDEX approvals_by_state ON approvals (state, created_at);
CREATE TABLE used_tokens (key TEXT PRIMARY KEY, expires_at TEXT NOT NULL) STRICT;
"];

pub(crate) async fn run(pool: &SqlitePool) -> Result<(), StoreError> {
    let mut transaction = pool.begin().await?;
    let row = sqlx::query("PRAGMA user_version").fetch_one(&mut *transaction).await?;
    let found: i64 = row.try_get(0)?;
    let known = STEPS.len() as i64;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for (version, step) in (1_i64..).zip(STEPS).filter(|(version, _)| *version > found) {
        sqlx::raw_sql(*step).execute(&mut *transaction).await?;
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("PRAGMA user_version = {version}"))).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(())
}
