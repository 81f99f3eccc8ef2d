//! Legal holds: recordings that are kept whatever their age.

use axum::{
    Json,
    extract::{Path, State},
};
use hoop_model::{Fault, HoldId, Retry, Side};
use hoop_store::{HoldOf, LegalHold, Reviewer};
use serde::{Deserialize, Serialize};

use super::{Answer, Caller};
use crate::{fault, trail};

#[derive(Serialize)]
pub(super) struct Holds {
    holds: Vec<LegalHold>,
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    of: HoldOf,
    reason: String,
}

#[derive(Deserialize)]
pub(super) struct Release {
    reason: String,
}

pub(super) async fn list(State(caller): State<Caller>) -> Answer<Holds> {
    caller.must(caller.is_auditor(), "listing legal holds")?;
    Ok(Json(Holds { holds: caller.gateway.store.legal_holds().await.map_err(fault::store)? }))
}

/// In force once this answers: no purge takes what it keeps.
pub(super) async fn set(State(caller): State<Caller>, Json(wanted): Json<Wanted>) -> Answer<LegalHold> {
    caller.must(caller.is_admin(), "setting a legal hold")?;
    let gateway = &caller.gateway;
    if let HoldOf::Connection(name) = &wanted.of
        && !gateway.settings.connections.contains_key(name)
    {
        let text = format!(
            "there is no connection {name}; `hoopctl connections` names them, and the recordings of one that was taken out \
             of the configuration are held by session"
        );
        return Err(Fault::new(Side::Client, "unknown_connection", Retry::Useless, text).into());
    }
    let principal = caller.principal();
    let hold = LegalHold {
        id: HoldId::new(),
        of: wanted.of,
        reason: trail::masked(gateway, &wanted.reason),
        by: Reviewer { subject: principal.subject.clone(), name: trail::masked(gateway, principal.display_name()) },
        at: gateway.clock.now(),
    };
    let steady = gateway.legal_holds.lock().await;
    gateway.store.insert_legal_hold(&hold).await.map_err(fault::store)?;
    drop(steady);
    trail::held(gateway, &caller, &hold, "set", &hold.reason).await?;
    Ok(Json(hold))
}

pub(super) async fn release(
    State(caller): State<Caller>,
    Path(id): Path<HoldId>,
    Json(release): Json<Release>,
) -> Answer<LegalHold> {
    caller.must(caller.is_admin(), "releasing a legal hold")?;
    let gateway = &caller.gateway;
    let reason = trail::masked(gateway, &release.reason);
    let in_force = gateway.store.legal_holds().await.map_err(fault::store)?;
    let hold = in_force.into_iter().find(|hold| hold.id == id).ok_or_else(|| unknown(id))?;
    // Recorded first: a hold that went without a record would be no hold.
    trail::held(gateway, &caller, &hold, "released", &reason).await?;
    let released = gateway.store.remove_legal_hold(id).await.map_err(fault::store)?;
    Ok(Json(released.ok_or_else(|| unknown(id))?))
}

fn unknown(id: HoldId) -> Fault {
    let text = format!("there is no hold {id} in force; `hoopctl admin holds list` names them");
    Fault::new(Side::Client, "unknown_hold", Retry::Useless, text)
}
