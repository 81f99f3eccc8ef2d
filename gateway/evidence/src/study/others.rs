//! Rows that are one record each: logins, refusals, readings of the trail, changes of identities and settings.

use hoop_audit::{Record, RecordType};
use hoop_model::Action;

use super::{Out, approvals, assurance, detail, details, ip, kind, or_none, text, who};
use crate::{Table, check::Id, facts};

pub(super) fn take(record: &Record, out: &mut Out) {
    let refused = record.draft.outcome.as_deref() == Some("refused");
    match record.draft.kind {
        RecordType::Auth => {
            auth(record, out);
            if refused {
                denied(record, out);
            }
        }
        RecordType::Denied => denied(record, out),
        RecordType::ApprovalDecided if refused => denied(record, out),
        RecordType::AuditRead => read(record, out),
        RecordType::Admin => {
            approvals::of_admin(record, out);
            if is_of_identity(facts::event(&record.draft)) {
                changed(record, out);
            }
            if refused {
                denied(record, out);
            }
        }
        RecordType::KeyRotation | RecordType::Config => changed(record, out),
        RecordType::Request if record.draft.action == Some(Action::Admin) => changed(record, out),
        _ => {}
    }
    clock(record, out);
}

/// Of admins' actions, those that change who may do what.
fn is_of_identity(event: &str) -> bool {
    ["agent_", "join_token_", "trail_key_", "user_", "token_"].iter().any(|begin| event.starts_with(begin))
}

fn auth(record: &Record, out: &mut Out) {
    let origin = record.draft.origin.as_ref();
    let [issuer, sub, email] = who(origin);
    let [amr, acr] = assurance(origin);
    let cells = [
        text(record.seq),
        text(record.ts),
        detail(record, "event"),
        or_none(record.draft.outcome.as_ref()),
        issuer,
        sub,
        email,
        kind(origin),
        amr,
        acr,
        ip(record),
        details(record, &["event", "client_ip"]),
    ];
    out.row(Table::AuthEvents, &cells);
}

fn denied(record: &Record, out: &mut Out) {
    let draft = &record.draft;
    let [issuer, sub, email] = who(draft.origin.as_ref());
    let decision = draft.decision.as_ref();
    let cells = [
        text(record.seq),
        text(record.ts),
        facts::kind(draft),
        issuer,
        sub,
        email,
        ip(record),
        or_none(draft.connection.as_ref()),
        or_none(draft.action),
        draft.resources.join(" "),
        or_none(draft.command.as_ref()),
        decision.map(|decision| decision.rules.join(" ")).unwrap_or_default(),
        decision.map(|decision| decision.reasons.join("; ")).unwrap_or_default(),
        detail(record, "code"),
    ];
    out.summary.denied(record);
    out.row(Table::Denied, &cells);
}

fn read(record: &Record, out: &mut Out) {
    let [issuer, sub, email] = who(record.draft.origin.as_ref());
    let what = details(record, &["reason", "what"]);
    let what =
        [detail(record, "what"), what].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ");
    let whose = sub.clone();
    let cells = [
        text(record.seq),
        text(record.ts),
        issuer,
        sub,
        email,
        ip(record),
        what.clone(),
        detail(record, "reason"),
        or_none(record.draft.outcome.as_ref()),
    ];
    let row = out.row(Table::AuditAccess, &cells);
    out.summary.read();
    out.checks.look(Id::Reads);
    if whose.is_empty() || what.is_empty() {
        let text = format!("record {} does not say who read the trail, or what of it", record.seq);
        out.find_in(Id::Reads, Table::AuditAccess, row, text);
    }
}

fn changed(record: &Record, out: &mut Out) {
    let draft = &record.draft;
    let [issuer, sub, _] = who(draft.origin.as_ref());
    let subject = ["agent", "name", "key", "user"].into_iter().find_map(|name| draft.detail.get(name).cloned());
    let subject = subject.or_else(|| (!draft.resources.is_empty()).then(|| draft.resources.join(" ")));
    let command = draft.command.clone().unwrap_or_default();
    let cells = [
        text(record.seq),
        text(record.ts),
        facts::kind(draft),
        issuer,
        sub,
        ip(record),
        subject.unwrap_or_default(),
        draft.outcome.clone().unwrap_or_else(|| "success".to_owned()),
        [details(record, &["event"]), command]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join("; "),
    ];
    out.row(Table::IdentityChanges, &cells);
}

/// Most that a clock may be off, in milliseconds.
const OFFSET: f64 = 1000.0;

fn clock(record: &Record, out: &mut Out) {
    let Some(offset) = record.draft.detail.get("clock_offset_ms") else { return };
    let cells = [
        text(record.seq),
        text(record.ts),
        detail(record, "clock_host"),
        detail(record, "clock_source"),
        offset.clone(),
    ];
    let row = out.row(Table::Clock, &cells);
    out.checks.look(Id::Clock);
    if !offset.parse::<f64>().is_ok_and(|offset| offset.abs() <= OFFSET) {
        out.find_in(Id::Clock, Table::Clock, row, format!("a clock was off by {offset} ms"));
    }
}
