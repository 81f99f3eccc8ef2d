use sqlx::{Row, SqlitePool};

use crate::StoreError;

/// One step per schema version, in order; never changed once released.
const STEPS: &[&str] = &[
    "
CREATE TABLE logins (
    id TEXT PRIMARY KEY, subject TEXT NOT NULL, principal TEXT NOT NULL, key TEXT NOT NULL,
    created_at TEXT NOT NULL, expires_at TEXT NOT NULL, ends_at TEXT NOT NULL, revoked_at TEXT
) STRICT;
CREATE INDEX logins_by_subject ON logins (subject);
CREATE INDEX logins_by_key ON logins (key);
CREATE INDEX logins_by_revocation ON logins (revoked_at) WHERE revoked_at IS NOT NULL;
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
CREATE INDEX used_tokens_by_age ON used_tokens (expires_at);
CREATE TABLE trail_sessions (
    id TEXT PRIMARY KEY, subject TEXT NOT NULL, connection TEXT NOT NULL, first_seq INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX trail_sessions_by_age ON trail_sessions (first_seq);
CREATE TABLE trail_cursor (one INTEGER PRIMARY KEY CHECK (one = 1), next_seq INTEGER NOT NULL) STRICT;
INSERT INTO trail_cursor (one, next_seq) VALUES (1, 0);
",
    "
CREATE TABLE pins (
    connection TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL, definition TEXT NOT NULL,
    findings TEXT NOT NULL, approved_by TEXT, approved_at TEXT NOT NULL, PRIMARY KEY (connection, kind, name)
) STRICT;
CREATE TABLE pending_pins (
    connection TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL, definition TEXT NOT NULL,
    findings TEXT NOT NULL, seen_at TEXT NOT NULL, rejected_by TEXT, PRIMARY KEY (connection, kind, name)
) STRICT;
",
    "
CREATE TABLE legal_holds (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
",
    "
CREATE TABLE card_searches (
    id TEXT PRIMARY KEY, approved INTEGER NOT NULL, ends_at TEXT NOT NULL, document TEXT NOT NULL
) STRICT;
",
    "
CREATE TABLE alerts (
    id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, state TEXT NOT NULL, opened_at TEXT NOT NULL, recorded INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX alerts_by_state ON alerts (state, opened_at);
CREATE TABLE incidents (
    id TEXT PRIMARY KEY, control TEXT NOT NULL, key TEXT NOT NULL, recorded INTEGER NOT NULL, ended INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX incidents_by_control ON incidents (control, key);
CREATE TABLE review_state (one INTEGER PRIMARY KEY CHECK (one = 1), document TEXT NOT NULL) STRICT;
",
];

pub(crate) async fn run(pool: &SqlitePool) -> Result<(), StoreError> {
    // Two programs may open a new database at once: the second waits here instead of failing half-way.
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let row = sqlx::query("PRAGMA user_version").fetch_one(&mut *transaction).await?;
    let found: i64 = row.try_get(0)?;
    let known = STEPS.len() as i64;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for (version, step) in (1_i64..).zip(STEPS).filter(|(version, _)| *version > found) {
        sqlx::raw_sql(*step).execute(&mut *transaction).await?;
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("PRAGMA user_version = {version}")))
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(())
}
