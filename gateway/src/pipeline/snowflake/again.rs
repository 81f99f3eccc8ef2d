//! An upstream session that Snowflake has ended, opened anew before its driver notices: as long as nothing was left in it
//! that a new one would not have.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use hoop_model::{Action, Fault, SessionId};
use hoop_snowflake::LoginRequest;
use hoop_sql::{Classification, SessionEffect};
use tokio::sync::Mutex;

use super::{login, memory::Driver, place::may_move};
use crate::{Gateway, session::Session};

/// What a driver's session is opened anew with, and whether it may be.
pub(super) struct Again {
    request: LoginRequest,
    /// Statements that left something in the session, or may have.
    left: AtomicUsize,
    /// One at a time opens it.
    opening: Mutex<()>,
}

impl Again {
    pub(super) fn new(request: LoginRequest) -> Self {
        Self { request: LoginRequest { secret: None, ..request }, left: AtomicUsize::new(0), opening: Mutex::default() }
    }

    /// A statement goes out that leaves something.
    pub(super) fn leaves(&self) {
        self.left.fetch_add(1, Ordering::AcqRel);
    }

    /// It did not run after all.
    pub(super) fn left_nothing(&self) {
        self.left.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Whether a session is not as it was once this has run in it: another place, other parameters, an open transaction, a
/// temporary table that stands before another of its name.
pub(super) fn leaves_something(ran: &Classification) -> bool {
    let leaves = |action: Action, effect: &SessionEffect| action >= Action::Ddl || *effect != SessionEffect::None;
    may_move(ran) || ran.statements.iter().any(|judged| leaves(judged.action, &judged.effect))
}

/// Opens a session in the place of the one that has `ended`; `false` where it would not be the same. Not cancel-safe: a
/// session may be open upstream that nobody closes before its time is over.
pub(super) async fn opened(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    driver: &Driver,
    ended: SessionId,
) -> Result<bool, Fault> {
    let Some(again) = &driver.again else { return Ok(false) };
    let _alone = again.opening.lock().await;
    if again.left.load(Ordering::Acquire) > 0 {
        return Ok(false);
    }
    if driver.upstream() != ended {
        // Another statement met the same.
        return Ok(true);
    }
    let (upstream, standing, _) = login::enter(gateway, session, &again.request).await?;
    if standing != driver.place.standing() {
        login::close_upstream(gateway, session, upstream).await;
        return Ok(false);
    }
    driver.goes_on_in(upstream);
    tracing::info!(session = %session.id, "Snowflake had ended an upstream session; it was opened anew");
    Ok(true)
}

#[cfg(test)]
mod tests {
    use hoop_sql::SessionState;

    use super::*;

    #[test]
    fn only_what_leaves_nothing_behind_may_be_forgotten() {
        let names = SessionState { database: Some("D".to_owned()), schema: Some("S".to_owned()), role: None };
        let leaves = |sql: &str| leaves_something(&hoop_sql::classify(sql, &names));
        for sql in ["select 1", "insert into t values (1)", "show tables", "select 1; select 2"] {
            assert!(!leaves(sql), "{sql}");
        }
        for sql in [
            "use schema other",
            "alter session set timezone = 'UTC'",
            "begin",
            "set x = 1",
            "call p()",
            "select 1; use database d2",
            "create temporary table t as select 1 as a",
            "create or replace temp view t as select 1 as a",
            "not sql at all",
        ] {
            assert!(leaves(sql), "{sql}");
        }
    }
}
