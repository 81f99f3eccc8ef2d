//! `hoopctl sessions replay`: what happened, in its own time or faster, each record verified as it comes.

use std::{
    io::{BufWriter, Read, Stdout},
    time::Duration,
};

use hoop_audit::{
    PayloadOf, Record, RecordType, Replay as Chain, Replayed,
    payload::{KeyId, Payload},
    segment,
};
use hoop_model::{Clock, SessionId, SystemClock, Timestamp};
use serde_json::{Value, json};

use super::{checked, delivered, document::Document, page::Page};
use crate::{
    args::{Follow, Format, Look, Replay, Speed},
    exit::{Exit, Failure},
    gateway::Gateway,
    output::{Printer, human, stdout_is_terminal},
};

/// Longest payload that is unpacked to be shown, in bytes.
const SHOWN: u64 = 16 * 1024 * 1024;
/// Longest wait between two records, however long nothing happened.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

pub(crate) async fn run(gateway: &Gateway, args: Replay, printer: Printer) -> Result<u8, Failure> {
    let Replay { id, at, speed, look } = args;
    show(gateway, &id, false, Screen::new(checked(&id)?, at, speed, look, printer)?).await
}

/// The same of a session that goes on, until it ends.
pub(crate) async fn follow(gateway: &Gateway, args: Follow, printer: Printer) -> Result<u8, Failure> {
    let Follow { id, look } = args;
    show(gateway, &id, true, Screen::new(checked(&id)?, 0.0, Speed::Max, look, printer)?).await
}

async fn show(gateway: &Gateway, id: &str, follow: bool, mut screen: Screen) -> Result<u8, Failure> {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("follow", if follow { "true" } else { "false" });
    if screen.at > 0.0 {
        query.append_pair("at", &screen.at.to_string());
    }
    if let Some(reason) = &screen.look.reason {
        query.append_pair("reason", reason);
    }
    let path = format!("/v1/sessions/{id}/recording?{}", query.finish());
    gateway.stream(&path, async |piece| screen.take(piece).await).await?;
    screen.finish()
}

struct Screen {
    /// Seconds after the session's start.
    at: f64,
    speed: Speed,
    look: Look,
    printer: Printer,
    /// Of the formats that have a beginning and an end, the one that is written.
    page: Option<Page<BufWriter<Stdout>>>,
    whole: Document,
    stream: segment::Stream,
    chain: Chain,
    payload: Option<Kept>,
    began: Option<Timestamp>,
    latest: Option<Timestamp>,
    exchanges: u64,
    records: u64,
    broken: u64,
}

/// A payload until its record comes.
pub(super) struct Kept {
    seq: u64,
    codec: hoop_audit::payload::Codec,
    sealed_by: Option<KeyId>,
    salt: [u8; 32],
    stored: Vec<u8>,
}

impl Kept {
    pub(super) fn of(payload: &Payload<'_>) -> Self {
        let Payload { seq, codec, sealed_by, salt, stored } = *payload;
        Self { seq, codec, sealed_by, salt: *salt, stored: stored.to_vec() }
    }

    pub(super) fn payload(&self) -> Payload<'_> {
        let Self { seq, codec, sealed_by, salt, stored } = self;
        Payload { seq: *seq, codec: *codec, sealed_by: *sealed_by, salt, stored }
    }
}

impl Screen {
    fn new(id: SessionId, at: f64, speed: Speed, look: Look, printer: Printer) -> Result<Self, Failure> {
        let html = look.format == Format::Html;
        if html && stdout_is_terminal() {
            let text = format!("a page is for a browser, not for a terminal: add > {id}.html");
            return Err(Failure::new(Exit::Usage, "not_a_file", text));
        }
        Ok(Self {
            page: html.then(|| Page::to_stdout(id, look.rows)),
            whole: Document::of(id),
            at,
            speed,
            look,
            printer,
            stream: segment::Stream::default(),
            chain: Chain::of(id, SystemClock.now()).from(at),
            payload: None,
            began: None,
            latest: None,
            exchanges: 0,
            records: 0,
            broken: 0,
        })
    }

