//! Answers: an error without data, or a body without card numbers, keys and URLs of the upstream's.

use base64::{Engine, engine::general_purpose::STANDARD};
use hoop_masking::{Column, Findings, Masker, Rowset};
use hoop_snowflake::{Answer, Delivery, Place, ReleasedAnswer};
use serde_json::Value;

use super::{CARD, LONGEST, arrow, holds, in_row};

const LISTENER: &str = "http://127.0.0.1:7";
const TOKEN: &str = "t0k3n-of-ours";

fn masked(body: &[u8]) -> Result<ReleasedAnswer, String> {
    let answer = Answer::parse(body).map_err(|error| error.to_string())?;
    let place = Place { listener: LISTENER, token: TOKEN, query_id: None };
    answer.mask(&Masker::default(), &place, &mut Findings::default()).map_err(|error| error.to_string())
}

pub fn answer(data: &[u8]) {
    let data = &data[..data.len().min(LONGEST)];
    let released = match masked(data) {
        Ok(released) => released,
        Err(error) => return assert!(!error.contains(CARD), "{error}"),
    };
    let (rows, body) = (released.rows, released.body.into_inner());
    let sent: Value = serde_json::from_slice(data).unwrap();
    let told: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(told["success"], Value::Bool(sent["success"] == Value::Bool(true)));
    let columns = columns(&sent["data"]["rowtype"]);
    let mut beside_rows = told.clone();
    if let Some(rowset) = beside_rows["data"].as_object_mut().and_then(|members| members.shift_remove("rowset")) {
        let rowset: Rowset = serde_json::from_value(rowset).unwrap();
        assert_eq!(rowset.len() as u64, rows);
        assert!(!rowset.iter().any(|row| in_row(row, &columns)), "{told}");
    }
    assert!(!holds(&beside_rows, CARD), "{told}");
    let message = told["message"].as_str().unwrap_or_default();
    assert!(message.split_whitespace().all(|word| word != CARD), "{message:?}");
    assert!(released.query_id.is_none_or(|id| id != CARD));

    if let Some(text) = told["data"]["rowsetBase64"].as_str().filter(|text| !text.is_empty()) {
        let batches = arrow::batches(&STANDARD.decode(text).unwrap());
        assert_eq!(batches.iter().map(|batch| batch.num_rows() as u64).sum::<u64>(), rows);
        assert!(!batches.iter().any(|batch| arrow::holds_card(batch, &columns)), "{told}");
    }

    let members = told["data"].as_object().unwrap();
    assert!(!members.contains_key("qrmk") && !members.contains_key("chunkHeaders"), "{told}");
    if let Some(delivery) = &released.delivery {
        delivered(delivery, &sent, &told);
    }
    let again = masked(&body).unwrap().body.into_inner();
    assert_eq!(serde_json::from_slice::<Value>(&again).unwrap(), told, "twice");
}

/// What is told of chunks is ours, and what is not told stands nowhere.
fn delivered(delivery: &Delivery, sent: &Value, told: &Value) {
    let listed = told["data"]["chunks"].as_array().unwrap();
    assert_eq!(listed.len(), delivery.chunks.len());
    for (index, (listed, chunk)) in listed.iter().zip(&delivery.chunks).enumerate() {
        assert_eq!(listed["url"], format!("{LISTENER}/hoop/chunk/{TOKEN}/{index}"));
        let numbers = ["rowCount", "uncompressedSize", "compressedSize"].iter().all(|name| listed[*name].is_u64());
        assert!(numbers && listed.as_object().is_some_and(|members| members.len() == 4), "{listed}");
        assert!(!listed.to_string().contains(CARD) || chunk.rows.to_string() == CARD, "{listed}");
    }
    let mut elsewhere = sent.clone();
    for name in ["chunks", "qrmk", "chunkHeaders"] {
        elsewhere["data"].as_object_mut().unwrap().shift_remove(name);
    }
    let (elsewhere, told) = (elsewhere.to_string(), told.to_string());
    let key = sent["data"]["qrmk"].as_str();
    let secrets = delivery.chunks.iter().map(|chunk| chunk.url.as_str()).filter(|url| url.contains("://")).chain(key);
    for secret in secrets.filter(|secret| secret.len() >= 12 && !LISTENER.contains(secret)) {
        let secret = Value::from(secret).to_string();
        let secret = secret.trim_matches('"');
        assert!(elsewhere.contains(secret) || !told.contains(secret), "{secret} in {told}");
    }
}

fn columns(rowtype: &Value) -> Vec<Column> {
    let list = rowtype.as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |column: &Value, name: &str| column[name].as_str().unwrap_or_default().to_owned();
    list.iter()
        .map(|column| Column::snowflake(text(column, "name"), &text(column, "type"), column["scale"].as_i64()))
        .collect()
}
