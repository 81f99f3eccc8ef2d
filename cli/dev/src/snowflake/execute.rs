//! One statement over SQLite, or answered by itself where SQLite has no such thing.

use std::collections::HashMap;

use serde_json::Value as Json;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{
    Arguments as _, AssertSqlSafe, Column as _, ColumnOrigin, Row as _, SqlitePool, TypeInfo as _, ValueRef as _,
};

use super::cell::{self, Raw};
use super::failure::Failure;
use super::session::Session;
use super::show;
use super::stage;
use super::table::{Column, Kind, Rows, Table, Value};
use super::tokens::{Class, tokens};
use super::translate::translate;

/// What a statement gives: rows, or PUT/GET's instructions for the client.
pub(crate) enum Done {
    Table(Table),
    Transfer(Json),
}

/// The statement's words in upper case, without comments.
pub(crate) fn words(sql: &str) -> Vec<String> {
    tokens(sql).iter().filter(|token| token.class != Class::Space).map(|token| token.text.to_uppercase()).collect()
}

/// The query id in `SELECT * FROM TABLE(RESULT_SCAN('id'))`.
pub(crate) fn result_scan(sql: &str) -> Option<String> {
    let significant: Vec<_> = tokens(sql).into_iter().filter(|token| token.class != Class::Space).collect();
    let at = significant.iter().position(|token| token.is("result_scan"))?;
    significant.get(at + 2).and_then(|token| token.literal())
}

pub(crate) async fn execute(
    pool: &SqlitePool,
    session: &Session,
    marker: &str,
    sql: &str,
    bindings: &Json,
) -> Result<Done, Failure> {
    let words = words(sql);
    let word = |place: usize| words.get(place).map_or("", String::as_str);
    let kind = || words.iter().map(String::as_str).find(|word| matches!(*word, "TABLE" | "VIEW"));
    // Snowpark ends with it; there is nothing left to cancel when a session's statements come one by one.
    if word(0) == "SELECT" && sql.to_ascii_uppercase().contains("SYSTEM$CANCEL_ALL_QUERIES") {
        return Ok(Done::Table(Table::status("0 statements cancelled.")));
    }
    Ok(Done::Table(match word(0) {
        "SELECT" | "WITH" | "VALUES" | "(" => query(pool, &translate(sql, session)?, bindings).await?,
        "SHOW" => show::show(sql, session, pool).await?,
        "DESC" | "DESCRIBE" => show::describe(sql, pool).await?,
        "USE" => show::use_(sql, session),
        "ALTER" if word(1) == "SESSION" => show::alter_session(sql, session),
        "INSERT" | "UPDATE" | "DELETE" => change(pool, word(0), &translate(sql, session)?, bindings).await?,
        "TRUNCATE" => {
            let table = translate(sql, session)?.split_whitespace().last().unwrap_or_default().to_owned();
            change(pool, "DELETE", &format!("DELETE FROM {table}"), &Json::Null).await?
        }
        "CREATE" | "DROP" | "ALTER" if kind().is_some() => define(pool, &words, &translate(sql, session)?).await?,
        "PUT" | "GET" => return Ok(Done::Transfer(stage::transfer(word(0) == "PUT", marker))),
        "COPY" => unloaded(),
        "BEGIN" | "START" | "COMMIT" | "ROLLBACK" | "SET" | "UNSET" | "GRANT" | "REVOKE" | "CALL" | "EXECUTE"
        | "CREATE" | "DROP" | "ALTER" | "COMMENT" | "UNDROP" | "LIST" | "LS" | "REMOVE" | "RM" => {
            Table::status("Statement executed successfully.")
        }
        "" => return Err(Failure::new("000900", "42601", "Empty SQL statement.")),
        other => return Err(Failure::syntax(&format!("syntax error line 1 at position 0 unexpected '{other}'."))),
    }))
}

/// The columns a statement would give, without running it where it changes something.
pub(crate) async fn describe(pool: &SqlitePool, session: &Session, sql: &str) -> Result<Table, Failure> {
    let mut table = match words(sql).first().map_or("", String::as_str) {
        "SELECT" | "WITH" | "VALUES" | "(" => query(pool, &translate(sql, session)?, &Json::Null).await?,
        verb @ ("INSERT" | "UPDATE" | "DELETE") => affected(verb, 0),
        _ => Table::status(""),
    };
    table.rows = Rows::Listed(Vec::new());
    Ok(table)
}

