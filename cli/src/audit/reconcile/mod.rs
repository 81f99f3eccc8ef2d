//! `hoopctl audit reconcile`: Snowflake's own history against the trail, to find what went round the gateway.

mod history;
mod join;

use std::path::{Path, PathBuf};

use hoop_audit::Record;
use hoop_model::ConnectionName;
use join::{Join, Reconciled};
use serde_json::json;

use super::source::{Piece, Source};
use crate::{
    args::ReconcileTrail,
    connect::connection_name,
    exit::{Exit, Failure},
    output::{Printer, human},
};

/// Statements, logins and query ids that are told in words; JSON has all of them.
const TOLD: usize = 20;

/// What is to be held against the trail.
pub(super) struct Reconcile {
    connection: ConnectionName,
    args: ReconcileTrail,
}

impl Reconcile {
    pub(super) fn new(args: ReconcileTrail) -> Result<Self, Failure> {
        Ok(Self { connection: connection_name(&args.connection)?, args })
    }

    /// Of a trail that is verified.
    pub(super) fn against(self, trail: &Path) -> Result<Reconciled, Failure> {
        let Self { connection, args: ReconcileTrail { history, logins, user, agent_ip, .. } } = self;
        let queries = history::queries(&history, &user)?;
        let logins = logins.map(|path: PathBuf| history::logins(&path, &user)).transpose()?.unwrap_or_default();
        let mut join = Join::new(connection, queries, logins, agent_ip);
        Source::at(trail)?.read(&mut |piece| {
            let Piece::Record(stored) = piece else { return Ok(()) };
            let record: Record = serde_json::from_slice(stored).map_err(|error| {
                Failure::new(Exit::Tampered, "bad_trail", format!("a record of the trail cannot be read: {error}"))
            })?;
            join.take(&record);
            Ok(())
        })?;
        Ok(join.finish())
    }
}

pub(super) fn print(reconciled: &Reconciled, printer: Printer) -> u8 {
    let exit = if reconciled.holds() { Exit::Ok } else { Exit::Tampered };
    let document = json!({ "exit": exit as u8, "reconciled": reconciled });
    printer.result("audit_reconcile", &document, |_| words(reconciled));
    exit as u8
}

fn words(reconciled: &Reconciled) -> String {
    let Reconciled { by_query_id, by_tag, logins, round, round_logins, unknown } = reconciled;
    let mut text =
        format!("{by_query_id} statements are in the trail by their query id, {by_tag} by their tag and time");
    if *logins > 0 || !round_logins.is_empty() {
        text.push_str(&format!("; {logins} logins belong to a session"));
    }
    text.push('\n');
    let round_lines = round
        .iter()
        .map(|one| format!("{}  query {} by {}", one.at, human::plain(&one.query_id), human::plain(&one.user)));
    lines(&mut text, "ROUND THE GATEWAY", round.len(), round_lines);
    let login_lines = round_logins.iter().map(|one| {
        let (user, ip, client) = (human::plain(&one.user), human::plain(&one.client_ip), human::plain(&one.client));
        format!("{}  login of {user} from {ip} {client}", one.at)
    });
    lines(&mut text, "LOGGED IN ROUND THE GATEWAY", round_logins.len(), login_lines);
    let unknown_lines =
        unknown.iter().map(|one| format!("{}  query {} of record {}", one.at, human::plain(&one.query_id), one.record));
    lines(&mut text, "in the trail, and not in Snowflake's history", unknown.len(), unknown_lines);
    text.push_str(match (reconciled.holds(), unknown.is_empty()) {
        (false, _) => {
            "somebody reached Snowflake with the gateway's user and without the gateway: change its credentials"
        }
        (true, false) => "nothing went round the gateway; the history lacks statements: is it of all of that time?",
        (true, true) => "nothing went round the gateway",
    });
    text
}

fn lines(text: &mut String, title: &str, count: usize, lines: impl Iterator<Item = String>) {
    if count > 0 {
        text.push_str(&format!("{title}: {count}\n"));
    }
    lines.take(TOLD).for_each(|line| text.push_str(&format!("  {line}\n")));
    if count > TOLD {
        text.push_str(&format!("  … and {} more\n", count - TOLD));
    }
}
