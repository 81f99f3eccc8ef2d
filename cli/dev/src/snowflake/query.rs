//! `/queries` and `/monitoring`: run, poll, abort, status.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Response, StatusCode};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::answer::{data, format, in_progress, read, respond, success};
use super::execute::{Done, describe, execute, result_scan};
use super::failure::Failure;
use super::journal::Executed;
use super::running::{Outcome, Running};
use super::server::App;
use super::session::{Session, locked};
use super::switches::{Format, Scripted, Switches};
use super::table::{Column, Kind, Rows, Table, Value};
use super::tokens::split;

/// A driver is told to poll after this long without a result.
const PATIENCE: Duration = Duration::from_secs(45);

/// Everything one statement needs to run by itself.
struct Task {
    app: Arc<App>,
    session: Arc<Session>,
    request_id: String,
    sql: String,
    request: Json,
    switches: Switches,
    format: Format,
}

pub(crate) async fn run(
    State(app): State<Arc<App>>,
    Query(params): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let request_id = params.get("requestId").cloned().unwrap_or_default();
    let task = match accept(&app, &headers, request_id, &body) {
        Ok(task) => task,
        Err(failure) => return respond(&headers, &failure.body(None)),
    };
    if let Some(status) = first(&app, &task, "http", task.switches.http.as_ref()) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        return response;
    }
    if let Some(code) = first(&app, &task, "code", task.switches.code.as_ref()) {
        return respond(&headers, &Failure::of_session(&code).body(None));
    }
    let asynchronous = task.request.get("asyncExec").and_then(Json::as_bool).unwrap_or(false);
    let (hold, block) = (task.switches.hold, task.switches.block);
    let running =
        Running::new(Uuid::now_v7().to_string(), task.session.id, &task.sql, asynchronous, task.switches.ping);
    app.registry.add(&task.request_id, &running);
    tokio::spawn(carry_out(task, Arc::clone(&running)));

    if let Some(block) = block {
        tokio::time::sleep(block).await;
    }
    if asynchronous {
        return respond(&headers, &in_progress(&running.id, true));
    }
    let patience = if hold.is_some() { Duration::ZERO } else { PATIENCE };
    let answer = running.wait(patience).await;
    respond(&headers, &answer.map_or_else(|| in_progress(&running.id, false), |outcome| outcome.body.clone()))
}

fn accept(app: &Arc<App>, headers: &HeaderMap, request_id: String, body: &[u8]) -> Result<Task, Failure> {
    let session = app.sessions.of(headers)?;
    let request = read(headers, body)?;
    let sql = request.get("sqlText").and_then(Json::as_str).unwrap_or_default().to_owned();
    let switches = Switches::read(&sql)?;
    let format = format(&session, request.get("parameters").unwrap_or(&Json::Null));
    Ok(Task { app: Arc::clone(app), session, request_id, sql, request, switches, format })
}

/// A scripted answer, if it is due for this request id.
fn first<T: Clone>(app: &App, task: &Task, what: &str, scripted: Option<&Scripted<T>>) -> Option<T> {
    let scripted = scripted?;
    let fresh = locked(&app.scripted).insert(format!("{what} {}", task.request_id));
    (!scripted.once || fresh).then(|| scripted.answer.clone())
}

async fn carry_out(task: Task, running: Arc<Running>) {
    let outcome = tokio::select! {
        () = running.cancel.cancelled() => Err(Failure::cancelled()),
        outcome = task.outcome(&running.id) => outcome,
    };
    running.finish(outcome.unwrap_or_else(|failure| Outcome { body: failure.body(Some(&running.id)), table: None }));
}

impl Task {
    async fn outcome(&self, query_id: &str) -> Result<Outcome, Failure> {
        if self.request.get("describeOnly").and_then(Json::as_bool).unwrap_or(false) {
            let table = match self.switches.table() {
                Some(table) => Table { rows: Rows::Listed(Vec::new()), ..table },
                None => describe(self.app.pool(), &self.session, &self.sql).await?,
            };
            return self.answer(query_id, Arc::new(table));
        }
        if let Some(hold) = self.switches.hold.or(self.switches.block) {
            tokio::time::sleep(hold).await;
        }
        self.write_down(query_id)?;
        let statements = split(&self.sql);
        let wanted = self.request.pointer("/parameters/MULTI_STATEMENT_COUNT").and_then(count).unwrap_or(1);
        match statements.as_slice() {
            [] | [_] => self.single(query_id, &self.sql).await,
            several if wanted == 0 || wanted == several.len() => self.several(query_id, several).await,
            several => {
                let message = format!(
                    "Actual statement count {} did not match the desired statement count {wanted}.",
                    several.len()
                );
                Err(Failure::new("000008", "0A000", message))
            }
        }
    }

    /// Before it runs: a statement that ran without its line would be the worst of both.
    fn write_down(&self, query_id: &str) -> Result<(), Failure> {
        let tag = self.request.pointer("/parameters/QUERY_TAG").and_then(Json::as_str).map(str::to_owned);
        let executed = Executed {
            number: 0,
            request_id: self.request_id.clone(),
            query_id: query_id.to_owned(),
            user: self.session.user.clone(),
            tag: tag.or_else(|| self.session.parameter("QUERY_TAG")),
            sql: self.sql.clone(),
        };
        self.app.journal.record(executed).map_err(|error| Failure::new("000603", "XX000", format!("journal: {error}")))
    }