    async fn take(&mut self, piece: &[u8]) -> Result<(), Failure> {
        self.stream.push(piece);
        loop {
            let frame = self.stream.next_frame().map_err(|error| garbled(&error))?;
            let record = match frame {
                None => return Ok(()),
                Some(segment::Frame::Payload(payload)) => {
                    self.payload = Some(Kept::of(&payload));
                    continue;
                }
                Some(segment::Frame::Record(record)) => record.to_vec(),
                Some(_) => continue,
            };
            let kept = self.payload.take();
            let payload = kept.as_ref().map(Kept::payload);
            let replayed = self.chain.take(&record, payload.as_ref()).map_err(|error| garbled(&error))?;
            self.records += 1;
            self.broken += u64::from(replayed.problem.is_some());
            if replayed.record.draft.kind == RecordType::Request {
                self.exchanges += 1;
            }
            if let Some(page) = &mut self.page {
                page.count(&replayed)?;
            }
            self.show(&replayed, payload.as_ref()).await?;
        }
    }

    async fn show(&mut self, replayed: &Replayed, payload: Option<&Payload<'_>>) -> Result<(), Failure> {
        let record = &replayed.record;
        let began = *self.began.get_or_insert(record.ts);
        let since = Duration::try_from(record.ts.duration_since(began)).unwrap_or_default();
        if since.as_secs_f64() < self.at {
            return Ok(());
        }
        if let (Speed::Times(times), Some(latest)) = (self.speed, self.latest) {
            let pause = Duration::try_from(record.ts.duration_since(latest)).unwrap_or_default();
            tokio::time::sleep(pause.div_f64(times).min(LONGEST_WAIT)).await;
        }
        self.latest = Some(record.ts);
        let delivered = payload.and_then(|payload| unpacked(record, payload));
        match self.look.format {
            Format::Ndjson => self.printer.line("session_record", &document(replayed, delivered.as_deref())),
            Format::Json => self.whole.record(&document(replayed, delivered.as_deref()))?,
            Format::Html => {
                if let Some(page) = &mut self.page {
                    page.show(replayed, since, delivered.as_deref())?;
                }
            }
            Format::Table => self.words(replayed, since, delivered.as_deref()),
        }
        Ok(())
    }

    fn words(&self, replayed: &Replayed, since: Duration, delivered: Option<&[u8]>) {
        let record = &replayed.record;
        let draft = &record.draft;
        let mut lines = vec![format!("{} {}", clock(since), line(record, self.exchanges))];
        if let Some(command) = &draft.command {
            lines.push(format!("             {}", human::plain(command)));
        }
        let bytes = delivered.filter(|_| draft.payload.as_ref().is_some_and(|facts| facts.of == PayloadOf::Delivered));
        if let Some(bytes) = bytes {
            let shown = delivered::shown(bytes, self.look.rows);
            lines.extend(shown.lines().map(|line| format!("             │ {line}")));
        }
        if replayed.may_be_purged {
            lines.push(
                "             what belongs to it was purged, or taken away: `hoopctl audit verify` says which"
                    .to_owned(),
            );
        }
        if let Some(problem) = &replayed.problem {
            lines.push(human::alarming(&format!("             NOT AS WRITTEN: {problem}")));
        }
        self.printer.text(&lines.join("\n"));
    }

    fn finish(self) -> Result<u8, Failure> {
        if !self.stream.is_at_end() || self.records == 0 {
            return Err(garbled(&"it broke off"));
        }
        let Self { at, records, exchanges, broken, .. } = self;
        if let Some(page) = self.page {
            page.end(broken)?;
        }
        if self.look.format == Format::Json {
            self.whole.end(records, broken)?;
        }
        if broken > 0 {
            let text = format!("{broken} of {records} records do not hold; see `hoopctl audit verify`");
            return Err(Failure::new(Exit::Tampered, "bad_recording", text));
        }
        let since = if at > 0.0 { " from there on" } else { "" };
        self.printer.say(&format!(
            "{records} records, {exchanges} exchanges: each follows the one before it, and what was delivered{since} is \
             what was recorded"
        ));
        Ok(Exit::Ok as u8)
    }
}

