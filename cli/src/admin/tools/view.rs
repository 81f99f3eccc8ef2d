//! A tool as the gateway's API shows it to admins.

use serde_json::Value;

use super::diff::{self, Line};
use crate::output::human;

pub(super) struct Tool {
    pub document: Value,
}

impl Tool {
    /// Text at a JSON pointer; empty when absent.
    pub(super) fn text(&self, pointer: &str) -> String {
        self.document.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    pub(super) fn state(&self) -> String {
        self.text("/state")
    }

    /// The digest of the definition that waits, if one does.
    pub(super) fn waits(&self) -> Option<String> {
        self.document.pointer("/pending/digest").and_then(Value::as_str).map(str::to_owned)
    }

    pub(super) fn is_undecided(&self) -> bool {
        matches!(self.state().as_str(), "new" | "changed")
    }

    pub(super) fn describe(&self) -> String {
        let mut text = format!("tool        {}\n{}", self.name(), self.heads());
        for finding in self.findings() {
            text.push_str(&format!("\nbeware      {finding}"));
        }
        text.push_str("\n\n");
        let lines = diff::lines(self.definition("/pinned"), self.definition("/pending"));
        text.push_str(&match (self.waits(), lines.iter().any(|line| !matches!(line, Line::Same))) {
            (Some(_), true) => shown(&lines),
            (Some(_), false) => {
                "  what changed is masked, or too large to be kept: only the digests tell it\n".to_owned()
            }
            (None, _) => "  nothing waits\n".to_owned(),
        });
        text
    }

    fn name(&self) -> String {
        format!("{}/{}", self.text("/connection"), human::plain(&self.text("/tool")))
    }

    /// Since when it is what it is, and by whom.
    fn heads(&self) -> String {
        let mut lines = vec![format!("state       {}", self.state())];
        if self.document.pointer("/pinned/digest").is_some() {
            let how = match self.text("/pinned/by/name") {
                name if name.is_empty() => "with the first listing".to_owned(),
                name => format!("by {}", human::plain(&name)),
            };
            lines.push(format!("pinned      {} {how}, {}", self.text("/pinned/at"), self.text("/pinned/digest")));
        }
        if let Some(digest) = self.waits() {
            lines.push(format!("hidden      {} since it was listed so, {digest}", self.text("/pending/seen_at")));
        }
        if self.document.pointer("/pending/rejected_by/name").is_some() {
            lines.push(format!("rejected    by {}", human::plain(&self.text("/pending/rejected_by/name"))));
        }
        lines.join("\n")
    }

    /// What is suspicious in the definition that waits, or else in the one that is pinned.
    fn findings(&self) -> Vec<String> {
        let of = |place: &str| self.document.pointer(place).and_then(Value::as_array);
        let findings =
            of("/pending/findings").or_else(|| of("/pinned/findings")).map(Vec::as_slice).unwrap_or_default();
        let sentence = |finding: &Value| {
            let text = |field: &str| human::plain(finding.get(field).and_then(Value::as_str).unwrap_or_default());
            format!("{} at {}: {}", text("suspicion").replace('_', " "), text("at"), text("what"))
        };
        findings.iter().map(sentence).collect()
    }

    fn definition(&self, of: &str) -> Option<&Value> {
        self.document.pointer(&format!("{of}/definition"))
    }
}

/// The difference in colours, which a pipe does not get; what is the same is only counted.
fn shown(lines: &[Line]) -> String {
    let style = |color: anstyle::AnsiColor| color.on_default();
    let (gone, new) = (style(anstyle::AnsiColor::Red), style(anstyle::AnsiColor::Green));
    let mut text = String::new();
    for line in lines {
        match line {
            Line::Gone(line) => text.push_str(&format!("{gone}- {}{gone:#}\n", human::plain(line))),
            Line::New(line) => text.push_str(&format!("{new}+ {}{new:#}\n", human::plain(line))),
            Line::Same => {}
        }
    }
    match lines.iter().filter(|line| matches!(line, Line::Same)).count() {
        0 => {}
        count => text.push_str(&format!("  {count} more line(s) are as they were\n")),
    }
    text
}

pub(super) fn table(tools: &[Tool]) -> String {
    let rows: Vec<Vec<String>> = tools
        .iter()
        .map(|tool| {
            let since = match tool.waits() {
                Some(_) => tool.text("/pending/seen_at"),
                None => tool.text("/pinned/at"),
            };
            let by =
                tool.text(if tool.state() == "rejected" { "/pending/rejected_by/name" } else { "/pinned/by/name" });
            vec![tool.text("/connection"), tool.text("/tool"), tool.state(), since, by, tool.findings().join("; ")]
        })
        .collect();
    human::table(&["CONNECTION", "TOOL", "STATE", "SINCE", "BY", "FINDINGS"], &rows)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_review_shows_what_changed_and_what_is_hidden_in_it() {
        let definition = |text: &str| json!({ "name": "pay", "description": text });
        let tool = Tool {
            document: json!({
                "connection": "payments", "tool": "pay", "state": "changed",
                "pinned": { "digest": "aa", "at": "2026-03-01T09:00:00Z", "findings": [], "definition": definition("Pays.") },
                "pending": {
                    "digest": "bb", "seen_at": "2026-03-02T09:00:00Z", "definition": definition("Pays.\u{e0041}"),
                    "findings": [{ "suspicion": "hidden_characters", "at": "/description", "what": "1\u{1b}[2J" }],
                },
            }),
        };
        let text = anstream::adapter::strip_str(&tool.describe()).to_string();
        assert_eq!(
            text,
            "tool        payments/pay\nstate       changed\n\
             pinned      2026-03-01T09:00:00Z with the first listing, aa\n\
             hidden      2026-03-02T09:00:00Z since it was listed so, bb\n\
             beware      hidden characters at /description: 1\\u{1b}[2J\n\n\
             - description: \"Pays.\"\n+ description: \"Pays.\\u{e0041}\"\n  1 more line(s) are as they were\n"
        );
    }

    #[test]
    fn what_a_mask_hides_is_told_of() {
        let side = |digest: &str| json!({ "digest": digest, "findings": [], "definition": { "name": "pay" } });
        let tool =
            |pending: Value| Tool { document: json!({ "state": "x", "pinned": side("aa"), "pending": pending }) };
        assert!(tool(side("bb")).describe().contains("only the digests tell it"));
        assert!(tool(Value::Null).describe().ends_with("nothing waits\n"));
    }
}
