use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use crate::Refusal;

/// An answer of the SQL API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub body: Vec<u8>,
}

/// Where rows of a result are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Partition {
    /// In the answer itself.
    Here(Reply),
    /// A chunk of the gateway's: the result's token and the chunk's number.
    Chunk { token: String, index: usize },
}

/// An answer of ours in the driver protocol, as far as it is needed here.
#[derive(Deserialize)]
struct Finished<'a> {
    #[serde(borrow)]
    data: Data<'a>,
    code: Option<String>,
    message: Option<String>,
    success: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    #[serde(borrow, default)]
    rowset: Option<&'a RawValue>,
    rowset_base64: Option<&'a RawValue>,
    #[serde(default)]
    rowtype: Vec<Value>,
    #[serde(default)]
    chunks: Option<Vec<Chunk>>,
    total: Option<u64>,
    result_ids: Option<String>,
    sql_state: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Chunk {
    url: String,
    row_count: u64,
    #[serde(default)]
    uncompressed_size: u64,
    #[serde(default)]
    compressed_size: u64,
}

/// "Statement executed successfully."
const EXECUTED: &str = "090001";

impl Reply {
    /// "Ask again there."
    pub fn running(handle: &str) -> Self {
        let message =
            "Asynchronous execution in progress. Use provided query id to perform query monitoring and management.";
        let body = json!({
            "code": "333334", "message": message, "statementHandle": handle, "statementStatusUrl": url(handle),
        });
        Self::of_json(202, &body)
    }

    /// A statement that did not run, or failed.
    pub fn failed(refusal: &Refusal, handle: Option<&str>) -> Self {
        Self::refused(422, refusal, handle)
    }

    pub fn refused(status: u16, refusal: &Refusal, handle: Option<&str>) -> Self {
        let mut body = json!({ "code": refusal.code, "message": refusal.text, "sqlState": refusal.sql_state });
        if let (Some(handle), Some(body)) = (handle, body.as_object_mut()) {
            body.insert("statementHandle".to_owned(), handle.into());
            body.insert("statementStatusUrl".to_owned(), url(handle).into());
        }
        Self::of_json(status, &body)
    }

    pub fn cancelled(handle: &str) -> Self {
        let body = json!({
            "code": "000604", "message": "Statement canceled.", "sqlState": "57014", "statementHandle": handle,
            "statementStatusUrl": url(handle),
        });
        Self::of_json(200, &body)
    }

    fn of_json(status: u16, body: &Value) -> Self {
        Self { status, body: body.to_string().into_bytes() }
    }

    /// From `answer`, a finished answer of ours in the driver protocol: released already, only written otherwise. `None`:
    /// it holds what cannot be written so, such as rows in Arrow.
    pub fn finished(answer: &[u8], handle: &str, null_as_text: bool) -> Option<Self> {
        let Finished { data, code, message, success } = serde_json::from_slice(answer).ok()?;
        if !success {
            let body = json!({
                "code": code, "message": message, "sqlState": data.sql_state, "statementHandle": handle,
                "statementStatusUrl": url(handle),
            });
            return Some(Self::of_json(422, &body));
        }
        let rows = rows(&data, null_as_text)?;
        let inline = serde_json::from_str::<Vec<&RawValue>>(&rows).ok()?.len() as u64;
        let chunks = data.chunks.as_deref().unwrap_or_default();
        let mut partitions = vec![json!({ "rowCount": inline, "uncompressedSize": rows.len() })];
        partitions.extend(chunks.iter().map(|chunk| {
            json!({
                "rowCount": chunk.row_count, "uncompressedSize": chunk.uncompressed_size,
                "compressedSize": chunk.compressed_size,
            })
        }));
        let mut body = json!({
            "resultSetMetaData": {
                "numRows": data.total.unwrap_or(inline), "format": "jsonv2", "partitionInfo": partitions,
                "rowType": data.rowtype,
            },
            "code": EXECUTED,
            "message": "Statement executed successfully.",
            "sqlState": "00000",
            "statementHandle": handle,
            "statementStatusUrl": url(handle),
        });
        let handles: Vec<&str> =
            data.result_ids.iter().flat_map(|ids| ids.split(',')).filter(|id| !id.is_empty()).collect();
        if let Some(body) = body.as_object_mut().filter(|_| !handles.is_empty()) {
            body.insert("statementHandles".to_owned(), handles.into());
        }
        let mut body = body.to_string();
        // The rows stay as they were written: they are most of it.
        body.pop();
        body.push_str(",\"data\":");
        body.push_str(&rows);
        body.push('}');
        Some(Self { status: 200, body: body.into_bytes() })
    }

    /// Where partition `number` of the finished `answer` is; a failure is here, whichever is asked for. `None`: there is
    /// no such one.
    pub fn partition(answer: &[u8], handle: &str, number: usize, null_as_text: bool) -> Option<Partition> {
        let here = || Self::finished(answer, handle, null_as_text).map(Partition::Here);
        let Some(before) = number.checked_sub(1) else { return here() };
        let Finished { data, success, .. } = serde_json::from_slice(answer).ok()?;
        if !success {
            return here();
        }
        let chunks = data.chunks?;
        let mut parts = chunks.get(before)?.url.rsplitn(3, '/');
        let index = parts.next()?.parse().ok()?;
        Some(Partition::Chunk { token: parts.next()?.to_owned(), index })
    }

