//! Whom the gateway takes the caller for, and the end of their login.

use axum::{Json, extract::State};
use hoop_model::{Principal, Timestamp};
use serde::Serialize;

use super::{Answer, Caller};
use crate::{authority::Holder, fault, trail};

#[derive(Serialize)]
pub(super) struct WhoAmI {
    principal: Principal,
    session_expires_at: Timestamp,
    login_ends_at: Timestamp,
    admin: bool,
    auditor: bool,
}

pub(super) async fn whoami(State(caller): State<Caller>) -> Answer<WhoAmI> {
    Ok(Json(WhoAmI {
        principal: caller.principal().clone(),
        session_expires_at: caller.login.expires_at,
        login_ends_at: caller.login.ends_at,
        admin: caller.is_admin(),
        auditor: caller.is_auditor(),
    }))
}

/// Ends the caller's login: every tunnel of it closes.
pub(super) async fn logout(State(caller): State<Caller>) -> Answer<()> {
    let gateway = &caller.gateway;
    gateway.store.revoke_login(caller.login.id, gateway.clock.now()).await.map_err(fault::store)?;
    trail::logged_out(gateway, &caller.login, caller.ip).await?;
    let (gateway, id) = (gateway.clone(), caller.login.id);
    // The answer goes out on the tunnel that is about to close.
    tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        gateway.revocations.revoke(Holder::Login(id));
    });
    Ok(Json(()))
}
