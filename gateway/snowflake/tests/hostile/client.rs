//! Drivers, or what says it is one.

use hoop_snowflake::{LoginRequest, QueryError, QueryRequest, Route, StatementRequest, request_id, route, token};

use super::each;

#[test]
fn paths() {
    let id = "01b2-aa".to_owned();
    let long = format!("/queries/{}/result", "a".repeat(10_000));
    let cases = [
        ("doubled slashes are one", ("GET", "//monitoring///queries//01b2-aa"), Route::Monitoring { id: id.clone() }),
        ("a slash behind", ("GET", "/queries/01b2-aa/result/"), Route::QueryResult { id }),
        ("a dot", ("POST", "/./session"), Route::Refused),
        ("two dots", ("POST", "/queries/v1/../v1/query-request"), Route::Refused),
        ("two dots as an id", ("GET", "/queries/../result"), Route::Refused),
        ("an escaped dot", ("GET", "/queries/%2e%2e/result"), Route::Refused),
        ("an escaped slash", ("POST", "/queries%2fv1/query-request"), Route::Refused),
        ("an escaped letter", ("POST", "/sessio%6e"), Route::Refused),
        ("upper case", ("POST", "/SESSION"), Route::Refused),
        ("a long s, which is an s without case", ("POST", "/\u{17f}ession"), Route::Refused),
        ("a wide slash", ("POST", "/queries\u{ff0f}v1/query-request"), Route::Refused),
        ("a backslash", ("POST", "/queries\\v1\\query-request"), Route::Refused),
        ("a null", ("POST", "/session\0"), Route::Refused),
        ("a line's end", ("POST", "/session\r\n/x"), Route::Refused),
        ("parameters of a path", ("POST", "/session;delete=true"), Route::Refused),
        ("a whole URL", ("POST", "https://x/session"), Route::Refused),
        ("ten kilobytes", ("GET", long.as_str()), Route::Refused),
        ("nothing", ("GET", ""), Route::Refused),
        ("no id", ("GET", "/queries//result"), Route::Refused),
        ("more behind", ("POST", "/session/heartbeat/x"), Route::Refused),
        ("dots behind statements", ("POST", "/api/v2/statements/../databases"), Route::Refused),
        ("a path that begins like statements", ("POST", "/api/v2/statementsx"), Route::Refused),
        ("doubled slashes before the REST API", ("POST", "//api/v2/databases"), Route::Refused),
        ("the REST API in upper case", ("POST", "/API/v2/databases"), Route::Refused),
        ("the REST API, escaped", ("POST", "/api/v2/databases%2f..%2fstatements"), Route::Closed),
        ("another method", ("PUT", "/queries/v1/query-request"), Route::Refused),
        ("a method in lower case", ("post", "/session"), Route::Refused),
        ("a chunk below zero", ("GET", "/hoop/chunk/abc/-1"), Route::Refused),
        ("a chunk beyond all", ("GET", "/hoop/chunk/abc/18446744073709551616"), Route::Refused),
        ("a chunk without a number", ("GET", "/hoop/chunk/abc/"), Route::Refused),
    ];
    each(cases, |(method, path)| route(method, path));
}

#[test]
fn request_ids() {
    let long = format!("requestId={}", "a".repeat(129));
    let cases = [
        ("the first of two counts", Some("requestId=a&requestId=b"), Some("a")),
        ("an escaped name is the same name", Some("request%49d=a"), Some("a")),
        ("a null", Some("requestId=a%00"), None),
        ("a line's end", Some("requestId=a%0d%0aX-Y:z"), None),
        ("an escape sequence of a terminal", Some("requestId=%1b[2J"), None),
        ("a space", Some("requestId=a+b"), None),
        ("a letter of another script", Some("requestId=%D0%B0"), None),
        ("no UTF-8", Some("requestId=%ff"), None),
        ("nothing", Some("requestId="), None),
        ("too long", Some(long.as_str()), None),
        ("another case", Some("REQUESTID=a"), None),
        ("no query", None, None),
    ];
    each(cases.map(|(name, query, id)| (name, query, id.map(str::to_owned))), request_id);
}

