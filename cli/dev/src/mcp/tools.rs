//! The tools. What they return holds card numbers as text, as a number and inside JSON text: each must be masked.

use serde_json::{Map, Value, json};
use sqlx::{Column, Row, TypeInfo, sqlite::SqliteRow};

use crate::payments::{CARDS, Database};

pub(super) fn list() -> Vec<Value> {
    let tool = |name: &str, description: &str, properties: Value, required: &[&str]| {
        json!({
            "name": name,
            "description": description,
            "inputSchema": { "type": "object", "properties": properties, "required": required },
        })
    };
    let query = json!({ "query": { "type": "string", "description": "One SQL statement" } });
    let id = json!({ "id": { "type": "integer" } });
    vec![
        tool("list_payments", "The newest payments", json!({ "limit": { "type": "integer" } }), &[]),
        tool("find_payment", "One payment by id", id.clone(), &["id"]),
        tool("read_query", "Run a SELECT", query.clone(), &["query"]),
        tool("write_query", "Run an INSERT, UPDATE or DELETE", query, &["query"]),
        tool("delete_payment", "Delete a payment", id, &["id"]),
        tool("slow_report", "A report that tells its progress", json!({}), &[]),
        tool("echo", "Say it back", json!({ "text": { "type": "string" } }), &["text"]),
        tool("fail_with_card", "An error that repeats a card number", json!({}), &[]),
    ]
}

/// `None`: there is no such tool.
pub(super) async fn call(database: &Database, name: &str, arguments: &Value) -> Option<Value> {
    let number = |name: &str| arguments.get(name).and_then(Value::as_i64);
    let text = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let outcome = match name {
        "list_payments" => {
            let limit = number("limit").unwrap_or(5).clamp(0, 50);
            rows(database, &format!("SELECT * FROM payments ORDER BY id LIMIT {limit}")).await
        }
        "find_payment" => {
            rows(database, &format!("SELECT * FROM payments WHERE id = {}", number("id").unwrap_or_default())).await
        }
        "read_query" => rows(database, &text("query")).await,
        "write_query" => {
            return Some(changed(sqlx::query(sqlx::AssertSqlSafe(text("query"))).execute(database.pool()).await));
        }
        "delete_payment" => {
            let delete = sqlx::query("DELETE FROM payments WHERE id = ?").bind(number("id").unwrap_or_default());
            return Some(changed(delete.execute(database.pool()).await));
        }
        "slow_report" => return Some(said("report: 50 payments, no anomalies", false)),
        "echo" => return Some(said(&text("text"), false)),
        "fail_with_card" => {
            let [card, ..] = CARDS;
            return Some(said(&format!("payment with card {card} was declined"), true));
        }
        _ => return None,
    };
    Some(match outcome {
        Ok(rows) => {
            let rows = json!({ "rows": rows });
            json!({ "content": [{ "type": "text", "text": rows.to_string() }], "structuredContent": rows })
        }
        Err(error) => said(&error.to_string(), true),
    })
}

pub(super) fn progress(token: &Value, step: u64) -> Value {
    json!({
        "jsonrpc": "2.0",
        "method": "notifications/progress",
        "params": { "progressToken": token, "progress": step, "total": 3, "message": format!("part {step} of 3") },
    })
}

fn said(text: &str, is_error: bool) -> Value {
    json!({ "content": [{ "type": "text", "text": text }], "isError": is_error })
}

fn changed(outcome: Result<sqlx::sqlite::SqliteQueryResult, sqlx::Error>) -> Value {
    match outcome {
        Ok(done) => said(&format!("{} rows changed", done.rows_affected()), false),
        Err(error) => said(&error.to_string(), true),
    }
}

async fn rows(database: &Database, sql: &str) -> Result<Vec<Value>, sqlx::Error> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(database.pool()).await?;
    rows.iter().map(row).collect()
}

fn row(row: &SqliteRow) -> Result<Value, sqlx::Error> {
    let mut object = Map::new();
    for (index, column) in row.columns().iter().enumerate() {
        let value = match column.type_info().name() {
            "INTEGER" => row.try_get::<Option<i64>, _>(index)?.map(Value::from),
            "REAL" => row.try_get::<Option<f64>, _>(index)?.map(Value::from),
            "TEXT" => row.try_get::<Option<String>, _>(index)?.map(Value::from),
            // Computed columns have no declared type: whatever reads.
            _ => row
                .try_get::<Option<i64>, _>(index)
                .map(|value| value.map(Value::from))
                .or_else(|_| row.try_get::<Option<f64>, _>(index).map(|value| value.map(Value::from)))
                .or_else(|_| row.try_get::<Option<String>, _>(index).map(|value| value.map(Value::from)))?,
        };
        object.insert(column.name().to_owned(), value.unwrap_or(Value::Null));
    }
    Ok(Value::Object(object))
}
