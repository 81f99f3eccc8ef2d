//! Requests for approval. The document is the truth; a change replaces it only if nobody else did meanwhile.

use hoop_approval::{Approval, Binding};
use hoop_model::ApprovalId;

use crate::{Store, StoreError, column};

impl Store {
    pub async fn insert_approval(&self, approval: &Approval) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO approvals (id, binding, state, created_at, document) VALUES (?, ?, ?, ?, ?)")
            .bind(approval.request().id.to_string())
            .bind(approval.request().binding.as_str())
            .bind(approval.state().as_str())
            .bind(column::time(approval.request().created_at))
            .bind(column::json("approval", approval)?)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    pub async fn approval(&self, id: ApprovalId) -> Result<Option<Approval>, StoreError> {
        let row = sqlx::query("SELECT document FROM approvals WHERE id = ?")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| column::document(&row, "document")).transpose()
    }

    /// Oldest first.
    pub async fn approvals(&self, pending_only: bool) -> Result<Vec<Approval>, StoreError> {
        let rows = sqlx::query("SELECT document FROM approvals WHERE ? OR state = 'pending' ORDER BY created_at")
            .bind(!pending_only)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| column::document(row, "document")).collect()
    }

    /// Those that bind the same command and may still lead to its running; newest first.
    pub async fn approvals_for_binding(&self, binding: &Binding) -> Result<Vec<Approval>, StoreError> {
        let rows = sqlx::query(
            "SELECT document FROM approvals WHERE binding = ? AND state IN ('pending', 'approved')
             ORDER BY state, created_at DESC",
        )
        .bind(binding.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| column::document(row, "document")).collect()
    }

    /// Puts `after` in the place of `before`; `false`: somebody else was faster, and nothing changed.
    pub async fn replace_approval(&self, before: &Approval, after: &Approval) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE approvals SET state = ?, document = ? WHERE id = ? AND document = ?")
            .bind(after.state().as_str())
            .bind(column::json("approval", after)?)
            .bind(before.request().id.to_string())
            .bind(column::json("approval", before)?)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
