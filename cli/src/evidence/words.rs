//! What is told of a pack.

use std::path::Path;

use hoop_evidence::{Outcome, Status, Unsealed, Verified};
use serde_json::json;

use crate::{exit::Exit, output::Printer};

/// Findings that are told in words, of each check; JSON has more.
const TOLD: usize = 10;

pub(super) fn made(pack: &Unsealed, out: &Path, sealed: bool, printer: Printer) {
    let of = |status| pack.coverage.requirements.iter().filter(move |requirement| requirement.status == status);
    let failed: Vec<_> = of(Status::Fail).map(|requirement| requirement.req).collect();
    let result = json!({
        "dir": out,
        "records": pack.records,
        "manifest": pack.manifest,
        "sealed": sealed,
        "failed": failed,
    });
    printer.result("evidence", &result, |_| {
        let seal = if sealed { "sealed by the gateway" } else { "NOT sealed: made from a copy of the trail" };
        format!(
            "{} records in {1}, {seal}\n{2} requirements passed, {3} failed, {4} had nothing to look at, {5} are not for a \
             program\nread {1}/report.html; verify it with\n  hoopctl evidence verify {1}",
            pack.records,
            out.display(),
            of(Status::Pass).count(),
            failed.len(),
            of(Status::NotApplicable).count(),
            of(Status::NotAutomatable).count(),
        )
    });
    if !failed.is_empty() {
        printer.say(&format!("checks failed for {}; report.html says where", failed.join(", ")));
    }
}

pub(super) fn verified(verified: &Verified, exit: Exit, printer: Printer) {
    let result = json!({ "exit": exit as u8, "report": verified });
    printer.result("evidence_verify", &result, |_| words(verified, exit));
}

fn words(verified: &Verified, exit: Exit) -> String {
    let mut text = String::new();
    if let (Some(period), Some(made)) = (&verified.period, &verified.made) {
        let of = period.connection.as_ref().map_or_else(String::new, |name| format!(", connection {name}"));
        text.push_str(&format!("{} to {}{of}; made {} by {}\n", period.from, period.to, made.at, made.by));
    }
    for check in &verified.checks {
        text.push_str(&line(check));
    }
    if let Some(head) = &verified.head {
        text.push_str(&format!("head: {} records, root {}\n", head.size, head.root));
    }
    for key in &verified.keys {
        text.push_str(&format!("signed by {key}\n  fingerprint {}\n", key.fingerprint()));
    }
    if !verified.key_known && !verified.keys.is_empty() {
        text.push_str("  only the pack itself names this key; compare it with what `hoopctl admin keys show` prints\n");
    }
    for name in &verified.unreached {
        text.push_str(&format!(
            "the head of {name} lies where the pack shows nothing of the log; one made with --previous does\n"
        ));
    }
    for note in &verified.notes {
        text.push_str(&format!("{note}\n"));
    }
    text.push_str(&match exit {
        Exit::Tampered if verified.is_intact() => {
            "CHECKS FAILED: the pack is as it was made, and what it shows is not as it should be".to_owned()
        }
        Exit::Tampered => "TAMPERED: the pack is not as it was made".to_owned(),
        Exit::Ok => format!("verified: all checks hold, and the log continues what is known of it from {}", verified.anchors.join(", ")),
        _ if !verified.sealed => "consistent, and NOT SEALED: made from a copy of the trail, so no gateway has recorded it. The \
             records are in the log that they name; who chose them is not known"
            .to_owned(),
        _ => "consistent: all checks hold, and the log itself has recorded the pack. There was no remembered head to hold \
              the log against, so one made anew would look the same. The head is remembered now where --state says so."
            .to_owned(),
    });
    text
}

fn line(check: &Outcome) -> String {
    let looked = match check.why {
        Some(why) => why.to_owned(),
        None => format!("{} {}", check.looked_at, check.of),
    };
    let status = match check.status {
        Status::Pass => "ok",
        Status::Fail => "FAILED",
        Status::NotApplicable | Status::NotAutomatable => "-",
    };
    let mut text = format!("{:<12} {status:<7} {looked}\n", check.id);
    for finding in check.findings.iter().take(TOLD) {
        let row = finding.row.map_or_else(String::new, |row| format!(", row {row}"));
        text.push_str(&format!("  {}{row}: {}\n", finding.file, finding.text));
    }
    let more = check.findings.len().saturating_sub(TOLD) as u64 + check.further_findings;
    if more > 0 {
        text.push_str(&format!("  … and {more} more\n"));
    }
    text
}
