//! A real Snowflake account, where the environment names one: what the Python connector gets through the gateway against
//! what it gets there directly. `gateway/docs/snowflake.md` says how. The same at our double, so that the way itself is
//! known to work.

use std::{collections::BTreeSet, fs::File, io::Write, path::Path};

use hoop_dev::snowflake::Credential;
use hoop_model::Secret;
use hoop_tests::{
    Finished, Listener, Site, Upstream,
    cards::{AMEX, MASTERCARD, VISA},
    parity::{expected, nothing_in_clear, without_ids},
    peers,
};
use serde_json::{Value, json};
use tempfile::TempDir;

const PREFIX: &str = "HOOP_TEST_SNOWFLAKE_";

/// None needs a table. What a stand-in does not know fails both ways, and equally.
fn statements() -> Vec<Value> {
    let cards = format!("SELECT '{VISA}' AS card, {MASTERCARD} AS number, 'paid with {AMEX}' AS note, 7 AS seven");
    let nested =
        format!("SELECT PARSE_JSON('{{\"card\": \"{VISA}\"}}') AS anything, ARRAY_CONSTRUCT({MASTERCARD}) AS list");
    let mut asked: Vec<Value> = [
        &cards,
        "SELECT 1 AS one, 'two' AS two, NULL AS nothing, 1.25 AS part, -7 AS negative",
        "SELECT TRUE AS yes, 1.5::FLOAT AS ratio, 123456789012345678901234.5678::NUMBER(38,4) AS wide",
        "SELECT '2024-02-29'::DATE AS day, '13:14:15.5'::TIME AS clock, '2024-02-29 13:14:15'::TIMESTAMP_NTZ AS ntz",
        "SELECT '2024-02-29 13:14:15 +0200'::TIMESTAMP_TZ AS tz, TO_BINARY('00ff10', 'HEX') AS bytes",
        &nested,
        "SELECT no_such_column",
        "SELECT '6011-1111-1111-1117'::NUMBER",
        "SELECT 8",
    ]
    .map(Value::from)
    .to_vec();
    asked.push(json!({ "sql": "SELECT ?, ?", "params": [4, format!("paid with {VISA}")] }));
    asked
}

struct Account {
    account: String,
    url: String,
    user: String,
    proof: Proof,
    role: Option<String>,
    warehouse: Option<String>,
}

/// Each the path of a file.
enum Proof {
    Key(String),
    Token(String),
}

impl Account {
    /// What is missing, if it is not to be.
    fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let optional = |name: &str| variable(&format!("{PREFIX}{name}")).filter(|value| !value.is_empty());
        let needed = |name: &str| optional(name).ok_or_else(|| format!("{PREFIX}{name} is not set"));
        let account = needed("ACCOUNT")?;
        let proof = match (optional("PRIVATE_KEY_FILE"), optional("TOKEN_FILE")) {
            (Some(key), None) => Proof::Key(key),
            (None, Some(token)) => Proof::Token(token),
            _ => return Err(format!("of {PREFIX}PRIVATE_KEY_FILE and {PREFIX}TOKEN_FILE one is to be set")),
        };
        Ok(Self {
            url: optional("URL").unwrap_or_else(|| format!("https://{account}.snowflakecomputing.com")),
            user: needed("USER")?,
            role: optional("ROLE"),
            warehouse: optional("WAREHOUSE"),
            account,
            proof,
        })
    }

    /// The agent's settings.
    fn toml(&self) -> String {
        let mut lines = vec![
            format!("url = {:?}", self.url),
            format!("account = {:?}", self.account),
            format!("user = {:?}", self.user),
        ];
        lines.extend(match &self.proof {
            Proof::Key(path) => ["authenticator = \"keypair\"".to_owned(), format!("private_key = \"file:{path}\"")],
            Proof::Token(path) => ["authenticator = \"pat\"".to_owned(), format!("token = \"file:{path}\"")],
        });
        lines.extend(self.role.iter().map(|role| format!("role = {role:?}")));
        lines.extend(self.warehouse.iter().map(|warehouse| format!("warehouse = {warehouse:?}")));
        lines.join("\n")
    }

    /// The connector's, directly.
    fn settings(&self) -> Value {
        let url: url::Url = self.url.parse().unwrap();
        let mut settings = json!({
            "account": self.account, "user": self.user, "protocol": url.scheme(), "host": url.host_str().unwrap(),
            "port": url.port_or_known_default().unwrap(),
        });
        match &self.proof {
            Proof::Key(path) => settings["private_key_file"] = path.as_str().into(),
            Proof::Token(path) => {
                settings["authenticator"] = "PROGRAMMATIC_ACCESS_TOKEN".into();
                settings["token"] = std::fs::read_to_string(path).unwrap().trim().into();
            }
        }
        for (name, value) in [("role", &self.role), ("warehouse", &self.warehouse)] {
            if let Some(value) = value {
                settings[name] = value.as_str().into();
            }
        }
        settings
    }

    fn is_the_same_through_the_gateway(&self) {
        let mut site = Site::start();
        site.warehouse = Some(self.toml());
        site.let_agent_in();
        site.login("alice").ok();
        let listener = Listener::start(&mut site.hoopctl("alice"), "warehouse");
        let (asked, settings) = (statements(), &listener.ready["settings"]["python"]);
        let (direct, through) = (run(&self.settings(), &asked), run(settings, &asked));
        nothing_in_clear(&through);
        assert_eq!(direct[0]["event"], "result", "{}", direct[0]);
        assert_eq!((direct.len(), through.len()), (asked.len(), asked.len()));
        let mut found = BTreeSet::new();
        for (direct, through) in direct.iter().zip(&through) {
            let wanted = without_ids(&expected(direct, &mut found).to_string());
            assert_eq!(wanted, without_ids(&expected(through, &mut BTreeSet::new()).to_string()));
        }
        assert!([VISA, MASTERCARD, AMEX].iter().all(|card| found.contains(card)), "directly there were only {found:?}");
    }
}

