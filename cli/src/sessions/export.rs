//! `hoopctl sessions export`: one session, for somebody who has neither the gateway nor its log.

use hoop_audit::{Record, segment};
use serde::Deserialize;
use serde_json::json;

use super::{
    checked,
    replay::{Kept, garbled},
};
use crate::{
    args::ExportSession,
    audit::{self, SessionExport},
    exit::{Exit, Failure},
    gateway::Gateway,
    output::{Printer, waiting},
};

/// What the gateway proves of a record.
#[derive(Deserialize)]
struct Proven {
    /// A C2SP proof.
    proof: String,
    /// The key that signed its head.
    key: String,
}

pub(super) async fn run(gateway: &Gateway, args: ExportSession, printer: Printer) -> Result<u8, Failure> {
    let ExportSession { id, out, reason } = args;
    let id = checked(&id)?;
    let mut export =
        Export { writing: SessionExport::into(&out)?, stream: segment::Stream::default(), payload: None, last: None };
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("export", "true");
    query.extend_pairs(reason.map(|reason| ("reason", reason)));
    let path = format!("/v1/sessions/{id}/recording?{}", query.finish());
    waiting("fetching the session", gateway.stream(&path, async |piece| export.take(piece))).await?;
    let last = export.last.filter(|_| export.stream.is_at_end()).ok_or_else(|| garbled(&"it broke off"))?;
    let Proven { proof, key } = gateway.get(&format!("/v1/sessions/{id}/proof?record={last}")).await?;
    export.writing.finish(&proof, &key)?;

    let dir = out.clone();
    let verified = audit::blocking("verifying the export", move || audit::verify_session(&dir)).await?;
    let report = &verified.report;
    let ended = verified.session.as_ref().is_some_and(|session| session.ended_at.is_some());
    let document = json!({
        "dir": out,
        "session": id,
        "records": report.records,
        "payloads": report.payloads,
        "ended": ended,
    });
    if let Some(finding) = report.findings.first() {
        let text = format!(
            "{} does not hold: record {} ({}): {}; see `hoopctl audit verify`",
            out.display(),
            finding.seq,
            finding.place,
            finding.text
        );
        return Err(Failure::new(Exit::Tampered, "bad_recording", text));
    }
    printer.result("session_export", &document, |_| {
        format!(
            "{} records and {} payloads in {2}; whoever gets them verifies them with\n  hoopctl audit verify {2}",
            report.records,
            report.payloads,
            out.display()
        )
    });
    if !ended {
        printer.say("the session goes on; this is what happened in it so far");
    }
    Ok(Exit::Ok as u8)
}

struct Export {
    writing: SessionExport,
    stream: segment::Stream,
    payload: Option<Kept>,
    /// The newest record.
    last: Option<u64>,
}

impl Export {
    fn take(&mut self, piece: &[u8]) -> Result<(), Failure> {
        self.stream.push(piece);
        while let Some(frame) = self.stream.next_frame().map_err(|error| garbled(&error))? {
            match frame {
                segment::Frame::Payload(payload) => self.payload = Some(Kept::of(&payload)),
                segment::Frame::Record(stored) => {
                    let record: Record = serde_json::from_slice(stored).map_err(|error| garbled(&error))?;
                    let beside = self.payload.take();
                    self.writing.take(record.seq, stored, beside.as_ref().map(Kept::payload).as_ref())?;
                    self.last = Some(record.seq);
                }
                _ => {}
            }
        }
        Ok(())
    }
}
