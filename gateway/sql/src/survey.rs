use hoop_model::{Action, TableName};

use crate::{Judged, SessionEffect, SessionState};

/// How deep expressions, queries and joins may nest. The parser stops at 50; postfix chains (`a::int::int`) do not.
const MAX_DEPTH: u16 = 200;

/// What has been seen of one statement while its tree is walked. The action only ever rises.
pub(crate) struct Survey<'s> {
    pub(crate) state: &'s SessionState,
    pub(crate) tables: Vec<TableName>,
    pub(crate) effect: SessionEffect,
    /// Names of the CTEs in scope, innermost last.
    pub(crate) ctes: Vec<String>,
    action: Action,
    reasons: Vec<String>,
    result_scan: Vec<String>,
    depth: u16,
}

impl<'s> Survey<'s> {
    pub(crate) fn new(state: &'s SessionState) -> Self {
        Self {
            state,
            tables: Vec::new(),
            effect: SessionEffect::None,
            ctes: Vec::new(),
            action: Action::Discover,
            reasons: Vec::new(),
            result_scan: Vec::new(),
            depth: 0,
        }
    }

    pub(crate) fn action(&self) -> Action {
        self.action
    }

    pub(crate) fn raise(&mut self, action: Action) {
        self.action = self.action.max(action);
    }

    pub(crate) fn reason(&mut self, reason: impl Into<String>) {
        let reason = reason.into();
        if self.reasons.len() < 32 && !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    pub(crate) fn unknown(&mut self, reason: impl Into<String>) {
        self.raise(Action::Unknown);
        self.reason(reason);
    }

    /// Unknown when a part that Snowflake does not have, or that is not modelled, is there.
    pub(crate) fn absent(&mut self, there: bool, what: &str) {
        if there {
            self.unknown(format!("{what} is not modelled"));
        }
    }

    pub(crate) fn scans_result(&mut self, id: &str) {
        if self.result_scan.len() < 64 {
            self.result_scan.push(id.to_owned());
        } else {
            self.unknown("reads back too many results");
        }
    }

    /// Runs `walk` one level down, or not at all when that is too deep.
    pub(crate) fn nested(&mut self, walk: impl FnOnce(&mut Self)) {
        if self.depth >= MAX_DEPTH {
            return self.unknown("is nested too deeply");
        }
        self.depth += 1;
        walk(self);
        self.depth -= 1;
    }

    pub(crate) fn judged(mut self) -> Judged {
        let besides_result_scan = self.action;
        if !self.result_scan.is_empty() {
            self.unknown("reads back an earlier result, whose tables are not in the text");
        }
        if self.action == Action::Unknown {
            self.effect = SessionEffect::None;
        }
        Judged {
            action: self.action,
            tables: self.tables,
            reasons: self.reasons,
            effect: self.effect,
            result_scan: self.result_scan,
            besides_result_scan,
        }
    }
}
