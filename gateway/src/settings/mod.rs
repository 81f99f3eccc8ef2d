//! What the gateway runs with: read from TOML ([`raw`]), then checked and resolved once; all other code sees only
//! [`Settings`].

mod archive;
mod clock;
mod masking;
mod mcp_endpoint;
mod raw;
mod review;
#[cfg(test)]
mod sample;
mod secret;
mod siem;
mod timestamp;
mod trail;
mod witness;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

pub(crate) use archive::Archive;
pub use archive::ArchiveSettingsError;
pub(crate) use clock::ClockSettings;
pub use clock::ClockSettingsError;
use hoop_audit::payload::PayloadKeys;
use hoop_identity::{PersonVerifier, WorkloadVerifier, workload::TrustRule};
use hoop_masking::Masker;
use hoop_mcp::pin::Mode;
use hoop_model::{Clock, ConnectionKind, ConnectionName, SystemClock, Timestamp, later};
use hoop_recording::Retention;
use hoop_wire::login::PersonLogin;
pub use masking::MaskingError;
pub(crate) use masking::masker_of;
pub use mcp_endpoint::{McpEndpoint, McpEndpointError};
pub use raw::Roles;
pub(crate) use review::Review;
pub use review::ReviewError;
use rustls_pki_types::ServerName;
pub use secret::SecretError;
use serde::de::DeserializeOwned;
pub use siem::SiemError;
pub(crate) use siem::{Kind as SiemKind, Limit, Siem};
pub use timestamp::TimestampError;
pub(crate) use timestamp::{Timestamping, wrong as wrong_timestamp};
use trail::Trail;
pub use trail::TrailError;
pub(crate) use witness::Witness;
pub use witness::WitnessError;

/// Longest life of a session certificate (design, "Session credential").
const LONGEST_CERTIFICATE: Duration = Duration::from_secs(15 * 60);
/// Longest time ahead that a policy may show card numbers.
const LONGEST_REVEAL: Duration = Duration::from_secs(366 * 24 * 3600);

#[derive(Debug, Clone)]
pub struct Settings {
    /// Where they were read from.
    pub file: PathBuf,
    pub data_dir: PathBuf,
    pub listen: SocketAddr,
    pub names: Vec<String>,
    pub person: Option<PersonSettings>,
    pub workloads: Vec<TrustRule>,
    pub roles: Roles,
    /// Cedar text, and the file it came from.
    pub policy: String,
    pub policy_file: PathBuf,
    pub table_groups: Vec<hoop_policy::TableGroup>,
    pub connections: BTreeMap<ConnectionName, ConnectionSettings>,
    pub certificate_life: Duration,
    pub longest_login: Duration,
    pub mcp_hold: Duration,
    pub mcp_hold_with_progress: Duration,
    pub(crate) trail: Trail,
    pub(crate) retention: Retention,
    pub mcp_endpoint: Option<McpEndpoint>,
    pub(crate) siem: Vec<Siem>,
    pub(crate) archive: Option<Archive>,
    pub(crate) review: Review,
    pub(crate) clock: ClockSettings,
    masking: masking::Masking,
    /// Hex SHA-256 of the configuration as read; written to the trail at each load.
    pub digest: String,
}

#[derive(Debug, Clone)]
pub struct PersonSettings {
    pub login: PersonLogin,
    pub groups_claim: String,
}

#[derive(Debug, Clone)]
pub struct ConnectionSettings {
    pub name: ConnectionName,
    pub kind: ConnectionKind,
    pub agent: String,
    /// Which tools may be used, for MCP.
    pub tools: Mode,
}