fn document(replayed: &Replayed, delivered: Option<&[u8]>) -> Value {
    let body = delivered.map(|bytes| match serde_json::from_slice::<Value>(bytes) {
        Ok(document) => document,
        Err(_) => Value::String(String::from_utf8_lossy(bytes).into_owned()),
    });
    let problem = replayed.problem.as_ref().map(ToString::to_string);
    json!({ "record": replayed.record, "delivered": body, "problem": problem, "may_be_purged": replayed.may_be_purged })
}

pub(super) fn garbled(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(
        Exit::Failed,
        "bad_recording",
        format!("the recording cannot be read: {error}; `hoopctl audit verify` says whether the trail holds"),
    )
}

/// What a payload holds, where that is not too much to show.
fn unpacked(record: &Record, payload: &Payload<'_>) -> Option<Vec<u8>> {
    record.draft.payload.as_ref().filter(|facts| facts.length <= SHOWN)?;
    let mut bytes = Vec::new();
    payload.open().ok()?.take(SHOWN).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

pub(super) fn clock(since: Duration) -> String {
    let seconds = since.as_secs();
    format!("+{:02}:{:02}.{:03}", seconds / 60, seconds % 60, since.subsec_millis())
}

/// A record in one line.
fn line(record: &Record, exchange: u64) -> String {
    let draft = &record.draft;
    let mut parts = Vec::new();
    match draft.kind {
        RecordType::SessionStart => {
            parts.push("START".to_owned());
            if let Some(origin) = &draft.origin {
                let who = origin.email.as_ref().unwrap_or(&origin.subject.sub);
                parts.push(format!("{} from {}", human::plain(who), origin.client_ip));
            }
            parts.extend(draft.connection.as_ref().map(|connection| format!("on {connection}")));
            parts.push(record.ts.to_string());
        }
        RecordType::SessionEnd => parts.push("END".to_owned()),
        RecordType::Request => parts.push(format!("#{exchange}")),
        RecordType::ResponseChunk => parts.push("  └ delivered".to_owned()),
        RecordType::End => parts.push("  └ end".to_owned()),
        RecordType::Denied => parts.push("DENIED".to_owned()),
        RecordType::ApprovalRequested => parts.push("HELD".to_owned()),
        RecordType::ApprovalDecided => parts.push("DECIDED".to_owned()),
        kind => parts.push(format!("{kind:?}")),
    }
    parts.extend(draft.action.map(|action| action.as_str().to_owned()));
    if let Some(decision) = &draft.decision {
        parts.push(format!("{} {}", effect(decision.effect), human::plain(&decision.rules.join(", "))));
    }
    if let Some(approval) = &draft.approval {
        let by: Vec<String> = approval.votes.iter().map(|vote| human::plain(&vote.approver.sub)).collect();
        parts.push(format!("{} {}", approval.id, by.join(", ")));
    }
    parts.extend(draft.outcome.as_deref().map(human::plain));
    if let Some(counts) = &draft.counts {
        if counts.rows > 0 {
            parts.push(format!("{} rows", counts.rows));
        }
        if counts.bytes > 0 {
            parts.push(format!("{} bytes", counts.bytes));
        }
        parts.extend(counts.masked.iter().map(|(rule, count)| format!("{rule} masked {count}×")));
    }
    if draft.reveal.is_some() {
        parts.push("card numbers shown".to_owned());
    }
    parts.extend(draft.upstream_id.as_ref().map(|id| format!("upstream {}", human::plain(id))));
    parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("  ")
}

fn effect(effect: hoop_model::Effect) -> &'static str {
    match effect {
        hoop_model::Effect::Allow => "allowed",
        hoop_model::Effect::Hold => "held",
        hoop_model::Effect::Deny => "denied",
    }
}
