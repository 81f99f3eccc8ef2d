use std::{fs, io, os::unix::fs::OpenOptionsExt};

use hoop_model::{Principal, Timestamp};
use hoop_wire::login::PersonLogin;
use serde::{Deserialize, Serialize};

use super::{error::LoginError, workload::Source};
use crate::{
    context::{
        Context,
        folder::{not_private, write_private},
    },
    secrets::Place,
};

/// What is kept of a login beside its secrets: enough to use and renew it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    /// PEM, leaf first.
    pub certificate: String,
    pub principal: Principal,
    pub granted_at: Timestamp,
    pub expires_at: Timestamp,
    /// The random part of the nonce, base64url.
    pub binding: String,
    pub origin: Origin,
    /// Which store has the refresh token and the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrets: Option<Place>,
}

/// Where the login came from, and so where its renewal does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Origin {
    Person(PersonLogin),
    Workload { source: Source, audience: String },
}

impl State {
    /// `None` when nobody is logged in.
    pub(super) fn load(context: &Context) -> Result<Option<Self>, LoginError> {
        let path = context.folder.state(&context.name, "json");
        let refused = |why: &dyn std::fmt::Display| LoginError::State { path: path.clone(), why: why.to_string() };
        match not_private(&path, false) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refused(&error)),
            Ok(Some(problem)) => return Err(refused(&problem)),
            Ok(None) => {}
        }
        let text = fs::read_to_string(&path).map_err(|error| refused(&error))?;
        serde_json::from_str(&text).map(Some).map_err(|error| refused(&error))
    }

    pub(super) fn save(&self, context: &Context) -> Result<(), LoginError> {
        let path = context.folder.state(&context.name, "json");
        let refused = |why: &dyn std::fmt::Display| LoginError::State { path: path.clone(), why: why.to_string() };
        let text = serde_json::to_vec_pretty(self).map_err(|error| refused(&error))?;
        write_private(&path, &text).map_err(|error| refused(&error))
    }

    pub(super) fn remove(context: &Context) -> Result<(), LoginError> {
        let path = context.folder.state(&context.name, "json");
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(LoginError::State { path, why: error.to_string() })
            }
            _ => Ok(()),
        }
    }
}

/// Held while a refresh token is exchanged: using one twice makes providers end the login (RFC 9700 §4.14.2). Other
/// processes wait. Given back when dropped, also by a crash.
pub(super) struct Lock(#[expect(dead_code, reason = "the lock lives as long as the open file")] fs::File);

impl Lock {
    pub(super) async fn take(context: &Context) -> Result<Self, LoginError> {
        let path = context.folder.state(&context.name, "lock");
        let at = path.clone();
        let taken = tokio::task::spawn_blocking(move || {
            if let Some(dir) = path.parent() {
                crate::context::folder::make_private(dir)?;
            }
            let file = fs::OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path)?;
            file.lock()?;
            Ok(file)
        });
        let taken = taken.await.unwrap_or_else(|_| Err(io::Error::other("the wait for it was broken off")));
        taken.map(Self).map_err(|error| LoginError::State { path: at, why: error.to_string() })
    }
}
