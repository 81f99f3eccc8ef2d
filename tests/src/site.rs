//! A site as an operator sets it up: the three programs apart, their files on disk, a certified identity provider.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use hoop_dev::{mcp, payments::Database, snowflake};
use hoop_model::Secret;
use serde_json::Value;
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime::Runtime};

use crate::{
    Finished, Folder, Program, hoopctl,
    peers::{self, Server},
    program::{PATIENCE, path},
};

/// The name in the gateway's certificate, which resolves nowhere.
pub const NAME: &str = "gateway.test";
/// What workload tokens are to be issued for.
pub const AUDIENCE: &str = "https://gateway.test";
const POLICY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../gateway/policy/examples/payments.cedar");
const PASSWORD: &str = "upstream-password";

pub struct Site {
    pub dir: Folder,
    pub provider: Server,
    /// `127.0.0.1:PORT` of the gateway, the same after a restart.
    pub address: String,
    /// `IP:PORT` of its endpoint for remote MCP clients, where the settings ask for one.
    pub mcp_endpoint: Option<String>,
    /// What `gateway.toml` ends with.
    pub more: String,
    /// Of the connection `warehouse` in `agent.toml`, where it is not the stand-in's: all but its name and type.
    pub warehouse: Option<String>,
    /// The URL of the connection `tools`, where it is not the stand-in's.
    pub tools: Option<String>,
    gateway: Option<Program>,
    agent: Option<Program>,
    upstreams: Upstreams,
}

impl Site {
    /// Gateway and provider are up; nobody is logged in and there is no agent yet.
    pub fn start() -> Self {
        Self::with("")
    }

    /// The same with more in `gateway.toml`.
    pub fn with(more: &str) -> Self {
        let mut site = Self {
            dir: Folder::new(),
            provider: Server::start(&mut peers::node("oidc-provider.mjs")),
            address: "127.0.0.1:0".to_owned(),
            mcp_endpoint: None,
            more: more.to_owned(),
            warehouse: None,
            tools: None,
            gateway: None,
            agent: None,
            upstreams: Upstreams::start(),
        };
        std::fs::copy(POLICY, site.path("payments.cedar")).expect("the example policy");
        site.start_gateway();
        site
    }

    /// The same with carol logged in, and an agent that she let in.
    pub fn with_agent() -> Self {
        let mut site = Self::start();
        site.let_agent_in();
        site
    }