    async fn single(&self, query_id: &str, sql: &str) -> Result<Outcome, Failure> {
        if let Some(text) = &self.switches.error {
            return Err(Failure::not_numeric(text));
        }
        if let Some(table) = self.switches.table() {
            return self.answer(query_id, Arc::new(table));
        }
        if let Some(earlier) = result_scan(sql) {
            let table = self
                .app
                .registry
                .by_id(&earlier)
                .and_then(|running| running.outcome())
                .and_then(|outcome| outcome.table.clone());
            let missing = || {
                Failure::new(
                    "000707",
                    "02000",
                    format!("SQL execution error: Result for query {earlier} has expired or is not there."),
                )
            };
            return self.answer(query_id, table.ok_or_else(missing)?);
        }
        let bindings = self.request.get("bindings").unwrap_or(&Json::Null);
        match execute(self.app.pool(), &self.session, &self.app.marker, sql, bindings).await? {
            Done::Table(table) => self.answer(query_id, Arc::new(table)),
            Done::Transfer(mut data) => {
                if let Some(fields) = data.as_object_mut() {
                    fields.insert("queryId".to_owned(), json!(query_id));
                }
                Ok(Outcome { body: success(&data), table: None })
            }
        }
    }

    /// Each statement is a result of its own; the answer only names them.
    async fn several(&self, query_id: &str, statements: &[String]) -> Result<Outcome, Failure> {
        let mut ids = Vec::new();
        let mut types = Vec::new();
        for sql in statements {
            let child = Running::new(Uuid::now_v7().to_string(), self.session.id, sql, false, self.switches.ping);
            self.app.registry.add(&format!("{} {}", self.request_id, child.id), &child);
            let outcome = self.single(&child.id, sql).await?;
            types.push(outcome.table.as_ref().map_or(Table::QUERY, |table| table.statement_type).to_string());
            ids.push(child.id.clone());
            child.finish(outcome);
        }
        let text = Value::Text("Multiple statements executed successfully.".to_owned());
        let columns = vec![Column::new("multiple statement execution", Kind::Text)];
        let table = Table { columns, rows: Rows::Listed(vec![vec![text]]), statement_type: 0xA000 };
        let mut outcome = self.answer(query_id, Arc::new(table))?;
        if let Some(data) = outcome.body.get_mut("data").and_then(Json::as_object_mut) {
            data.insert("resultIds".to_owned(), json!(ids.join(",")));
            data.insert("resultTypes".to_owned(), json!(types.join(",")));
        }
        Ok(outcome)
    }

    fn answer(&self, query_id: &str, table: Arc<Table>) -> Result<Outcome, Failure> {
        let data = data(&self.app, &self.session, query_id, &table, self.format, &self.switches)?;
        Ok(Outcome { body: success(&data), table: Some(table) })
    }
}

fn count(value: &Json) -> Option<usize> {
    value.as_u64().and_then(|count| usize::try_from(count).ok()).or_else(|| value.as_str()?.parse().ok())
}

pub(crate) async fn result(State(app): State<Arc<App>>, Path(id): Path<String>, headers: HeaderMap) -> Response<Body> {
    if let Err(failure) = app.sessions.of(&headers) {
        return respond(&headers, &failure.body(None));
    }
    let Some(running) = app.registry.by_id(&id) else {
        return respond(
            &headers,
            &Failure::new("000707", "02000", format!("Query {id} is not known.")).body(Some(&id)),
        );
    };
    let outcome = running.wait(running.ping).await;
    respond(&headers, &outcome.map_or_else(|| in_progress(&id, running.asynchronous), |outcome| outcome.body.clone()))
}

pub(crate) async fn status(State(app): State<Arc<App>>, Path(id): Path<String>, headers: HeaderMap) -> Response<Body> {
    if let Err(failure) = app.sessions.of(&headers) {
        return respond(&headers, &failure.body(None));
    }
    let queries = app.registry.by_id(id.trim_start_matches('/')).map(|running| {
        let outcome = running.outcome();
        let failed = outcome.as_ref().is_some_and(|outcome| outcome.body.get("success") == Some(&json!(false)));
        let field = |name: &str| outcome.as_ref().filter(|_| failed).and_then(|outcome| outcome.body.get(name).cloned());
        let status = match (&outcome, failed) {
            (None, _) => "RUNNING",
            (Some(_), false) => "SUCCESS",
            (Some(_), true) => "FAILED_WITH_ERROR",
        };
        json!({
            "id": running.id, "status": status, "state": status, "sqlText": running.sql, "sessionId": running.session,
            "errorCode": field("code"), "errorMessage": field("message"), "stats": {}, "warehouseName": app.place.warehouse,
        })
    });
    respond(&headers, &success(&json!({ "queries": queries.into_iter().collect::<Vec<_>>() })))
}

/// By the request id in the body.
pub(crate) async fn abort_request(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let request = read(&headers, &body).unwrap_or(Json::Null);
    let id = request.get("requestId").and_then(Json::as_str).unwrap_or_default();
    abort(&app, &headers, app.registry.by_request(id))
}

pub(crate) async fn abort_query(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response<Body> {
    abort(&app, &headers, app.registry.by_id(&id))
}

fn abort(app: &App, headers: &HeaderMap, running: Option<Arc<Running>>) -> Response<Body> {
    if let Err(failure) = app.sessions.of(headers) {
        return respond(headers, &failure.body(None));
    }
    if let Some(running) = running {
        running.cancel.cancel();
    }
    respond(headers, &success(&Json::Null))
}
