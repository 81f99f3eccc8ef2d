//! A session as one page of HTML, for whoever has no `hoopctl`: written as the records come, so that a long session takes
//! no more memory than a short one. It has no script and loads nothing, and says so to the browser; all that was recorded
//! is text in it.
//!
//! The sum is written last and shown first. A page that broke off has none, and says so by itself.

mod delivered;
mod markup;
mod record;

use std::{
    collections::HashMap,
    io::{self, BufWriter, Stdout, Write},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use hoop_audit::{Hash, RecordType, Replayed};
use hoop_model::{ApprovalId, ExchangeId, SessionId, Timestamp};
use markup::{escaped, line, number};

const STYLE: &str = include_str!("style.css");
/// Requests that wait at a time, and exchanges; of more, how long they waited or which they are is not told.
const MOST: usize = 10_000;

pub(super) struct Page<W: Write> {
    out: W,
    session: SessionId,
    rows: usize,
    began: bool,
    sums: Sums,
    /// When what waits was asked for.
    held: HashMap<ApprovalId, Timestamp>,
    /// The numbers of those that have not ended.
    exchanges: HashMap<ExchangeId, u64>,
}

#[derive(Default)]
struct Sums {
    records: u64,
    exchanges: u64,
    held: u64,
    denied: u64,
    rows: u64,
    masked: u64,
    shown: u64,
    ended: bool,
}

impl Page<BufWriter<Stdout>> {
    pub(super) fn to_stdout(session: SessionId, rows: usize) -> Self {
        Self::new(BufWriter::new(io::stdout()), session, rows)
    }
}

impl<W: Write> Page<W> {
    fn new(out: W, session: SessionId, rows: usize) -> Self {
        let (held, exchanges) = (HashMap::new(), HashMap::new());
        Self { out, session, rows, began: false, sums: Sums::default(), held, exchanges }
    }

    /// Takes note of the next record, whether it is shown or not.
    pub(super) fn count(&mut self, replayed: &Replayed) -> io::Result<()> {
        let draft = &replayed.record.draft;
        if !self.began {
            self.begin(replayed)?;
        }
        self.sums.records += 1;
        match draft.kind {
            RecordType::Request => self.sums.exchanges += 1,
            RecordType::ApprovalRequested => self.sums.held += 1,
            RecordType::SessionEnd => self.sums.ended = true,
            RecordType::Denied => self.sums.denied += 1,
            RecordType::End => {
                if let Some(counts) = &draft.counts {
                    self.sums.rows += counts.rows;
                    self.sums.masked += counts.masked.values().sum::<u64>();
                    self.sums.shown += counts.revealed.iter().map(|revealed| revealed.count).sum::<u64>();
                }
            }
            _ => {}
        }
        if let (RecordType::Request, Some(id)) = (draft.kind, draft.exchange_id)
            && self.exchanges.len() < MOST
        {
            self.exchanges.insert(id, self.sums.exchanges);
        }
        if let (RecordType::ApprovalRequested, Some(approval)) = (draft.kind, &draft.approval)
            && self.held.len() < MOST
        {
            self.held.insert(approval.id, replayed.record.ts);
        }
        Ok(())
    }

    /// Shows a record, and what was delivered with it.
    pub(super) fn show(&mut self, replayed: &Replayed, since: Duration, delivered: Option<&[u8]>) -> io::Result<()> {
        let draft = &replayed.record.draft;
        let exchange = draft.exchange_id.and_then(|id| match draft.kind {
            RecordType::End => self.exchanges.remove(&id),
            _ => self.exchanges.get(&id).copied(),
        });
        let waited_from = draft.approval.as_ref().filter(|_| draft.kind == RecordType::Request);
        let waited_from = waited_from.and_then(|approval| self.held.remove(&approval.id));
        let context = record::Context { since, exchange, waited_from, rows: self.rows };
        self.out.write_all(record::entry(replayed, &context, delivered).as_bytes())?;
        // Whoever follows a session reads what is there.
        self.out.flush()
    }

    fn begin(&mut self, first: &Replayed) -> io::Result<()> {
        self.began = true;
        let record = &first.record;
        // Nothing but this very style: neither a script nor another's look would be taken.
        let style = BASE64_STANDARD.encode(Hash::of(STYLE.as_bytes()).as_bytes());
        let policy = format!("default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'");
        let mut facts = vec![("Session", escaped(&self.session.to_string()))];
        if let Some(origin) = &record.draft.origin {
            let mut who = line(&origin.subject.sub);
            if let Some(email) = &origin.email {
                who = format!("{} <small>{who}</small>", line(email));
            }
            let groups: Vec<_> = origin.groups.iter().map(ToString::to_string).collect();
            facts.push(("Who", format!("{who} <small>verified by {}</small>", line(&origin.subject.issuer))));
            facts.push(("Groups", line(&groups.join(", "))));
            facts.push(("From", escaped(&origin.client_ip.to_string())));
        }
        if let Some(connection) = &record.draft.connection {
            facts.push(("Connection", line(connection.as_str())));
        }
        if let Some(reason) = record.draft.detail.get("reason") {
            facts.push(("Reason", line(reason)));
        }
        facts.push(("Began", format!("{} UTC", record::second(record.ts))));
        let facts: String = facts.iter().map(|(name, value)| format!("<dt>{name}</dt><dd>{value}</dd>")).collect();
        write!(
            self.out,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta \
             http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n<meta name=\"referrer\" \
             content=\"no-referrer\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>Session \
             {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>Session</h1>\n<dl>{facts}</dl>\n\
             </header>\n<main>\n<h2>What happened</h2>\n<ol>\n",
            escaped(&self.session.to_string())
        )
    }

    /// All records were shown; `broken` of them are not as they were written.
    pub(super) fn end(mut self, broken: u64) -> io::Result<()> {
        let Sums { records, exchanges, held, denied, rows, masked, shown, ended } = self.sums;
        let (class, verdict) = match broken {
            0 => (
                "good",
                format!(
                    "Verified: each of the {} records follows the one before it, and what was delivered is what was \
                     recorded",
                    number(records)
                ),
            ),
            _ => ("bad", format!("NOT AS WRITTEN: {} of {} records do not hold", number(broken), number(records))),
        };
        let goes_on = if ended { "" } else { "The session had not ended by then. " };
        let tiles = [
            (exchanges, "exchanges"),
            (held, "waited for others"),
            (denied, "denied"),
            (rows, "rows"),
            (masked, "values masked"),
            (shown, "card numbers shown"),
        ];
        let tiles: String = tiles.iter().map(|(count, of)| format!("<li><b>{}</b>{of}</li>", number(*count))).collect();
        write!(
            self.out,
            "</ol>\n</main>\n<section class=\"sum\">\n<p class=\"verdict {class}\">{verdict}</p>\n<p class=\"note\">By \
             hoopctl {}, as it made this page. {goes_on}That these records are in the signed log, <code>hoopctl audit \
             verify</code> says; this page cannot vouch for itself.</p>\n<ul class=\"tiles\">{tiles}</ul>\n</section>\n\
             </body>\n</html>\n",
            env!("CARGO_PKG_VERSION")
        )?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use hoop_audit::{Chain, Draft, Origin, Replay};
    use hoop_model::{Assurance, Clock, PrincipalKind, Subject, SystemClock};

    use super::*;

    /// A session in which everything that can be is hostile; the records, and whether the page is ended.
    fn page(ends: bool) -> String {
        let hostile = "</style></pre><script>alert(1)</script><img src=x onerror=y>\u{202e}\u{1b}[2J\"'";
        let session = SessionId::new();
        let (mut chain, mut replay) = (Chain::default(), Replay::of(session, SystemClock.now()));
        let mut bytes = Vec::new();
        let mut page = Page::new(&mut bytes, session, 10);
        for kind in [RecordType::SessionStart, RecordType::Request, RecordType::Denied, RecordType::SessionEnd] {
            let mut draft = Draft::new(kind).detail("reason", hostile).detail(hostile, hostile);
            draft.session_id = Some(session);
            draft.command = Some(hostile.to_owned());
            draft.outcome = Some(hostile.to_owned());
            draft.upstream_id = Some(hostile.to_owned());
            draft.resources = vec![hostile.to_owned()];
            draft.origin = Some(Origin {
                subject: Subject { issuer: hostile.to_owned(), sub: hostile.to_owned() },
                kind: PrincipalKind::Person,
                email: Some(hostile.to_owned()),
                groups: Vec::new(),
                assurance: Assurance::default(),
                client_ip: std::net::Ipv4Addr::LOCALHOST.into(),
            });
            let stored = chain.place(draft, SystemClock.now()).unwrap();
            chain.take(&stored);
            let replayed = replay.take(&stored.bytes, None).unwrap();
            page.count(&replayed).unwrap();
            page.show(&replayed, Duration::ZERO, Some(hostile.as_bytes())).unwrap();
        }
        if ends {
            page.end(0).unwrap();
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn whatever_was_recorded_is_text() {
        let page = page(true);
        for tag in ["<script", "<img", "</style></pre>", "\u{202e}", "\u{1b}"] {
            assert!(!page.contains(tag), "{tag:?}: {page}");
        }
        assert_eq!((page.matches("<style").count(), page.matches("</style").count()), (1, 1));
        // No attribute has anything of it: they are all of a few words.
        for attribute in page.split("=\"").skip(5).filter_map(|rest| rest.split('"').next()) {
            assert!(attribute.chars().all(|c| c.is_ascii_alphanumeric() || " -=".contains(c)), "{attribute}");
        }
        assert!(
            page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && page.contains(r"\u{202e}\u{1b}[2J"),
            "{page}"
        );
    }

    #[test]
    fn a_page_that_broke_off_has_no_verdict() {
        let (whole, cut) = (page(true), page(false));
        assert!(!whole.contains("had not ended"), "{whole}");
        assert!(whole.contains("verdict good") && whole.trim_end().ends_with("</html>"));
        assert!(!cut.contains("verdict good") && !cut.contains("</main>"));
    }
}