    /// Logs carol in, and an agent that she lets in.
    pub fn let_agent_in(&mut self) {
        self.login("carol").ok();
        let token = self.join_token();
        self.enrol(&token).ok();
        self.start_agent();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn authority(&self) -> PathBuf {
        self.path("gateway/authority/ca.pem")
    }

    pub fn issuer(&self) -> &str {
        self.provider.ready["issuer"].as_str().expect("an issuer")
    }

    /// A GET at one of the provider's test hooks.
    #[track_caller]
    pub fn hook(&self, path: &str) -> Value {
        get_json(self.issuer(), path)
    }

    pub fn start_gateway(&mut self) {
        let mut program = Program::start(&mut self.gateway_command());
        let ready = program.json_line();
        assert_eq!((&ready["kind"], &ready["version"]), (&"gateway".into(), &1.into()));
        self.address = ready["address"].as_str().expect("an address").to_owned();
        self.mcp_endpoint = ready["mcp_endpoint"].as_str().map(str::to_owned);
        self.gateway = Some(program);
    }

    /// `hoop-gateway run` with this site's settings.
    pub fn gateway_command(&self) -> Command {
        std::fs::write(self.path("gateway.toml"), self.gateway_toml()).expect("gateway.toml");
        let mut gateway = Command::new(path("hoop-gateway"));
        gateway.args(["run", "--config"]).arg(self.path("gateway.toml"));
        gateway
    }

    #[track_caller]
    pub fn stop_gateway(&mut self) -> Finished {
        end(self.gateway.take())
    }

    /// SIGKILL.
    pub fn kill_gateway(&mut self) {
        self.gateway.take().expect("a gateway").kill();
    }

    /// SIGKILL.
    pub fn kill_agent(&mut self) {
        self.agent.take().expect("an agent").kill();
    }

    /// The Snowflake stand-in behind the connection `warehouse`.
    pub fn snowflake(&self) -> &snowflake::Handle {
        &self.upstreams.snowflake
    }

    /// Where the MCP stand-in listens.
    pub fn mcp(&self) -> &str {
        &self.upstreams.mcp
    }

    /// The gateway's trail on disk.
    pub fn trail(&self) -> PathBuf {
        self.path("gateway/trail")
    }

    pub fn join_token(&self) -> String {
        let added = self.run("carol", &["admin", "agents", "add", "dc1", "--output", "json"]).ok().json();
        added["token"].as_str().expect("a token").to_owned()
    }

    /// `hoop-agent enroll` with a join token.
    pub fn enrol(&self, token: &str) -> Finished {
        std::fs::write(self.path("agent.toml"), self.agent_toml()).expect("agent.toml");
        let mut command = self.agent("enroll");
        command.env("HOOP_JOIN_TOKEN", token);
        Finished::of(&mut command)
    }

    /// Starts the agent and waits until the gateway has it.
    #[track_caller]
    pub fn start_agent(&mut self) {
        self.agent = Some(Program::start(&mut self.agent("run")));
        self.agent_connected();
    }

    #[track_caller]
    pub fn agent_connected(&self) {
        self.wait_for("the agent to connect", |site| {
            let agents = site.run("carol", &["admin", "agents", "list", "--output", "json"]);
            agents.code == Some(0) && agents.json().pointer("/agents/0/connected") == Some(&true.into())
        });
    }

    #[track_caller]
    pub fn stop_agent(&mut self) -> Finished {
        end(self.agent.take())
    }

    /// `hoop-agent` with this site's settings.
    pub fn agent(&self, command: &str) -> Command {
        let mut agent = Command::new(path("hoop-agent"));
        agent.arg(command).arg("--config").arg(self.path("agent.toml")).env("UPSTREAM_PASSWORD", PASSWORD);
        agent
    }

    /// `hoopctl` of one user, with a folder of their own.
    pub fn hoopctl(&self, user: &str) -> Command {
        let mut command = hoopctl();
        command.env("HOOPCTL_CONFIG_DIR", self.home(user)).env("HOOPCTL_SECRET_STORE", "file");
        command
    }

    pub fn home(&self, user: &str) -> PathBuf {
        self.path("homes").join(user)
    }

    pub fn run(&self, user: &str, arguments: &[&str]) -> Finished {
        Finished::of(self.hoopctl(user).args(arguments))
    }

    /// Logs a person in through a real browser.
    pub fn login(&self, user: &str) -> Finished {
        let browser = format!("node {} %s --user {user}", peers::path("browser-login.mjs").display());
        Finished::of(self.login_command(user).env("BROWSER", browser))
    }

    /// Logs a workload in, from `env:TOKEN`.
    pub fn login_workload(&self, home: &str, token: &str) -> Finished {
        Finished::of(self.login_command(home).arg("--workload=env:TOKEN").env("TOKEN", token))
    }

    pub fn login_command(&self, home: &str) -> Command {
        let mut command = self.hoopctl(home);
        command.args(["login", &self.address, "--server-name", NAME, "--output", "json", "--ca-file"]);
        command.arg(self.authority());
        command
    }

    /// A token of this site's CI platform; `claims` as a query.
    #[track_caller]
    pub fn workload_token(&self, claims: &str) -> String {
        self.hook(&format!("/test/token?{claims}"))["token"].as_str().expect("a token").to_owned()
    }

    /// Makes the stored login look `user` up again: its certificate's time is moved into the past.
    #[track_caller]
    pub fn age_login(&self, user: &str) {
        let state = login_state(&self.home(user));
        let mut login: Value = serde_json::from_slice(&std::fs::read(&state).expect("a login")).expect("JSON");
        login["granted_at"] = "2020-01-01T00:00:00Z".into();
        login["expires_at"] = "2020-01-01T00:15:00Z".into();
        std::fs::write(state, login.to_string()).expect("the login is ours");
    }

    #[track_caller]
    pub fn wait_for(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(Instant::now() < deadline, "waited in vain for {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn gateway_toml(&self) -> String {
        format!(
            r#"data_dir = "{data}"

[listen]
quic = "{address}"
names = ["{NAME}"]

[identity.oidc]
issuer = "{issuer}"
client_id = "hoopctl"

[[identity.workload]]
name = "nightly"
issuer = "{issuer}"
audience = "{AUDIENCE}"
match = {{ sub = "ci", repository_id = "4711" }}
grant = {{ groups = ["ci"] }}

[[identity.workload]]
name = "release"
issuer = "{issuer}"
audience = "{AUDIENCE}"
match = {{ sub = "ci", repository_id = "4712" }}
grant = {{ groups = ["approvers"] }}

[roles]
admins = ["admins"]
auditors = ["admins"]

[policy]
file = "payments.cedar"

[[policy.table_group]]
name = "payments"
patterns = ["*.*.PAYMENTS"]

[[connection]]
name = "warehouse"
type = "snowflake"
agent = "dc1"

[[connection]]
name = "tools"
type = "mcp"
agent = "dc1"

{more}"#,
            data = self.path("gateway").display(),
            address = self.address,
            issuer = self.issuer(),
            more = self.more,
        )
    }

    pub fn agent_toml(&self) -> String {
        let stand_in = || {
            let url = self.upstreams.snowflake.url();
            format!("url = \"{url}\"\naccount = \"acct\"\nuser = \"SVC_HOOP\"\npassword = \"env:UPSTREAM_PASSWORD\"")
        };
        format!(
            r#"gateway = "{address}"
server_name = "{NAME}"
state_dir = "agent"

[[upstream]]
connection = "warehouse"
type = "snowflake"
{warehouse}

[[upstream]]
connection = "tools"
type = "mcp"
url = "{mcp}"
"#,
            address = self.address,
            warehouse = self.warehouse.clone().unwrap_or_else(stand_in),
            mcp = self.tools.as_deref().unwrap_or(&self.upstreams.mcp),
        )
    }
}

/// The file that holds the one login of a `hoopctl` folder.
#[track_caller]
pub fn login_state(home: &Path) -> PathBuf {
    let entries = std::fs::read_dir(home.join("state")).expect("a login was kept");
    let mut files = entries.map(|entry| entry.expect("an entry").path());
    files.find(|path| path.extension().is_some_and(|extension| extension == "json")).expect("a login's state")
}

/// `GET base/path`, answered with JSON.
#[track_caller]
pub fn get_json(base: &str, path: &str) -> Value {
    let host = base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).expect("the server answers");
    write!(stream, "GET {path} HTTP/1.0\r\nhost: {host}\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

#[track_caller]
fn end(program: Option<Program>) -> Finished {
    let program = program.expect("it runs");
    program.terminate();
    program.finish()
}

/// The stand-ins behind the agent, over one database of invented payments.
struct Upstreams {
    snowflake: snowflake::Handle,
    mcp: String,
    _runtime: Runtime,
    _dir: TempDir,
}

impl Upstreams {
    fn start() -> Self {
        let dir = TempDir::new().expect("a temporary folder");
        let runtime = Runtime::new().expect("a runtime");
        let (snowflake, mcp) = runtime.block_on(async {
            let database = Database::open(dir.path().join("payments.sqlite")).await.expect("a database");
            let credential = snowflake::Credential::Password {
                user: "SVC_HOOP".to_owned(),
                password: Secret::new(PASSWORD.to_owned()),
            };
            let options = snowflake::Options::new(database.pool().clone(), vec![credential]);
            let snowflake = snowflake::serve(loopback().await, options).await.expect("the Snowflake stand-in");
            let listener = loopback().await;
            let url = format!("http://{}/mcp", listener.local_addr().expect("bound"));
            tokio::spawn(mcp::serve_http(listener, mcp::Server::new(database, mcp::Journal::default())));
            (snowflake, url)
        });
        Self { snowflake, mcp, _runtime: runtime, _dir: dir }
    }
}

async fn loopback() -> TcpListener {
    TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port")
}