/// A configuration that cannot be used; the text names file, line and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    #[error("cannot read {path}: {source}; check the path given with --config")]
    Unreadable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// Without the line's text: it may be a secret that somebody put in the place of its reference.
    #[error("{path}: line {line}: {problem}")]
    Malformed { path: PathBuf, line: usize, problem: String },
    #[error("{path}: {source}")]
    Policy {
        path: PathBuf,
        #[source]
        source: hoop_policy::PolicyError,
    },
    #[error("{path}: {source}")]
    Identity {
        path: PathBuf,
        #[source]
        source: hoop_identity::IdentityError,
    },
    #[error("{path}: [masking] {source}")]
    Masking {
        path: PathBuf,
        #[source]
        source: MaskingError,
    },
    #[error("{path}: [mcp_endpoint] {source}")]
    McpEndpoint {
        path: PathBuf,
        #[source]
        source: McpEndpointError,
    },
    #[error("{path}: [clock] {source}")]
    Clock {
        path: PathBuf,
        #[source]
        source: ClockSettingsError,
    },
    #[error("{path}: [review] {source}")]
    Review {
        path: PathBuf,
        #[source]
        source: ReviewError,
    },
    #[error("{path}: [[siem]] {name}: {source}")]
    Siem {
        path: PathBuf,
        name: String,
        #[source]
        source: Box<SiemError>,
    },
    #[error("{path}: [trail] {source}")]
    Trail {
        path: PathBuf,
        #[source]
        source: TrailError,
    },
    #[error("{path}: [trail.archive] {source}")]
    Archive {
        path: PathBuf,
        #[source]
        source: Box<ArchiveSettingsError>,
    },
    #[error("{path}: [[trail.witness]] {name}: {source}")]
    Witness {
        path: PathBuf,
        name: String,
        #[source]
        source: Box<WitnessError>,
    },
    #[error("{path}: [trail.timestamp] {source}")]
    Timestamp {
        path: PathBuf,
        #[source]
        source: Box<TimestampError>,
    },
    #[error("{path}: {problem}; {remedy}")]
    Invalid { path: PathBuf, problem: String, remedy: &'static str },
}

impl Settings {
    /// Reads and checks the configuration at `path` and the policy file it names.
    pub fn load(path: &Path) -> Result<Self, SettingsError> {
        let text = read(path)?;
        let raw: raw::Raw = read_toml(path, &text)?;
        let beside = path.parent().unwrap_or(Path::new("."));
        let policy = read(&beside.join(&raw.policy.file))?;
        resolve(path, raw, policy, &text)
    }

    /// The same, from texts in memory: for the all-in-one of `hoopctl dev`.
    pub fn parse(text: &str, policy: String) -> Result<Self, SettingsError> {
        let path = Path::new("configuration");
        let raw: raw::Raw = read_toml(path, text)?;
        resolve(path, raw, policy, text)
    }
}

impl Settings {
    /// What [`Settings::load`] cannot see by itself: whether the policy compiles against its schema, whether the masking
    /// rules and their key can be used, whether the MCP endpoint has its certificate, the trail its keys and each SIEM,
    /// the archive and each witness their secrets and certificates, and whether people and workloads could be verified. Asks nobody.
    pub fn check(&self) -> Result<(), SettingsError> {
        self.mcp_endpoint.as_ref().map(|endpoint| endpoint.certified_key(&self.file)).transpose()?;
        self.reveals(&self.policies()?, &self.masker()?, SystemClock.now())?;
        self.payload_keys()?;
        let clock = Arc::new(SystemClock) as Arc<dyn Clock>;
        self.siem.iter().try_for_each(|siem| siem.sink(self, &clock).map(drop))?;
        self.archive.as_ref().map(|archive| archive.client(self)).transpose()?;
        crate::witness::clients(self)?;
        crate::timestamp::client(self)?;
        self.verifiers(&clock).map(drop)
    }

    /// The name that others know this gateway by.
    pub(crate) fn host(&self) -> &str {
        self.names.first().map_or("hoop-gateway", String::as_str)
    }

    /// The pin of the authority; none before the gateway's first start, or where its folder may not be read.
    pub fn authority_pin(&self) -> Option<String> {
        let certificate = std::fs::read_to_string(self.data_dir.join("authority/ca.pem")).ok()?;
        crate::authority::pin(&certificate).ok()
    }

