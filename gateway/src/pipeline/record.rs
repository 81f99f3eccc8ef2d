//! Record: nothing goes upstream before its request is durable, no chunk goes down before it is.
//!
//! What goes down is [`Released`] and may show card numbers. What is kept of it is what is [`Masked`], which then is
//! nothing, and beside it counts, places and keyed digests.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use hoop_approval::Approval;
use hoop_audit::{Counts, Draft, RecordType, RevealFacts};
use hoop_masking::{Findings, Masker, Released, Rule};
use hoop_model::{Decision, ExchangeId, Fault, Reveal, Timestamp};
use hoop_recording::{Attachment, Entry, Failpoint, Packed, Packing, RecordError};

use super::{decide::Command, offload};
use crate::{Gateway, fault, session::Session, trail};

/// One request and all of its answer, as the trail sees it. Ended exactly once: by [`Exchange::end`] or
/// [`Exchange::deliver_last`], or on drop: as `success` after [`Exchange::complete`], else as `client_gone`.
pub struct Exchange {
    pub id: ExchangeId,
    pub session: Arc<Session>,
    gateway: Arc<Gateway>,
    /// Card numbers are shown in the answer, for a while.
    reveal: Option<Reveal>,
    rows: AtomicU64,
    bytes: AtomicU64,
    findings: Mutex<Findings>,
    upstream_id: Mutex<Option<String>>,
    complete: AtomicBool,
    ended: AtomicBool,
}

/// How an exchange ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Success,
    UpstreamError,
    /// The gateway refused to pass the answer on.
    Blocked,
    ClientGone,
    AgentLost,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::UpstreamError => "upstream_error",
            Self::Blocked => "blocked",
            Self::ClientGone => "client_gone",
            Self::AgentLost => "agent_lost",
        }
    }
}

impl Exchange {
    /// Writes the request's record and waits until it is durable.
    pub(super) async fn begin<T>(
        gateway: &Arc<Gateway>,
        session: &Arc<Session>,
        command: Command<T>,
        decision: Decision,
        approval: Option<&Approval>,
    ) -> Result<(T, Self), Fault> {
        let id = ExchangeId::new();
        gateway.recorder.reached_point(Failpoint::Decided);
        let mut draft = requested(gateway, session, &command, &decision, RecordType::Request);
        draft.exchange_id = Some(id);
        draft.approval = approval.map(trail::approval);
        gateway.recorder.append(draft).await.map_err(fault::record)?;
        gateway.recorder.reached_point(Failpoint::RequestRecorded);
        let exchange = Self {
            id,
            session: session.clone(),
            gateway: gateway.clone(),
            reveal: decision.obligations.reveal,
            rows: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            findings: Mutex::new(Findings::default()),
            upstream_id: Mutex::new(None),
            complete: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        };
        Ok((command.request, exchange))
    }

    /// The masker for a piece of the answer that is to be delivered now. Asked for each: what was shown of a result's
    /// beginning is hidden in its rest once its time is over.
    pub fn masker(&self) -> Masker {
        let masker = self.session.masker(&self.gateway);
        match &self.reveal {
            None => masker,
            Some(reveal) if reveal.holds_at(self.gateway.clock.now()) => masker.revealing(),
            Some(_) => masker.after_revealing(),
        }
    }

    /// Until when what was delivered may be delivered again; `None`: for ever.
    pub fn shown_until(&self) -> Option<Timestamp> {
        self.reveal.as_ref().map(|reveal| reveal.until)
    }

    /// Records one piece of the answer, as it will be delivered, and hands it out once the record is durable.
    /// `rows` counts table rows in it, `findings` what masking it found.
    pub async fn deliver(&self, chunk: Released<Vec<u8>>, rows: u64, findings: Findings) -> Result<Vec<u8>, Fault> {
        let (chunk, entries) = self.chunk(chunk, rows, findings).await?;
        self.gateway.recorder.append_all(entries).await.map_err(fault::record)?;
        self.reached(Failpoint::AnswerRecorded);
        Ok(chunk.into_inner())
    }