/// The connector's events but the first and the last.
#[track_caller]
fn run(settings: &Value, statements: &[Value]) -> Vec<Value> {
    let dir = TempDir::new().unwrap();
    let mut settings = settings.clone();
    settings["paramstyle"] = "qmark".into();
    let document = dir.path().join("run.json");
    let content = json!({ "connect": settings, "statements": statements });
    serde_json::to_writer(File::create(&document).unwrap(), &content).unwrap();
    let mut command = peers::python("snowflake");
    let finished = Finished::of(command.arg(peers::path("sf_query.py")).arg(document)).ok();
    let mut events: Vec<Value> = finished.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.pop().unwrap()["event"], "closed");
    assert_eq!(events.remove(0)["event"], "connected");
    events
}

#[test]
fn at_the_account_that_the_environment_names() {
    match Account::read(|name| std::env::var(name).ok()) {
        Ok(account) => account.is_the_same_through_the_gateway(),
        // Past the test's own output, which is not shown when it passes.
        Err(missing) => {
            writeln!(std::io::stderr(), "skipped, there is no Snowflake account to test at: {missing}").unwrap()
        }
    }
}

#[test]
fn at_our_double_as_at_an_account() {
    let token = "pat-of-the-double";
    let upstream =
        Upstream::with(vec![Credential::Token { user: "BOT".to_owned(), token: Secret::new(token.to_owned()) }]);
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("token");
    std::fs::write(&file, token).unwrap();
    let account = Account::read(|name| variable(&upstream, &file, name)).unwrap();
    account.is_the_same_through_the_gateway();
}

/// The environment with the double in it.
fn variable(upstream: &Upstream, token: &Path, name: &str) -> Option<String> {
    Some(match name.strip_prefix(PREFIX)? {
        "ACCOUNT" => "acct".to_owned(),
        "URL" => upstream.snowflake.url().to_owned(),
        "USER" => "BOT".to_owned(),
        "TOKEN_FILE" => token.display().to_string(),
        _ => return None,
    })
}

#[test]
fn what_is_missing_is_named() {
    let read = |set: &[&str]| {
        let missing = Account::read(|name| set.contains(&name.strip_prefix(PREFIX)?).then(|| "x".to_owned()));
        missing.err()
    };
    assert_eq!(read(&[]).as_deref(), Some("HOOP_TEST_SNOWFLAKE_ACCOUNT is not set"));
    assert_eq!(read(&["ACCOUNT", "TOKEN_FILE"]).as_deref(), Some("HOOP_TEST_SNOWFLAKE_USER is not set"));
    let both = read(&["ACCOUNT", "USER", "TOKEN_FILE", "PRIVATE_KEY_FILE"]).unwrap();
    assert!(both.ends_with("one is to be set"), "{both}");
    assert_eq!(read(&["ACCOUNT", "USER", "PRIVATE_KEY_FILE"]), None);
}
