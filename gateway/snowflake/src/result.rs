//! From an answer to what the driver may see: rows masked, chunk URLs ours, nothing of the upstream's keys (§4).

use base64::{Engine, engine::general_purpose::STANDARD};
use hoop_masking::{Column, Findings, Masked, Masker, Released, Rowset, Table};
use serde_json::{Map, Value};

use crate::{Answer, AnswerError, chunk::ChunkForm, json};

/// An answer fit for the driver.
pub struct ReleasedAnswer {
    /// The whole body.
    pub body: Released<Vec<u8>>,
    /// Rows in the body itself.
    pub rows: u64,
    pub delivery: Option<Delivery>,
    /// The upstream's id of the query as the driver sees it, for the record.
    pub query_id: Option<String>,
}

/// The rest of a result: chunks that the driver will ask us for.
pub struct Delivery {
    pub chunks: Vec<UpstreamChunk>,
    /// Sent with every chunk request, name and value.
    pub headers: Vec<(String, String)>,
    pub columns: Vec<Column>,
    pub form: ChunkForm,
}

pub struct UpstreamChunk {
    pub url: String,
    pub rows: u64,
}

/// Where the driver finds what belongs to this answer: the gateway's own paths.
pub struct Place<'a> {
    /// `http://127.0.0.1:PORT`, the local listener.
    pub listener: &'a str,
    /// Unguessable; names this result.
    pub token: &'a str,
    /// The id that the driver already knows, if it was told one.
    pub query_id: Option<&'a str>,
}

/// The rows in the answer itself, by the member they belong in.
type Inline = (&'static str, Released<Value>);

impl Answer {
    /// Masks the answer and takes its chunk URLs out.
    pub fn mask(
        mut self,
        masker: &Masker,
        place: &Place<'_>,
        findings: &mut Findings,
    ) -> Result<ReleasedAnswer, AnswerError> {
        let columns = columns(self.data.get("rowtype"));
        let upstream_id = self.query_id().map(str::to_owned);
        let (rows, part) = self.rows(masker, &columns, findings)?;
        retype(self.data.get_mut("rowtype"), &columns, masker);
        let delivery = self.delivery(columns)?;
        if let Some(delivery) = &delivery {
            self.data.insert("chunks".to_owned(), chunks(delivery, place, self.data.get("chunks")));
        }
        if let Some(id) = place.query_id {
            self.data.insert("queryId".to_owned(), Value::from(id));
        }
        if self.data.shift_remove("getResultUrl").is_some()
            && let Some(id) = self.query_id().map(str::to_owned)
        {
            self.data.insert("getResultUrl".to_owned(), Value::from(format!("/queries/{id}/result")));
        }
        let inline = rows;
        self.data.entry("returned").or_insert_with(|| Value::from(inline));
        self.data.entry("total").or_insert_with(|| Value::from(inline));
        let mut data = mask_json(masker, Value::Object(self.data), findings)?;
        if let Some((name, rows)) = part {
            data = data.with(name, rows);
        }
        let text = |text: Option<String>, findings: &mut Findings| match text {
            Some(text) => masker.text(&text, findings).into_json(),
            None => Masked::null(),
        };
        let body = Released::from(Masked::object())
            .with("data", data)
            .with("code", text(self.code, findings))
            .with("message", text(self.message, findings))
            .with("success", self.success);
        let query_id = upstream_id.map(|id| masker.text(&id, findings).into_inner());
        Ok(ReleasedAnswer { body: body.to_bytes(), rows, delivery, query_id })
    }

    /// The inline rows, masked, and the member they belong in.
    fn rows(
        &mut self,
        masker: &Masker,
        columns: &[Column],
        findings: &mut Findings,
    ) -> Result<(u64, Option<Inline>), AnswerError> {
        let failed = |reason: &dyn std::fmt::Display| AnswerError::Rows { reason: reason.to_string() };
        let inline = self.data.shift_remove("rowset").filter(|rows| !rows.is_null());
        let arrow = self.data.shift_remove("rowsetBase64").filter(|text| !text.is_null());
        if inline.is_some() && arrow.is_some() {
            return Err(failed(&"the same answer holds them in two forms"));
        }
        if let Some(rows) = inline {
            let rows = rowset(rows)?;
            let count = rows.len() as u64;
            let masked = masker.rowset(rows, columns, findings).map_err(|error| failed(&error))?;
            return Ok((count, Some(("rowset", masked.into_json()))));
        }
        let Some(text) = arrow else { return Ok((0, None)) };
        let text = text.as_str().ok_or_else(|| failed(&"rowsetBase64 is no text"))?;
        let ipc = STANDARD.decode(text).map_err(|_| failed(&"rowsetBase64 is no base64"))?;
        let (masked, count) = masker.arrow_stream(&ipc, Some(columns), findings).map_err(|error| failed(&error))?;
        Ok((count, Some(("rowsetBase64", masked.to_base64().into_json()))))
    }

    /// Takes chunk URLs, keys and headers out of the answer.
    fn delivery(&mut self, columns: Vec<Column>) -> Result<Option<Delivery>, AnswerError> {
        let failed = |reason: &str| AnswerError::Rows { reason: reason.to_owned() };
        let key = self.data.shift_remove("qrmk").and_then(|key| key.as_str().map(str::to_owned));
        let headers = self.data.shift_remove("chunkHeaders");
        let listed = match self.data.get("chunks") {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Array(chunks)) if chunks.is_empty() => return Ok(None),
            Some(Value::Array(chunks)) => chunks,
            Some(_) => return Err(failed("chunks that are no list")),
        };
        let chunks = listed
            .iter()
            .map(|chunk| {
                let url = json::owned(chunk, "/url").ok_or_else(|| failed("a chunk without URL"))?;
                let rows =
                    chunk.get("rowCount").and_then(Value::as_u64).ok_or_else(|| failed("a chunk without rowCount"))?;
                Ok(UpstreamChunk { url, rows })
            })
            .collect::<Result<_, AnswerError>>()?;
        let headers = match (headers.as_ref().and_then(Value::as_object), key) {
            (Some(headers), _) => {
                headers.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
            }
            (None, Some(key)) => vec![
                ("x-amz-server-side-encryption-customer-algorithm".to_owned(), "AES256".to_owned()),
                ("x-amz-server-side-encryption-customer-key".to_owned(), key),
            ],
            (None, None) => Vec::new(),
        };
        let form = match self.data.get("queryResultFormat").and_then(Value::as_str) {
            Some("arrow") => ChunkForm::Arrow,
            Some("json") => ChunkForm::Json,
            None if self.data.get("queryResultFormat").is_none_or(Value::is_null) => ChunkForm::Json,
            _ => return Err(failed("an unknown result format")),
        };
        Ok(Some(Delivery { chunks, headers, columns, form }))
    }
}