    /// Takes a large piece of the answer as it is masked, for [`Self::deliver_packed`].
    pub fn packing(&self) -> Result<Packing, Fault> {
        self.gateway.recorder.packing(self.gateway.settings.trail.delivered).map_err(fault::record)
    }

    /// As [`Self::deliver`], compressed: once for the client and the trail.
    pub async fn deliver_packed(&self, mut chunk: Packed, rows: u64, findings: Findings) -> Result<Packed, Fault> {
        let entries = self.entries(chunk.take_attachment(), chunk.length(), rows, findings);
        self.gateway.recorder.append_all(entries).await.map_err(fault::record)?;
        self.reached(Failpoint::AnswerRecorded);
        Ok(chunk)
    }

    /// As [`Self::deliver`] for the whole of an answer, or its last piece: the exchange's end is recorded with it, and
    /// made durable by the same sync.
    pub async fn deliver_last(
        &self,
        chunk: Released<Vec<u8>>,
        rows: u64,
        findings: Findings,
        outcome: Outcome,
    ) -> Result<Vec<u8>, Fault> {
        let (chunk, mut entries) = self.chunk(chunk, rows, findings).await?;
        let last = !self.ended.swap(true, Ordering::AcqRel);
        if last {
            entries.push(self.ending(outcome).into());
        }
        if let Err(error) = self.gateway.recorder.append_all(entries).await {
            // Neither was taken, and the end may be where the answer is not: on a full disk.
            if last {
                self.ended.store(false, Ordering::Release);
                let _ = self.end(Outcome::Blocked).await;
            }
            return Err(fault::record(error));
        }
        self.reached(Failpoint::AnswerRecorded);
        if last {
            self.reached(Failpoint::EndRecorded);
        }
        Ok(chunk.into_inner())
    }

    /// A piece of the answer and its records.
    async fn chunk(
        &self,
        chunk: Released<Vec<u8>>,
        rows: u64,
        findings: Findings,
    ) -> Result<(Released<Vec<u8>>, Vec<Entry>), Fault> {
        let length = chunk.as_ref().len();
        let attached = offload(&self.gateway, length, move |gateway| {
            let kept = chunk.masked().filter(|_| gateway.settings.trail.delivered);
            let kept = kept.map(|masked| gateway.recorder.attach(&masked)).transpose()?;
            Ok::<_, RecordError>((chunk, kept))
        });
        let (chunk, attachment) = attached.await?.map_err(fault::record)?;
        let entries = self.entries(attachment, length, rows, findings);
        Ok((chunk, entries))
    }

    /// One record with what is kept of a piece of the answer beside it, and more of the same kind if there are more distinct
    /// cards in it than one holds.
    fn entries(&self, kept: Option<Attachment>, length: usize, rows: u64, mut findings: Findings) -> Vec<Entry> {
        self.reached(Failpoint::AnswerMasked);
        self.gateway.incidents.answered(&self.session.connection.name);
        let cards = findings.take_digests();
        let mut cards = cards.chunks(CARDS);
        let mut draft = self.draft(RecordType::ResponseChunk);
        draft.reveal = self.revealed(&findings);
        let counts = trail::counts(rows, length as u64, &findings);
        draft.counts = Some(with_cards(counts, cards.next().unwrap_or_default()));
        self.rows.fetch_add(rows, Ordering::Relaxed);
        self.bytes.fetch_add(length as u64, Ordering::Relaxed);
        self.findings.lock().unwrap_or_else(PoisonError::into_inner).merge(&findings);
        let further = cards.map(|cards| {
            let mut draft = self.draft(RecordType::ResponseChunk);
            draft.counts = Some(with_cards(Counts::default(), cards));
            draft.into()
        });
        [Entry::new(draft, kept)].into_iter().chain(further).collect()
    }

    /// The answer, or a piece of it, could not be passed on.
    pub(super) fn unanswered(&self, fault: &Fault) {
        self.gateway.incidents.unanswered(&self.session.connection.name, fault);
    }

    /// The upstream's own id of the work (a Snowflake query id), so that both logs can be joined.
    pub fn upstream_id(&self, id: &str) {
        *self.upstream_id.lock().unwrap_or_else(PoisonError::into_inner) = Some(id.to_owned());
    }

