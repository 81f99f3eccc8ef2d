use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use hoop_model::{Clock, Fault, Retry, Side};
use hoop_wire::headers::SnowflakeLogin;
use serde_json::{Map, Value, json};
use tokio::{sync::Mutex, time::Instant};
use uuid::Uuid;

use super::{
    SnowflakeUpstream,
    inspect::code,
    proof::{Proof, Prover},
    session::{Tokens, text},
};
use crate::SnowflakeTarget;

/// After a refused login the account is left alone for this long: drivers try again at once, and Snowflake locks users.
const REFUSED_PAUSE: Duration = Duration::from_secs(30);

/// "JWT token is invalid": the user has another key.
const WRONG_KEY: &str = "390144";

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
    prover: Prover,
    /// The way that was let in last; of two keys, the one that Snowflake knows.
    way: AtomicUsize,
    refused: Mutex<Option<(Instant, Fault)>>,
}

impl Login {
    pub(super) fn build(target: SnowflakeTarget, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let prover = Prover::build(&target)?;
        Ok(Self { target, clock, prover, way: AtomicUsize::new(0), refused: Mutex::default() })
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
        let answer = match self.answer(upstream, wish).await {
            Err(fault) => return Err(self.pause(fault).await),
            Ok(answer) => answer,
        };
        let (session, master) = (text(&answer, "/data/token"), text(&answer, "/data/masterToken"));
        let succeeded = answer.get("success").and_then(Value::as_bool).unwrap_or(false);
        let (true, Some(session)) = (succeeded, session) else {
            return Err(self.pause(refused(&answer)).await);
        };
        tracing::info!(account = self.target.account, user = self.target.user, "logged in to Snowflake");
        Ok((Tokens { session, master, generation: 0, renewed: false }, told(&answer)))
    }

    /// Leaves the account alone for a while, unless the fault may pass by itself.
    async fn pause(&self, fault: Fault) -> Fault {
        if fault.retry == Retry::Useless {
            *self.refused.lock().await = Some((Instant::now() + REFUSED_PAUSE, fault.clone()));
        }
        fault
    }

    /// What Snowflake says to the login: of the last way tried, which is the first that is no matter of the key.
    async fn answer(&self, upstream: &SnowflakeUpstream, wish: &SnowflakeLogin) -> Result<Value, Fault> {
        let (first, ways) = (self.way.load(Ordering::Relaxed), Prover::ways(&self.target));
        for way in first..first + ways {
            let (way, last) = (way % ways, way + 1 == first + ways);
            let said = match self.prover.proof(&self.target, &*self.clock, way).await {
                Ok(proof) => self.ask(upstream, wish, proof).await,
                Err(fault) => Err(fault),
            };
            let unknown_key = match &said {
                Ok(answer) => code(answer).as_deref() == Some(WRONG_KEY),
                Err(fault) => fault.side == Side::Agent,
            };
            if !unknown_key || last {
                self.way.store(way, Ordering::Relaxed);
                return said;
            }
            tracing::warn!(user = self.target.user, key = way + 1, "this key does not log in; the other one is tried");
        }
        Err(no_way())
    }

    async fn ask(&self, upstream: &SnowflakeUpstream, wish: &SnowflakeLogin, proof: Proof) -> Result<Value, Fault> {
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
        upstream.ask("/session/v1/login-request", &query, None, json!({ "data": self.data(wish, proof) })).await
    }

    fn data(&self, wish: &SnowflakeLogin, proof: Proof) -> Value {
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
        if let Some(data) = data.as_object_mut() {
            if let Some(authenticator) = proof.authenticator {
                data.insert("AUTHENTICATOR".to_owned(), authenticator.into());
            }
            data.insert(proof.field.to_owned(), proof.secret.expose().as_str().into());
        }
        data
    }
}

fn no_way() -> Fault {
    Fault::new(Side::Agent, "credential_unusable", Retry::Useless, "The agent has no Snowflake credential.")
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
