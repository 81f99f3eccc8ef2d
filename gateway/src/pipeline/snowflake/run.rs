//! A query's own life, apart from the requests that ask how it is: judged, held, sent, masked, recorded.

use std::sync::Arc;

use ::http::{HeaderValue, Method, Request, header};
use bytes::Bytes;
use hoop_masking::Findings;
use hoop_model::{Fault, Retry, Side};
use hoop_snowflake::{Answer, AnswerError, Place, QueryRequest, Refusal};
use hoop_sql::{Classification, SessionEffect};
use http_body_util::{BodyExt, Limited};
use tokio::task::JoinSet;

use super::{
    command,
    memory::{Driver, Query, ResultSet, unguessable},
};
use crate::{
    Gateway, fault,
    link::UpstreamBody,
    pipeline::{Authorized, Exchange, Judgement, Outcome, Protocol, judge},
    session::Session,
};

/// Largest answer in bytes; the rest of a large result comes in chunks.
const LIMIT: usize = 256 * 1024 * 1024;

/// Everything one query's run needs.
struct Run {
    gateway: Arc<Gateway>,
    session: Arc<Session>,
    driver: Arc<Driver>,
    query: Arc<Query>,
}

/// Runs a query to its end and leaves the answer for whoever polls.
pub(super) async fn run(
    gateway: Arc<Gateway>,
    session: Arc<Session>,
    driver: Arc<Driver>,
    query: Arc<Query>,
    request: QueryRequest,
    path: String,
) {
    let this = Run { gateway, session, driver, query };
    let cancelled = this.query.cancelled.clone();
    let outcome = tokio::select! {
        outcome = this.through(request, &path) => outcome,
        () = cancelled.cancelled() => Err(Ended::Cancelled),
        () = this.session.ended.cancelled() => Err(Ended::Cancelled),
    };
    match outcome {
        Ok(body) => this.query.finish(body, None),
        Err(Ended::Cancelled) => {
            this.query.finish(Refusal::cancelled().body(Some(&this.query.id)), Some("cancelled".to_owned()));
        }
        Err(Ended::Failed(fault)) => {
            tracing::info!(code = %fault.code, detail = fault.detail, "a query failed");
            this.query.finish(Refusal::from(&fault).body(Some(&this.query.id)), Some(fault.text));
        }
    }
}

enum Ended {
    Failed(Fault),
    Cancelled,
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

impl Run {
    async fn through(&self, request: QueryRequest, path: &str) -> Result<Vec<u8>, Ended> {
        let state = self.driver.state();
        let own = |id: &str| self.driver.by_id(id).is_some();
        let (command, classification) = command::command(&self.gateway, &self.session, &state, own, request)?;
        let authorized = match judge(&self.gateway, &self.session, command).await? {
            Judgement::Go(authorized) => authorized,
            Judgement::No(fault) => return Err(fault.into()),
            Judgement::Wait(mut held) => {
                tokio::select! {
                    decided = held.wait() => decided?,
                    () = self.query.cancelled.cancelled() => {
                        held.withdraw().await?;
                        return Err(Ended::Cancelled);
                    }
                }
                held.decided().await?
            }
        };
        let exchange = authorized.exchange().clone();
        let abort = Abort { run: self, exchange: Some(exchange.clone()), path };
        let outcome = self.upstream(authorized, path, &classification).await;
        abort.disarm();
        match outcome {
            Ok(body) => Ok(body),
            Err(fault) => {
                let end = match (fault.side, fault.code.as_ref()) {
                    (_, "answer_blocked" | "stage_blocked") => Outcome::Blocked,
                    (Side::Agent, _) => Outcome::AgentLost,
                    _ => Outcome::UpstreamError,
                };
                exchange.end(end).await?;
                Err(fault.into())
            }
        }
    }

    /// Sends the query, polls while the upstream is at it, and masks what comes.
    async fn upstream(
        &self,
        authorized: Authorized<QueryRequest>,
        path: &str,
        classification: &Classification,
    ) -> Result<Vec<u8>, Fault> {
        let exchange = authorized.exchange().clone();
        let body = authorized.request().to_bytes();
        let mut answer = self.ask(authorized.map(|_| ()), Method::POST, path, body).await?;
        while answer.is_in_progress() {
            let next = answer.result_path().map(str::to_owned);
            let next = next.ok_or_else(|| fault::unreadable("in progress without getResultUrl"))?;
            answer = self.ask(exchange.further(()), Method::GET, &next, Vec::new()).await?;
        }
        if answer.success {
            self.new_state(&answer, classification);
            let ids = answer.result_ids();
            if !ids.is_empty() {
                return self.several(&exchange, answer, &ids).await;
            }
        }
        self.deliver(&exchange, answer, true).await
    }