async fn query(pool: &SqlitePool, sql: &str, bindings: &Json) -> Result<Table, Failure> {
    let arguments = arguments(bindings, 0)?;
    let rows = sqlx::query_with(AssertSqlSafe(sql.to_owned()), arguments)
        .fetch_all(pool)
        .await
        .map_err(|error| Failure::from_sqlite(&error))?;
    let described = match rows.first() {
        Some(row) => row.columns().to_vec(),
        None => columns_of(pool, sql).await?,
    };
    let mut declared = Declared::default();
    let mut columns = Vec::new();
    let mut values = Vec::new();
    for (place, column) in described.iter().enumerate() {
        let raw: Vec<Raw> = rows.iter().map(|row| raw(row, place)).collect();
        let (kind, cells) = cell::column(declared.kind(pool, &column.origin()).await?, &raw);
        let quoted = sql.contains(&format!("\"{}\"", column.name()));
        columns.push(Column::new(if quoted { column.name().to_owned() } else { column.name().to_uppercase() }, kind));
        values.push(cells.into_iter());
    }
    let rows =
        rows.iter().map(|_| values.iter_mut().map(|column| column.next().unwrap_or(Value::Null)).collect()).collect();
    Ok(Table::query(columns, rows))
}

async fn columns_of(pool: &SqlitePool, sql: &str) -> Result<Vec<sqlx::sqlite::SqliteColumn>, Failure> {
    use sqlx::{Executor as _, SqlSafeStr as _, Statement as _};
    let prepared = pool
        .prepare(AssertSqlSafe(sql.to_owned()).into_sql_str())
        .await
        .map_err(|error| Failure::from_sqlite(&error))?;
    Ok(prepared.columns().to_vec())
}

/// Declared types, read once per table.
#[derive(Default)]
struct Declared {
    tables: HashMap<String, HashMap<String, Option<Kind>>>,
}

impl Declared {
    async fn kind(&mut self, pool: &SqlitePool, origin: &ColumnOrigin) -> Result<Option<Kind>, Failure> {
        let ColumnOrigin::Table(origin) = origin else { return Ok(None) };
        if !self.tables.contains_key(&*origin.table) {
            let listed = sqlx::query("SELECT name, type FROM pragma_table_info(?)").bind(origin.table.to_string());
            let found = listed.fetch_all(pool).await.map_err(|error| Failure::from_sqlite(&error))?;
            let kinds = found
                .iter()
                .filter_map(|row| {
                    Some((row.try_get::<String, _>(0).ok()?, cell::declared(&row.try_get::<String, _>(1).ok()?)))
                })
                .collect();
            self.tables.insert(origin.table.to_string(), kinds);
        }
        Ok(self.tables.get(&*origin.table).and_then(|kinds| kinds.get(&*origin.name)).copied().flatten())
    }
}

fn raw(row: &SqliteRow, place: usize) -> Raw {
    let Ok(value) = row.try_get_raw(place) else { return Raw::Null };
    if value.is_null() {
        return Raw::Null;
    }
    match value.type_info().name() {
        "INTEGER" => row.try_get_unchecked(place).map_or(Raw::Null, Raw::Integer),
        "REAL" => row.try_get_unchecked(place).map_or(Raw::Null, Raw::Real),
        "BLOB" => row.try_get_unchecked(place).map_or(Raw::Null, Raw::Blob),
        _ => row.try_get_unchecked(place).map_or(Raw::Null, Raw::Text),
    }
}

async fn change(pool: &SqlitePool, verb: &str, sql: &str, bindings: &Json) -> Result<Table, Failure> {
    let mut changed = 0;
    for set in 0..sets(bindings) {
        let statement = sqlx::query_with(AssertSqlSafe(sql.to_owned()), arguments(bindings, set)?);
        changed += statement.execute(pool).await.map_err(|error| Failure::from_sqlite(&error))?.rows_affected();
    }
    Ok(affected(verb, changed))
}

fn affected(verb: &str, changed: u64) -> Table {
    let (names, statement_type): (&[&str], _) = match verb {
        "INSERT" => (&["number of rows inserted"], 0x3100),
        "UPDATE" => (&["number of rows updated", "number of multi-joined rows updated"], 0x3200),
        _ => (&["number of rows deleted"], 0x3300),
    };
    let columns = names.iter().map(|name| Column::new(*name, Kind::Fixed { precision: 19, scale: 0 })).collect();
    let row = names
        .iter()
        .enumerate()
        .map(|(place, _)| Value::Fixed(if place == 0 { i128::from(changed) } else { 0 }))
        .collect();
    Table { columns, rows: Rows::Listed(vec![row]), statement_type }
}

