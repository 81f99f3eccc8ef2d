use std::{sync::Arc, time::Duration};

use hoop_model::{Clock, Fault, Retry, Secret, Side};
use hoop_wire::headers::SnowflakeLogin;
use serde_json::{Map, Value, json};
use tokio::{sync::Mutex, time::Instant};
use uuid::Uuid;

use super::{
    SnowflakeUpstream,
    inspect::code,
    session::{Tokens, text},
};
use crate::{SnowflakeCredential, SnowflakeTarget, credential::key_pair};

/// After a refused login the account is left alone for this long: drivers try again at once, and Snowflake locks users.
const REFUSED_PAUSE: Duration = Duration::from_secs(30);

/// What the gateway may know of a login's answer; no token is among it.
const TOLD: [&str; 9] = [
    "parameters",
    "sessionInfo",
    "sessionId",
    "serverVersion",
    "displayUserName",
    "firstLogin",
    "healthCheckInterval",
    "validityInSeconds",
    "masterValidityInSeconds",
];

pub(super) struct Login {
    target: SnowflakeTarget,
    clock: Arc<dyn Clock>,
    refused: Mutex<Option<(Instant, Fault)>>,
}

impl Login {
    pub(super) fn new(target: SnowflakeTarget, clock: Arc<dyn Clock>) -> Self {
        Self { target, clock, refused: Mutex::default() }
    }

    /// A new session upstream, and what its answer said, without tokens.
    pub(super) async fn log_in(
        &self,
        upstream: &SnowflakeUpstream,
        wish: &SnowflakeLogin,
    ) -> Result<(Tokens, Value), Fault> {
        if let Some((until, fault)) = &*self.refused.lock().await
            && Instant::now() < *until
        {
            return Err(fault.clone());
        }
        let data = self.data(wish).await?;
        let target = &self.target;
        let request_id = Uuid::new_v4().to_string();
        let mut query = vec![("requestId", request_id.as_str())];
        let places = [
            ("databaseName", wish.database.as_ref().or(target.database.as_ref())),
            ("schemaName", wish.schema.as_ref().or(target.schema.as_ref())),
            ("warehouse", wish.warehouse.as_ref().or(target.warehouse.as_ref())),
            // A role in the settings is the network owner's word: no wish goes beyond it.
            ("roleName", target.role.as_ref().or(wish.role.as_ref())),
        ];
        query.extend(places.iter().filter_map(|(key, value)| value.map(|value| (*key, value.as_str()))));
        let answer = upstream.ask("/session/v1/login-request", &query, None, json!({ "data": data })).await?;
        let (session, master) = (text(&answer, "/data/token"), text(&answer, "/data/masterToken"));
        let succeeded = answer.get("success").and_then(Value::as_bool).unwrap_or(false);
        let (true, Some(session)) = (succeeded, session) else {
            let fault = refused(&answer);
            *self.refused.lock().await = Some((Instant::now() + REFUSED_PAUSE, fault.clone()));
            return Err(fault);
        };
        tracing::info!(account = target.account, user = target.user, "logged in to Snowflake");
        Ok((Tokens { session, master, generation: 0, renewed: false }, told(&answer)))
    }

    async fn data(&self, wish: &SnowflakeLogin) -> Result<Value, Fault> {
        let target = &self.target;
        let own = |default: &str, wish: &Option<String>| wish.clone().unwrap_or_else(|| default.to_owned());
        let mut data = json!({
            "CLIENT_APP_ID": own("HoopAgent", &wish.client_app_id),
            "CLIENT_APP_VERSION": own(env!("CARGO_PKG_VERSION"), &wish.client_app_version),
            "ACCOUNT_NAME": target.account,
            "LOGIN_NAME": target.user,
            "SESSION_PARAMETERS": wish.session_parameters,
            "CLIENT_ENVIRONMENT": { "APPLICATION": "hoop" },
        });
        let (authenticator, key, secret) = self.credential().await?;
        if let Some(data) = data.as_object_mut() {
            if let Some(authenticator) = authenticator {
                data.insert("AUTHENTICATOR".to_owned(), authenticator.into());
            }
            data.insert(key.to_owned(), secret.expose().as_str().into());
        }
        Ok(data)
    }

    /// `AUTHENTICATOR`, and the field that carries the secret.
    async fn credential(&self) -> Result<(Option<&'static str>, &'static str, Secret<String>), Fault> {
        let target = &self.target;
        let secret = target.credential.reference().resolve().await.map_err(|error| unusable(&error))?;
        Ok(match &target.credential {
            SnowflakeCredential::Password(_) => (None, "PASSWORD", secret),
            SnowflakeCredential::AccessToken(_) => (Some("PROGRAMMATIC_ACCESS_TOKEN"), "TOKEN", secret),
            SnowflakeCredential::KeyPair(_) => {
                let token = key_pair::token(secret.expose(), &target.account, &target.user, self.clock.now())
                    .map_err(|error| unusable(&error))?;
                (Some("SNOWFLAKE_JWT"), "TOKEN", token)
            }
        })
    }
}

fn unusable(error: &dyn std::error::Error) -> Fault {
    let text = "The agent cannot use its Snowflake credential. An administrator must look at the agent's log.";
    Fault::new(Side::Agent, "credential_unusable", Retry::Useless, text).detail(error)
}

fn refused(answer: &Value) -> Fault {
    let code = code(answer).unwrap_or_default();
    let text = format!(
        "Snowflake refused the agent's login (code {code}). An administrator must check the agent's account, user and \
         credential; logins are tried again after {} s.",
        REFUSED_PAUSE.as_secs()
    );
    let message = answer.get("message").and_then(Value::as_str).unwrap_or_default();
    Fault::new(Side::Upstream, "upstream_login_refused", Retry::Useless, text).detail(message)
}

fn told(answer: &Value) -> Value {
    let data = answer.get("data").and_then(Value::as_object);
    let told = data.into_iter().flatten().filter(|(key, _)| TOLD.contains(&key.as_str()));
    Value::Object(told.map(|(key, value)| (key.clone(), value.clone())).collect::<Map<_, _>>())
}
