//! A witness as C2SP tlog-witness has it, with a memory and a key of its own: consistency is checked here by the algorithm
//! of RFC 9162, by other code than the gateway's that makes the proofs.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use hoop_audit::{Cosigner, Note, VerifyingKey};

type Root = Vec<u8>;

#[derive(Clone)]
pub struct Witness {
    pub url: String,
    inside: Arc<Inside>,
}

struct Inside {
    cosigner: Cosigner,
    /// Keys that it knows; where there are none, every key that a log's origin names itself by is taken.
    known: Mutex<Vec<VerifyingKey>>,
    seen: Mutex<BTreeMap<String, Seen>>,
    statuses: Mutex<Vec<u16>>,
    away: AtomicBool,
}

#[derive(Clone, Default)]
struct Seen {
    size: u64,
    root: Root,
    note: String,
}

impl Witness {
    /// On any port, in the runtime of whoever calls it.
    pub async fn start(name: &str, seed: u8) -> Self {
        let inside = Arc::new(Inside {
            cosigner: Cosigner::from_seed(name, &[seed; 32]).expect("a key"),
            known: Mutex::default(),
            seen: Mutex::default(),
            statuses: Mutex::default(),
            away: AtomicBool::new(false),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/submit", listener.local_addr().expect("its address"));
        let router = Router::new().route("/submit/add-checkpoint", post(add)).with_state(inside.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, inside }
    }

    /// As its operator publishes it.
    pub fn key(&self) -> String {
        self.inside.cosigner.key().to_string()
    }

    /// The settings that name it.
    pub fn settings(&self, more: &str) -> String {
        format!("[[trail.witness]]\nurl = \"{}\"\nkey = \"{}\"\nevery_seconds = 1\n{more}\n", self.url, self.key())
    }

    /// From now on only these keys may sign.
    pub fn know(&self, keys: Vec<VerifyingKey>) {
        *self.inside.known.lock().expect("its keys") = keys;
    }

    pub fn goes_away(&self, away: bool) {
        self.inside.away.store(away, Ordering::SeqCst);
    }

    /// The newest head that it cosigned of its one log, as it would serve it itself.
    pub fn head(&self) -> Option<String> {
        let seen = self.inside.seen.lock().expect("its memory");
        seen.values().next().map(|seen| seen.note.clone())
    }

    /// Records of its one log that it has seen.
    pub fn size(&self) -> u64 {
        self.inside.seen.lock().expect("its memory").values().next().map_or(0, |seen| seen.size)
    }

    /// How it answered, in order.
    pub fn statuses(&self) -> Vec<u16> {
        self.inside.statuses.lock().expect("its answers").clone()
    }
}

async fn add(State(inside): State<Arc<Inside>>, body: String) -> Response {
    let answer = inside.add(&body);
    inside.statuses.lock().expect("its answers").push(answer.status().as_u16());
    answer
}

impl Inside {
    fn add(&self, body: &str) -> Response {
        if self.away.load(Ordering::SeqCst) {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        let Some((old, proof, head)) = request(body) else { return StatusCode::BAD_REQUEST.into_response() };
        let Ok(note) = Note::parse(head) else { return StatusCode::BAD_REQUEST.into_response() };
        let mut lines = note.text().lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        let (Ok(size), Ok(root)) = (size.parse::<u64>(), BASE64_STANDARD.decode(root)) else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        let known = self.known.lock().expect("its keys");
        let of_log: Vec<_> = known.iter().filter(|key| key.name() == origin).collect();
        if !known.is_empty() && of_log.is_empty() {
            return StatusCode::NOT_FOUND.into_response();
        }
        if !known.is_empty() && !of_log.iter().any(|key| note.is_signed_by(key)) {
            return StatusCode::FORBIDDEN.into_response();
        }
        if old > size {
            return StatusCode::BAD_REQUEST.into_response();
        }
        // Held to the end: looking and remembering are one step.
        let mut all = self.seen.lock().expect("its memory");
        let seen = all.entry(origin.to_owned()).or_default();
        if old != seen.size {
            let content = [(header::CONTENT_TYPE, "text/x.tlog.size")];
            return (StatusCode::CONFLICT, content, format!("{}\n", seen.size)).into_response();
        }
        let holds = if old == 0 { proof.is_empty() } else { consistent(old, size, &seen.root, &root, &proof) };
        if !holds {
            return StatusCode::UNPROCESSABLE_ENTITY.into_response();
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
        let line = self.cosigner.cosign(note.text(), now);
        *seen = Seen { size, root, note: format!("{head}{line}") };
        // Others' lines are to be ignored.
        let stranger = Cosigner::from_seed("stranger.example", &[99; 32]).expect("a key").cosign(note.text(), now);
        format!("{stranger}{line}").into_response()
    }
}

fn request(body: &str) -> Option<(u64, Vec<Root>, &str)> {
    let (lines, head) = body.split_once("\n\n")?;
    let mut lines = lines.lines();
    let old = lines.next()?.strip_prefix("old ")?.parse().ok()?;
    let proof: Vec<_> = lines.map(|line| BASE64_STANDARD.decode(line).ok()).collect::<Option<_>>()?;
    (proof.len() <= 63 && proof.iter().all(|hash| hash.len() == 32)).then_some((old, proof, head))
}

/// RFC 9162 §2.1.4.2, step by step.
fn consistent(first: u64, second: u64, first_root: &Root, second_root: &Root, proof: &[Root]) -> bool {
    if first == second {
        return proof.is_empty() && first_root == second_root;
    }
    let mut path: Vec<Root> = Vec::new();
    if first.is_power_of_two() {
        path.push(first_root.clone());
    }
    path.extend_from_slice(proof);
    let (mut fnode, mut snode) = (first - 1, second - 1);
    while fnode & 1 == 1 {
        fnode >>= 1;
        snode >>= 1;
    }
    let Some((begin, rest)) = path.split_first() else { return false };
    let (mut fr, mut sr) = (begin.clone(), begin.clone());
    for hash in rest {
        if snode == 0 {
            return false;
        }
        if fnode & 1 == 1 || fnode == snode {
            fr = node(hash, &fr);
            sr = node(hash, &sr);
            while fnode & 1 == 0 && fnode != 0 {
                fnode >>= 1;
                snode >>= 1;
            }
        } else {
            sr = node(&sr, hash);
        }
        fnode >>= 1;
        snode >>= 1;
    }
    fr == *first_root && sr == *second_root && snode == 0
}

fn node(left: &[u8], right: &[u8]) -> Root {
    digest(&SHA256, &[&[1], left, right].concat()).as_ref().to_vec()
}