/// `rowtype` as the masker wants it.
fn columns(rowtype: Option<&Value>) -> Vec<Column> {
    let list = rowtype.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter()
        .map(|column| {
            let name = json::text(column, "/name").unwrap_or_default();
            let kind = json::text(column, "/type").unwrap_or_default();
            let part = |name: &str| json::text(column, name).filter(|part| !part.is_empty()).map(str::to_owned);
            let (database, schema) = (part("/database"), part("/schema"));
            let table = part("/table").map(|name| Table { database, schema, name });
            Column::snowflake(name, kind, column.get("scale").and_then(Value::as_i64)).of(table)
        })
        .collect()
}

/// Says of columns that the masker turns into text that they are text.
fn retype(rowtype: Option<&mut Value>, columns: &[Column], masker: &Masker) {
    let Some(list) = rowtype.and_then(Value::as_array_mut) else { return };
    for (declared, column) in list.iter_mut().zip(columns) {
        if let Some(declared) = declared.as_object_mut().filter(|_| masker.kind_of(column) != column.kind) {
            declared.insert("type".to_owned(), Value::from("text"));
            for number in
                ["precision", "scale"].into_iter().filter(|number| declared.contains_key(*number)).collect::<Vec<_>>()
            {
                declared.insert(number.to_owned(), Value::Null);
            }
        }
    }
}

fn rowset(rows: Value) -> Result<Rowset, AnswerError> {
    serde_json::from_value(rows)
        .map_err(|_| AnswerError::Rows { reason: "a rowset that is no list of rows of text".to_owned() })
}

/// The chunk list with our URLs; counts stay.
fn chunks(delivery: &Delivery, place: &Place<'_>, listed: Option<&Value>) -> Value {
    let sizes = listed.and_then(Value::as_array).cloned().unwrap_or_default();
    let one = |(index, chunk): (usize, &UpstreamChunk)| {
        let size = sizes.get(index).and_then(|chunk| chunk.get("uncompressedSize")).and_then(Value::as_u64);
        let mut members = Map::new();
        members.insert("url".to_owned(), format!("{}/hoop/chunk/{}/{index}", place.listener, place.token).into());
        members.insert("rowCount".to_owned(), chunk.rows.into());
        members.insert("uncompressedSize".to_owned(), size.unwrap_or(0).into());
        members.insert("compressedSize".to_owned(), size.unwrap_or(0).into());
        Value::Object(members)
    };
    Value::Array(delivery.chunks.iter().enumerate().map(one).collect())
}

