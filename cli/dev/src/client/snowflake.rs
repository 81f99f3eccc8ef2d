//! A Snowflake client that asks for JSON rows and polls while a statement is in progress, as the drivers do.

use std::net::SocketAddr;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{ClientError, Connection};

pub struct Client {
    address: SocketAddr,
    connection: Connection,
    authorization: String,
}

/// A statement's result, cells as text.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
}

/// Answers that mean "ask again": in progress, and in progress asynchronously.
const IN_PROGRESS: [&str; 2] = ["333333", "333334"];

impl Client {
    /// Logs in through a listener that lets `secret` in.
    pub async fn connect(address: SocketAddr, secret: &str) -> Result<Self, ClientError> {
        let connection = Connection::open(address).await?;
        let mut client = Self { address, connection, authorization: "Snowflake Token=\"None\"".to_owned() };
        let data = json!({
            "CLIENT_APP_ID": "JavaScript",
            "CLIENT_APP_VERSION": "3.3.0",
            "ACCOUNT_NAME": "hoop",
            "LOGIN_NAME": "hoop",
            "PASSWORD": secret,
            "SESSION_PARAMETERS": {},
        });
        let answer = client.post("/session/v1/login-request?requestId=login", &json!({ "data": data })).await?;
        let token = answer.pointer("/data/token").and_then(Value::as_str);
        let token = token.ok_or_else(|| ClientError::Protocol("login gave no token".to_owned()))?;
        client.authorization = format!("Snowflake Token=\"{token}\"");
        Ok(client)
    }

    /// Runs a statement to its end, however long it is held; the rows that stand in the answer itself.
    pub async fn query(&mut self, sql: &str) -> Result<Rows, ClientError> {
        rows(&self.answer(sql).await?)
    }

    /// Another connection of the same session, as drivers open them for cursors that run at once.
    pub async fn again(&self) -> Result<Self, ClientError> {
        let connection = Connection::open(self.address).await?;
        Ok(Self { address: self.address, connection, authorization: self.authorization.clone() })
    }

    /// As [`Self::query`], the whole answer as it came.
    pub async fn answer(&mut self, sql: &str) -> Result<Value, ClientError> {
        let answer = self.submit(sql, &uuid::Uuid::new_v4().to_string(), &json!({})).await?;
        self.follow(answer).await
    }

    /// The first answer to a statement, which may be that it is in progress. `more` is added to the request.
    pub async fn submit(&mut self, sql: &str, request_id: &str, more: &Value) -> Result<Value, ClientError> {
        let mut body = json!({ "sqlText": sql, "asyncExec": false, "sequenceId": 1 });
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        self.post(&format!("/queries/v1/query-request?requestId={request_id}"), &body).await
    }

    /// Polls until the statement is at its end.
    pub async fn follow(&mut self, mut answer: Value) -> Result<Value, ClientError> {
        while IN_PROGRESS.contains(&answer.get("code").and_then(Value::as_str).unwrap_or_default()) {
            let path = answer.pointer("/data/getResultUrl").and_then(Value::as_str).map(str::to_owned);
            let path = path.ok_or_else(|| ClientError::Protocol("in progress, but no getResultUrl".to_owned()))?;
            answer = self.exchange("GET", &path, Bytes::new()).await?;
        }
        Ok(answer)
    }

    /// Cancels a statement by its request.
    pub async fn abort(&mut self, request_id: &str) -> Result<(), ClientError> {
        let body = json!({ "sqlText": "", "requestId": request_id });
        self.post("/queries/v1/abort-request?requestId=abort", &body).await.map(drop)
    }

    /// One of an answer's result chunks, as it is served.
    pub async fn chunk(&mut self, path: &str, headers: &[(&str, &str)]) -> Result<Bytes, ClientError> {
        let answer = self.connection.send("GET", path, headers, Bytes::new()).await?;
        if !answer.status.is_success() {
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            return Err(ClientError::Refused { code: answer.status.as_u16().to_string(), text });
        }
        Ok(answer.body)
    }

    /// Ends the session.
    pub async fn close(mut self) -> Result<(), ClientError> {
        self.post("/session?delete=true&requestId=close", &json!({})).await.map(drop)
    }

    async fn post(&mut self, path: &str, body: &Value) -> Result<Value, ClientError> {
        self.exchange("POST", path, Bytes::from(body.to_string())).await
    }

    async fn exchange(&mut self, method: &str, path: &str, body: Bytes) -> Result<Value, ClientError> {
        let authorization = self.authorization.clone();
        let headers = [("accept", "application/snowflake"), ("authorization", authorization.as_str())];
        let answer = self.connection.send(method, path, &headers, body).await?;
        let value: Value = serde_json::from_slice(&answer.body)
            .map_err(|error| ClientError::Protocol(format!("HTTP {}: {error}", answer.status)))?;
        let code = value.get("code").and_then(Value::as_str).unwrap_or_default().to_owned();
        if value.get("success") == Some(&Value::Bool(true)) || IN_PROGRESS.contains(&code.as_str()) {
            return Ok(value);
        }
        let text = value.get("message").and_then(Value::as_str).unwrap_or("refused without words").to_owned();
        Err(ClientError::Refused { code, text })
    }
}

fn rows(answer: &Value) -> Result<Rows, ClientError> {
    let list = |pointer: &str| answer.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
    let columns = list("/data/rowtype")
        .iter()
        .map(|column| column.get("name").and_then(Value::as_str).unwrap_or_default().to_owned())
        .collect();
    let rows = list("/data/rowset")
        .iter()
        .map(|row| {
            let cells = row.as_array().ok_or_else(|| ClientError::Protocol("a row that is no array".to_owned()))?;
            Ok(cells.iter().map(|cell| cell.as_str().map(str::to_owned)).collect())
        })
        .collect::<Result<_, ClientError>>()?;
    Ok(Rows { columns, rows })
}
