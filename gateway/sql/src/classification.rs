use hoop_model::{Action, TableName};

use crate::SessionEffect;

/// A text of one or more statements, each judged on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classification {
    /// In the order of the text; never empty (text without a statement is one unknown statement).
    pub statements: Vec<Judged>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    pub action: Action,
    /// Every table, view or other relation named, targets and sources, without doubles. Fewer than three parts
    /// where the statement leaves them out and the session does not know them.
    pub tables: Vec<TableName>,
    /// Why it is more than a read, in words; holds no literal of the statement.
    pub reasons: Vec<String>,
    /// What it does to the session once it has succeeded.
    pub effect: SessionEffect,
    /// Query ids read back with `RESULT_SCAN('id')`.
    pub result_scan: Vec<String>,
    /// What `action` would be if each id in `result_scan` were a result the asker may see.
    pub besides_result_scan: Action,
}

impl Judged {
    pub(crate) fn unknown(reason: impl Into<String>) -> Self {
        Self {
            action: Action::Unknown,
            tables: Vec::new(),
            reasons: vec![reason.into()],
            effect: SessionEffect::None,
            result_scan: Vec::new(),
            besides_result_scan: Action::Unknown,
        }
    }
}

impl Classification {
    pub(crate) fn unknown(reason: impl Into<String>) -> Self {
        Self { statements: vec![Judged::unknown(reason)] }
    }

    /// The riskiest action of any statement.
    pub fn action(&self) -> Action {
        self.statements.iter().map(|judged| judged.action).max().unwrap_or(Action::Unknown)
    }

    /// Every table of every statement, without doubles, in the order of the text.
    pub fn tables(&self) -> Vec<TableName> {
        let mut tables = Vec::new();
        for table in self.statements.iter().flat_map(|judged| &judged.tables) {
            if !tables.contains(table) {
                tables.push(table.clone());
            }
        }
        tables
    }

    /// How many statements: to be held against the request's declared statement count.
    pub fn count(&self) -> usize {
        self.statements.len()
    }
}
