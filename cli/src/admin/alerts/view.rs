//! An alert as the gateway's API shows it.

use serde_json::Value;

use crate::output::human;

pub(super) struct Alert {
    pub document: Value,
}

impl Alert {
    /// Text at a JSON pointer; empty when absent.
    pub(super) fn text(&self, pointer: &str) -> String {
        self.document.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    fn number(&self, pointer: &str) -> u64 {
        self.document.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
    }

    pub(super) fn describe(&self) -> String {
        let mut lines = vec![
            ("alert", self.text("/id")),
            ("state", self.text("/state")),
            ("rule", self.text("/rule")),
            ("found", self.text("/what")),
            ("opened", self.text("/opened_at")),
            ("records", self.records()),
            ("counted", self.number("/count").to_string()),
        ];
        let optional = [("subject", self.subject()), ("connection", self.text("/connection"))];
        lines.extend(optional.into_iter().filter(|(_, text)| !text.is_empty()));
        lines.extend(self.answer("acknowledged").map(|answer| ("known", answer)));
        lines.extend(self.answer("closed").map(|answer| ("closed", answer)));
        let line = |(name, text): &(&str, String)| format!("{name:<11} {}", human::plain(text));
        lines.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn subject(&self) -> String {
        match (self.text("/subject/sub"), self.text("/subject/issuer")) {
            (sub, _) if sub.is_empty() => sub,
            (sub, issuer) => format!("{sub} ({issuer})"),
        }
    }

    fn records(&self) -> String {
        match (self.number("/first_seq"), self.number("/last_seq")) {
            (first, last) if first == last => first.to_string(),
            (first, last) => format!("{first}-{last}"),
        }
    }

    /// Who said so, when and why.
    fn answer(&self, what: &str) -> Option<String> {
        self.document.pointer(&format!("/{what}/by"))?;
        let text = |field: &str| self.text(&format!("/{what}/{field}"));
        let reason = text("reason");
        let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        Some(format!("{} by {}{why}", text("at"), text("by/name")))
    }
}

pub(super) fn table(alerts: &[Value]) -> String {
    let row = |document: &Value| {
        let alert = Alert { document: document.clone() };
        let texts = ["/id", "/state", "/opened_at", "/rule", "/connection", "/subject/sub", "/what"];
        texts.iter().map(|pointer| alert.text(pointer)).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<String>> = alerts.iter().map(row).collect();
    human::table(&["ALERT", "STATE", "OPENED", "RULE", "CONNECTION", "SUBJECT", "FOUND"], &rows)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_alert_says_what_was_found_and_who_answered_and_moves_no_cursor() {
        let alert = Alert {
            document: json!({
                "id": "al-1", "state": "closed", "rule": "denied_burst", "what": "5 refusals within 600 s\u{1b}[2J",
                "subject": { "issuer": "https://idp.test", "sub": "alice" }, "connection": "warehouse",
                "first_seq": 7, "last_seq": 12, "count": 5, "opened_at": "2026-03-01T09:00:00Z",
                "acknowledged": { "by": { "name": "carol" }, "at": "2026-03-01T09:05:00Z" },
                "closed": { "by": { "name": "carol" }, "at": "2026-03-01T10:00:00Z", "reason": "a test" },
            }),
        };
        assert_eq!(
            alert.describe(),
            "alert       al-1\nstate       closed\nrule        denied_burst\n\
             found       5 refusals within 600 s\\u{1b}[2J\nopened      2026-03-01T09:00:00Z\nrecords     7-12\n\
             counted     5\nsubject     alice (https://idp.test)\nconnection  warehouse\n\
             known       2026-03-01T09:05:00Z by carol\nclosed      2026-03-01T10:00:00Z by carol: a test"
        );
    }
}
