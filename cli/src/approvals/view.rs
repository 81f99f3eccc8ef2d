//! A request for approval as the gateway's API shows it.

use serde_json::Value;

use crate::output::human;

pub(super) struct Request {
    pub document: Value,
}

impl Request {
    /// Text at a JSON pointer; empty when absent.
    pub(super) fn text(&self, pointer: &str) -> String {
        self.document.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    pub(super) fn id(&self) -> String {
        self.text("/request/id")
    }

    pub(super) fn state(&self) -> String {
        self.text("/state/status")
    }

    pub(super) fn command(&self) -> String {
        human::plain(&self.text("/request/command"))
    }

    pub(super) fn describe(&self) -> String {
        let lines = |pointer: &str| {
            let list = self.document.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
            list.iter().filter_map(Value::as_str).map(human::plain).collect::<Vec<_>>().join("; ")
        };
        let command = self.text("/request/command");
        let hidden = match human::named(&command) {
            0 => String::new(),
            count => format!(
                "\nbeware      the command holds {count} character(s) that a terminal does not show or that change the \
                 order of others; they stand below as \\u{{…}}"
            ),
        };
        format!(
            "request     {}\nstate       {}\nrequester   {}\nconnection  {}\nreason      {}\nwhy held    {}\nrules       {}\n\
             approvers   {}\nasked       {}\nexpires     {}{hidden}\n\n{}",
            self.id(),
            self.state(),
            human::plain(&self.text("/request/requester_name")),
            self.text("/request/connection"),
            human::plain(&self.text("/request/reason")),
            lines("/request/why"),
            lines("/request/rules"),
            lines("/request/obligations/approvers"),
            self.text("/request/created_at"),
            self.text("/expires_at"),
            human::plain_lines(&command),
        )
    }
}

pub(super) fn table(requests: &[Request]) -> String {
    let rows: Vec<Vec<String>> = requests
        .iter()
        .map(|request| {
            vec![
                request.id(),
                request.state(),
                request.text("/request/requester_name"),
                request.text("/request/connection"),
                request.text("/request/created_at"),
                human::short(&request.command(), 80),
            ]
        })
        .collect();
    human::table(&["REQUEST", "STATE", "REQUESTER", "CONNECTION", "ASKED", "COMMAND"], &rows)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_command_that_hides_something_is_flagged() {
        let shown = |command: &str| Request { document: json!({ "request": { "command": command } }) }.describe();
        let text = shown("SELECT 1\n-- \u{202e}tidy\u{200b}");
        assert!(text.ends_with("\n\nSELECT 1\n-- \\u{202e}tidy\\u{200b}"), "{text}");
        assert!(text.contains("beware      the command holds 2 character(s)"), "{text}");
        assert!(!shown("SELECT 'größer'\n\tFROM a").contains("beware"));
    }
}
