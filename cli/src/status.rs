//! `hoopctl status`: is the gateway there, and how is it.

use std::time::Instant;

use serde_json::{Value, json};

use crate::{
    context,
    exit::{Exit, Failure},
    gateway::Gateway,
    login,
    output::{Printer, human},
};

pub(crate) async fn show(named: Option<&str>, printer: Printer) -> Result<u8, Failure> {
    let context = context::current(named)?;
    let credentials = login::current(&context).await?;
    let gateway = Gateway::dial(&context, &credentials).await?;
    let asked = Instant::now();
    let mut status: Value = gateway.get("/v1/status").await?;
    let answered_in = asked.elapsed();
    gateway.close().await;
    if let Value::Object(status) = &mut status {
        status.insert("context".to_owned(), json!(context.name));
        status.insert("gateway".to_owned(), json!(context.gateway));
        status.insert("round_trip_seconds".to_owned(), json!(answered_in.as_secs_f64()));
    }
    printer.result("status", &status, words);
    Ok(Exit::Ok as u8)
}

fn words(status: &Value) -> String {
    let text = |field: &str| status.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let millis = |pointer: &str| status.pointer(pointer).and_then(Value::as_f64).unwrap_or_default() * 1000.0;
    let number = |pointer: &str| status.pointer(pointer).and_then(Value::as_u64).unwrap_or_default();
    let mut lines = vec![
        format!("gateway  {} (context {}), version {}", text("gateway"), text("context"), text("gateway_version")),
        format!("answers  in {:.1} ms", millis("/round_trip_seconds")),
    ];
    if let Some(agents) = status.get("agents").and_then(Value::as_array) {
        let names: Vec<_> = agents.iter().filter_map(Value::as_str).collect();
        let names = if names.is_empty() { "none connected".to_owned() } else { names.join(", ") };
        lines.push(format!("agents   {names}"));
        lines.push(format!(
            "trail    {} records since the start in {} syncs, half of them within {:.2} ms, 99 % within {:.2} ms",
            number("/trail/records"),
            number("/trail/syncs"),
            millis("/trail/sync_p50_seconds"),
            millis("/trail/sync_p99_seconds"),
        ));
    }
    lines.extend(status.get("clock").map(clock));
    if status.get("alerts").is_some_and(Value::is_object) {
        lines.push(format!(
            "alerts   {} open, {} acknowledged; {} controls fail now",
            number("/alerts/open"),
            number("/alerts/acknowledged"),
            number("/incidents"),
        ));
    }
    lines.extend(status.get("siem").and_then(Value::as_array).into_iter().flatten().map(receiver));
    lines.extend(status.get("archive").map(archive));
    lines.extend(status.get("witnesses").and_then(Value::as_array).into_iter().flatten().map(witness));
    lines.extend(status.get("timestamp").map(timestamp));
    lines.iter().map(|line| human::plain(line)).collect::<Vec<_>>().join("\n")
}

/// The gateway's clock.
fn clock(clock: &Value) -> String {
    let text = |field: &str| clock.get(field).and_then(Value::as_str).unwrap_or_default();
    let line = match (text("state"), clock.get("offset_seconds").and_then(Value::as_f64)) {
        ("unmeasured", _) => "clock    held against nothing: [clock] ntp names no time server".to_owned(),
        ("off", Some(offset)) => format!("clock    OFF: {offset:+.3} s against {}", text("source")),
        (_, Some(offset)) => format!("clock    {offset:+.3} s against {}, as it may be", text("source")),
        _ => "clock    held against nothing: no time server answers".to_owned(),
    };
    match text("problem") {
        "" => line,
        problem => format!("{line}: {problem}"),
    }
}

/// The trail's copy in S3.
fn archive(archive: &Value) -> String {
    let text = |field: &str| archive.get(field).and_then(Value::as_str).unwrap_or_default();
    let number = |field: &str| archive.get(field).and_then(Value::as_u64).unwrap_or_default();
    let line = format!(
        "archive  {}, has {} records, {} bytes wait of {} that may",
        text("condition"),
        number("archived_records"),
        number("waiting_bytes"),
        number("spool_limit")
    );
    match text("problem") {
        "" => line,
        problem => format!("{line}: {problem}"),
    }
}

