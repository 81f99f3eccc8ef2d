//! A session as one JSON document, written as its records come. One that broke off is no JSON.

use std::io::{self, Write};

use hoop_model::SessionId;
use serde_json::Value;

use crate::output::json::VERSION;

pub(super) struct Document {
    session: SessionId,
    began: bool,
}

impl Document {
    pub(super) fn of(session: SessionId) -> Self {
        Self { session, began: false }
    }

    pub(super) fn record(&mut self, record: &Value) -> io::Result<()> {
        let mut out = io::stdout().lock();
        self.begin(&mut out)?;
        write!(out, "{record}")
    }

    /// `broken`: how many are not as they were written.
    pub(super) fn end(mut self, records: u64, broken: u64) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if !self.began {
            self.begin(&mut out)?;
        }
        writeln!(out, "\n], \"records_seen\": {records}, \"broken\": {broken}}}")
    }

    fn begin(&mut self, out: &mut impl Write) -> io::Result<()> {
        if std::mem::replace(&mut self.began, true) {
            return writeln!(out, ",");
        }
        let session = Value::from(self.session.to_string());
        writeln!(
            out,
            "{{\"kind\": \"session_recording\", \"version\": {VERSION}, \"session\": {session}, \"records\": ["
        )
    }
}
