//! SHOW, DESCRIBE, USE and ALTER SESSION: the statements that concern the session and the catalogue, not the data.

use sqlx::{Row as _, SqlitePool};

use super::failure::Failure;
use super::session::{Session, locked};
use super::table::{Column, Kind, Table, Value};
use super::tokens::{Class, Token, tokens};

fn words(sql: &str) -> Vec<Token<'_>> {
    tokens(sql).into_iter().filter(|token| token.class != Class::Space && token.text != ";").collect()
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn texts(names: &[&str]) -> Vec<Column> {
    names.iter().map(|name| Column::new(*name, Kind::Text)).collect()
}

/// An identifier as Snowflake stores it.
fn stored(token: &Token<'_>) -> String {
    match token.text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(exact) => exact.to_owned(),
        None => token.text.to_uppercase(),
    }
}

pub(crate) async fn show(sql: &str, session: &Session, pool: &SqlitePool) -> Result<Table, Failure> {
    let words = words(sql);
    let skip = usize::from(words.get(1).is_some_and(|word| word.is("terse")));
    let what = words.get(1 + skip).map(|word| word.text.to_uppercase()).unwrap_or_default();
    let place = locked(&session.place).clone();
    let named = |name: &str| {
        Table::query(texts(&["name", "owner", "comment"]), vec![vec![text(name), text(&place.role), text("")]])
    };
    Ok(match what.as_str() {
        "TABLES" | "OBJECTS" => {
            let listed = sqlx::query(
                "SELECT upper(name) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
            );
            let found = listed.fetch_all(pool).await.map_err(|error| Failure::from_sqlite(&error))?;
            let row = |name: &str| vec![text(name), text(&place.database), text(&place.schema), text("TABLE")];
            let rows =
                found.iter().filter_map(|found| found.try_get::<String, _>(0).ok()).map(|name| row(&name)).collect();
            Table::query(texts(&["name", "database_name", "schema_name", "kind"]), rows)
        }
        "DATABASES" => named(&place.database),
        "SCHEMAS" => named(&place.schema),
        "WAREHOUSES" => named(&place.warehouse),
        "ROLES" => named(&place.role),
        "PARAMETERS" => {
            let mut rows: Vec<_> =
                locked(&session.parameters).iter().map(|(key, value)| vec![text(key), text(value)]).collect();
            rows.sort_by_key(|row| format!("{row:?}"));
            Table::query(texts(&["key", "value"]), rows)
        }
        _ => Table::query(texts(&["name"]), Vec::new()),
    })
}

pub(crate) async fn describe(sql: &str, pool: &SqlitePool) -> Result<Table, Failure> {
    let name = words(sql).last().map(stored).unwrap_or_default();
    let listed = sqlx::query("SELECT upper(name), type, \"notnull\" FROM pragma_table_info(?)").bind(name.clone());
    let found = listed.fetch_all(pool).await.map_err(|error| Failure::from_sqlite(&error))?;
    if found.is_empty() {
        let message = format!("SQL compilation error:\nTable '{name}' does not exist or not authorized.");
        return Err(Failure::new("002003", "42S02", message));
    }
    let rows = found
        .iter()
        .map(|column| {
            let field = |place: usize| text(&column.try_get::<String, _>(place).unwrap_or_default());
            let required = column.try_get::<i64, _>(2).unwrap_or(0) != 0;
            vec![field(0), field(1), text("COLUMN"), text(if required { "N" } else { "Y" })]
        })
        .collect();
    Ok(Table::query(texts(&["name", "type", "kind", "null?"]), rows))
}

pub(crate) fn use_(sql: &str, session: &Session) -> Table {
    let words = words(sql);
    let mut place = locked(&session.place);
    let kind = words.get(1).map(|word| word.text.to_uppercase()).unwrap_or_default();
    let names: Vec<String> = words.iter().skip(2).filter(|word| word.text != ".").map(stored).collect();
    let first = names.first().cloned().unwrap_or_default();
    match kind.as_str() {
        "ROLE" => place.role = first,
        "WAREHOUSE" => place.warehouse = first,
        "DATABASE" => place.database = first,
        "SCHEMA" => {
            if names.len() > 1 {
                place.database = first;
            }
            place.schema = names.last().cloned().unwrap_or_default();
        }
        _ => {
            place.database = words.get(1).map(stored).unwrap_or_default();
            if let Some(schema) = words.get(3) {
                place.schema = stored(schema);
            }
        }
    }
    Table::status("Statement executed successfully.")
}

/// `ALTER SESSION SET A = 'x' [B = y …]` and `UNSET A[, B]`.
pub(crate) fn alter_session(sql: &str, session: &Session) -> Table {
    let words = words(sql);
    let mut parameters = locked(&session.parameters);
    let unset = words.get(2).is_some_and(|word| word.is("unset"));
    for (place, word) in words.iter().enumerate().skip(3).filter(|(_, word)| word.class == Class::Word) {
        let name = word.text.to_uppercase();
        match (words.get(place + 1), words.get(place + 2)) {
            (Some(equals), Some(value)) if equals.text == "=" => {
                parameters.insert(name, value.literal().unwrap_or_else(|| value.text.to_owned()));
            }
            _ if unset => {
                parameters.remove(&name);
            }
            _ => {}
        }
    }
    Table::status("Statement executed successfully.")
}
