//! `query`, a line's end, the body: what was sent as the secret is never in the answer.

use hoop_model::Secret;
use hoop_snowflake::{LoginRequest, Tokens, logged_in};
use serde_json::{Value, json};

use super::LONGEST;

pub fn login(data: &[u8]) {
    let data = &data[..data.len().min(LONGEST)];
    let line = data.iter().position(|byte| *byte == b'\n');
    let (query, body) = line.map_or((&data[..0], data), |line| (&data[..line], &data[line + 1..]));
    let query = String::from_utf8_lossy(query);
    let Ok(mut login) = LoginRequest::parse(body, Some(&query)) else { return };
    let sent: Value = serde_json::from_slice(body).unwrap();
    let field = |name: &str| sent["data"][name].as_str().filter(|text| !text.is_empty());
    let secret = login.secret.take().map(|secret| secret.expose().clone());
    assert_eq!(secret.as_deref(), field("PASSWORD").or(field("TOKEN")));

    let names = [login.database, login.schema, login.warehouse, login.role];
    let program = [login.client_app_id, login.client_app_version];
    assert!(names.iter().chain(&program).flatten().all(|name| (1..=1024).contains(&name.len())));

    // As an agent tells what its own login brought.
    let told = |names: &[Option<String>]| {
        json!({
            "sessionInfo": {
                "databaseName": names[0], "schemaName": names[1], "warehouseName": names[2], "roleName": names[3],
            },
            "parameters": [{ "name": "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", "value": 7 }, { "name": "TIMEZONE", "value": "UTC" }],
        })
    };
    let tokens = Tokens { session: Secret::new("ours".into()), master: Secret::new("ours2".into()), session_id: 7 };
    let answer = logged_in(&tokens, &told(&names));
    assert_eq!(answer["data"]["parameters"].as_array().map(Vec::len), Some(2));
    assert_eq!((&answer["data"]["token"], &answer["data"]["masterToken"]), (&json!("ours"), &json!("ours2")));
    if let Some(secret) = secret {
        let of_others = logged_in(&tokens, &told(&const { [None, None, None, None] })).to_string();
        let asked_by_name = url::form_urlencoded::parse(query.as_bytes()).any(|(_, value)| value.contains(&secret));
        assert!(of_others.contains(&secret) || asked_by_name || !has_part(&answer, &secret), "{secret:?}");
    }
}

fn has_part(value: &Value, part: &str) -> bool {
    match value {
        Value::String(text) => text.contains(part),
        Value::Array(items) => items.iter().any(|item| has_part(item, part)),
        Value::Object(members) => members.iter().any(|(key, value)| key.contains(part) || has_part(value, part)),
        other => other.to_string().contains(part),
    }
}
