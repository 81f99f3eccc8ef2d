//! What a test asks of the double in the statement itself: `/*hoop: rows=100000 chunks=4 format=arrow */`.
//!
//! | switch | effect |
//! |---|---|
//! | `rows=N` | a generated table of N payments (ID, CARD_NUMBER, PAN, AMOUNT, NOTE) instead of running the statement |
//! | `table=payments\|types` | which generated table; `types` has a column of every type |
//! | `chunks=N` | the result in N chunks after a first inline batch (`inline=0` leaves that one out) |
//! | `format=arrow\|json` | whatever the client |
//! | `pan=int64\|decimal128` | Arrow width of the PAN column; `pan=mixed` changes it from batch to batch |
//! | `secret=headers\|qrmk\|none` | what chunk downloads must show: `chunkHeaders` (default), `qrmk`, nothing |
//! | `gzip=off` | chunk bodies as they are |
//! | `slow-chunk=N:DURATION` | chunk N (from 0) sends its first byte late |
//! | `hold=DURATION` | the statement takes that long; the driver is told to poll at once (333333) |
//! | `ping=DURATION` | how long one poll waits before it says "not yet" (1 s) |
//! | `block=DURATION` | the first POST is held that long, without polling |
//! | `code=NNNNNN[-once]` | this refusal instead of running; `-once` per request id |
//! | `http=NNN[-once]` | this HTTP status instead of an answer |
//! | `error=TEXT` | error 100038 that repeats TEXT (no spaces) |
//!
//! A duration is `250ms`, `5s` or `2m`. Unknown switches and bad values are errors, so that a typing mistake cannot pass.

use std::time::Duration;

use super::failure::Failure;
use super::made::{Made, What};
use super::table::{Table, Width};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Arrow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChunkSecret {
    Headers,
    Qrmk,
    None,
}

/// An answer for every attempt, or only for the first of a request id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scripted<T> {
    pub(crate) answer: T,
    pub(crate) once: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Switches {
    rows: Option<usize>,
    what: What,
    pub(crate) chunks: usize,
    pub(crate) inline: bool,
    pub(crate) format: Option<Format>,
    pan: Width,
    pub(crate) mixed: bool,
    pub(crate) secret: ChunkSecret,
    pub(crate) gzip: bool,
    pub(crate) slow_chunk: Option<(usize, Duration)>,
    pub(crate) hold: Option<Duration>,
    pub(crate) ping: Duration,
    pub(crate) block: Option<Duration>,
    pub(crate) code: Option<Scripted<String>>,
    pub(crate) http: Option<Scripted<u16>>,
    pub(crate) error: Option<String>,
    /// The switch text itself: equal texts make equal generated chunks.
    pub(crate) text: String,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            rows: None,
            what: What::Payments,
            chunks: 0,
            inline: true,
            format: None,
            pan: Width::Int64,
            mixed: false,
            secret: ChunkSecret::Headers,
            gzip: true,
            slow_chunk: None,
            hold: None,
            ping: Duration::from_secs(1),
            block: None,
            code: None,
            http: None,
            error: None,
            text: String::new(),
        }
    }
}

impl Switches {
    pub(crate) fn read(sql: &str) -> Result<Self, Failure> {
        let mut switches = Self::default();
        let Some(comment) = sql.split_once("/*hoop:").and_then(|(_, rest)| rest.split_once("*/")) else {
            return Ok(switches);
        };
        switches.text = comment.0.trim().to_owned();
        for pair in comment.0.split_whitespace() {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            switches.set(name, value).ok_or_else(|| Failure::syntax(&format!("test switch not understood: {pair}")))?;
        }
        Ok(switches)
    }

    fn set(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "rows" => self.rows = Some(value.parse().ok()?),
            "table" => {
                self.what = match value {
                    "payments" => What::Payments,
                    "types" => What::Types,
                    _ => return None,
                };
            }
            "chunks" => self.chunks = value.parse().ok()?,
            "inline" => self.inline = value != "0",
            "format" => {
                self.format = Some(match value {
                    "arrow" => Format::Arrow,
                    "json" => Format::Json,
                    _ => return None,
                });
            }
            "pan" => match value {
                "int64" => self.pan = Width::Int64,
                "decimal128" => self.pan = Width::Decimal128,
                "mixed" => self.mixed = true,
                _ => return None,
            },
            "secret" => {
                self.secret = match value {
                    "headers" => ChunkSecret::Headers,
                    "qrmk" => ChunkSecret::Qrmk,
                    "none" => ChunkSecret::None,
                    _ => return None,
                };
            }
            "gzip" => self.gzip = value != "off",
            "slow-chunk" => {
                let (chunk, delay) = value.split_once(':')?;
                self.slow_chunk = Some((chunk.parse().ok()?, duration(delay)?));
            }
            "hold" => self.hold = Some(duration(value)?),
            "ping" => self.ping = duration(value)?,
            "block" => self.block = Some(duration(value)?),
            "code" => {
                let scripted = scripted::<u32>(value)?;
                self.code = Some(Scripted { answer: format!("{:06}", scripted.answer), once: scripted.once });
            }
            "http" => self.http = Some(scripted(value)?),
            "error" => self.error = Some(value.to_owned()),
            _ => return None,
        }
        Some(())
    }

    /// The generated table, where one was asked for.
    pub(crate) fn table(&self) -> Option<Table> {
        let rows = self.rows.or_else(|| (self.what == What::Types).then_some(5))?;
        Some(Made { rows, what: self.what }.table(self.pan))
    }
}

fn scripted<T: std::str::FromStr>(value: &str) -> Option<Scripted<T>> {
    let (answer, once) = value.strip_suffix("-once").map_or((value, false), |answer| (answer, true));
    Some(Scripted { answer: answer.parse().ok()?, once })
}

fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(number.checked_mul(60)?)),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn switches_are_read_from_the_comment() {
        let switches =
            Switches::read("select 1 /*hoop: rows=10 chunks=2 hold=250ms code=390112-once slow-chunk=1:5s */").unwrap();
        assert_eq!(switches.table().unwrap().len(), 10);
        assert_eq!((switches.chunks, switches.hold), (2, Some(Duration::from_millis(250))));
        assert_eq!(switches.code, Some(Scripted { answer: "390112".to_owned(), once: true }));
        assert_eq!(switches.slow_chunk, Some((1, Duration::from_secs(5))));
        assert!(Switches::read("select 1").unwrap().table().is_none());
    }

    #[test]
    fn a_mistyped_switch_is_an_error() {
        for sql in ["/*hoop: row=1*/", "/*hoop: rows=x*/", "/*hoop: hold=5*/", "/*hoop: format=xml*/"] {
            assert!(Switches::read(sql).is_err(), "{sql}");
        }
    }
}
