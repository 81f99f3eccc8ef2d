//! One issuer's keys, kept fresh: rotation is followed, an outage is bridged for a while, and made-up key ids cannot
//! make us hammer the issuer.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use hoop_model::{Clock, Timestamp, later};
use url::Url;

use crate::{
    discovery,
    error::IdentityError,
    fetch::{Fetch, FetchError, Web, is_acceptable},
    jwt::{self, Claims, Expectation, TokenError},
    key::KeySet,
};

/// How long a set is used when its server does not say.
const REFRESH: Duration = Duration::from_secs(10 * 60);
const SHORTEST: Duration = Duration::from_secs(5 * 60);
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// Between two fetches, whatever asks for them.
const APART: Duration = Duration::from_secs(10);
/// The same while there are no keys at all: nobody can log in until there are.
const APART_WITHOUT: Duration = Duration::from_secs(1);
/// How long keys outlive an issuer that does not answer.
const STALE: Duration = Duration::from_secs(4 * 3600);
/// How long a key id that the issuer does not publish is remembered as such, and how many are.
const UNKNOWN_FOR: Duration = Duration::from_secs(60);
const MOST_UNKNOWN: usize = 1000;

/// An issuer whose tokens may be accepted.
pub struct Issuer {
    name: String,
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Held by whoever fetches: everybody else waits for that fetch or goes on with what there is.
    flight: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    keys: Option<Held>,
    address: Option<Url>,
    last_attempt: Option<Timestamp>,
    unknown: HashMap<String, Timestamp>,
}

#[derive(Clone)]
struct Held {
    set: Arc<KeySet>,
    fetched_at: Timestamp,
    fresh_until: Timestamp,
}

impl Issuer {
    /// Nothing is fetched before the first token comes. Fails when `name` is not an address that may be asked.
    pub fn new(name: &str, clock: Arc<dyn Clock>) -> Result<Self, IdentityError> {
        let url = acceptable(name)?;
        let web = Web::for_issuer(&url).map_err(|error| IdentityError::Settings(error.to_string()))?;
        Self::with(name, Arc::new(web), clock)
    }

    /// The same over a network of the caller's.
    pub fn with(name: &str, fetch: Arc<dyn Fetch>, clock: Arc<dyn Clock>) -> Result<Self, IdentityError> {
        acceptable(name)?;
        let (state, flight) = Default::default();
        Ok(Self { name: name.to_owned(), fetch, clock, state, flight })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// [`jwt::verify`] with this issuer's keys. Cancel-safe.
    pub async fn verify(
        &self,
        token: &str,
        expected: &Expectation<'_>,
        now: Timestamp,
    ) -> Result<Claims, IdentityError> {
        let id = jwt::key_id(token)?;
        let keys = self.keys(id.as_deref()).await?;
        Ok(jwt::verify(token, &keys, expected, now)?)
    }

    /// The keys to check a token with that names `id`.
    async fn keys(&self, id: Option<&str>) -> Result<Arc<KeySet>, IdentityError> {
        if let Some(keys) = self.fresh(id)? {
            return Ok(keys);
        }
        // Known keys that are due go on serving while somebody else fetches.
        let _flight = match self.flight.try_lock() {
            Ok(flight) => flight,
            Err(_) => match self.usable(id) {
                Some(keys) => return Ok(keys),
                None => self.flight.lock().await,
            },
        };
        // Whoever held the flight before may have brought what we need.
        if let Some(keys) = self.fresh(id)? {
            return Ok(keys);
        }
        if self.may_fetch() {
            match self.fetch().await {
                Ok(held) => {
                    self.state().keys = Some(held);
                    self.remember_unknown(id);
                }
                // What its keys are now is not known: the id may well be one of them.
                Err(error) => tracing::warn!(issuer = self.name, %error, "the issuer's keys could not be fetched"),
            }
        }
        if let Some(keys) = self.usable(id) {
            return Ok(keys);
        }
        let held = self.state().keys.clone();
        match held {
            Some(held) if self.clock.now() < later(held.fetched_at, STALE) => Err(TokenError::UnknownKey.into()),
            _ => Err(IdentityError::IssuerUnreachable { issuer: self.name.clone() }),
        }
    }

    /// Keys within their time that hold `id`; an error when `id` is known not to be published.
    fn fresh(&self, id: Option<&str>) -> Result<Option<Arc<KeySet>>, TokenError> {
        let now = self.clock.now();
        let state = self.state();
        let Some(held) = state.keys.as_ref().filter(|held| now < held.fresh_until) else { return Ok(None) };
        match id {
            Some(id) if !held.set.knows(id) => {
                if state.unknown.get(id).is_some_and(|until| now < *until) {
                    return Err(TokenError::UnknownKey);
                }
                Ok(None)
            }
            _ => Ok(Some(held.set.clone())),
        }
    }

    /// Keys that hold `id` and are not too stale.
    fn usable(&self, id: Option<&str>) -> Option<Arc<KeySet>> {
        let state = self.state();
        let held = state.keys.as_ref().filter(|held| self.clock.now() < later(held.fetched_at, STALE))?;
        id.is_none_or(|id| held.set.knows(id)).then(|| held.set.clone())
    }

    /// Takes the turn if it is time for one.
    fn may_fetch(&self) -> bool {
        let now = self.clock.now();
        let mut state = self.state();
        let apart = if state.keys.is_some() { APART } else { APART_WITHOUT };
        let due = state.last_attempt.is_none_or(|last| now >= later(last, apart));
        if due {
            state.last_attempt = Some(now);
        }
        due
    }

    async fn fetch(&self) -> Result<Held, FetchError> {
        let known = self.state().address.clone();
        let address = match known {
            Some(address) => address,
            None => discovery::keys_address(&self.name, &*self.fetch).await?,
        };
        let fetched = async {
            let fetched = self.fetch.get(&address).await?;
            let set = KeySet::parse(&fetched.body).map_err(|error| FetchError(format!("{address}: {error}")))?;
            Ok((set, fetched.max_age))
        };
        let outcome = fetched.await;
        // Keys that cannot be had may have moved: the next time begins with discovery.
        self.state().address = outcome.is_ok().then_some(address);
        let (set, max_age) = outcome?;
        let fetched_at = self.clock.now();
        let fresh_until = later(fetched_at, max_age.unwrap_or(REFRESH).clamp(SHORTEST, LONGEST));
        Ok(Held { set: Arc::new(set), fetched_at, fresh_until })
    }

    fn remember_unknown(&self, id: Option<&str>) {
        let now = self.clock.now();
        let mut state = self.state();
        let Some(id) = id.filter(|id| state.keys.as_ref().is_some_and(|held| !held.set.knows(id))) else { return };
        if state.unknown.len() >= MOST_UNKNOWN {
            state.unknown.retain(|_, until| now < *until);
        }
        if state.unknown.len() < MOST_UNKNOWN {
            state.unknown.insert(id.to_owned(), later(now, UNKNOWN_FOR));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn acceptable(issuer: &str) -> Result<Url, IdentityError> {
    issuer.parse().ok().filter(is_acceptable).ok_or_else(|| {
        IdentityError::Settings(format!("the issuer \"{issuer}\" is no https:// address; write it as its tokens do"))
    })
}
