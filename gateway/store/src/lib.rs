//! What the gateway remembers outside the trail: logins, agents and their join tokens, requests for approval, used
//! workload tokens, pinned tools, legal holds, alerts and incidents, and an index of the trail's sessions. SQLite now; the
//! same contract holds for PostgreSQL later.
//!
//! Every error means "refuse new work": nothing passes because the store could not be asked.

mod agents;
mod alerts;
mod approvals;
mod card_searches;
mod column;
mod incidents;
mod legal_holds;
mod logins;
mod migrations;
mod replay;
mod review;
mod tools;
mod trail_index;

use std::{path::Path, time::Duration};

pub use agents::Agent;
pub use alerts::{Alert, AlertState, Answer, OpenAlerts};
pub use card_searches::CardSearch;
pub use incidents::{Incident, IncidentEnd};
pub use legal_holds::{HoldOf, LegalHold};
pub use logins::Login;
pub use review::Reviewed;
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
pub use tools::{KnownTool, PendingTool, PinnedTool, Reviewer, ToolChanges, ToolDefinition, ToolDigests};
pub use trail_index::{SessionFilter, SessionSummary};

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// A row that this version cannot read.
    #[error("a stored {what} cannot be read: {detail}")]
    Unreadable { what: &'static str, detail: String },
    #[error("the database was made by a newer version (schema {found}, this one knows {known}); update the gateway")]
    Newer { found: i64, known: i64 },
    /// Records reach the index in order and without gaps.
    #[error("the index of the trail goes on with record {expected}, but was given {found}")]
    TrailGap { expected: u64, found: u64 },
}

/// How long and how often a new database is tried that another is about to open too.
const TRIES: u32 = 500;
const PAUSE: Duration = Duration::from_millis(10);

/// Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pool: SqlitePool,
}

impl Store {
    /// Opens the database at `path`, makes it when it is missing, and brings its schema up to date.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true);
        let pool = connect(options).await?;
        migrations::run(&pool).await?;
        Ok(Self { pool })
    }

    /// Waits for what is under way and ends every connection; later calls fail.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// SQLite waits for a lock by itself, but not where two turn the same new database to WAL: each would wait for the other.
async fn connect(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let mut left = TRIES;
    loop {
        left = left.saturating_sub(1);
        match SqlitePoolOptions::new().max_connections(4).connect_with(options.clone()).await {
            Err(error) if left > 0 && is_busy(&error) => tokio::time::sleep(PAUSE).await,
            opened => return opened,
        }
    }
}

/// `SQLITE_BUSY`, whatever its second byte says of why.
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xff == 5)
}