fn mask_json(masker: &Masker, value: Value, findings: &mut Findings) -> Result<Released<Value>, AnswerError> {
    masker.json(value, findings).map_err(|error| AnswerError::Rows { reason: error.to_string() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn masked(data: &str) -> Result<String, AnswerError> {
        let answer = Answer::parse(format!(r#"{{"success":true,"data":{data}}}"#).as_bytes()).unwrap();
        let place = Place { listener: "http://127.0.0.1:1", token: "t", query_id: None };
        let masked = answer.mask(&Masker::default(), &place, &mut Findings::default())?;
        Ok(String::from_utf8(masked.body.into_inner()).unwrap())
    }

    fn reason(data: &str) -> String {
        match masked(data) {
            Err(AnswerError::Rows { reason }) => reason,
            Err(other) => panic!("{other}"),
            Ok(body) => panic!("{body}"),
        }
    }

    const ROWTYPE: &str = r#""rowtype":[{"name":"A","type":"text"}]"#;

    #[test]
    fn rows_in_two_forms_are_refused() {
        // "4111111111111111" could stand in the second form and leave as it is.
        let both = format!(r#"{{{ROWTYPE},"rowset":[["1"]],"rowsetBase64":"NDExMTExMTExMTExMTExMQ=="}}"#);
        assert!(reason(&both).contains("two forms"));
        assert!(reason(&format!(r#"{{{ROWTYPE},"rowset":[],"rowsetBase64":""}}"#)).contains("two forms"));
        let one = masked(&format!(r#"{{{ROWTYPE},"rowset":[["4111111111111111"]],"rowsetBase64":null}}"#)).unwrap();
        assert!(one.contains("411111******1111") && !one.contains("rowsetBase64"), "{one}");
    }

    #[test]
    fn an_id_is_recorded_as_it_is_shown() {
        for (id, shown) in
            [("01b2c3d4-0001-4a7e-0000-000100020003", None), ("4111111111111111", Some("411111******1111"))]
        {
            let answer = Answer::parse(format!(r#"{{"data":{{"queryId":"{id}"}}}}"#).as_bytes()).unwrap();
            let place = Place { listener: "http://127.0.0.1:1", token: "t", query_id: None };
            let masked = answer.mask(&Masker::default(), &place, &mut Findings::default()).unwrap();
            assert_eq!(masked.query_id.as_deref(), Some(shown.unwrap_or(id)));
        }
    }

    #[test]
    fn nothing_of_a_chunk_is_told_but_numbers() {
        let answer = |size: &str, format: &str| {
            let chunk =
                format!(r#"{{"url":"https://storage.example/1?sig=s","rowCount":2,"uncompressedSize":{size}}}"#);
            format!(r#"{{{ROWTYPE},"rowset":[],"queryResultFormat":{format},"chunks":[{chunk}]}}"#)
        };
        let told = r#"[{"url":"http://127.0.0.1:1/hoop/chunk/t/0","rowCount":2,"uncompressedSize":SIZE,"compressedSize":SIZE}]"#;
        for (size, becomes) in
            [("70", "70"), (r#""https://storage.example/1?sig=s""#, "0"), ("-1", "0"), ("[[1]]", "0")]
        {
            let body = masked(&answer(size, "\"json\"")).unwrap();
            assert!(body.contains(&told.replace("SIZE", becomes)) && !body.contains("sig="), "{body}");
        }
        assert_eq!(reason(&answer("1", "7")), "an unknown result format");
    }

    #[test]
    fn chunks_are_a_list_or_absent() {
        for chunks in ["\"https://storage.example/1\"", "{}", "{\"url\":\"https://storage.example/1\"}", "true", "1"] {
            assert!(reason(&format!(r#"{{{ROWTYPE},"rowset":[],"chunks":{chunks}}}"#)).contains("no list"), "{chunks}");
        }
        for chunks in ["null", "[]"] {
            assert!(masked(&format!(r#"{{{ROWTYPE},"rowset":[],"chunks":{chunks}}}"#)).is_ok());
        }
    }
}
