//! What of Snowflake's account is in the trail, and what went round the gateway.

use std::{collections::HashMap, net::IpAddr};

use hoop_audit::{Record, RecordType};
use hoop_model::{ConnectionName, ExchangeId, SessionId, Timestamp, earlier, later};
use serde::Serialize;

use super::history::{Login, Query};

/// How far Snowflake's clock and ours may be apart.
const SLACK: std::time::Duration = std::time::Duration::from_secs(60);

/// What both sides say, held against each other.
#[derive(Debug, Default, Serialize)]
pub(in crate::audit) struct Reconciled {
    /// Statements with the query id of an exchange in the trail.
    pub(super) by_query_id: usize,
    /// Statements without one whose tag names a session that had an exchange at that time: one of several statements that
    /// were sent together, or one whose answer the gateway never saw.
    pub(super) by_tag: usize,
    /// Logins while a session was open on the connection, from where the agent is.
    pub(super) logins: usize,
    /// Statements that the trail knows nothing of.
    pub(super) round: Vec<Query>,
    /// Logins that no session accounts for, or from elsewhere.
    pub(super) round_logins: Vec<Login>,
    /// Query ids in the trail that Snowflake's account lacks, within its time.
    pub(super) unknown: Vec<Unknown>,
}

#[derive(Debug, Serialize)]
pub(super) struct Unknown {
    pub query_id: String,
    pub record: u64,
    pub at: Timestamp,
}

impl Reconciled {
    pub(super) fn holds(&self) -> bool {
        self.round.is_empty() && self.round_logins.is_empty()
    }
}

/// Takes the trail's records in order.
pub(super) struct Join {
    connection: ConnectionName,
    queries: Vec<Query>,
    logins: Vec<Login>,
    /// Where the agent is, if that is known.
    agents: Vec<IpAddr>,
    by_id: HashMap<String, usize>,
    /// Statements by the session that their tag names.
    by_session: HashMap<SessionId, Vec<usize>>,
    found: Vec<Found>,
    logged_in: Vec<bool>,
    /// From when to when Snowflake's account goes.
    period: Option<(Timestamp, Timestamp)>,
    began: HashMap<ExchangeId, Timestamp>,
    sessions: HashMap<SessionId, Timestamp>,
    unknown: Vec<Unknown>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    No,
    ByTag,
    ById,
}

impl Join {
    pub(super) fn new(
        connection: ConnectionName,
        queries: Vec<Query>,
        logins: Vec<Login>,
        agents: Vec<IpAddr>,
    ) -> Self {
        let mut by_session = HashMap::<_, Vec<_>>::new();
        for (index, query) in queries.iter().enumerate() {
            if let Some(session) = query.session {
                by_session.entry(session).or_default().push(index);
            }
        }
        let times = queries.iter().map(|query| query.at);
        Self {
            by_id: queries.iter().enumerate().map(|(index, query)| (query.query_id.clone(), index)).collect(),
            by_session,
            found: vec![Found::No; queries.len()],
            logged_in: vec![false; logins.len()],
            period: times.clone().min().zip(times.max()),
            connection,
            queries,
            logins,
            agents,
            began: HashMap::new(),
            sessions: HashMap::new(),
            unknown: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, record: &Record) {
        let draft = &record.draft;
        if draft.connection.as_ref() != Some(&self.connection) {
            return;
        }
        if let Some(id) = &draft.upstream_id {
            self.query_id(id, record);
        }
        match (draft.kind, draft.session_id, draft.exchange_id) {
            (RecordType::SessionStart, Some(session), _) => drop(self.sessions.insert(session, record.ts)),
            (RecordType::SessionEnd, Some(session), _) => {
                let from = self.sessions.remove(&session);
                self.logged_in(from.unwrap_or(record.ts), record.ts);
            }
            (RecordType::Request, _, Some(exchange)) => drop(self.began.insert(exchange, record.ts)),
            (RecordType::End, Some(session), Some(exchange)) => {
                let from = self.began.remove(&exchange);
                self.tagged(session, from.unwrap_or(record.ts), record.ts);
            }
            _ => {}
        }
    }

    /// The trail is read. What is open lasts until the account's end.
    pub(super) fn finish(mut self) -> Reconciled {
        for from in std::mem::take(&mut self.sessions).into_values() {
            self.logged_in(from, Timestamp::MAX);
        }
        let Self { queries, logins, found, logged_in, unknown, .. } = self;
        let count = |wanted: Found| found.iter().filter(|found| **found == wanted).count();
        Reconciled {
            by_query_id: count(Found::ById),
            by_tag: count(Found::ByTag),
            logins: logged_in.iter().filter(|found| **found).count(),
            round: queries
                .into_iter()
                .zip(&found)
                .filter(|(_, found)| **found == Found::No)
                .map(|(one, _)| one)
                .collect(),
            round_logins: logins.into_iter().zip(logged_in).filter(|(_, found)| !found).map(|(one, _)| one).collect(),
            unknown,
        }
    }

    fn query_id(&mut self, id: &str, record: &Record) {
        match self.by_id.get(id).and_then(|index| self.found.get_mut(*index)) {
            Some(found) => *found = Found::ById,
            None if self.period.is_some_and(|(from, to)| from <= record.ts && record.ts <= to) => {
                self.unknown.push(Unknown { query_id: id.to_owned(), record: record.seq, at: record.ts });
            }
            None => {}
        }
    }

    fn tagged(&mut self, session: SessionId, from: Timestamp, to: Timestamp) {
        for index in self.by_session.get(&session).into_iter().flatten() {
            let at = self.queries.get(*index).map(|query| query.at);
            let within = at.is_some_and(|at| earlier(from, SLACK) <= at && at <= later(to, SLACK));
            if let Some(found @ Found::No) = self.found.get_mut(*index).filter(|_| within) {
                *found = Found::ByTag;
            }
        }
    }

    fn logged_in(&mut self, from: Timestamp, to: Timestamp) {
        for (login, found) in self.logins.iter().zip(&mut self.logged_in) {
            let within = earlier(from, SLACK) <= login.at && login.at <= later(to, SLACK);
            let from_agent = self.agents.is_empty()
                || login.client_ip.parse().is_ok_and(|address: IpAddr| self.agents.contains(&address));
            *found |= within && from_agent;
        }
    }
}
