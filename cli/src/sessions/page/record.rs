//! One record of the timeline.

use std::time::Duration;

use hoop_audit::{ApprovalFacts, Counts, Draft, PayloadOf, Record, RecordType, Replayed};
use hoop_model::{Effect, Timestamp};

use super::{
    delivered,
    markup::{escaped, line, lines, number},
};
use crate::sessions::replay::clock;

/// Longest command shown, in characters; a record holds at most 65 535 bytes.
const LONGEST: usize = 65_535;

/// What a record does not say by itself.
pub(super) struct Context {
    /// The session's start.
    pub since: Duration,
    /// The number of its exchange.
    pub exchange: Option<u64>,
    /// When that was asked for which now runs as it was approved.
    pub waited_from: Option<Timestamp>,
    pub rows: usize,
}

pub(super) fn entry(replayed: &Replayed, context: &Context, delivered: Option<&[u8]>) -> String {
    let record = &replayed.record;
    let draft = &record.draft;
    let mut body = headline(record, context);
    if let Some(problem) = &replayed.problem {
        body.push_str(&format!("<p class=\"problem\">NOT AS WRITTEN: {}</p>", line(&problem.to_string())));
    }
    if replayed.may_be_purged {
        body.push_str(
            "<p class=\"note\">What belongs to it was purged, or taken away: <code>hoopctl audit verify</code> says \
             which.</p>",
        );
    }
    if let Some(command) = whole_command(draft, delivered).as_ref().or(draft.command.as_ref()) {
        body.push_str(&format!("<pre class=\"command\">{}</pre>", lines(command, LONGEST)));
    }
    if let Some(approval) = &draft.approval {
        body.push_str(&approvals(record, approval, context.waited_from));
    }
    body.push_str(&facts(draft));
    let kept = draft.payload.as_ref().filter(|facts| facts.of == PayloadOf::Delivered);
    if let Some(bytes) = delivered.filter(|_| kept.is_some()) {
        body.push_str(&delivered::shown(bytes, context.rows, draft.counts.as_ref()));
    }
    let opens = !matches!(draft.kind, RecordType::ResponseChunk | RecordType::End);
    let class = match (replayed.problem.is_some(), opens) {
        (true, true) => " class=\"opens broken\"",
        (true, false) => " class=\"broken\"",
        (false, true) => " class=\"opens\"",
        (false, false) => "",
    };
    format!("<li{class}><time>{}</time><div>{body}</div></li>\n", clock(context.since))
}

/// A command that is too long for a record lies whole beside it.
fn whole_command(draft: &Draft, delivered: Option<&[u8]>) -> Option<String> {
    draft.payload.as_ref().filter(|facts| facts.of == PayloadOf::Draft)?;
    serde_json::from_slice::<Draft>(delivered?).ok()?.command
}

fn headline(record: &Record, context: &Context) -> String {
    let draft = &record.draft;
    let number = context.exchange.map_or_else(String::new, |number| format!("#{number} "));
    let what = match draft.kind {
        RecordType::SessionStart => "Session began".to_owned(),
        RecordType::SessionEnd => "Session ended".to_owned(),
        RecordType::Request => format!("{number}asked"),
        RecordType::ResponseChunk => format!("{number}delivered"),
        RecordType::End => format!("{number}ended"),
        RecordType::Denied => "Denied".to_owned(),
        RecordType::ApprovalRequested => "Held".to_owned(),
        kind => format!("{kind:?}"),
    };
    let mut html = format!("<span class=\"what\">{what}</span>");
    if let Some(action) = draft.action {
        html.push_str(&format!("<span class=\"tag\">{}</span>", escaped(action.as_str())));
    }
    if let Some(decision) = &draft.decision {
        let (class, words) = match decision.effect {
            Effect::Allow => ("allow", "allowed"),
            Effect::Hold => ("hold", "held"),
            Effect::Deny => ("deny", "denied"),
        };
        html.push_str(&format!("<span class=\"tag {class}\">{words}</span>"));
    }
    if let Some(outcome) = &draft.outcome {
        let class = if outcome == "success" { "tag success" } else { "tag deny" };
        html.push_str(&format!("<span class=\"{class}\">{}</span>", line(outcome)));
    }
    html + &format!("<small>record {}, {}</small>", record.seq, second(record.ts))
}

