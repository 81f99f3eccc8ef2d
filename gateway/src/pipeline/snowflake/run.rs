//! A query's own life, apart from the requests that ask how it is: judged, held, sent, masked, recorded.

use std::{sync::Arc, time::Duration};

use ::http::{HeaderValue, Method, Request, header};
use bytes::Bytes;
use hoop_masking::Findings;
use hoop_model::{Fault, Retry, Side};
use hoop_snowflake::{Answer, AnswerError, Place as AnswerPlace, QueryRequest, Refusal};
use hoop_sql::{Classification, SessionState};
use http_body_util::{BodyExt, Limited};
use tokio::task::JoinSet;

use super::{
    again, command,
    memory::{Driver, ResultSet, unguessable},
    place::{Turn, may_move},
    queries::Query,
};
use crate::{
    Gateway, fault,
    link::UpstreamBody,
    pipeline::{Authorized, Exchange, Held, Judgement, Outcome, Protocol, judge, offload},
    session::Session,
    trail,
};

/// Largest answer in bytes, as sent and once inflated; the rest of a large result comes in chunks.
const LIMIT: usize = 256 * 1024 * 1024;
/// What the agent says of a session that Snowflake has ended.
const SESSION_ENDED: &str = "upstream_session_ended";
/// How long a session stays closed to other statements while the upstream is asked to stop one that may move it.
const STOPPING: Duration = Duration::from_secs(10);

/// Everything one query's run needs.
struct Run {
    gateway: Arc<Gateway>,
    session: Arc<Session>,
    driver: Arc<Driver>,
    query: Arc<Query>,
}