    pub(crate) fn verifiers(
        &self,
        clock: &Arc<dyn Clock>,
    ) -> Result<(Option<PersonVerifier>, WorkloadVerifier), SettingsError> {
        let wrong = |source| SettingsError::Identity { path: self.file.clone(), source };
        let person = self.person.as_ref().map(|person| {
            PersonVerifier::new(&person.login.issuer, &person.login.client_id, &person.groups_claim, clock.clone())
        });
        let people = person.transpose().map_err(wrong)?;
        let workloads = WorkloadVerifier::new(self.workloads.clone(), clock.clone()).map_err(wrong)?;
        Ok((people, workloads))
    }

    /// Whether the policies that show card numbers may: they can be answered for, and end.
    pub(crate) fn reveals(
        &self,
        policies: &hoop_policy::Policies,
        masker: &Masker,
        now: Timestamp,
    ) -> Result<(), SettingsError> {
        let refuse = |problem, remedy| Err(SettingsError::Invalid { path: self.policy_file.clone(), problem, remedy });
        for (rule, until) in policies.reveals() {
            if masker.rules().key().is_none() {
                return refuse(
                    format!(
                        "policy {rule} has @reveal, and without a masking key nobody could tell which cards were shown"
                    ),
                    "set key = \"file:PATH\", \"env:NAME\" or \"command:/PROGRAM\" in [masking] of the configuration, or take \
                     @reveal out",
                );
            }
            if until > later(now, LONGEST_REVEAL) {
                return refuse(
                    format!("policy {rule} shows card numbers until {until}, more than 366 days from now"),
                    "set an earlier @until: a need is looked at again every year",
                );
            }
        }
        Ok(())
    }

    pub(crate) fn masker(&self) -> Result<Masker, SettingsError> {
        self.masking.masker(&self.file)
    }

    pub(crate) fn payload_keys(&self) -> Result<PayloadKeys, SettingsError> {
        self.trail.payload_keys(&self.file)
    }

    pub(crate) fn policies(&self) -> Result<hoop_policy::Policies, SettingsError> {
        hoop_policy::Policies::compile(&self.policy, &self.table_groups)
            .map_err(|source| SettingsError::Policy { path: self.policy_file.clone(), source })
    }
}

fn read(path: &Path) -> Result<String, SettingsError> {
    std::fs::read_to_string(path).map_err(|source| SettingsError::Unreadable { path: path.to_owned(), source })
}

fn read_toml<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, SettingsError> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        SettingsError::Malformed { path: path.to_owned(), line, problem: error.message().to_owned() }
    })
}

