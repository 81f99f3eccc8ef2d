//! Workload tokens that were used: each works once.

use hoop_model::Timestamp;

use crate::{Store, StoreError, column};

impl Store {
    /// `true` for the first who brings this token. `key` is a digest of the token; it is forgotten some time after
    /// `expires_at`, when the token is refused for its age.
    pub async fn use_token_once(&self, key: &str, expires_at: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query("INSERT INTO used_tokens (key, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(key)
            .bind(column::time(expires_at))
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Forgets tokens that are too old to be accepted anyway.
    pub async fn forget_used_tokens(&self, expired_before: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM used_tokens WHERE expires_at < ?")
            .bind(column::time(expired_before))
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }
}
