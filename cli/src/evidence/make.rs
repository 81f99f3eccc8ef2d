use std::path::{Path, PathBuf};

use hoop_audit::{Checkpoint, Later, Report, VerifyingKey};
use hoop_evidence::{Made, PackError, Packing, Previous, Scope, SealError, Unsealed};
use hoop_model::{Clock, Principal, Subject, SystemClock};
use serde::Deserialize;
use serde_json::json;

use super::{sensible, words};
use crate::{
    args::MakeEvidence,
    audit::{self, Anchors, Piece, Source, State, blocking, fetch},
    context::Context,
    exit::{Exit, Failure},
    gateway::Gateway,
    output::{Printer, waiting},
};

/// Of the gateway's trail, which then records the pack.
pub(super) async fn from_gateway(
    make: MakeEvidence,
    context: Option<&Context>,
    gateway: &Gateway,
    printer: Printer,
) -> Result<u8, Failure> {
    #[derive(Deserialize)]
    struct WhoAmI {
        principal: Principal,
    }
    sensible(&make)?;
    let me: WhoAmI = gateway.get("/v1/whoami").await?;
    let fetched = fetch(gateway).await?;
    let remembered = context.map(|context| context.folder.state(&context.name, "trail-head.json"));
    let anchors = Anchors { state: State::at(remembered), ..Anchors::default() };
    let login = Some(me.principal.subject);
    let (out, scope) = (make.out.clone(), scope(&make));
    let trail = fetched.path().to_owned();
    let unsealed =
        blocking("making the evidence", move || pack(&trail, &anchors, make, login, "the gateway's trail")).await?;
    let body = json!({
        "manifest": unsealed.manifest,
        "from": scope.from,
        "to": scope.to,
        "size": unsealed.size(),
    });
    let sealing = async { gateway.post::<Later>("/v1/evidence", &body).await };
    let sealed = waiting("having the gateway record it", sealing).await.map_err(|failure| not_sealed(&out, failure))?;
    unsealed.seal(&sealed).map_err(|error| not_sealed(&out, bad_seal(&error)))?;
    words::made(&unsealed, &out, true, printer);
    Ok(Exit::Ok as u8)
}

/// Of a copy of a trail. Nobody has recorded the pack.
pub(super) async fn from_copy(make: MakeEvidence, printer: Printer) -> Result<u8, Failure> {
    sensible(&make)?;
    let out = make.out.clone();
    let unsealed = blocking("making the evidence", move || {
        let trail = make.trail.clone().unwrap_or_default();
        pack(&trail, &Anchors::default(), make, None, "a copy of the trail")
    });
    words::made(&unsealed.await?, &out, false, printer);
    Ok(Exit::Ok as u8)
}

fn scope(make: &MakeEvidence) -> Scope {
    Scope { from: make.from, to: make.to, connection: make.connection.clone() }
}

/// Verifies the trail whole, and then makes the pack of what was verified.
fn pack(
    trail: &Path,
    anchors: &Anchors,
    make: MakeEvidence,
    login: Option<Subject>,
    from: &str,
) -> Result<Unsealed, Failure> {
    let report = audit::verify(trail, anchors)?;
    let Report { checkpoint: Some(head), keys, .. } = verified(report)? else { return Err(no_head()) };
    let first = keys.into_iter().next().ok_or_else(no_head)?;
    let previous = make.previous.as_deref().map(Previous::of).transpose();
    let previous = previous.map_err(|error| bad_previous(&make.previous, &error))?;
    let written = write(trail, &make, head, first, login, from, previous.as_ref());
    if written.is_err() {
        // Half a pack is none; the folder was empty or not there.
        let _ = std::fs::remove_dir_all(&make.out);
    }
    written
}

fn write(
    trail: &Path,
    make: &MakeEvidence,
    head: Checkpoint,
    first: VerifyingKey,
    login: Option<Subject>,
    from: &str,
    previous: Option<&Previous>,
) -> Result<Unsealed, Failure> {
    let failed = |error: PackError| refused(&error);
    let mut packing = Packing::begin(&make.out, scope(make), head, first).map_err(failed)?;
    Source::at(trail)?.read(&mut |piece| {
        match piece {
            Piece::Record(record) => packing.record(record),
            Piece::Checkpoint(note) => packing.checkpoint(note),
        }
        .map_err(failed)
    })?;
    let by = format!("hoopctl {}", env!("CARGO_PKG_VERSION"));
    let made = Made { by, at: SystemClock.now(), login, from: from.to_owned() };
    packing.finish(made, previous).map_err(failed)
}

/// A trail that does not hold is evidence of that alone.
fn verified(report: Report) -> Result<Report, Failure> {
    let Some(finding) = report.findings.first() else { return Ok(report) };
    let text = format!(
        "the trail does not verify, so there is no pack of it: record {} ({}): {}; see `hoopctl audit verify`",
        finding.seq, finding.place, finding.text
    );
    Err(Failure::new(Exit::Tampered, "bad_trail", text))
}

fn no_head() -> Failure {
    Failure::new(Exit::Tampered, "bad_trail", "the trail has no signed head; see `hoopctl audit verify`")
}

fn refused(error: &PackError) -> Failure {
    let text = |next: &str| format!("no evidence was made: {error}; {next}");
    match error {
        PackError::Empty => Failure::new(Exit::Failed, "no_records", text("name another --from, --to or --connection")),
        PackError::OtherPast => Failure::new(
            Exit::Tampered,
            "other_past",
            text("hold the trail against that pack's head with `hoopctl audit verify --head`, or leave out --previous"),
        ),
        PackError::Io { .. } => Failure::new(Exit::Failed, "io", text("try again with a new folder")),
        PackError::OtherTrail => Failure::new(Exit::Failed, "trail_changed", text("try again")),
        _ => Failure::new(Exit::Failed, "bad_evidence", text("see `hoopctl audit verify`")),
    }
}

fn bad_previous(dir: &Option<PathBuf>, error: &PackError) -> Failure {
    let dir = dir.as_deref().unwrap_or(Path::new(""));
    let text = format!("{} holds no evidence pack: {error}", dir.display());
    Failure::new(Exit::Usage, "bad_previous", text)
}

fn bad_seal(error: &SealError) -> Failure {
    Failure::new(Exit::Tampered, "bad_seal", error.to_string())
}

fn not_sealed(out: &Path, failure: Failure) -> Failure {
    let text =
        format!("{} is not sealed, and does not verify: {}; remove it and make it again", out.display(), failure.text);
    Failure { text, ..failure }
}
