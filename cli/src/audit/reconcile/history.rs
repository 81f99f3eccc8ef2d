//! Snowflake's own account: rows of QUERY_HISTORY or LOGIN_HISTORY, as `snow sql --format json` or a CSV export has them.

use std::{collections::BTreeMap, fs, path::Path};

use hoop_model::{SessionId, Timestamp};
use jiff::fmt::strtime;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::exit::{Exit, Failure};

/// One statement as Snowflake has it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Query {
    pub query_id: String,
    pub user: String,
    pub at: Timestamp,
    /// The session of ours that the `QUERY_TAG` names.
    pub session: Option<SessionId>,
}

/// One login as Snowflake has it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Login {
    pub user: String,
    pub at: Timestamp,
    pub client_ip: String,
    pub client: String,
}

/// How times are written, beside RFC 3339: what the classic console, `snow` and a COPY to CSV print.
const TIMES: [&str; 4] =
    ["%Y-%m-%d %H:%M:%S%.f %z", "%Y-%m-%d %H:%M:%S%.f%:z", "%Y-%m-%d %H:%M:%S%.f Z", "%a, %d %b %Y %H:%M:%S %z"];

/// The statements in a file, of these users where any are named.
pub(super) fn queries(path: &Path, users: &[String]) -> Result<Vec<Query>, Failure> {
    let query = |row: &Row<'_>| {
        let tag = row.text("QUERY_TAG").unwrap_or_default();
        let tag: Option<Value> = serde_json::from_str(&tag).ok();
        let session = tag.as_ref().and_then(|tag| tag.get("hoop")?.as_str()?.parse().ok());
        Ok(Query {
            query_id: row.must("QUERY_ID")?,
            user: row.must("USER_NAME")?,
            at: row.time("START_TIME")?,
            session,
        })
    };
    let queries = each(path, query)?;
    Ok(queries.into_iter().filter(|query| is_of(users, &query.user)).collect())
}

/// The logins in a file that succeeded, of these users where any are named.
pub(super) fn logins(path: &Path, users: &[String]) -> Result<Vec<Login>, Failure> {
    let login = |row: &Row<'_>| {
        let login = Login {
            user: row.must("USER_NAME")?,
            at: row.time("EVENT_TIMESTAMP")?,
            client_ip: row.text("CLIENT_IP").unwrap_or_default(),
            client: row.text("REPORTED_CLIENT_TYPE").unwrap_or_default(),
        };
        // Whoever was turned away did nothing.
        let failed = row.text("IS_SUCCESS").is_some_and(|success| success.eq_ignore_ascii_case("no"));
        Ok((!failed).then_some(login))
    };
    let logins = each(path, login)?.into_iter().flatten();
    Ok(logins.filter(|login| is_of(users, &login.user)).collect())
}

fn each<T>(path: &Path, read: impl Fn(&Row<'_>) -> Result<T, Failure>) -> Result<Vec<T>, Failure> {
    rows(path)?.iter().map(|(number, row)| read(&Row { path, number: *number, row })).collect()
}

fn is_of(users: &[String], user: &str) -> bool {
    users.is_empty() || users.iter().any(|name| name.eq_ignore_ascii_case(user))
}

/// Columns by their names, in capitals.
type Columns = BTreeMap<String, String>;

/// A row of a file, for whoever has to say what is wrong with it.
struct Row<'a> {
    path: &'a Path,
    number: usize,
    row: &'a Columns,
}

impl Row<'_> {
    fn text(&self, column: &str) -> Option<String> {
        self.row.get(column).filter(|text| !text.is_empty()).cloned()
    }

    fn must(&self, column: &str) -> Result<String, Failure> {
        self.text(column).ok_or_else(|| self.wrong(&format!("has no {column}")))
    }

    fn time(&self, column: &str) -> Result<Timestamp, Failure> {
        let text = self.must(column)?;
        let read = |format: &&str| strtime::parse(*format, &text).and_then(|time| time.to_timestamp()).ok();
        let time = text.parse().ok().or_else(|| TIMES.iter().find_map(read));
        // Without a zone there are many times that it may be.
        time.ok_or_else(|| {
            self.wrong(&format!("has a {column} without a time zone, or one that cannot be read: {text}"))
        })
    }

    fn wrong(&self, what: &str) -> Failure {
        bad(self.path, &format!("row {} {what}", self.number))
    }
}