fn resolve(path: &Path, raw: raw::Raw, policy: String, text: &str) -> Result<Settings, SettingsError> {
    let invalid = |problem: String, remedy| Err(SettingsError::Invalid { path: path.to_owned(), problem, remedy });
    if raw.identity.oidc.is_none() && raw.identity.workload.is_empty() {
        return invalid("nobody could log in".to_owned(), "add [identity.oidc] or an [[identity.workload]] rule");
    }
    if raw.listen.names.is_empty() {
        return invalid("listen.names is empty".to_owned(), "name the host that hoopctl and the agents dial");
    }
    if let Some(name) = raw.listen.names.iter().find(|name| !can_be_dialled(name)) {
        return invalid(
            format!("listen.names holds \"{name}\""),
            "write DNS names or addresses, without a port; they go into the gateway's certificate",
        );
    }
    let certificate_life = Duration::from_secs(u64::from(raw.session.certificate_minutes) * 60);
    if certificate_life.is_zero() || certificate_life > LONGEST_CERTIFICATE {
        return invalid(
            format!("session.certificate_minutes is {}", raw.session.certificate_minutes),
            "set it between 1 and 15",
        );
    }
    let mut connections = BTreeMap::new();
    let mut days = BTreeMap::new();
    for connection in raw.connections {
        let name = connection.name;
        days.extend(connection.recording_days.map(|days| (name.clone(), days)));
        if connection.tools.is_some() && connection.kind != ConnectionKind::Mcp {
            return invalid(
                format!("connection \"{name}\" sets tools, and is no MCP server"),
                "take tools out; a warehouse has none",
            );
        }
        let settings = ConnectionSettings {
            name: name.clone(),
            kind: connection.kind,
            agent: connection.agent,
            tools: connection.tools.unwrap_or_default(),
        };
        if connections.insert(name.clone(), settings).is_some() {
            return invalid(format!("connection \"{name}\" is defined twice"), "rename one of them");
        }
    }
    let person = raw.identity.oidc.map(|oidc| PersonSettings {
        login: PersonLogin {
            issuer: oidc.issuer,
            client_id: oidc.client_id,
            scopes: oidc.scopes,
            redirect_ports: oidc.redirect_ports,
        },
        groups_claim: oidc.groups_claim,
    });
    let mcp_endpoint = raw.mcp_endpoint.map(|endpoint| endpoint.checked(path, person.is_some())).transpose()?;
    let siem = siem::checked(path, raw.siem)?;
    let archive = archive::checked(path, &raw.trail)?;
    witness::checked(path, &raw.trail)?;
    timestamp::checked(path, &raw.trail)?;
    let review = raw.review.checked(path, &raw.roles)?;
    let clock = raw.clock.checked(path)?;
    Ok(Settings {
        file: path.to_owned(),
        data_dir: raw.data_dir,
        listen: raw.listen.quic,
        names: raw.listen.names,
        person,
        workloads: raw.identity.workload,
        roles: raw.roles,
        digest: crate::digest::sha256_hex(&[text.as_bytes(), policy.as_bytes()]),
        policy,
        policy_file: path.parent().unwrap_or(Path::new(".")).join(raw.policy.file),
        table_groups: raw
            .policy
            .table_groups
            .into_iter()
            .map(|group| hoop_policy::TableGroup { name: group.name, patterns: group.patterns })
            .collect(),
        connections,
        mcp_endpoint,
        siem,
        archive,
        review,
        clock,
        masking: raw.masking,
        certificate_life,
        longest_login: Duration::from_secs(u64::from(raw.session.longest_hours) * 3600),
        mcp_hold: Duration::from_secs(u64::from(raw.session.mcp_hold_seconds)),
        retention: raw.trail.retention(path, days)?,
        trail: raw.trail,
        mcp_hold_with_progress: Duration::from_secs(u64::from(raw.session.mcp_hold_progress_seconds)),
    })
}

