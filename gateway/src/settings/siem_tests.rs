#![allow(clippy::unwrap_used)]

use hoop_model::SystemClock;

use super::{super::sample, *};

fn checked(siem: &str) -> Result<(), String> {
    let settings = sample::with(siem)?;
    settings.siem.iter().try_for_each(|siem| {
        siem.sink(&settings, &(Arc::new(SystemClock) as Arc<dyn Clock>)).map(drop).map_err(|error| error.to_string())
    })
}

fn table(kind: &str, more: &str) -> String {
    format!("[[siem]]\nname = \"one\"\nkind = \"{kind}\"\n{more}\n")
}

#[test]
fn each_kind_can_be_set() {
    let dir = tempfile::tempdir().unwrap();
    let token = dir.path().join("token");
    std::fs::write(&token, "s3cret\n").unwrap();
    let token = format!("token = \"file:{}\"", token.display());
    for (kind, more) in [
        ("file", "path = \"siem.jsonl\"".to_owned()),
        ("file", "path = \"siem.cef\"\nformat = \"cef\"\nmax_event_bytes = 4096".to_owned()),
        ("syslog", "address = \"127.0.0.1:514\"\ntls = false".to_owned()),
        ("syslog", "address = \"siem.example.com:6514\"".to_owned()),
        ("syslog", "address = \"[2001:db8::1]:6514\"\nrequired = true\nmax_lag_seconds = 60".to_owned()),
        ("hec", format!("url = \"https://splunk.example.com:8088\"\n{token}\nacknowledge = false")),
        ("otlp", "url = \"http://127.0.0.1:4318/v1/logs\"".to_owned()),
        ("webhook", format!("url = \"https://hooks.example.com/hoop\"\n{token}")),
    ] {
        assert_eq!(checked(&table(kind, &more)), Ok(()), "{kind} {more}");
    }
}

#[test]
fn what_could_not_work_is_refused_and_no_secret_repeated() {
    for (kind, more, words) in [
        ("file", "", "path is missing"),
        ("file", "path = \"a\"\nurl = \"https://x\"", "url is set, and this kind has no use for it"),
        ("file", "path = \"a\"\nmax_event_bytes = 100", "at least 2048"),
        ("file", "path = \"a\"\nmax_lag_records = 1", "required = true"),
        ("file", "path = \"a\"\nlag = 1", "unknown field `lag`"),
        ("file", "path = \"a\"\nformat = \"leef\"", "ocsf"),
        ("kafka", "", "unknown variant"),
        ("syslog", "address = \"siem.example.com\"", "HOST:PORT"),
        ("syslog", "address = \"siem.example.com:514\"\ntls = false", "on this machine"),
        ("syslog", "address = \"siem.example.com:6514\"\nca = \"missing.pem\"", "missing.pem"),
        ("hec", "url = \"https://splunk.example.com\"", "token is missing"),
        ("hec", "url = \"https://splunk.example.com\"\ntoken = \"hunter2\"", "env:NAME"),
        ("hec", "url = \"https://splunk.example.com\"\ntoken = \"env:HOOP_TEST_NO_SUCH_VARIABLE\"", "is not set"),
        ("otlp", "url = \"http://collector.example.com/v1/logs\"", "plain http only"),
        ("otlp", "url = \"https://u:hunter2@collector.example.com/v1/logs\"", "without a user"),
    ] {
        let text = checked(&table(kind, more)).unwrap_err();
        assert!(text.contains(words) && !text.contains("hunter2"), "{kind} {more}: {text}");
    }
    let twice = format!("{0}{0}", table("file", "path = \"a\""));
    assert!(checked(&twice).unwrap_err().contains("[[siem]] one: there are two"));
}
