//! A gateway whose heads are stamped by OpenSSL's authority, and a trail held against what it stamped.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    Router, body::Bytes, extract::State, http::StatusCode, http::header, response::IntoResponse, routing::post,
};

use hoop_tests::{Site, Witness};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::witness::{Alone, kind, until, verify};

#[path = "../../../gateway/audit/tests/tsa/mod.rs"]
mod tsa;
use tsa::{How, Tsa, USUAL};

/// An authority that answers over HTTP.
struct Authority {
    tsa: Tsa,
    away: AtomicBool,
}

impl Authority {
    /// Named in the gateway's settings, with its certificate beside them.
    fn start(alone: &mut Alone, how: &How, more: &str) -> Arc<Self> {
        let (this, settings) = Self::serve(&alone.runtime, how, &alone.dir.path().join("tsa.pem"), more);
        alone.more = settings;
        this
    }

    /// The settings that name it.
    fn serve(runtime: &Runtime, how: &How, certificate: &Path, more: &str) -> (Arc<Self>, String) {
        let this = Arc::new(Self { tsa: Tsa::new(how), away: AtomicBool::new(false) });
        let inside = this.clone();
        let url = runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}/tsr", listener.local_addr().unwrap());
            let router = Router::new().route("/tsr", post(Self::answer)).with_state(inside);
            tokio::spawn(async move { axum::serve(listener, router).await });
            url
        });
        fs::write(certificate, this.tsa.authority()).unwrap();
        let ca = certificate.display();
        let settings = format!("[trail.timestamp]\nurl = \"{url}\"\nca_file = \"{ca}\"\nevery_seconds = 1\n{more}\n");
        (this, settings)
    }

    async fn answer(State(this): State<Arc<Self>>, query: Bytes) -> impl IntoResponse {
        if this.away.load(Ordering::SeqCst) {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        let reply = tokio::task::spawn_blocking(move || this.tsa.reply(&query)).await.unwrap();
        ([(header::CONTENT_TYPE, "application/timestamp-reply")], reply).into_response()
    }
}

/// The newest token beside a trail.
fn newest(trail: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(trail.join("timestamp")).ok()?.map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|of| of == "tst")).max()
}

#[test]
fn a_trail_is_held_against_what_was_stamped() {
    let mut alone = Alone::new();
    let authority = Authority::start(&mut alone, &USUAL, "");
    let program = alone.start();
    until("the first time stamp", || newest(&alone.trail()).is_some());
    program.terminate();
    program.finish().ok();
    let early = alone.copy("early");
    let program = alone.start();
    until("another time stamp", || {
        newest(&alone.trail())
            > newest(&early).map(|path| alone.trail().join("timestamp").join(path.file_name().unwrap()))
    });
    program.terminate();
    program.finish().ok();

    let ca = alone.dir.path().join("tsa.pem");
    let tsa = ["--tsa", ca.to_str().unwrap()];
    let whole = alone.verify(&tsa);
    assert_eq!(whole.code, Some(0), "{}{}", whole.stdout, whole.stderr);
    let anchors = whole.json()["report"]["anchors"].to_string();
    assert!(anchors.contains("the time stamp of 20"), "{anchors}");
    // OpenSSL says the same of what lies there, and there is one of each day.
    let token = newest(&alone.trail()).unwrap();
    let note = token.with_extension("note");
    assert!(authority.tsa.verifies(&token, &note));
    assert!(fs::read_dir(alone.trail().join("timestamp")).unwrap().count() <= 4);

    // Cut back, and the newer head kept elsewhere with its token.
    let elsewhere = alone.dir.path().join("kept.note");
    fs::copy(&note, &elsewhere).unwrap();
    fs::copy(&token, elsewhere.with_extension("tst")).unwrap();
    let head = ["--head", elsewhere.to_str().unwrap()];
    let cut = verify(&early, &[&tsa[..], &head].concat());
    assert_eq!((cut.code, kind(&cut).as_str()), (Some(9), "rolled_back"), "{}", cut.stdout);
    assert_eq!(verify(&early, &tsa).code, Some(0));
    assert_eq!(verify(&early, &[&tsa[..], &["--since", "2999-01-01"]].concat()).code, Some(10));

    // Another authority's word, a token that was changed, and one of another head count for nothing, and that is said.
    let other = alone.dir.path().join("other.pem");
    fs::write(&other, Tsa::new(&USUAL).authority()).unwrap();
    let refused = alone.verify(&["--tsa", other.to_str().unwrap()]);
    assert_eq!(refused.code, Some(10), "{}", refused.stdout);
    assert!(refused.stdout.contains("does not lead to the given authority"), "{}", refused.stdout);
    for (what, edit) in [
        (
            "its signature does not hold",
            (|token, _| {
                let mut bytes = fs::read(token).unwrap();
                let last = bytes.len() - 1;
                bytes[last] ^= 1;
                fs::write(token, bytes).unwrap();
            }) as fn(&Path, &Path),
        ),
        ("of something else", |_, note| fs::write(note, fs::read_to_string(note).unwrap() + "— a AAAAAAAA\n").unwrap()),
    ] {
        let kept = alone.copy("edited");
        for entry in fs::read_dir(kept.join("timestamp")).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.extension().is_some_and(|of| of == "tst") {
                edit(&entry, &entry.with_extension("note"));
            }
        }
        let edited = verify(&kept, &tsa);
        assert_eq!(edited.code, Some(10), "{what}: {}", edited.stdout);
        assert!(edited.stdout.contains(what), "{what}: {}", edited.stdout);
        fs::remove_dir_all(kept).unwrap();
    }
    assert_eq!(alone.verify(&["--tsa", "/nowhere"]).code, Some(2));
}

