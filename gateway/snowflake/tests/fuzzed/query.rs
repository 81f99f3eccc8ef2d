//! What is forwarded of a query request is read again as the same, and an approval binds what would run.

use hoop_snowflake::{QueryRequest, StatementRequest};
use serde_json::{Map, Value, json};

use super::LONGEST;

const FORWARDED: &[&str] = &[
    "asyncExec",
    "bindings",
    "describeOnly",
    "describedJobId",
    "disableOfflineChunks",
    "parameters",
    "queryContextDTO",
    "querySubmissionTime",
    "sequenceId",
    "sqlText",
];

pub fn query_request(data: &[u8]) {
    let data = &data[..data.len().min(LONGEST)];
    if let Ok(request) = QueryRequest::parse(data) {
        forwarded_as_judged(request);
    }
    if let Ok(StatementRequest { place, query }) = StatementRequest::parse(data) {
        let names = [place.database, place.schema, place.warehouse, place.role];
        assert!(names.iter().flatten().all(|name| name.len() <= 1024));
        forwarded_as_judged(query);
    }
}

fn forwarded_as_judged(mut request: QueryRequest) {
    let forwarded = request.to_bytes();
    let again = QueryRequest::parse(&forwarded).unwrap();
    assert_eq!(again.to_bytes(), forwarded);
    assert_eq!(again.exact(), request.exact());
    assert_eq!(again.sql(), request.sql());
    assert_eq!(again.bindings(), request.bindings());
    assert_eq!(again.parameters(), request.parameters());
    assert_eq!(again.statement_count(), request.statement_count());
    assert_eq!(again.describe_only(), request.describe_only());
    assert!(!again.is_async());

    let members: Map<String, Value> = serde_json::from_slice(&forwarded).unwrap();
    assert!(members.iter().all(|(name, value)| FORWARDED.contains(&name.as_str()) && !value.is_null()), "{members:?}");

    let with = |name: &str, value: Value| {
        let mut members = members.clone();
        members.insert(name.to_owned(), value);
        QueryRequest::parse(Value::Object(members).to_string().as_bytes()).unwrap().exact()
    };
    for (name, value) in [("sequenceId", json!(77)), ("querySubmissionTime", json!(7)), ("asyncExec", json!(true))] {
        assert_eq!(with(name, value), request.exact(), "{name}");
    }
    assert_ne!(with("sqlText", format!("{} ", request.sql()).into()), request.exact());
    assert_ne!(with("bindings", json!({ "another": request.bindings() })), request.exact());
    assert_ne!(with("describeOnly", json!({ "another": members.get("describeOnly") })), request.exact());

    request.translate_ids(|_| None);
    assert_eq!(request.to_bytes(), forwarded);
}