    async fn ask(
        &self,
        authorized: Authorized<()>,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<Answer, Fault> {
        let mut request = Request::new(Bytes::from(body));
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().map_err(fault::unreadable)?;
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/snowflake"));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let request = authorized.map(|()| request);
        let (_, answer) = self.gateway.links.send_as(self.driver.upstream, request).await?;
        if !answer.status().is_success() {
            let text = format!("Snowflake answered HTTP {}", answer.status().as_u16());
            return Err(Fault::new(Side::Upstream, "upstream_refused", Retry::Unsafe, text));
        }
        Answer::parse(&whole(answer.into_body()).await?).map_err(|error| refused(&error))
    }

    /// Masks, records, and keeps what the driver will ask for next; `last` says that nothing else follows.
    async fn deliver(&self, exchange: &Arc<Exchange>, answer: Answer, last: bool) -> Result<Vec<u8>, Fault> {
        let token = unguessable()?;
        let listener = self.session.listener.map(|address| format!("http://{address}")).unwrap_or_default();
        let success = answer.success;
        let place = Place { listener: &listener, token: token.expose(), query_id: None };
        let mut findings = Findings::default();
        let masked = answer.mask(&self.gateway.masker, &place, &mut findings).map_err(|error| refused(&error))?;
        if let Some(id) = &masked.query_id {
            exchange.upstream_id(id);
            self.driver.also(id, &self.query);
        }
        match masked.delivery {
            Some(delivery) => {
                let body = exchange.deliver(masked.body, masked.rows, findings).await?;
                if let Protocol::Snowflake(memory) = &self.session.protocol {
                    memory.keep(token.expose().clone(), ResultSet::new(exchange.clone(), delivery));
                }
                Ok(body)
            }
            None if last => {
                let end = if success { Outcome::Success } else { Outcome::UpstreamError };
                exchange.deliver_last(masked.body, masked.rows, findings, end).await
            }
            None => exchange.deliver(masked.body, masked.rows, findings).await,
        }
    }

    /// The answer to several statements names each one's result. All are fetched at once, since the driver asks for
    /// each; the exchange ends with the last of them.
    async fn several(&self, exchange: &Arc<Exchange>, answer: Answer, ids: &[String]) -> Result<Vec<u8>, Fault> {
        let mut children = JoinSet::new();
        for id in ids {
            let query = Query::pending(id);
            self.driver.also(id, &query);
            let child = Run {
                gateway: self.gateway.clone(),
                session: self.session.clone(),
                driver: self.driver.clone(),
                query,
            };
            children.spawn(child.fetch(exchange.clone()));
        }
        let whole = exchange.clone();
        tokio::spawn(async move {
            if children.join_all().await.into_iter().all(|fetched| fetched) {
                whole.complete();
            }
        });
        self.deliver(exchange, answer, false).await
    }

    /// Fetches a result that the upstream has ready; whether it could be delivered.
    async fn fetch(self, exchange: Arc<Exchange>) -> bool {
        let path = format!("/queries/{}/result", self.query.id);
        let fetched = match self.ask(exchange.further(()), Method::GET, &path, Vec::new()).await {
            Ok(answer) => self.deliver(&exchange, answer, false).await,
            Err(fault) => Err(fault),
        };
        let delivered = fetched.is_ok();
        match fetched {
            Ok(body) => self.query.finish(body, None),
            Err(fault) => self.query.finish(Refusal::from(&fault).body(Some(&self.query.id)), Some(fault.text)),
        }
        delivered
    }

    /// What names resolve against from now on.
    fn new_state(&self, answer: &Answer, classification: &Classification) {
        let mut state = self.driver.state();
        for judged in &classification.statements {
            if let SessionEffect::Use(new) = &judged.effect {
                state = new.clone();
            }
        }
        if let Some(database) = answer.final_database() {
            state.database = Some(database.to_owned());
        }
        if let Some(schema) = answer.final_schema() {
            state.schema = Some(schema.to_owned());
        }
        self.driver.set_state(state);
    }
}

async fn whole(body: UpstreamBody) -> Result<Vec<u8>, Fault> {
    let body = Limited::new(body, LIMIT).collect().await.map_err(fault::unreadable)?.to_bytes();
    hoop_snowflake::decode(&body).map_err(fault::unreadable)
}

fn refused(error: &AnswerError) -> Fault {
    match error {
        AnswerError::Stage => Fault::new(
            Side::Policy,
            "stage_blocked",
            Retry::Useless,
            "PUT and GET hand out credentials to a stage, which would go round the gateway, so they are refused. \
             Read the data with a query, or ask the gateway's admin.",
        ),
        other => fault::unreadable(other),
    }
}

/// A query whose driver went away is stopped upstream too, as far as that can be done.
struct Abort<'a> {
    run: &'a Run,
    exchange: Option<Arc<Exchange>>,
    path: &'a str,
}

impl Abort<'_> {
    fn disarm(mut self) {
        self.exchange = None;
    }
}

impl Drop for Abort<'_> {
    fn drop(&mut self) {
        let Some(exchange) = self.exchange.take() else { return };
        let (gateway, upstream) = (self.run.gateway.clone(), self.run.driver.upstream);
        let id = self.path.rsplit_once("requestId=").map(|(_, id)| id.to_owned()).unwrap_or_default();
        tokio::spawn(async move {
            let mut request =
                Request::new(Bytes::from(serde_json::json!({ "sqlText": "", "requestId": id }).to_string()));
            *request.method_mut() = Method::POST;
            *request.uri_mut() = ::http::Uri::from_static("/queries/v1/abort-request");
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            if let Err(fault) = gateway.links.send_as(upstream, exchange.further(request)).await {
                tracing::info!(code = %fault.code, "a query could not be stopped upstream");
            }
        });
    }
}