fn bad(path: &Path, problem: &str) -> Failure {
    let text =
        format!("{}: {problem}; give QUERY_HISTORY or LOGIN_HISTORY as JSON or CSV with its header", path.display());
    Failure::new(Exit::Usage, "bad_history", text)
}

/// The rows of a file, numbered from 1, however it is written.
fn rows(path: &Path) -> Result<Vec<(usize, Columns)>, Failure> {
    let text = fs::read_to_string(path).map_err(|error| bad(path, &error.to_string()))?;
    let rows = if text.trim_start().starts_with(['[', '{']) { json(&text) } else { csv(&text) };
    Ok((1..).zip(rows.map_err(|problem| bad(path, &problem))?).collect())
}

/// An array of objects, or one object after the other.
fn json(text: &str) -> Result<Vec<Columns>, String> {
    let mut rows = Vec::new();
    for document in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        match document.map_err(|error| error.to_string())? {
            Value::Array(all) => rows.extend(all),
            one => rows.push(one),
        }
    }
    rows.iter().map(|row| row.as_object().map(columns).ok_or_else(|| "a row is no object".to_owned())).collect()
}

fn columns(row: &Map<String, Value>) -> Columns {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    row.iter().map(|(name, value)| (name.to_uppercase(), text(value))).collect()
}

fn csv(text: &str) -> Result<Vec<Columns>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names = reader.headers().map_err(|error| error.to_string())?.clone();
    let rows = reader.records().map(|row| {
        let row = row.map_err(|error| error.to_string())?;
        Ok(names.iter().map(str::to_uppercase).zip(row.iter().map(str::to_owned)).collect())
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str) -> Result<Vec<Query>, Failure> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("history");
        fs::write(&path, text).unwrap();
        queries(&path, &["svc_hoop".to_owned()])
    }

    const TAG: &str = r#"{"hoop":"s-0190f3a1000070008000000000000001","sub":"alice"}"#;

    #[test]
    fn json_and_csv_say_the_same() {
        let row = |at: &str| serde_json::json!({ "query_id": "01b", "USER_NAME": "SVC_HOOP", "START_TIME": at, "QUERY_TAG": TAG });
        let quoted = TAG.replace('"', "\"\"");
        let csv =
            format!("QUERY_ID,USER_NAME,QUERY_TAG,START_TIME\n01b,SVC_HOOP,\"{quoted}\",2026-03-01 10:00:00.5 +0100\n");
        for text in [
            format!("[{}]", row("2026-03-01T09:00:00.500Z")),
            row("2026-03-01 01:00:00.500 -0800").to_string(),
            row("2026-03-01 09:00:00.500000+00:00").to_string(),
            csv,
        ] {
            let read = read(&text).unwrap();
            let [query] = read.as_slice() else { unreachable!("{text}") };
            assert_eq!(query.at, "2026-03-01T09:00:00.5Z".parse().unwrap(), "{text}");
            assert_eq!(query.session.unwrap().to_string(), "s-0190f3a1000070008000000000000001");
        }
    }

    #[test]
    fn others_are_left_out_and_what_cannot_be_read_is_said() {
        assert!(read("QUERY_ID,USER_NAME,START_TIME\n1,OTHER,2026-03-01T09:00:00Z\n").unwrap().is_empty());
        let why = |text: &str| read(text).unwrap_err().to_string();
        assert!(
            why("QUERY_ID,USER_NAME,START_TIME\n1,SVC_HOOP,2026-03-01 09:00:00\n").contains("row 1 has a START_TIME")
        );
        assert!(why("QUERY_ID,START_TIME\n1,2026-03-01T09:00:00Z\n").contains("has no USER_NAME"));
        assert!(why("[1]").contains("no object"));
    }
}