/// Who approved, why, and how long it took.
fn approvals(record: &Record, approval: &ApprovalFacts, waited_from: Option<Timestamp>) -> String {
    let id = escaped(&approval.id.to_string());
    if record.draft.kind == RecordType::ApprovalRequested {
        let detail = |name: &str| record.draft.detail.get(name);
        let needed = detail("quorum").map_or_else(String::new, |quorum| format!(", {} needed", line(quorum)));
        let until = detail("expires_at").map_or_else(String::new, |until| format!(", until {}", line(until)));
        return format!("<p class=\"approvals\">Waits for approval <small>{id}{needed}{until}</small></p>");
    }
    let votes = approval.votes.iter().map(|vote| {
        let after = waited_from.map_or_else(String::new, |from| format!(" after {}", lasted(from, vote.at)));
        let reason = vote.reason.as_ref().map_or_else(String::new, |reason| format!(": “{}”", line(reason)));
        format!("<p>Approved by {}{after}{reason} <small>{}</small></p>", line(&vote.approver.sub), second(vote.at))
    });
    let votes: String = votes.collect();
    let ran = waited_from
        .map_or_else(String::new, |from| format!(", ran {} after it was asked for", lasted(from, record.ts)));
    format!("<div class=\"approvals\">{votes}<small>{id}{ran}</small></div>")
}

fn facts(draft: &Draft) -> String {
    let mut facts = Vec::new();
    if let Some(decision) = &draft.decision {
        if !decision.rules.is_empty() {
            facts.push(format!("by {}", line(&decision.rules.join(", "))));
        }
        facts.extend(decision.reasons.iter().map(|reason| line(reason)));
    }
    facts.extend(draft.counts.as_ref().into_iter().flat_map(counted));
    if !draft.resources.is_empty() {
        facts.push(format!("on {}", line(&draft.resources.join(", "))));
    }
    if let Some(reveal) = &draft.reveal {
        facts.push(format!(
            "card numbers shown until {} under {} for {}: “{}”",
            second(reveal.until),
            line(&reveal.rules.join(", ")),
            line(&reveal.needs.join(", ")),
            line(&reveal.reason)
        ));
    }
    facts.extend(draft.upstream_id.as_ref().map(|id| format!("upstream {}", line(id))));
    let told = ["quorum", "expires_at"];
    let others = draft.detail.iter().filter(|(name, _)| !told.contains(&name.as_str()));
    facts.extend(others.map(|(name, value)| format!("{} {}", line(name), line(value))));
    if facts.is_empty() {
        return String::new();
    }
    let facts: String = facts.iter().map(|fact| format!("<span>{fact}</span>")).collect();
    format!("<p class=\"facts\">{facts}</p>")
}

fn counted(counts: &Counts) -> Vec<String> {
    let mut told = Vec::new();
    if counts.rows > 0 {
        told.push(format!("{} rows", number(counts.rows)));
    }
    if counts.bytes > 0 {
        told.push(format!("{} bytes", number(counts.bytes)));
    }
    for (rule, count) in &counts.masked {
        told.push(format!("{} masked {}×", line(rule), number(*count)));
    }
    for revealed in &counts.revealed {
        told.push(format!("{} card numbers shown in {}", number(revealed.count), line(&revealed.at)));
    }
    told
}

/// A time as people read it.
pub(super) fn second(time: Timestamp) -> String {
    let text = time.to_string();
    match (text.get(..10), text.get(11..19)) {
        (Some(day), Some(time)) => format!("{day} {time}"),
        _ => text,
    }
}

fn lasted(from: Timestamp, to: Timestamp) -> String {
    let seconds = to.duration_since(from).as_secs().max(0);
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}
