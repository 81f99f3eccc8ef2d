//! `hoopctl audit`: the trail is fetched or read from a folder, and verified here, without trusting the gateway.

mod anchor;
mod pack;

use std::path::Path;

use anchor::Anchor;
use bytes::Bytes;
use hoop_audit::{Report, Verifier};
use serde_json::json;

use crate::{
    args::Audit,
    context::Context,
    exit::{Exit, Failure},
    gateway::Gateway,
    output::{Printer, waiting},
};

/// One segment: its file name and bytes.
struct Segment {
    name: String,
    bytes: Vec<u8>,
}

/// Needs the gateway only where no folder is named.
pub(crate) async fn run(
    command: Audit,
    context: Option<&Context>,
    gateway: impl AsyncFnOnce() -> Result<Gateway, Failure>,
    printer: Printer,
) -> Result<u8, Failure> {
    match command {
        Audit::Export { out } => {
            let segments = pack::unpack(&fetch(&gateway().await?).await?)?;
            export(&segments, &out)?;
            let document = json!({ "dir": out, "segments": segments.len() });
            printer.result("audit_export", &document, |_| {
                format!(
                    "{} segments in {}; verify them with\n  hoopctl audit verify {}",
                    segments.len(),
                    out.display(),
                    out.display()
                )
            });
            Ok(Exit::Ok as u8)
        }
        Audit::Verify { dir: Some(dir), state } => report(move || pack::read(&dir), Anchor::at(state), printer).await,
        Audit::Verify { dir: None, state } => {
            let packed = fetch(&gateway().await?).await?;
            let remembered =
                state.or_else(|| context.map(|context| context.folder.state(&context.name, "trail-head.json")));
            report(move || pack::unpack(&packed), Anchor::at(remembered), printer).await
        }
    }
}

async fn fetch(gateway: &Gateway) -> Result<Bytes, Failure> {
    waiting("fetching the trail", gateway.trail()).await
}

fn export(segments: &[Segment], out: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(out)?;
    for segment in segments {
        std::fs::write(out.join(&segment.name), &segment.bytes)?;
    }
    Ok(())
}

/// Verifies segments against a remembered head.
fn verify(segments: &[Segment], anchor: &Anchor) -> Result<Report, Failure> {
    let mut verifier = Verifier::new(anchor.head()?);
    for (index, segment) in segments.iter().enumerate() {
        let newest = index + 1 == segments.len();
        verifier.segment(&segment.name, &segment.bytes, newest);
    }
    Ok(verifier.finish())
}

async fn report(
    segments: impl FnOnce() -> Result<Vec<Segment>, Failure> + Send + 'static,
    anchor: Anchor,
    printer: Printer,
) -> Result<u8, Failure> {
    let work = tokio::task::spawn_blocking(move || Ok((verify(&segments()?, &anchor)?, anchor)));
    let verified: Result<_, Failure> = waiting("verifying the trail", work)
        .await
        .unwrap_or_else(|error| Err(Failure::new(Exit::Failed, "internal", error.to_string())));
    let (report, anchor) = verified?;
    let exit = match (report.is_consistent(), report.anchored) {
        (false, _) => Exit::Tampered,
        (true, true) => Exit::Ok,
        (true, false) => Exit::NoAnchor,
    };
    if report.is_consistent()
        && let Some(head) = &report.head
    {
        anchor.remember(head)?;
    }
    printer.result("audit_verify", &json!({ "exit": exit as u8, "report": report }), |_| words(&report, exit));
    Ok(exit as u8)
}

fn words(report: &Report, exit: Exit) -> String {
    let mut text = format!(
        "{} records, {} sessions, {} exchanges ({} open)\n",
        report.records, report.sessions, report.exchanges, report.open_exchanges
    );
    if let Some(head) = &report.head {
        text.push_str(&format!("head: record {} {}\n", head.seq, head.hash));
    }
    for finding in report.findings.iter().take(20) {
        text.push_str(&format!("record {} ({}): {}\n", finding.seq, finding.place, finding.text));
    }
    if report.findings.len() > 20 {
        text.push_str(&format!("… and {} more\n", report.findings.len() - 20));
    }
    text.push_str(match exit {
        Exit::Tampered => "TAMPERED: the trail is not as it was written",
        Exit::Ok => "verified: nothing was changed, removed or added, and the trail continues the one seen last time",
        _ => {
            "consistent: nothing was changed, removed or added, as far as the trail itself can tell. There was no \
              remembered head to hold it against, so a trail cut back to an earlier state would look the same. \
              The head is remembered now where --state or the login says so."
        }
    });
    text
}

/// Verification of a folder for the demo: whether it is consistent, and the first finding.
#[cfg(feature = "dev")]
pub(crate) fn check(dir: &Path, anchor: Option<std::path::PathBuf>) -> Result<Report, Failure> {
    verify(&pack::read(dir)?, &Anchor::at(anchor))
}
