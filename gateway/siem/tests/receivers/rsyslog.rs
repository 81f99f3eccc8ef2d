//! Debian's rsyslog as the receiver, over TLS, as an ordinary user with a configuration of its own.

use std::{
    collections::BTreeSet,
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use hoop_siem::{
    Condition,
    sink::{Security, Syslog, trusting},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::Value;

use crate::{PATIENCE, forward_all, forwarder, trail::Trail};

const PROGRAM: &str = "/usr/sbin/rsyslogd";

struct Rsyslog {
    dir: tempfile::TempDir,
    /// PEM of who signed its certificate.
    authority: String,
    port: u16,
    process: Child,
}

/// An authority and a certificate for `localhost` of it: PEM of the one, of the other, and of its key.
fn certificates() -> (String, String, String) {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    (authority.pem(), leaf.pem(), key.serialize_pem())
}

impl Rsyslog {
    fn start() -> Self {
        assert!(
            Path::new(PROGRAM).exists(),
            "{PROGRAM} is missing: install rsyslog and rsyslog-gnutls, or run tests/run"
        );
        let dir = tempfile::tempdir().unwrap();
        let (authority, certificate, key) = certificates();
        for (name, text) in [("ca.pem", &authority), ("leaf.pem", &certificate), ("leaf.key", &key)] {
            fs::write(dir.path().join(name), text).unwrap();
        }
        let (process, port) = run(dir.path(), 0);
        Self { dir, authority, port, process }
    }

    /// SIGKILL, and another on the same port.
    fn kill_and_start(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        (self.process, self.port) = run(self.dir.path(), self.port);
    }

    fn sink(&self) -> Syslog {
        self.sink_trusting(&self.authority)
    }

    fn sink_trusting(&self, authority: &str) -> Syslog {
        let config = Arc::new(trusting(Some(authority)).unwrap());
        let security = Security::Tls { name: "localhost".try_into().unwrap(), config };
        Syslog::new(format!("127.0.0.1:{}", self.port), security, "gateway.test")
    }

    /// What it wrote: the header's fields and the event of each line.
    fn received(&self) -> Vec<(String, Value)> {
        let text = fs::read_to_string(self.dir.path().join("received")).unwrap_or_default();
        let line = |line: &str| {
            let at = line.find('{').unwrap();
            let event = serde_json::from_str(&line[at..]).unwrap_or_else(|error| panic!("{error}: {line}"));
            (line[..at].trim().to_owned(), event)
        };
        text.lines().map(line).collect()
    }

    fn seqs(&self) -> Vec<u64> {
        self.received().iter().map(|(_, event)| event["metadata"]["sequence"].as_u64().unwrap()).collect()
    }
}

impl Drop for Rsyslog {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Each message is in the file before the next is read, so that what is killed here is the way there.
fn configuration(dir: &Path, port: u16) -> String {
    let dir = dir.display();
    format!(
        r#"global(workDirectory="{dir}" defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile="{dir}/ca.pem"
  defaultNetstreamDriverCertFile="{dir}/leaf.pem" defaultNetstreamDriverKeyFile="{dir}/leaf.key")
main_queue(queue.type="Direct")
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
template(name="fields" type="string" string="%pri% %hostname% %app-name% %msgid% %msg%\n")
input(type="imtcp" address="127.0.0.1" port="{port}" listenPortFileName="{dir}/port")
action(type="omfile" file="{dir}/received" template="fields")
"#
    )
}

fn run(dir: &Path, port: u16) -> (Child, u16) {
    let (file, told) = (dir.join("rsyslog.conf"), dir.join("port"));
    fs::write(&file, configuration(dir, port)).unwrap();
    let _ = fs::remove_file(&told);
    let mut process = Command::new(PROGRAM)
        .arg("-n")
        .arg("-f")
        .arg(&file)
        .arg("-i")
        .arg(dir.join("pid"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(fs::File::create(dir.join("stderr")).unwrap())
        .spawn()
        .unwrap();
    let port = listening(&told, port, &mut process, dir);
    (process, port)
}

/// It writes a port that it chose to a file, once it listens.
fn listening(told: &Path, port: u16, process: &mut Child, dir: &Path) -> u16 {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(port) = fs::read_to_string(told).ok().and_then(|text| text.trim().parse().ok()) {
            return port;
        }
        if port != 0 && TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return port;
        }
        let ended = process.try_wait().unwrap().is_some() || Instant::now() > deadline;
        if ended {
            let _ = process.kill();
        }
        assert!(!ended, "rsyslogd does not listen: {}", fs::read_to_string(PathBuf::from(dir).join("stderr")).unwrap());
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[tokio::test]
async fn rsyslog_takes_every_event_whole_and_in_order() {
    let rsyslog = Rsyslog::start();
    let (dir, trail) = (tempfile::tempdir().unwrap(), Trail::of(1000));
    // Two events that are cut to the limit.
    trail.append(2, &"SELECT 'line\n' -- ".repeat(4000));
    forward_all(forwarder(dir.path(), trail.clone(), rsyslog.sink()), &trail).await;
    let received = rsyslog.received();
    assert_eq!(rsyslog.seqs(), (0..1002).collect::<Vec<_>>());
    assert!(received.iter().all(|(header, _)| header == "110 gateway.test hoop-gateway request"), "{}", received[0].0);
    let statement = received[1001].1["query_info"]["query_string"].as_str().unwrap();
    assert!(statement.len() > 3000 && statement.contains("… [72000 bytes, sha256 "), "{statement}");
}

#[tokio::test]
async fn a_receiver_with_another_authority_gets_nothing() {
    let rsyslog = Rsyslog::start();
    let (dir, trail) = (tempfile::tempdir().unwrap(), Trail::of(3));
    let forwarder = forwarder(dir.path(), trail.clone(), rsyslog.sink_trusting(&certificates().0));
    let state = forwarder.state();
    let failing = async {
        while state.status(3, hoop_model::Timestamp::now()).condition == Condition::Up {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! { () = forwarder.run() => {} () = failing => {} }
    let problem = state.status(3, hoop_model::Timestamp::now()).problem.unwrap();
    assert!(problem.contains("certificate"), "{problem}");
    assert!(rsyslog.seqs().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rsyslog_is_killed_again_and_again_and_nothing_is_missing() {
    const ROUNDS: usize = 100;
    let mut rsyslog = Rsyslog::start();
    let (dir, trail) = (tempfile::tempdir().unwrap(), Trail::of(0));
    let running = tokio::spawn(forwarder(dir.path(), trail.clone(), rsyslog.sink()).run());
    for round in 0..ROUNDS {
        trail.append(1500, "SELECT 1");
        tokio::time::sleep(Duration::from_millis(3 + 7 * (round as u64 % 6))).await;
        rsyslog.kill_and_start();
    }
    tokio::time::timeout(PATIENCE, trail.caught_up()).await.expect("all of the trail is forwarded");
    running.abort();
    // A line that the kill cut off is no event; the same event comes again whole.
    let text = fs::read_to_string(rsyslog.dir.path().join("received")).unwrap();
    let whole = text.lines().filter_map(|line| serde_json::from_str::<Value>(&line[line.find('{')?..]).ok());
    let seqs: Vec<u64> = whole.map(|event| event["metadata"]["sequence"].as_u64().unwrap()).collect();
    let distinct: BTreeSet<_> = seqs.iter().copied().collect();
    let all = 1500 * ROUNDS;
    eprintln!("{ROUNDS} kills, {all} records: {} repeated", seqs.len() - distinct.len());
    assert_eq!(distinct, (0..all as u64).collect());
    assert!(seqs.len() - distinct.len() <= ROUNDS * 500, "{}", seqs.len());
}
