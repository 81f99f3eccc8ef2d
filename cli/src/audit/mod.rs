//! `hoopctl audit`: the trail is fetched or read from a folder, and verified here, without trusting the gateway.

mod anchors;
mod bundle;
mod head;
mod pack;
mod reconcile;
mod report;
mod search;
mod session;
mod source;
mod stamp;
mod state;
mod witness;

use std::path::Path;

pub(crate) use anchors::{Anchors, signed_by};
use hoop_audit::{Report, Verifier};
use reconcile::Reconcile;
use serde_json::json;
pub(crate) use session::Writing as SessionExport;
pub(crate) use source::{Piece, Source};
pub(crate) use stamp::{Stamped, Stamps};
pub(crate) use state::State;
pub(crate) use witness::{Cosigned, Witnesses};

use crate::{
    args::{Audit, VerifyTrail},
    context::Context,
    exit::{Exit, Failure},
    gateway::Gateway,
    output::{Printer, waiting},
};

/// Needs the gateway only where no folder is named.
pub(crate) async fn run(
    command: Audit,
    context: Option<&Context>,
    gateway: impl AsyncFnOnce() -> Result<Gateway, Failure>,
    printer: Printer,
) -> Result<u8, Failure> {
    match command {
        Audit::Export { out } => {
            let fetched = fetch(&gateway().await?).await?;
            let to = out.clone();
            let records = blocking("writing the export", move || match Source::at(fetched.path())? {
                Source::Segments(segments) => {
                    let records = bundle::write(&segments, &to)?;
                    witness::export(fetched.path(), &to)?;
                    stamp::export(fetched.path(), &to)?;
                    Ok(records)
                }
                Source::Bundle(_) => Err(Failure::new(Exit::Failed, "bad_trail", "the gateway sent no segments")),
            })
            .await?;
            printer.result("audit_export", &json!({ "dir": out, "records": records }), |_| {
                format!("{records} records in {0}; verify them with\n  hoopctl audit verify {0}", out.display())
            });
            Ok(Exit::Ok as u8)
        }
        Audit::Verify(args) => {
            let VerifyTrail { dir, state, trust, head, siem, agent, payload_key, witnessed } = args;
            let stamps = Stamps::new(witnessed.tsa.as_deref(), witnessed.since)?;
            let witnesses = Witnesses::new(witnessed)?;
            let (dir, remembered, _fetched) = match dir {
                Some(dir) => (dir, state, None),
                None => {
                    let fetched = fetch(&gateway().await?).await?;
                    let own = || context.map(|context| context.folder.state(&context.name, "trail-head.json"));
                    (fetched.path().to_owned(), state.or_else(own), Some(fetched))
                }
            };
            let anchors =
                Anchors { state: State::at(remembered), trust, head, siem, agent, payload_key, witnesses, stamps };
            if session::is_one(&dir) {
                let verified = blocking("verifying the session", move || session::verify(&dir, &anchors)).await?;
                return Ok(session::print(&verified, printer));
            }
            report::print(blocking("verifying the trail", move || verify(&dir, &anchors)).await?, printer)
        }
        Audit::Search(args) => search::run(&gateway().await?, args, printer).await,
        Audit::Reconcile(args) => {
            let reconcile = Reconcile::new(args.clone())?;
            let (dir, _fetched) = match args.dir {
                Some(dir) => (dir, None),
                None => {
                    let fetched = fetch(&gateway().await?).await?;
                    (fetched.path().to_owned(), Some(fetched))
                }
            };
            let done = blocking("holding the history against the trail", move || {
                let report = verify(&dir, &Anchors::default())?;
                if report.is_consistent() { reconcile.against(&dir).map(Ok) } else { Ok(Err(report)) }
            });
            match done.await? {
                Ok(reconciled) => Ok(reconcile::print(&reconciled, printer)),
                Err(report) => report::print(report, printer),
            }
        }
    }
}

/// The gateway's segments in a folder that goes when it is dropped.
pub(crate) async fn fetch(gateway: &Gateway) -> Result<tempfile::TempDir, Failure> {
    let dir = tempfile::tempdir()?;
    let mut unpack = pack::Unpack::into(dir.path());
    waiting("fetching the trail", gateway.trail(|piece| unpack.take(piece))).await?;
    unpack.finish()?;
    witness::fetch(gateway, dir.path()).await?;
    stamp::fetch(gateway, dir.path()).await?;
    Ok(dir)
}

pub(crate) async fn blocking<T: Send + 'static>(
    words: &str,
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let done = waiting(words, tokio::task::spawn_blocking(work)).await;
    done.unwrap_or_else(|error| Err(Failure::new(Exit::Failed, "internal", error.to_string())))
}

/// Verifies a folder against all that is known of it elsewhere, and remembers its head where it holds.
pub(crate) fn verify(dir: &Path, anchors: &Anchors) -> Result<Report, Failure> {
    let (trusted, mut known) = anchors.read()?;
    let cosigned = anchors.witnesses.read(Some(dir), &anchors.head)?;
    known.extend(cosigned.iter().map(Cosigned::anchor));
    let (stamped, problems) = anchors.stamps.read(Some(dir), &anchors.head)?;
    known.extend(stamped.iter().map(Stamped::anchor));
    let mut verifier =
        Verifier::new(trusted, known).with_payload_keys(anchors.payload_keys()?).with_agents(anchors.agents()?);
    Source::at(dir)?.verify(&mut verifier)?;
    let mut report = verifier.finish();
    anchors.vouch(&report)?;
    report.notes.extend(anchors.witnesses.settle(&cosigned, &report.keys, &mut report.anchors));
    report.notes.extend(problems);
    report.notes.extend(anchors.stamps.settle(&stamped, &report.keys, &mut report.anchors));
    if report.is_consistent() {
        anchors.state.remember(&report)?;
    }
    Ok(report)
}

/// Verifies the export of a session by itself.
pub(crate) fn verify_session(dir: &Path) -> Result<session::Verified, Failure> {
    session::verify(dir, &Anchors::default())
}

/// Verification of a folder for the demo: whether it is consistent, and the first finding.
#[cfg(feature = "dev")]
pub(crate) fn check(dir: &Path) -> Result<Report, Failure> {
    verify(dir, &Anchors::default())
}
