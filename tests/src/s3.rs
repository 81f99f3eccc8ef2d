//! A real S3 server, SeaweedFS, with a folder and ports of its own: what the trail is archived in. What an admin or an
//! intruder does to it is signed here, apart from the gateway's own client.

use std::{
    fs,
    net::TcpListener,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use http::{HeaderMap, Method, StatusCode};
use object_store::{
    aws::{AwsAuthorizer, AwsCredential},
    client::HttpRequestBody,
};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use tempfile::TempDir;

use crate::{Program, peers, program::PATIENCE};

pub const KEY_ID: &str = "archive-key";
pub const SECRET: &str = "archive-secret";
pub const REGION: &str = "eu-central-1";
/// Master, volume, filer and S3, each with a second one for their own protocol.
const PORTS: usize = 8;
/// A bucket that only says whether the server takes objects yet.
const READY: &str = "ready";

pub struct S3 {
    dir: TempDir,
    ports: [u16; PORTS],
    program: Option<Program>,
    http: reqwest::Client,
}

impl S3 {
    /// Returns once it takes objects.
    pub async fn start() -> Self {
        let dir = TempDir::new().expect("a temporary folder");
        let identity = serde_json::json!({ "identities": [{
            "name": "archive",
            "credentials": [{ "accessKey": KEY_ID, "secretKey": SECRET }],
            "actions": ["Admin"],
        }] });
        fs::write(dir.path().join("s3.json"), identity.to_string()).expect("its settings");
        let http = reqwest::Client::builder().no_proxy().tls_backend_preconfigured(tls()).build().expect("a client");
        let mut s3 = Self { dir, ports: free_ports(), program: None, http };
        s3.restart().await;
        s3
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.program.take().expect("it runs").kill();
    }

    /// With all that it had.
    pub async fn restart(&mut self) {
        let dir = self.dir.path();
        let [master, master2, volume, volume2, filer, filer2, s3, s32] = self.ports;
        let mut command = Command::new(peers::path(".venv-seaweedfs/bin/weed"));
        command.args(["-logtostderr", "-v=-1", "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3"]);
        command.arg(format!("-dir={}", dir.display()));
        command.arg(format!("-s3.config={}", dir.join("s3.json").display()));
        for (flag, port) in [
            ("master.port", master),
            ("master.port.grpc", master2),
            ("volume.port", volume),
            ("volume.port.grpc", volume2),
            ("filer.port", filer),
            ("filer.port.grpc", filer2),
            ("s3.port", s3),
            ("s3.port.grpc", s32),
            ("s3.port.iceberg", 0),
            ("s3.port.lance", 0),
        ] {
            command.arg(format!("-{flag}={port}"));
        }
        command.args(["-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-volume.max=0"]);
        command.arg("-s3.autoCreateBucket=false").current_dir(dir);
        command.arg(format!("-filer.localSocket={}", dir.join("filer.sock").display()));
        command.arg(format!("-s3.localSocket={}", dir.join("s3.sock").display()));
        self.program = Some(Program::start(&mut command));
        let deadline = Instant::now() + PATIENCE;
        while !self.takes_objects().await {
            assert!(Instant::now() < deadline, "the S3 server does not take objects");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn takes_objects(&self) -> bool {
        let (made, _) = self.send(Method::PUT, READY, &[], "").await;
        let there = made.is_some_and(|status| status.is_success() || status == StatusCode::CONFLICT);
        there && self.send(Method::PUT, &format!("{READY}/object"), &[], "ready").await.0 == Some(StatusCode::OK)
    }

    pub fn endpoint(&self) -> String {
        let [.., s3, _] = self.ports;
        format!("http://127.0.0.1:{s3}")
    }

    /// An admin makes a bucket.
    pub async fn make_bucket(&self, name: &str, locked: bool) {
        let headers = [("x-amz-bucket-object-lock-enabled", "true")];
        let (status, answer) = self.send(Method::PUT, name, if locked { &headers } else { &[] }, "").await;
        assert_eq!(status, Some(StatusCode::OK), "{answer}");
    }

    /// An intruder puts another object over one.
    pub async fn overwrite(&self, bucket: &str, key: &str, body: &str) {
        let (status, answer) = self.send(Method::PUT, &format!("{bucket}/{key}"), &[], body).await;
        assert_eq!(status, Some(StatusCode::OK), "{answer}");
    }

    /// An intruder puts a delete marker before an object.
    pub async fn hide(&self, bucket: &str, key: &str) {
        let (status, answer) = self.send(Method::DELETE, &format!("{bucket}/{key}"), &[], "").await;
        assert_eq!(status, Some(StatusCode::NO_CONTENT), "{answer}");
    }

    /// What a gateway's settings say of it, at `endpoint`: there may be something before it.
    pub fn settings(endpoint: &str, bucket: &str) -> String {
        format!(
            r#"
[trail]
payload_keys = ["command:/bin/echo 5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e"]
[trail.archive]
endpoint = "{endpoint}"
bucket = "{bucket}"
region = "{REGION}"
access_key_id = "command:/bin/echo {KEY_ID}"
secret_access_key = "command:/bin/echo {SECRET}"
"#
        )
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: &str,
    ) -> (Option<StatusCode>, String) {
        let uri = format!("{}/{path}", self.endpoint());
        let mut request = http::Request::builder()
            .method(method)
            .uri(&uri)
            .body(HttpRequestBody::from(body.to_owned()))
            .expect("a request");
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a header"));
        }
        let credential = AwsCredential { key_id: KEY_ID.to_owned(), secret_key: SECRET.to_owned(), token: None };
        AwsAuthorizer::new(&credential, "s3", REGION).try_authorize(&mut request, None).expect("signed");
        let headers: HeaderMap = std::mem::take(request.headers_mut());
        let sent = self.http.request(request.method().clone(), uri).headers(headers).body(body.to_owned()).send();
        match sent.await {
            Ok(answer) => (Some(answer.status()), answer.text().await.unwrap_or_default()),
            Err(error) => (None, error.to_string()),
        }
    }
}

/// It puts further sockets into `/tmp`, whatever it is told, and a killed one leaves them there.
impl Drop for S3 {
    fn drop(&mut self) {
        self.program = None;
        let [_, master, _, volume, _, filer, _, s3] = self.ports;
        for (part, port) in [("master", master), ("volume", volume), ("filer", filer), ("s3", s3)] {
            let _ = fs::remove_file(format!("/tmp/seaweedfs-{part}-grpc-{port}.sock"));
        }
    }
}

/// For a client of it, which speaks plain HTTP to this machine.
pub fn tls() -> ClientConfig {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("TLS");
    tls.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
}

/// All held at a time, so that they differ.
fn free_ports() -> [u16; PORTS] {
    let listeners = [(); PORTS].map(|()| TcpListener::bind(("127.0.0.1", 0)).expect("a free port"));
    listeners.map(|listener| listener.local_addr().expect("bound").port())
}