    /// The client has had all of the answer, though it may ask for parts of it again.
    pub fn complete(&self) {
        self.complete.store(true, Ordering::Release);
    }

    /// Closes the exchange in the trail.
    pub async fn end(&self, outcome: Outcome) -> Result<(), Fault> {
        if self.ended.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.gateway.recorder.append(self.ending(outcome)).await.map_err(fault::record)?;
        self.reached(Failpoint::EndRecorded);
        Ok(())
    }

    pub(crate) fn reached(&self, point: Failpoint) {
        self.gateway.recorder.reached_point(point);
    }

    fn ending(&self, outcome: Outcome) -> Draft {
        let mut draft = self.draft(RecordType::End);
        draft.outcome = Some(outcome.as_str().to_owned());
        draft.upstream_id = self.upstream_id.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let findings = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
        draft.reveal = self.revealed(&findings);
        draft.counts =
            Some(trail::counts(self.rows.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed), &findings));
        draft
    }

    /// Under what card numbers were shown, if they were.
    fn revealed(&self, findings: &Findings) -> Option<RevealFacts> {
        let reveal = self.reveal.as_ref().filter(|_| findings.of(Rule::Revealed) > 0)?;
        Some(trail::reveal(&self.gateway, &self.session, reveal))
    }

    fn draft(&self, kind: RecordType) -> Draft {
        let mut draft = trail::of_session(kind, &self.session);
        draft.exchange_id = Some(self.id);
        draft
    }
}

/// Digests of cards in one record, which has at most 64 KiB.
const CARDS: usize = 512;

fn with_cards(counts: Counts, cards: &[String]) -> Counts {
    Counts { cards: cards.to_vec(), ..counts }
}

impl Drop for Exchange {
    /// A client that went away must not leave the exchange open in the trail.
    fn drop(&mut self) {
        if self.ended.swap(true, Ordering::AcqRel) {
            return;
        }
        let outcome = if self.complete.load(Ordering::Acquire) { Outcome::Success } else { Outcome::ClientGone };
        let (gateway, draft) = (self.gateway.clone(), self.ending(outcome));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = gateway.recorder.append(draft).await {
                    tracing::error!(%error, "an exchange's end could not be recorded");
                }
            });
        }
    }
}

pub(super) async fn denied<T>(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    command: &Command<T>,
    decision: &Decision,
) -> Result<(), Fault> {
    let draft = requested(gateway, session, command, decision, RecordType::Denied);
    gateway.recorder.append(draft).await.map_err(fault::record)?;
    gateway.recorder.reached_point(Failpoint::DenialRecorded);
    Ok(())
}

pub(super) async fn approval_requested<T>(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    command: &Command<T>,
    decision: &Decision,
    approval: &Approval,
) -> Result<(), Fault> {
    let mut draft = requested(gateway, session, command, decision, RecordType::ApprovalRequested);
    draft.approval = Some(trail::approval(approval));
    let draft = trail::until(draft, approval).detail("quorum", approval.request().quorum().to_string());
    gateway.recorder.append(draft).await.map_err(fault::record)?;
    gateway.recorder.reached_point(Failpoint::HoldRecorded);
    Ok(())
}

fn requested<T>(
    gateway: &Gateway,
    session: &Session,
    command: &Command<T>,
    decision: &Decision,
    kind: RecordType,
) -> Draft {
    let mut draft = trail::of_session(kind, session);
    draft.command = Some(hoop_recording::text(&command.text));
    draft.command_digest = Some(gateway.keyed_digest(&command.exact));
    draft.action = Some(command.action());
    draft.resources = command.asks.iter().map(|(_, resource)| trail::masked(gateway, &resource.to_string())).collect();
    draft.decision = Some(trail::decision(gateway, decision, &command.reasons));
    draft.reveal = decision.obligations.reveal.as_ref().map(|reveal| trail::reveal(gateway, session, reveal));
    let cards: Vec<String> = command.findings.digests().take(CARDS).map(str::to_owned).collect();
    draft.counts = Some(with_cards(trail::counts(0, 0, &command.findings), &cards));
    draft
}
