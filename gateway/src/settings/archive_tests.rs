#![allow(clippy::unwrap_used)]

use super::{super::sample, *};

const GOOD: &str = r#"endpoint = "https://s3.eu-central-1.amazonaws.com"
bucket = "trail-of-hoop"
region = "eu-central-1"
access_key_id = "command:/bin/echo AKIA1"
secret_access_key = "command:/bin/echo s3cret"
"#;

fn set(text: &str) -> Result<Settings, String> {
    sample::with(&format!("[trail]\npayload_keys = [\"file:payload.key\"]\n[trail.archive]\n{text}"))
}

fn checked(text: &str) -> Result<(), String> {
    let settings = set(text)?;
    settings.archive.as_ref().unwrap().client(&settings).map(drop).map_err(|error| error.to_string())
}

#[test]
fn what_is_left_out_is_the_safe_choice() {
    assert_eq!(checked(GOOD), Ok(()));
    let archive = set(GOOD).unwrap().archive.unwrap();
    let days = Duration::from_secs(400 * 24 * 3600);
    let retention = set(GOOD).unwrap().retention;
    assert_eq!(archive.terms(&retention), Terms { retention: days, locked: true });
    assert_eq!((archive.prefix(), archive.spool_limit), ("v1", 10 * 1024 * 1024 * 1024));
}

#[test]
fn what_could_not_work_is_refused_and_no_secret_repeated() {
    let with = |key: &str, value: &str| {
        let others = GOOD.lines().filter(|line| !line.starts_with(&format!("{key} ")));
        format!("{}\n{key} = {value}\n", others.collect::<Vec<_>>().join("\n"))
    };
    for (key, value, words) in [
        ("endpoint", "\"http://s3.example.com\"", "plain http only to this machine"),
        ("endpoint", "\"https://s3.example.com/bucket\"", "without a path"),
        ("endpoint", "\"https://u:hunter2@s3.example.com\"", "a user"),
        ("bucket", "\"Trail\"", "lower-case"),
        ("bucket", "\"a/b\"", "lower-case"),
        ("region", "\"\"", "region"),
        ("prefix", "\"../x\"", "prefix"),
        ("retention", "\"400d\"", "unknown field `retention`"),
        ("spool_limit", "0", "spool_limit"),
        ("spool_limit", "-1", "invalid value"),
        ("worm", "\"governance\"", "required"),
        ("mode", "\"x\"", "unknown field `mode`"),
        ("access_key_id", "\"hunter2\"", "env:NAME"),
        ("secret_access_key", "\"env:HOOP_TEST_NO_SUCH_VARIABLE\"", "secret_access_key"),
        ("secret_access_key", "\"command:/bin/echo two words\"", "no text"),
        ("ca_file", "\"missing.pem\"", "missing.pem"),
    ] {
        let text = checked(&with(key, value)).unwrap_err();
        assert!(text.contains(words) && !text.contains("hunter2"), "{key} = {value}: {text}");
    }
    for key in ["endpoint", "bucket", "region", "access_key_id", "secret_access_key"] {
        let others: Vec<_> = GOOD.lines().filter(|line| !line.starts_with(&format!("{key} "))).collect();
        assert!(checked(&others.join("\n")).unwrap_err().contains(key), "{key}");
    }
    assert_eq!(checked(&with("endpoint", "\"http://127.0.0.1:8333\"")), Ok(()));
    assert_eq!(checked(&with("worm", "\"off\"")), Ok(()));
    let text = sample::with(&format!("[trail.archive]\n{GOOD}")).unwrap_err();
    assert!(text.contains("set payload_keys in [trail]"), "{text}");
}
