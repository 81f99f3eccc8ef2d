//! What `hoopctl` asks the gateway, as HTTP and JSON on streams of its tunnel. The caller is the tunnel's login: no
//! request names its own identity.

mod agents;
mod alerts;
mod caller;
mod connections;
mod evidence;
mod holds;
mod proof;
mod recording;
mod requests;
mod searches;
mod sessions;
mod status;
mod tools;
mod trail;

use std::{net::IpAddr, sync::Arc};

pub(crate) use agents::join_token;
use axum::{
    Json, Router,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
pub(crate) use connections::shown;
use hoop_model::{Fault, Group, Principal, Side};
use hoop_store::Login;

use crate::Gateway;

/// The API for one caller.
pub(crate) fn router(gateway: Arc<Gateway>, login: Login, ip: IpAddr) -> Router {
    let caller = Caller { gateway, login: Arc::new(login), ip };
    Router::new()
        .route("/v1/whoami", get(caller::whoami))
        .route("/v1/login", delete(caller::logout))
        .route("/v1/status", get(status::show))
        .route("/v1/connections", get(connections::list))
        .route("/v1/requests", get(requests::list))
        .route("/v1/requests/{id}", get(requests::show))
        .route("/v1/requests/{id}/approve", post(requests::approve))
        .route("/v1/requests/{id}/deny", post(requests::deny))
        .route("/v1/requests/{id}/withdraw", post(requests::withdraw))
        .route("/v1/sessions", get(sessions::list))
        .route("/v1/sessions/{id}", get(sessions::show).delete(sessions::kill))
        .route("/v1/sessions/{id}/recording", get(recording::stream))
        .route("/v1/sessions/{id}/proof", get(proof::show))
        .route("/v1/trail", get(trail::export))
        .route("/v1/trail/cosigned", get(trail::cosigned))
        .route("/v1/trail/stamped", get(trail::stamped))
        .route("/v1/trail/key", get(trail::key).post(trail::rotate))
        .route("/v1/holds", get(holds::list).post(holds::set))
        .route("/v1/holds/{id}/release", post(holds::release))
        .route("/v1/alerts", get(alerts::list))
        .route("/v1/alerts/{id}", get(alerts::show))
        .route("/v1/alerts/{id}/acknowledge", post(alerts::acknowledge))
        .route("/v1/alerts/{id}/close", post(alerts::close))
        .route("/v1/evidence", post(evidence::seal))
        .route("/v1/searches", get(searches::list).post(searches::ask))
        .route("/v1/searches/{id}", get(searches::show))
        .route("/v1/searches/{id}/approve", post(searches::approve))
        .route("/v1/agents", get(agents::list).post(agents::add))
        .route("/v1/agents/{id}", delete(agents::remove))
        .route("/v1/tools", get(tools::list))
        .route("/v1/tools/definition", get(tools::show))
        .route("/v1/tools/review", post(tools::review))
        .with_state(caller)
}

/// Who asks, and the gateway asked.
#[derive(Clone)]
pub(crate) struct Caller {
    pub gateway: Arc<Gateway>,
    pub login: Arc<Login>,
    pub ip: IpAddr,
}

impl Caller {
    pub(crate) fn principal(&self) -> &Principal {
        &self.login.principal
    }

    fn is_in(&self, groups: &std::collections::BTreeSet<Group>) -> bool {
        groups.iter().any(|group| self.principal().is_in(group))
    }

    pub(crate) fn is_admin(&self) -> bool {
        self.is_in(&self.gateway.settings.roles.admins)
    }

    pub(crate) fn is_auditor(&self) -> bool {
        self.is_in(&self.gateway.settings.roles.auditors) || self.is_admin()
    }

    pub(crate) fn must(&self, allowed: bool, what: &'static str) -> Result<(), Refusal> {
        if allowed {
            return Ok(());
        }
        Err(Refusal(Fault::new(
            Side::Policy,
            "not_permitted",
            hoop_model::Retry::Useless,
            format!("{what} needs a group that you are not in; the gateway's admin sets it under [roles]"),
        )))
    }
}

/// A fault as an HTTP answer.
pub(crate) struct Refusal(pub Fault);

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self(fault)
    }
}

impl Refusal {
    pub(crate) fn status(fault: &Fault) -> StatusCode {
        match (fault.side, fault.code.as_ref()) {
            (
                _,
                "unknown_request" | "unknown_record" | "unknown_session" | "unknown_agent" | "unknown_alert"
                | "unknown_tool" | "unknown_hold" | "unknown_search",
            ) => StatusCode::NOT_FOUND,
            (_, "login_ended") => StatusCode::UNAUTHORIZED,
            (_, "session_ended" | "session_cut") => StatusCode::GONE,
            (Side::Client, _) => StatusCode::BAD_REQUEST,
            (Side::Policy, _) => StatusCode::FORBIDDEN,
            (Side::Agent | Side::Upstream, _) => StatusCode::BAD_GATEWAY,
            (Side::Internal, _) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (Self::status(&self.0), Json(self.0)).into_response()
    }
}

pub(crate) type Answer<T> = Result<Json<T>, Refusal>;
