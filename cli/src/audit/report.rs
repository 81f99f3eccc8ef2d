use hoop_audit::Report;
use serde_json::json;

use crate::{
    exit::{Exit, Failure},
    output::Printer,
};

/// Findings that are told in words; JSON has more.
const TOLD: usize = 20;

pub(super) fn print(report: Report, printer: Printer) -> Result<u8, Failure> {
    let exit = match (report.is_consistent(), report.is_anchored()) {
        (false, _) => Exit::Tampered,
        (true, true) => Exit::Ok,
        (true, false) => Exit::NoAnchor,
    };
    printer.result("audit_verify", &json!({ "exit": exit as u8, "report": report }), |_| words(&report, exit));
    Ok(exit as u8)
}

fn words(report: &Report, exit: Exit) -> String {
    let mut text = format!(
        "{} records, {} sessions, {} exchanges ({} open), {} payloads of {} bytes\n",
        report.records, report.sessions, report.exchanges, report.open_exchanges, report.payloads, report.payload_bytes
    );
    if report.purged_payloads > 0 {
        text.push_str(&format!(
            "{} payloads were purged after their time; the records are whole\n",
            report.purged_payloads
        ));
    }
    if report.sealed_payloads > 0 {
        text.push_str(&format!(
            "{} payloads are sealed, so whether they were changed is not known; give their key with --payload-key\n",
            report.sealed_payloads
        ));
    }
    if let Some(checkpoint) = &report.checkpoint {
        text.push_str(&format!("head: {} records, root {}\n", checkpoint.size, checkpoint.root));
    }
    for key in &report.keys {
        text.push_str(&format!("signed by {key}\n  fingerprint {}\n", key.fingerprint()));
    }
    if !report.key_known && !report.keys.is_empty() {
        text.push_str(
            "  only the trail itself names this key; compare it with what `hoopctl admin keys show` prints\n",
        );
    }
    if let Some(first) = report.clocks.first_move {
        text.push_str(&format!(
            "the gateway's wall clock was set {} times, first by {:+.1} s before record {}; the order of records is not touched\n",
            report.clocks.moves, first.seconds, first.seq
        ));
    }
    if report.clocks.unsure > 0 {
        text.push_str(&format!(
            "{} records were written while the clock was off, or while no time server answered\n",
            report.clocks.unsure
        ));
    }
    for before in &report.continues {
        text.push_str(&format!("it began in the place of {before}, which was set aside: verify that one by itself\n"));
    }
    for agent in &report.agents {
        text.push_str(&format!("{} receipts of agent {}\n", agent.receipts, agent.key));
    }
    if report.unsigned_records > 0 {
        text.push_str(&format!("the last {} records are not signed yet\n", report.unsigned_records));
    }
    if report.torn_bytes > 0 {
        text.push_str(&format!("{} bytes at the end are no whole record: a write cut short\n", report.torn_bytes));
    }
    for note in &report.notes {
        text.push_str(&format!("{note}\n"));
    }
    for finding in report.findings.iter().take(TOLD) {
        text.push_str(&format!("record {} ({}): {}\n", finding.seq, finding.place, finding.text));
    }
    let more = report.findings.len().saturating_sub(TOLD) as u64 + report.further_findings;
    if more > 0 {
        text.push_str(&format!("… and {more} more\n"));
    }
    match exit {
        Exit::Tampered => text.push_str("TAMPERED: the trail is not as it was written"),
        Exit::Ok => text.push_str(&format!(
            "verified: nothing was changed, removed or added, and the trail continues what is known of it from {}",
            report.anchors.join(", ")
        )),
        _ => text.push_str(
            "consistent: nothing was changed, removed or added, as far as the trail itself can tell. There was no \
             remembered head to hold it against, so a trail cut back to an earlier state would look the same. \
             The head is remembered now where --state or the login says so.",
        ),
    }
    text
}
