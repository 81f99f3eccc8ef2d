use serde_json::json;

use super::verify::Verified;
use crate::{
    exit::Exit,
    output::{Printer, human},
};

/// Findings that are told in words; JSON has all.
const TOLD: usize = 20;

pub(in crate::audit) fn print(verified: &Verified, printer: Printer) -> u8 {
    let exit = verified.exit();
    let document = json!({ "exit": exit as u8, "session": verified.session, "report": verified.report });
    printer.result("audit_verify", &document, |_| words(verified, exit));
    exit as u8
}

fn words(verified: &Verified, exit: Exit) -> String {
    let Verified { session, report } = verified;
    let mut text = String::new();
    if let Some(session) = session {
        let who = session.subject.as_ref().map_or_else(String::new, |subject| human::plain(&subject.sub));
        let connection = session.connection.as_ref().map_or_else(String::new, ToString::to_string);
        text.push_str(&format!("session {}: {who} on {connection}, {}\n", session.id, session.started_at));
    }
    text.push_str(&format!(
        "{} records, {} exchanges ({} open), {} payloads of {} bytes\n",
        report.records, report.exchanges, report.open_exchanges, report.payloads, report.payload_bytes
    ));
    if report.purged_payloads > 0 {
        text.push_str(&format!(
            "{} payloads are not there and old enough to have been purged; the log says whether they were\n",
            report.purged_payloads
        ));
    }
    if session.as_ref().is_some_and(|session| session.ended_at.is_none()) {
        text.push_str(
            "its end is not in here: it went on when this was made, or what came after was left out; the log says which\n",
        );
    }
    if let Some(checkpoint) = &report.checkpoint {
        text.push_str(&format!("head: {} records, root {}\n", checkpoint.size, checkpoint.root));
    }
    for key in &report.keys {
        text.push_str(&format!("signed by {key}\n  fingerprint {}\n", key.fingerprint()));
    }
    for finding in report.findings.iter().take(TOLD) {
        let place = human::plain(&finding.place);
        text.push_str(&format!("record {} ({place}): {}\n", finding.seq, human::plain(&finding.text)));
    }
    if report.findings.len() > TOLD {
        text.push_str(&format!("… and {} more\n", report.findings.len() - TOLD));
    }
    text.push_str(&match exit {
        Exit::Tampered => "TAMPERED: the session is not as it was written".to_owned(),
        Exit::Ok => format!(
            "verified: up to its last record here the session is in the log as it is here, and the log is the one known \
             from {}",
            human::plain(&report.anchors.join(", "))
        ),
        _ => "consistent: up to its last record here the session is in a log that the key above signed. Whether that is \
              the gateway's, --trust or --state would say; compare the key with what `hoopctl admin keys show` prints"
            .to_owned(),
    });
    text
}
