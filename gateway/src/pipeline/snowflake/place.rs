//! Where a driver's session stands: what unqualified names mean in it, who runs its statements, and the order in which
//! they may find out.
//!
//! A statement is judged by the place it will run in, so nothing that moves the session may come between the two. What
//! moves it has the session to itself until its answer is read; everything else shares it until the upstream has taken
//! it on.

use std::sync::{Arc, Mutex, PoisonError};

use hoop_model::Action;
use hoop_snowflake::Answer;
use hoop_sql::{Classification, SessionEffect, SessionState};
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

/// The place of one upstream session.
pub(super) struct Place {
    now: Mutex<Now>,
    turns: Arc<RwLock<()>>,
}

/// For the binding of an approval: it holds on to where the session stands, besides the statement itself.
pub(super) fn bound(standing: &SessionState) -> Vec<u8> {
    let parts = [&standing.database, &standing.schema, &standing.role];
    parts.map(|part| part.as_deref().unwrap_or("?")).join("\0").into_bytes()
}

struct Now {
    standing: SessionState,
    /// Counts the statements that may have moved the session: what an older one's answer says of it is out of date.
    moves: u64,
}

/// The right to be judged and sent. The place stays as it is while it is held.
pub(super) enum Turn {
    Shared { moves: u64, _guard: OwnedRwLockReadGuard<()> },
    Alone { moves: u64, _guard: OwnedRwLockWriteGuard<()> },
}

impl Place {
    pub(super) fn new(standing: SessionState) -> Self {
        Self { now: Mutex::new(Now { standing, moves: 0 }), turns: Arc::default() }
    }

    fn now(&self) -> std::sync::MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn standing(&self) -> SessionState {
        self.now().standing.clone()
    }

    /// Waits for the turn of a statement that may move the session (`alone`), or may not. Cancel-safe.
    pub(super) async fn turn(&self, alone: bool) -> Turn {
        if alone {
            let guard = self.turns.clone().write_owned().await;
            Turn::Alone { moves: self.now().moves, _guard: guard }
        } else {
            let guard = self.turns.clone().read_owned().await;
            Turn::Shared { moves: self.now().moves, _guard: guard }
        }
    }

    /// A statement goes out. One that may move the session leaves its place unknown until an answer says where it is:
    /// it may fail half-way, be aborted, or answer what the gateway cannot read.
    pub(super) fn sending(&self, turn: &mut Turn) {
        if let Turn::Alone { moves, .. } = turn {
            let mut now = self.now();
            now.moves += 1;
            now.standing = SessionState::default();
            *moves = now.moves;
        }
    }

    /// Takes what a success says, unless the session may have moved since `moves` was counted.
    pub(super) fn answered(&self, moves: u64, answer: &Answer, ran: Option<&Classification>) {
        let mut now = self.now();
        if now.moves != moves {
            return;
        }
        for judged in ran.into_iter().flat_map(|ran| &ran.statements) {
            if let SessionEffect::Use(state) = &judged.effect {
                now.standing = state.clone();
            }
        }
        if let Some(database) = answer.final_database() {
            now.standing.database = Some(database.to_owned());
        }
        if let Some(schema) = answer.final_schema() {
            now.standing.schema = Some(schema.to_owned());
        }
        if let Some(role) = answer.final_role() {
            now.standing.role = Some(role.to_owned());
        }
    }
}

impl Turn {
    pub(super) fn is_alone(&self) -> bool {
        matches!(self, Self::Alone { .. })
    }

    pub(super) fn moves(&self) -> u64 {
        match self {
            Self::Shared { moves, .. } | Self::Alone { moves, .. } => *moves,
        }
    }
}

/// Whether the text may leave its session in another place. What is unknown may; reading back a result may not,
/// though nothing in the text says what it reads.
pub(super) fn may_move(classification: &Classification) -> bool {
    classification.statements.iter().any(|judged| {
        let action = if judged.result_scan.is_empty() { judged.action } else { judged.besides_result_scan };
        matches!(judged.effect, SessionEffect::Use(_)) || action == Action::Unknown
    })
}