#[test]
fn an_authority_that_is_away_or_not_the_one_is_an_incident_and_stops_nothing() {
    for wrong in [false, true] {
        let mut alone = Alone::new();
        let authority = Authority::start(&mut alone, &USUAL, "patience_seconds = 0");
        if wrong {
            fs::write(alone.dir.path().join("tsa.pem"), Tsa::new(&USUAL).authority()).unwrap();
        } else {
            authority.away.store(true, Ordering::SeqCst);
        }
        let program = alone.start();
        until("the incident", || alone.incidents("timestamp") > 0);
        assert_eq!(newest(&alone.trail()), None, "what it does not believe it does not keep");
        if !wrong {
            authority.away.store(false, Ordering::SeqCst);
            until("a time stamp", || newest(&alone.trail()).is_some());
        }
        program.terminate();
        program.finish().ok();
    }
}

/// What vouches for the trail comes with it: fetched, and in an export.
#[test]
fn an_auditor_gets_both_with_the_trail() {
    let (runtime, dir) = (Runtime::new().unwrap(), TempDir::new().unwrap());
    let ca = dir.path().join("tsa.pem");
    let witness = runtime.block_on(Witness::start("witness.example/w1", 1));
    let (_authority, stamping) = Authority::serve(&runtime, &USUAL, &ca, "");
    let site = Site::with(&format!("{}{stamping}", witness.settings("")));
    site.login("carol").ok();
    let status = || site.run("carol", &["status"]).ok().stdout;
    until("both to vouch", || {
        let status = status();
        status.contains("witness  witness.example/w1 up, cosigned") && status.contains("stamps   up, the newest of")
    });
    let (key, ca) = (witness.key(), ca.display().to_string());
    let outside = ["--witness", &key, "--tsa", &ca];
    let anchors = |finished: hoop_tests::Finished| {
        assert_eq!(finished.code, Some(0), "{}{}", finished.stdout, finished.stderr);
        finished.json()["report"]["anchors"].to_string()
    };
    let both =
        |anchors: &str| anchors.contains("the witness witness.example/w1") && anchors.contains("the time stamp of");
    let fetched = anchors(site.run("carol", &[&["--output", "json", "audit", "verify"][..], &outside].concat()));
    assert!(both(&fetched), "{fetched}");
    let export = dir.path().join("export").display().to_string();
    site.run("carol", &["audit", "export", "--out", &export]).ok();
    let exported = anchors(verify(Path::new(&export), &outside));
    assert!(both(&exported), "{exported}");
    // Nothing but them vouches for the export.
    assert_eq!(verify(Path::new(&export), &[]).code, Some(10));
    fs::remove_dir_all(Path::new(&export).join("witness")).unwrap();
    let stamped = verify(Path::new(&export), &outside);
    assert_eq!(stamped.code, Some(0));
    let notes = stamped.json()["report"]["notes"].to_string();
    assert!(notes.contains("0 of 1 witnesses"), "{notes}");
}
