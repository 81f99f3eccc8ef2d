//! Logins: the rows behind session certificates.

use hoop_model::{LoginId, Principal, Subject, Timestamp};
use sqlx::sqlite::SqliteRow;

use crate::{Store, StoreError, column};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    pub id: LoginId,
    pub principal: Principal,
    /// Hex SHA-256 of the session key's SubjectPublicKeyInfo; of a client that shows an access token, of that.
    pub key: String,
    pub created_at: Timestamp,
    /// Renewed with each certificate.
    pub expires_at: Timestamp,
    /// No renewal goes beyond it.
    pub ends_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

impl Store {
    pub async fn insert_login(&self, login: &Login) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO logins (id, subject, principal, key, created_at, expires_at, ends_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(login.id.to_string())
        .bind(column::subject(&login.principal.subject)?)
        .bind(column::json("principal", &login.principal)?)
        .bind(&login.key)
        .bind(column::time(login.created_at))
        .bind(column::time(login.expires_at))
        .bind(column::time(login.ends_at))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    pub async fn login(&self, id: LoginId) -> Result<Option<Login>, StoreError> {
        let row =
            sqlx::query("SELECT * FROM logins WHERE id = ?").bind(id.to_string()).fetch_optional(&self.pool).await?;
        row.map(|row| read(&row)).transpose()
    }

    /// The login that this key belongs to; a key makes one login.
    pub async fn login_by_key(&self, key: &str) -> Result<Option<Login>, StoreError> {
        let row = sqlx::query("SELECT * FROM logins WHERE key = ? ORDER BY created_at DESC LIMIT 1")
            .bind(key)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| read(&row)).transpose()
    }

    /// A renewal: what the issuer says of the person now, and the new end. A revoked login stays revoked.
    pub async fn extend_login(
        &self,
        id: LoginId,
        principal: &Principal,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE logins SET principal = ?, expires_at = ? WHERE id = ? AND revoked_at IS NULL")
            .bind(column::json("principal", principal)?)
            .bind(column::time(expires_at))
            .bind(id.to_string())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn revoke_login(&self, id: LoginId, at: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE logins SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL")
            .bind(column::time(at))
            .bind(id.to_string())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Logins revoked at `since` or after it.
    pub async fn revoked_since(&self, since: Timestamp) -> Result<Vec<LoginId>, StoreError> {
        let rows = sqlx::query("SELECT id FROM logins WHERE revoked_at >= ?")
            .bind(column::time(since))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| column::parsed(row, "id")).collect()
    }

    /// Whether a login of the subject was revoked at `since` or after it.
    pub async fn was_revoked_since(&self, of: &Subject, since: Timestamp) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT 1 FROM logins WHERE subject = ? AND revoked_at >= ? LIMIT 1")
            .bind(column::subject(of)?)
            .bind(column::time(since))
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.is_some())
    }

    /// Ends every login of a subject; says which.
    pub async fn revoke_subject(&self, of: &Subject, at: Timestamp) -> Result<Vec<LoginId>, StoreError> {
        let rows =
            sqlx::query("UPDATE logins SET revoked_at = ? WHERE subject = ? AND revoked_at IS NULL RETURNING id")
                .bind(column::time(at))
                .bind(column::subject(of)?)
                .fetch_all(&self.pool)
                .await?;
        rows.iter().map(|row| column::parsed(row, "id")).collect()
    }
}

fn read(row: &SqliteRow) -> Result<Login, StoreError> {
    use sqlx::Row;
    Ok(Login {
        id: column::parsed(row, "id")?,
        principal: column::document(row, "principal")?,
        key: row.try_get("key")?,
        created_at: column::parsed(row, "created_at")?,
        expires_at: column::parsed(row, "expires_at")?,
        ends_at: column::parsed(row, "ends_at")?,
        revoked_at: column::optional_time(row, "revoked_at")?,
    })
}