/// Runs a query to its end and leaves the answer for whoever polls. Nothing in it is broken off between two steps that
/// belong together: a cancellation counts where the query waits.
pub(super) async fn run(
    gateway: Arc<Gateway>,
    session: Arc<Session>,
    driver: Arc<Driver>,
    query: Arc<Query>,
    request: QueryRequest,
    path: String,
) {
    let this = Run { gateway, session, driver, query };
    let (body, failure) = match this.through(request, &path).await {
        Ok(body) => (body, None),
        Err(Ended::Cancelled) => (Refusal::cancelled().body(Some(&this.query.id)), Some("cancelled".to_owned())),
        Err(Ended::Failed(fault)) => {
            tracing::info!(code = %fault.code, detail = fault.detail, "a query failed");
            if fault.code == SESSION_ENDED {
                this.driver.end();
            }
            (Refusal::from(&fault).body(Some(&this.query.id)), Some(fault.text))
        }
    };
    this.driver.queries.finish(&this.query, body, failure);
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

/// What a statement was judged by.
struct Judged {
    /// What its text does; nothing, when it is only described.
    ran: Option<Classification>,
    standing: SessionState,
}

impl Run {
    async fn through(&self, request: QueryRequest, path: &str) -> Result<Vec<u8>, Ended> {
        let (judgement, turn, judged) = self.judged(request).await?;
        let (authorized, turn) = match judgement {
            Judgement::Go(authorized) => (authorized, turn),
            Judgement::No(fault) => return Err(fault.into()),
            Judgement::Wait(held) => {
                let alone = turn.is_alone();
                drop(turn);
                self.approved(*held, alone, &judged.standing).await?
            }
        };
        let exchange = authorized.exchange().clone();
        let mut turn = Some(turn);
        let outcome = tokio::select! {
            outcome = self.upstream(authorized, path, &mut turn, judged.ran.as_ref()) => outcome,
            () = self.unwanted() => {
                self.stop(exchange.clone(), path, turn);
                exchange.end(Outcome::ClientGone).await?;
                return Err(Ended::Cancelled);
            }
        };
        match outcome {
            Ok(body) => Ok(body),
            Err(fault) => {
                exchange.unanswered(&fault);
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

    /// Completes when nobody wants the query any more. Cancel-safe.
    async fn unwanted(&self) {
        tokio::select! {
            () = self.query.cancelled.cancelled() => {}
            () = self.session.ended.cancelled() => {}
        }
    }

    async fn turn(&self, alone: bool) -> Result<Turn, Ended> {
        tokio::select! {
            turn = self.driver.place.turn(alone) => Ok(turn),
            () = self.unwanted() => Err(Ended::Cancelled),
        }
    }

    /// Judges the request by the place it will run in.
    async fn judged(&self, mut request: QueryRequest) -> Result<(Judgement<QueryRequest>, Turn, Judged), Ended> {
        request.translate_ids(|id| self.driver.queries.upstream_id(id));
        let described = request.describe_only();
        let mut standing = self.driver.place.standing();
        let mut classification = hoop_sql::classify(request.sql(), &standing);
        let turn = loop {
            let turn = self.turn(!described && may_move(&classification)).await?;
            let now = self.driver.place.standing();
            if now == standing {
                break turn;
            }
            // Something else moved the session while this one waited for its turn.
            standing = now;
            classification = hoop_sql::classify(request.sql(), &standing);
            if turn.is_alone() || described || !may_move(&classification) {
                break turn;
            }
        };
        let own = |id: &str| self.driver.queries.by_id(id).is_some();
        let command = match command::command(&self.gateway, &self.session, &standing, &classification, own, request) {
            Ok(command) => command,
            Err(fault) => {
                trail::turned_away(&self.gateway, &self.session, &fault.code).await?;
                return Err(fault.into());
            }
        };
        let judgement = judge(&self.gateway, &self.session, command).await?;
        let ran = (!described).then_some(classification);
        Ok((judgement, turn, Judged { ran, standing }))
    }

    /// Waits for the second person, then for a turn: what was approved runs only in the place it was approved for.
    async fn approved(
        &self,
        mut held: Held<QueryRequest>,
        alone: bool,
        judged_by: &SessionState,
    ) -> Result<(Authorized<QueryRequest>, Turn), Ended> {
        let turn = tokio::select! {
            decided = held.wait() => {
                decided?;
                self.turn(alone).await
            }
            () = self.query.cancelled.cancelled() => Err(Ended::Cancelled),
        };
        let turn = match turn {
            Err(Ended::Cancelled) => {
                held.withdraw().await?;
                return Err(Ended::Cancelled);
            }
            turn => turn?,
        };
        if self.driver.place.standing() != *judged_by {
            return Err(moved(held.approval().request().id).into());
        }
        Ok((held.decided().await?, turn))
    }

    /// Sends the query, polls while the upstream is at it, and masks what comes. Gives the turn back as soon as
    /// nothing depends on it.
    async fn upstream(
        &self,
        authorized: Authorized<QueryRequest>,
        path: &str,
        turn: &mut Option<Turn>,
        ran: Option<&Classification>,
    ) -> Result<Vec<u8>, Fault> {
        let exchange = authorized.exchange().clone();
        let body = authorized.request().to_bytes();
        let (mut moves, mut alone) = (0, false);
        if let Some(turn) = turn {
            self.driver.place.sending(turn);
            (moves, alone) = (turn.moves(), turn.is_alone());
        }
        let mut answer = self.send(authorized.map(|_| ()), path, body.into(), ran).await?;
        if !alone {
            // The upstream has taken it on: what comes later cannot change what its names mean.
            *turn = None;
        }
        while answer.is_in_progress() {
            let next = answer.result_path().map(str::to_owned);
            let next = next.ok_or_else(|| fault::unreadable("in progress without getResultUrl"))?;
            answer = self.ask(exchange.further(()), Method::GET, &next, Bytes::new()).await?;
        }
        if answer.success {
            self.driver.place.answered(moves, &answer, ran);
        }
        *turn = None;
        if answer.success {
            let ids = answer.result_ids();
            if !ids.is_empty() {
                return self.several(&exchange, answer, &ids).await;
            }
        }
        self.deliver(&exchange, answer, true).await
    }

    /// Sends the query; once more where the upstream had ended the session before anything of it ran, and a new session
    /// is like that one.
    async fn send(
        &self,
        authorized: Authorized<()>,
        path: &str,
        body: Bytes,
        ran: Option<&Classification>,
    ) -> Result<Answer, Fault> {
        let (exchange, upstream) = (authorized.exchange().clone(), self.driver.upstream());
        let leaving = self.driver.again.as_ref().filter(|_| ran.is_some_and(again::leaves_something));
        leaving.inspect(|again| again.leaves());
        let answer = self.ask(authorized, Method::POST, path, body.clone()).await;
        let ended = match answer {
            Err(fault) if fault.code == SESSION_ENDED && fault.retry == Retry::Useless => fault,
            answer => return answer,
        };
        leaving.inspect(|again| again.left_nothing());
        if !again::opened(&self.gateway, &self.session, &self.driver, upstream).await? {
            return Err(ended);
        }
        leaving.inspect(|again| again.leaves());
        self.ask(exchange.further(()), Method::POST, path, body).await
    }

    async fn ask(&self, authorized: Authorized<()>, method: Method, path: &str, body: Bytes) -> Result<Answer, Fault> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().map_err(fault::unreadable)?;
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/snowflake"));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let request = authorized.map(|()| request);
        let (_, answer) = self.gateway.links.send_as(self.driver.upstream(), request).await?;
        if !answer.status().is_success() {
            let text = format!("Snowflake answered HTTP {}", answer.status().as_u16());
            return Err(Fault::new(Side::Upstream, "upstream_refused", Retry::Unsafe, text));
        }
        let body = whole(answer.into_body()).await?;
        let read = offload(&self.gateway, hoop_snowflake::to_read(&body, LIMIT), move |_| {
            let body = hoop_snowflake::decode(&body, LIMIT).map_err(fault::unreadable)?;
            Answer::parse(&body).map_err(|error| refused(&error))
        });
        read.await?
    }

    /// Masks, records, and keeps what the driver will ask for next; `last` says that nothing else follows.
    async fn deliver(&self, exchange: &Arc<Exchange>, answer: Answer, last: bool) -> Result<Vec<u8>, Fault> {
        let token = unguessable()?;
        let success = answer.success;
        let listener = self.session.listener.map(|address| format!("http://{address}")).unwrap_or_default();
        let part = token.expose().clone();
        let masker = exchange.masker();
        let masked = offload(&self.gateway, answer.size(), move |_| {
            let place = AnswerPlace { listener: &listener, token: &part, query_id: None };
            let mut findings = Findings::default();
            answer.mask(&masker, &place, &mut findings).map(|masked| (masked, findings))
        });
        let (masked, findings) = masked.await?.map_err(|error| refused(&error))?;
        if let Some(id) = &masked.query_id {
            exchange.upstream_id(id);
            self.driver.queries.also(id, &self.query);
        }
        if let (None, Some(until)) = (masked.body.masked(), exchange.shown_until()) {
            self.query.shown_until(until);
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
            let query = self.driver.queries.pending(id).ok_or_else(|| fault::unreadable("too many results at once"))?;
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
        let fetched = match self.ask(exchange.further(()), Method::GET, &path, Bytes::new()).await {
            Ok(answer) => self.deliver(&exchange, answer, false).await,
            Err(fault) => Err(fault),
        };
        let delivered = fetched.is_ok();
        let (body, failure) = match fetched {
            Ok(body) => (body, None),
            Err(fault) => (Refusal::from(&fault).body(Some(&self.query.id)), Some(fault.text)),
        };
        self.driver.queries.finish(&self.query, body, failure);
        delivered
    }

    /// Stops the query upstream, as far as that can be done; its turn ends once the upstream has heard.
    fn stop(&self, exchange: Arc<Exchange>, path: &str, turn: Option<Turn>) {
        let (gateway, upstream) = (self.gateway.clone(), self.driver.upstream());
        let id = path.rsplit_once("requestId=").map(|(_, id)| id.to_owned()).unwrap_or_default();
        tokio::spawn(async move {
            let mut request =
                Request::new(Bytes::from(serde_json::json!({ "sqlText": "", "requestId": id }).to_string()));
            *request.method_mut() = Method::POST;
            *request.uri_mut() = ::http::Uri::from_static("/queries/v1/abort-request");
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            let heard = tokio::time::timeout(STOPPING, gateway.links.send_as(upstream, exchange.further(request)));
            if !matches!(heard.await, Ok(Ok(_))) {
                tracing::info!("a query could not be stopped upstream");
            }
            drop(turn);
        });
    }
}

async fn whole(body: UpstreamBody) -> Result<Bytes, Fault> {
    Ok(Limited::new(body, LIMIT).collect().await.map_err(fault::unreadable)?.to_bytes())
}

fn moved(request: hoop_model::ApprovalId) -> Fault {
    Fault::new(
        Side::Client,
        "session_moved",
        Retry::Safe,
        format!(
            "the session's current database, schema or role changed while request {request} waited, so the statement could \
             mean something else now; nothing was run. Send it again."
        ),
    )
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