/// Whether a certificate can carry it; also for all names of a domain.
fn can_be_dialled(name: &str) -> bool {
    ServerName::try_from(name.strip_prefix("*.").unwrap_or(name)).is_ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const GOOD: &str = r#"
data_dir = "/var/lib/hoop"
[listen]
quic = "127.0.0.1:7443"
names = ["gateway.test"]
[identity.oidc]
issuer = "https://idp.test"
client_id = "hoopctl"
[policy]
file = "payments.cedar"
[[connection]]
name = "warehouse"
type = "snowflake"
agent = "dc1"
"#;

    fn refusal(text: &str) -> String {
        Settings::parse(text, String::new()).unwrap_err().to_string()
    }

    #[test]
    fn a_good_configuration_resolves() {
        let settings = Settings::parse(GOOD, String::new()).unwrap();
        assert_eq!(settings.connections.len(), 1);
        assert_eq!(settings.certificate_life, LONGEST_CERTIFICATE);
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let text = refusal(&GOOD.replace("agent = \"dc1\"", "agnet = \"dc1\""));
        assert!(text.contains("unknown field `agnet`") && text.contains("line 14"), "{text}");
    }

    #[test]
    fn tools_are_set_for_mcp_alone_and_pinned_at_first_use_otherwise() {
        let mcp = |more: &str| GOOD.replace("type = \"snowflake\"\n", &format!("type = \"mcp\"\n{more}"));
        for (more, mode) in
            [("", Mode::FirstUse), ("tools = \"pinned\"\n", Mode::Pinned), ("tools = \"open\"\n", Mode::Open)]
        {
            let settings = Settings::parse(&mcp(more), String::new()).unwrap();
            assert_eq!(settings.connections.values().map(|connection| connection.tools).collect::<Vec<_>>(), [mode]);
        }
        assert!(refusal(&mcp("tools = \"all\"\n")).contains("first-use"));
        assert!(refusal(&format!("{GOOD}tools = \"open\"\n")).contains("is no MCP server"));
    }

    #[test]
    fn a_connection_named_twice_is_refused() {
        let twice = format!("{GOOD}[[connection]]\nname = \"warehouse\"\ntype = \"mcp\"\nagent = \"dc1\"\n");
        assert!(refusal(&twice).contains("defined twice"));
    }

    #[test]
    fn a_long_certificate_is_refused() {
        let text = refusal(&format!("{GOOD}[session]\ncertificate_minutes = 60\n"));
        assert!(text.contains("between 1 and 15"), "{text}");
    }

    #[test]
    fn card_numbers_are_shown_only_where_they_can_be_answered_for_and_for_a_year_at_most() {
        let key = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(key.path(), [7; 32]).unwrap();
        let keyed = format!("{GOOD}[masking]\nkey = \"file:{}\"\n", key.path().display());
        let check = |text: &str, days: i64| {
            let by = Duration::from_secs(24 * 3600 * days.unsigned_abs());
            let now = Timestamp::now();
            let until = if days < 0 { hoop_model::earlier(now, by) } else { later(now, by) };
            let policy = format!(
                "@id(\"fraud\") @reveal(\"chargebacks\") @until(\"{until}\")
                 permit (principal in Group::\"fraud\", action, resource);"
            );
            Settings::parse(text, policy).unwrap().check().map_err(|error| error.to_string())
        };
        assert_eq!(check(&keyed, 365), Ok(()));
        assert_eq!(check(&keyed, -365), Ok(()), "over, which is no fault");
        for (text, days, words) in [(GOOD, 1, "[masking]"), (GOOD, -1, "take @reveal out"), (&keyed, 367, "366 days")] {
            let refusal = check(text, days).unwrap_err();
            assert!(refusal.contains("payments.cedar: policy fraud") && refusal.contains(words), "{refusal}");
        }
    }

    const RULE: &str = r#"
[[identity.workload]]
name = "nightly"
issuer = "https://token.actions.githubusercontent.com"
audience = "https://gateway.test"
[identity.workload.match]
repository_id = "456789"
[identity.workload.grant]
groups = ["ci"]
"#;

    #[test]
    fn names_that_no_certificate_carries_are_refused() {
        let names = |names: &str| GOOD.replace("[\"gateway.test\"]", names);
        for wrong in ["[\"\"]", "[\"gateway.test\", \"gateway.test:7443\"]", "[\"https://gateway.test\"]"] {
            let text = refusal(&names(wrong));
            assert!(text.contains("listen.names holds") && text.contains("DNS names"), "{wrong}: {text}");
        }
        let good = names("[\"*.gateway.test\", \"10.0.0.1\", \"::1\", \"localhost\"]");
        assert!(Settings::parse(&good, String::new()).is_ok());
    }

    #[test]
    fn identity_that_cannot_be_verified_is_found_by_the_check_and_the_file_named() {
        let check = |text: &str| Settings::parse(text, hoop_policy::EXAMPLE.to_owned()).unwrap().check();
        let tables = "[[policy.table_group]]\nname = \"payments\"\npatterns = [\"*.*.PAYMENTS\"]\n";
        let good = format!("{GOOD}{tables}{RULE}");
        check(&good).unwrap();
        for (text, why) in [
            (good.replace("https://idp.test", "http://idp.test"), "http"),
            (good.replace("\"hoopctl\"", "\"\""), "client_id"),
            (good.replace("repository_id", "repository"), "nightly"),
            (format!("{good}{RULE}"), "two [[identity.workload]] rules"),
        ] {
            let refusal = check(&text).unwrap_err().to_string();
            assert!(refusal.starts_with("configuration: ") && refusal.contains(why), "{why}: {refusal}");
        }
    }
}