#[test]
fn authorization() {
    let cases = [
        ("as it should be", "Snowflake Token=\"abc\"", Some("abc")),
        ("nothing", "Snowflake Token=\"\"", Some("")),
        ("no quotes", "Snowflake Token=abc", None),
        ("half a quote", "Snowflake Token=\"", None),
        ("another scheme", "Bearer abc", None),
        ("a space too many", "Snowflake  Token=\"abc\"", None),
        ("more behind", "Snowflake Token=\"abc\", x", None),
    ];
    each(cases, token);
}

/// What of a login is used: the secret, the program and the database. `None`: it is refused.
type Login = Option<(Option<String>, Option<String>, Option<String>)>;

fn login((body, query): (String, &str)) -> Login {
    let login = LoginRequest::parse(body.as_bytes(), Some(query)).ok()?;
    Some((login.secret.map(|secret| secret.expose().clone()), login.client_app_id, login.database))
}

#[test]
fn logins() {
    let used = |secret: Option<&str>, app: Option<&str>, database: Option<&str>| {
        Some((secret.map(str::to_owned), app.map(str::to_owned), database.map(str::to_owned)))
    };
    let data = |members: &str| (format!(r#"{{"data":{{{members}}}}}"#), "");
    let ten_mb = "x".repeat(10_000_000);
    let long_name = format!("databaseName={}", "D".repeat(1025));
    let cases = [
        ("a password and a token", data(r#""PASSWORD":"p","TOKEN":"t""#), used(Some("p"), None, None)),
        ("an empty password and a token", data(r#""PASSWORD":"","TOKEN":"t""#), used(Some("t"), None, None)),
        ("two passwords", data(r#""PASSWORD":"a","PASSWORD":"b""#), used(Some("b"), None, None)),
        ("an escaped name", data(r#""PASS\u0057ORD":"a""#), used(Some("a"), None, None)),
        ("another case", data(r#""password":"a""#), used(None, None, None)),
        ("lists for text", data(r#""PASSWORD":["p"],"TOKEN":[],"CLIENT_APP_ID":["x"]"#), used(None, None, None)),
        ("an object for text", data(r#""PASSWORD":{"x":"p"}"#), used(None, None, None)),
        ("a number for text", data(r#""PASSWORD":4111111111111111"#), used(None, None, None)),
        ("a slash in a name is none", data(r#""PASSWORD/x":"p""#), used(None, None, None)),
        ("ten megabytes of password", data(&format!(r#""PASSWORD":"{ten_mb}""#)), used(Some(&ten_mb), None, None)),
        ("ten megabytes of a program's name", data(&format!(r#""CLIENT_APP_ID":"{ten_mb}""#)), None),
        ("ten megabytes of its version", data(&format!(r#""CLIENT_APP_VERSION":"{ten_mb}""#)), None),
        ("a long database", (data("").0, long_name.as_str()), None),
        ("two databases", (data("").0, "databaseName=A&databaseName=B"), used(None, None, Some("A"))),
        ("an empty database before one", (data("").0, "databaseName=&databaseName=B"), used(None, None, Some("B"))),
        ("no data", ("{}".to_owned(), ""), None),
        ("data that is a list", (r#"{"data":[{"PASSWORD":"p"}]}"#.to_owned(), ""), None),
        ("data that is text", (r#"{"data":"PASSWORD"}"#.to_owned(), ""), None),
        ("two data", (r#"{"data":{"PASSWORD":"a"},"data":{}}"#.to_owned(), ""), used(None, None, None)),
        ("more behind", (r#"{"data":{}}{"data":{}}"#.to_owned(), ""), None),
        ("no JSON", ("data=1".to_owned(), ""), None),
        ("deep nesting", data(&format!(r#""x":{}"#, "[".repeat(100_000))), None),
        ("JSON in serde_json's own mark", data(r#""PASSWORD":{"$serde_json::private::RawValue":"\"p\""}"#), None),
    ];
    each(cases, login);
}

/// What is forwarded, or why nothing is.
fn query(members: &str) -> Result<String, QueryError> {
    let request = QueryRequest::parse(format!("{{{members}}}").as_bytes())?;
    Ok(String::from_utf8(request.to_bytes()).unwrap())
}

fn unknown(member: &str) -> Result<String, QueryError> {
    Err(QueryError::UnknownMember { member: member.to_owned() })
}

#[test]
fn queries() {
    let forwarded = |members: &str| Ok(format!("{{{members}}}"));
    let unreadable = || Err(QueryError::Unreadable);
    let deep = format!(r#""sqlText":"x","bindings":{}"#, "[".repeat(200) + &"]".repeat(200));
    let cases = [
        ("two texts: one is judged and sent", r#""sqlText":"a","sqlText":"b""#, forwarded(r#""sqlText":"b""#)),
        ("an escaped second text", r#""sqlText":"a","sql\u0054ext":"b""#, forwarded(r#""sqlText":"b""#)),
        ("a text in another case", r#""sqlText":"a","sqltext":"b""#, unknown("sqltext")),
        ("no text", r#""SQLTEXT":"a""#, unreadable()),
        ("a list of texts", r#""sqlText":["a"]"#, unreadable()),
        ("a null for text", r#""sqlText":null"#, unreadable()),
        ("a number for text", r#""sqlText":{"$serde_json::private::Number":"1"}"#, unreadable()),
        ("text in serde_json's own mark", r#""sqlText":{"$serde_json::private::RawValue":"\"a\""}"#, unreadable()),
        ("bindStage", r#""sqlText":"a","bindStage":"@x""#, Err(QueryError::BindStage)),
        ("bindStage, escaped", r#""sqlText":"a","\u0062indStage":"@x""#, Err(QueryError::BindStage)),
        ("bindStage, empty", r#""sqlText":"a","bindStage":"""#, Err(QueryError::BindStage)),
        ("bindStage, false", r#""sqlText":"a","bindStage":false"#, Err(QueryError::BindStage)),
        ("bindStage, a list", r#""sqlText":"a","bindStage":[]"#, Err(QueryError::BindStage)),
        ("bindStage, twice", r#""sqlText":"a","bindStage":"@x","bindStage":null"#, forwarded(r#""sqlText":"a""#)),
        ("bindstage", r#""sqlText":"a","bindstage":"@x""#, unknown("bindstage")),
        ("BINDSTAGE", r#""sqlText":"a","BINDSTAGE":"@x""#, unknown("BINDSTAGE")),
        ("bindStage with a space", r#""sqlText":"a","bindStage ":"@x""#, unknown("(a name not shown)")),
        ("bindStage with a null", r#""sqlText":"a","bindStage\u0000":"@x""#, unknown("(a name not shown)")),
        ("a card number for a name", r#""sqlText":"a","4111111111111111":1"#, unknown("(a name not shown)")),
        ("a stage", r#""sqlText":"a","stageInfo":{}"#, unknown("stageInfo")),
        ("parameters that are a list", r#""sqlText":"a","parameters":[]"#, unreadable()),
        ("parameters that are text", r#""sqlText":"a","parameters":"x""#, unreadable()),
        (
            "two parameters",
            r#""sqlText":"a","parameters":{"A":1},"parameters":{}"#,
            forwarded(r#""sqlText":"a","parameters":{}"#),
        ),
        ("a broken count", r#""sqlText":"a","parameters":{"MULTI_STATEMENT_COUNT":1.5}"#, unreadable()),
        ("a count below zero", r#""sqlText":"a","parameters":{"MULTI_STATEMENT_COUNT":-1}"#, unreadable()),
        ("a list of counts", r#""sqlText":"a","parameters":{"MULTI_STATEMENT_COUNT":[2]}"#, unreadable()),
        ("a count with a space", r#""sqlText":"a","parameters":{"MULTI_STATEMENT_COUNT":"2 "}"#, unreadable()),
        (
            "asynchrony is not forwarded",
            r#""sqlText":"a","asyncExec":true"#,
            forwarded(r#""sqlText":"a","asyncExec":false"#),
        ),
        ("deep nesting", deep.as_str(), unreadable()),
        ("half a character", r#""sqlText":"\ud83d""#, unreadable()),
        ("a control character", "\"sqlText\":\"a\u{1}\"", unreadable()),
        ("more behind", r#""sqlText":"a"},{"#, unreadable()),
    ];
    each(cases, query);
    let bodies: [(_, &[u8], _); 4] = [
        ("a list", b"[]", Some(QueryError::Unreadable)),
        ("nothing", b"", Some(QueryError::Unreadable)),
        ("no UTF-8", b"{\"sqlText\":\"\xff\"}", Some(QueryError::Unreadable)),
        ("UTF-16", b"\xff\xfe{\0}\0", Some(QueryError::Unreadable)),
    ];
    each(bodies, |body| QueryRequest::parse(body).err());
}

/// What is forwarded of a statement of the SQL API, or why nothing is.
fn statement(members: &str) -> Result<String, QueryError> {
    let request = StatementRequest::parse(format!("{{{members}}}").as_bytes())?;
    Ok(String::from_utf8(request.query.to_bytes()).unwrap())
}

#[test]
fn statements() {
    let forwarded = |members: &str| Ok(format!("{{{members}}}"));
    let unreadable = || Err(QueryError::Unreadable);
    let long = format!(r#""statement":"a","database":"{}""#, "D".repeat(1025));
    let deep = format!(r#""statement":"a","bindings":{{"1":{}}}"#, "[".repeat(200) + &"]".repeat(200));
    let cases = [
        ("two statements: one is judged and sent", r#""statement":"a","statement":"b""#, forwarded(r#""sqlText":"b""#)),
        ("an escaped second one", r#""statement":"a","state\u006dent":"b""#, forwarded(r#""sqlText":"b""#)),
        ("a driver's member beside it", r#""statement":"a","sqlText":"b""#, unknown("sqlText")),
        ("bindStage", r#""statement":"a","bindStage":"@x""#, unknown("bindStage")),
        ("a list of statements", r#""statement":["a"]"#, unreadable()),
        ("a null for one", r#""statement":null"#, unreadable()),
        ("in serde_json's own mark", r#""statement":{"$serde_json::private::RawValue":"\"a\""}"#, unreadable()),
        ("a long database", long.as_str(), unreadable()),
        ("a broken count", r#""statement":"a","parameters":{"MULTI_STATEMENT_COUNT":1.5}"#, unreadable()),
        ("a card number for a name", r#""statement":"a","4111111111111111":1"#, unknown("(a name not shown)")),
        ("deep nesting", deep.as_str(), unreadable()),
        (
            "a time limit named twice",
            r#""statement":"a","timeout":2,"parameters":{"STATEMENT_TIMEOUT_IN_SECONDS":1}"#,
            forwarded(r#""sqlText":"a","parameters":{"STATEMENT_TIMEOUT_IN_SECONDS":2}"#),
        ),
    ];
    each(cases, statement);
}

#[test]
fn a_long_text_is_forwarded_whole() {
    let sql = format!("select '{}'", "x".repeat(10_000_000));
    let body = format!(r#"{{"sqlText":"{sql}"}}"#);
    let request = QueryRequest::parse(body.as_bytes()).unwrap();
    assert!(request.sql() == sql && request.to_bytes() == body.as_bytes());
}

#[test]
fn what_is_no_boolean_neither_describes_nor_runs_later() {
    for other in [r#""true""#, "1", "[true]", r#"{"true":true}"#, "false"] {
        let body = format!(r#"{{"sqlText":"drop table t","describeOnly":{other},"asyncExec":{other}}}"#);
        let request = QueryRequest::parse(body.as_bytes()).unwrap();
        assert!(!request.describe_only() && !request.is_async(), "{other}");
        let described = QueryRequest::parse(br#"{"sqlText":"drop table t","describeOnly":true}"#).unwrap();
        assert_ne!(request.exact(), described.exact(), "{other}");
    }
}