    /// A partition's body from a chunk's rows, which stand without their outer brackets.
    pub fn of_chunk(rows: &[u8], null_as_text: bool) -> Option<Vec<u8>> {
        let mut list = Vec::with_capacity(rows.len() + 2);
        list.push(b'[');
        list.extend_from_slice(rows);
        list.push(b']');
        let list = String::from_utf8(list).ok()?;
        let list = if null_as_text { nulls_as_text(&list)? } else { list };
        Some(format!("{{\"data\":{list}}}").into_bytes())
    }
}

fn url(handle: &str) -> String {
    format!("/api/v2/statements/{handle}")
}

fn rows(data: &Data<'_>, null_as_text: bool) -> Option<String> {
    match (data.rowset, data.rowset_base64) {
        (Some(rows), None) if null_as_text => nulls_as_text(rows.get()),
        (Some(rows), None) => Some(rows.get().to_owned()),
        (None, None) => Some("[]".to_owned()),
        (_, Some(_)) => None,
    }
}

fn nulls_as_text(rows: &str) -> Option<String> {
    let rows: Vec<Vec<Option<&RawValue>>> = serde_json::from_str(rows).ok()?;
    let null = serde_json::value::to_raw_value("null").ok()?;
    let rows: Vec<Vec<&RawValue>> =
        rows.into_iter().map(|row| row.into_iter().map(|cell| cell.unwrap_or(&null)).collect()).collect();
    serde_json::to_string(&rows).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    const ANSWER: &str = r#"{"data":{"rowtype":[{"name":"A","type":"text"}],"rowset":[["x"],[null]],"total":5,"returned":5,
        "chunks":[{"url":"http://127.0.0.1:1/hoop/chunk/aa11/0","rowCount":3,"uncompressedSize":9,"compressedSize":9}]},
        "code":null,"message":null,"success":true}"#;

    fn finished(answer: &str, null_as_text: bool) -> (u16, Value) {
        let reply = Reply::finished(answer.as_bytes(), "h-1", null_as_text).unwrap();
        (reply.status, serde_json::from_slice(&reply.body).unwrap())
    }

    #[test]
    fn the_first_partition_is_inline_and_chunks_are_the_others() {
        let (status, body) = finished(ANSWER, false);
        assert_eq!((status, body.pointer("/data")), (200, Some(&json!([["x"], [null]]))));
        let meta = body.get("resultSetMetaData").unwrap();
        assert_eq!(meta.get("numRows"), Some(&json!(5)));
        let counts: Vec<_> =
            meta.get("partitionInfo").unwrap().as_array().unwrap().iter().map(|p| p.get("rowCount")).collect();
        assert_eq!(counts, [Some(&json!(2)), Some(&json!(3))]);
        let chunk = Reply::partition(ANSWER.as_bytes(), "h-1", 1, false);
        assert_eq!(chunk, Some(Partition::Chunk { token: "aa11".to_owned(), index: 0 }));
        assert_eq!(Reply::partition(ANSWER.as_bytes(), "h-1", 2, false), None);
    }

    #[test]
    fn nulls_are_text_where_the_client_wants_no_others() {
        assert_eq!(finished(ANSWER, true).1.pointer("/data"), Some(&json!([["x"], ["null"]])));
        assert_eq!(Reply::of_chunk(br#"["a"],[null]"#, true).unwrap(), br#"{"data":[["a"],["null"]]}"#);
        assert_eq!(Reply::of_chunk(br#"["a"],[null]"#, false).unwrap(), br#"{"data":[["a"],[null]]}"#);
        assert_eq!(Reply::of_chunk(b"", false).unwrap(), br#"{"data":[]}"#);
    }

    #[test]
    fn a_failure_keeps_its_text_and_rows_in_arrow_are_no_reply() {
        let refusal = Refusal { code: "003001", sql_state: "42501", text: "no".to_owned() };
        let (status, body) = finished(&String::from_utf8(refusal.body(Some("h-1"))).unwrap(), false);
        assert_eq!(status, 422);
        assert_eq!(body.get("sqlState"), Some(&json!("42501")));
        assert_eq!(body.get("message"), Some(&json!("no")));
        let arrow = ANSWER.replace(r#""rowset":[["x"],[null]]"#, r#""rowsetBase64":"AA==""#);
        assert_eq!(Reply::finished(arrow.as_bytes(), "h-1", false), None);
    }

    #[test]
    fn several_statements_have_a_handle_each() {
        let answer = ANSWER.replace("\"total\":5", "\"resultIds\":\"a-1,b-2\",\"total\":5");
        assert_eq!(finished(&answer, false).1.get("statementHandles"), Some(&json!(["a-1", "b-2"])));
    }
}