async fn define(pool: &SqlitePool, words: &[String], translated: &str) -> Result<Table, Failure> {
    let run = async |sql: String| {
        sqlx::query(AssertSqlSafe(sql)).execute(pool).await.map_err(|error| Failure::from_sqlite(&error))
    };
    let kind = words.iter().map(String::as_str).find(|word| matches!(*word, "TABLE" | "VIEW")).unwrap_or("TABLE");
    let mut pieces: Vec<&str> = translated.split(' ').collect();
    let at = pieces.iter().position(|piece| piece.eq_ignore_ascii_case(kind)).unwrap_or(0);
    let skip = pieces
        .iter()
        .skip(at + 1)
        .take_while(|piece| matches!(piece.to_uppercase().as_str(), "IF" | "NOT" | "EXISTS"))
        .count();
    let name = pieces.get(at + 1 + skip).copied().unwrap_or_default().to_owned();
    let upper = name.trim_matches('"').to_uppercase();
    pieces.retain(|piece| !piece.eq_ignore_ascii_case("transient"));
    if let Some(or) = pieces.windows(2).position(|pair| matches!(pair, [or, replace] if or.eq_ignore_ascii_case("or") && replace.eq_ignore_ascii_case("replace"))) {
        pieces.drain(or..or + 2);
        run(format!("DROP {kind} IF EXISTS {name}")).await?;
    }
    let mut sql = pieces.join(" ");
    if let Some((head, source)) = sql.split_once(" CLONE ").or_else(|| sql.split_once(" clone ")) {
        let source = source.split('.').next_back().unwrap_or_default().trim();
        sql = format!("{head} AS SELECT * FROM {source}");
    }
    run(sql).await?;
    let title = if kind == "TABLE" { "Table" } else { "View" };
    Ok(Table::status(&match words.first().map(String::as_str) {
        Some("CREATE") => format!("{title} {upper} successfully created."),
        Some("DROP") => format!("{upper} successfully dropped."),
        _ => "Statement executed successfully.".to_owned(),
    }))
}

/// COPY INTO a stage or a bucket: counted, not carried out.
fn unloaded() -> Table {
    let columns = ["rows_unloaded", "input_bytes", "output_bytes"].map(|name| Column::new(name, Kind::WHOLE));
    Table {
        statement_type: 0x3000,
        ..Table::query(columns.to_vec(), vec![vec![Value::Fixed(1), Value::Fixed(64), Value::Fixed(64)]])
    }
}

/// How many sets of values an array binding holds; 1 for a plain one.
fn sets(bindings: &Json) -> usize {
    let longest = |bindings: &serde_json::Map<String, Json>| {
        bindings.values().filter_map(|binding| binding.get("value").and_then(Json::as_array)).map(Vec::len).max()
    };
    bindings.as_object().and_then(longest).unwrap_or(1)
}

/// Set number `set` of the bindings, in the order of their numbers.
fn arguments(bindings: &Json, set: usize) -> Result<SqliteArguments, Failure> {
    let mut arguments = SqliteArguments::default();
    let Some(bindings) = bindings.as_object() else { return Ok(arguments) };
    let mut ordered: Vec<_> =
        bindings.iter().map(|(name, binding)| (name.parse::<usize>().unwrap_or(usize::MAX), binding)).collect();
    ordered.sort_by_key(|(number, _)| *number);
    for (_, binding) in ordered {
        let value = match binding.get("value") {
            Some(Json::Array(values)) => values.get(set),
            value => value,
        };
        let text = value.and_then(Json::as_str);
        let added = match (binding.get("type").and_then(Json::as_str), text) {
            (_, None) => arguments.add(None::<String>),
            (Some("FIXED"), Some(text)) => match text.parse::<i64>() {
                Ok(integer) => arguments.add(integer),
                Err(_) => arguments.add(text.parse::<f64>().map_err(|_| Failure::not_numeric(text))?),
            },
            (Some("REAL"), Some(text)) => arguments.add(text.parse::<f64>().map_err(|_| Failure::not_numeric(text))?),
            (Some("BOOLEAN"), Some(text)) => arguments.add(text.eq_ignore_ascii_case("true") || text == "1"),
            (_, Some(text)) => arguments.add(text.to_owned()),
        };
        added.map_err(|error| Failure::syntax(&error.to_string()))?;
    }
    Ok(arguments)
}