/// Who else signs the trail's heads.
fn witness(witness: &Value) -> String {
    let text = |field: &str| witness.get(field).and_then(Value::as_str).unwrap_or_default();
    let records = witness.get("records").and_then(Value::as_u64).unwrap_or_default();
    let line = match text("at") {
        "" => format!("witness  {} {}, has cosigned nothing yet", text("name"), text("condition")),
        at => format!("witness  {} {}, cosigned {records} records at {at}", text("name"), text("condition")),
    };
    match text("problem") {
        "" => line,
        problem => format!("{line}: {problem}"),
    }
}

/// Who says when there were which records.
fn timestamp(timestamp: &Value) -> String {
    let text = |field: &str| timestamp.get(field).and_then(Value::as_str).unwrap_or_default();
    let records = timestamp.get("records").and_then(Value::as_u64).unwrap_or_default();
    let line = match text("at") {
        "" => format!("stamps   {}, none yet", text("condition")),
        at => format!("stamps   {}, the newest of {records} records at {at}", text("condition")),
    };
    match text("problem") {
        "" => line,
        problem => format!("{line}: {problem}"),
    }
}

/// A SIEM that the trail is forwarded to.
fn receiver(siem: &Value) -> String {
    let text = |field: &str| siem.get(field).and_then(Value::as_str).unwrap_or_default();
    let number = |field: &str| siem.get(field).and_then(Value::as_u64).unwrap_or_default();
    let mut line = format!("siem     {} ({}) {}", text("name"), text("kind"), text("condition"));
    let seconds = siem.get("lag_seconds").and_then(Value::as_f64).unwrap_or_default();
    line += &match number("lag_records") {
        0 => ", has all of the trail".to_owned(),
        records => format!(", {records} records and {seconds:.0} s behind"),
    };
    if number("rejected") > 0 {
        line += &format!(", {} events rejected", number("rejected"));
    }
    match text("problem") {
        "" => line,
        problem => format!("{line}: {problem}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_caller_may_not_see_is_left_out() {
        let status = json!({ "gateway": "gw:7443", "context": "gw", "gateway_version": "1.2.3" });
        assert_eq!(words(&status), "gateway  gw:7443 (context gw), version 1.2.3\nanswers  in 0.0 ms");
        assert!(words(&json!({ "agents": [] })).contains("agents   none connected"));
    }

    #[test]
    fn a_siem_that_is_behind_says_why() {
        let up = json!({ "name": "splunk", "kind": "hec", "condition": "up", "lag_records": 0, "lag_seconds": 0.0 });
        assert_eq!(receiver(&up), "siem     splunk (hec) up, has all of the trail");
        let behind = json!({
            "name": "logs", "kind": "syslog", "condition": "retrying", "lag_records": 12, "lag_seconds": 34.2,
            "rejected": 2, "problem": "siem.test:6514: connection refused"
        });
        let words = "siem     logs (syslog) retrying, 12 records and 34 s behind, 2 events rejected: \
                     siem.test:6514: connection refused";
        assert_eq!(receiver(&behind), words);
    }

    #[test]
    fn a_clock_says_by_how_much_it_is_off_and_who_says_so() {
        assert!(clock(&json!({ "state": "unmeasured" })).ends_with("[clock] ntp names no time server"));
        let within = json!({ "state": "within", "source": "ntp.test:123", "offset_seconds": -0.0124 });
        assert_eq!(clock(&within), "clock    -0.012 s against ntp.test:123, as it may be");
        let off = json!({ "state": "off", "source": "ntp.test:123", "offset_seconds": 3.5, "problem": "ntp.test:123: timeout" });
        assert_eq!(clock(&off), "clock    OFF: +3.500 s against ntp.test:123: ntp.test:123: timeout");
        assert!(
            clock(&json!({ "state": "lost", "problem": "no route" })).ends_with("no time server answers: no route")
        );
    }

    #[test]
    fn a_witness_says_what_it_vouches_for() {
        let up = json!({ "name": "w/1", "condition": "up", "records": 7, "at": "2026-03-01T09:00:00Z" });
        assert_eq!(witness(&up), "witness  w/1 up, cosigned 7 records at 2026-03-01T09:00:00Z");
        let down = json!({ "name": "w/1", "condition": "retrying", "records": 0, "problem": "no answer" });
        assert_eq!(witness(&down), "witness  w/1 retrying, has cosigned nothing yet: no answer");
    }

    #[test]
    fn an_archive_says_how_much_waits_and_why() {
        let stopped = json!({
            "condition": "stopped", "archived_records": 7, "waiting_bytes": 12, "spool_limit": 100, "problem": "hidden"
        });
        let words = "archive  stopped, has 7 records, 12 bytes wait of 100 that may: hidden";
        assert_eq!(archive(&stopped), words);
    }
}
