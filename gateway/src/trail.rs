//! What the gateway says in the trail beside exchanges: logins, sessions, agents, decisions, configuration.

use std::{collections::BTreeMap, net::IpAddr};

use hoop_approval::Approval;
use hoop_audit::{
    ApprovalFacts, Counts, DecisionFacts, Draft, EVIDENCE, Hash, MANIFEST, MaskedAt, Origin, ReceiptFacts, RecordType,
    RevealFacts, RevealedAt, VerifyingKey, VoteFacts,
};
use hoop_masking::{Finding, Findings, Rule};
use hoop_mcp::pin::{self, Change};
use hoop_model::{AgentId, ApprovalId, ConnectionName, Decision, Fault, Principal, Reveal, Timestamp};
use hoop_recording::Failpoint;
use hoop_store::{CardSearch, HoldOf, LegalHold, Login};
use hoop_wire::{enrol::AgentCertificate, login::Grant, open::SessionRequest};

use crate::{Gateway, api::Caller, fault, session::Session, tools::Verdict};

async fn write(gateway: &Gateway, draft: Draft) -> Result<(), Fault> {
    gateway.recorder.append(draft).await.map(drop).map_err(fault::record)
}

/// A draft with all that a session says of itself.
pub(crate) fn of_session(kind: RecordType, session: &Session) -> Draft {
    let mut draft = Draft::new(kind);
    draft.session_id = Some(session.id);
    draft.origin = Some(Origin::of(&session.principal(), session.client_ip));
    draft.connection = Some(session.connection.name.clone());
    draft.protocol = Some(session.connection.kind);
    draft
}

/// Reasons name what was asked for, and a table or tool may be called anything.
pub(crate) fn decision(gateway: &Gateway, decision: &Decision, why: &[String]) -> DecisionFacts {
    let shown = decision.obligations.reveal.as_ref().map(ToString::to_string);
    let reasons = decision.reasons.iter().chain(why).chain(&shown).map(|reason| masked(gateway, reason)).collect();
    DecisionFacts {
        effect: decision.effect,
        rules: decision.rules.clone(),
        policy_digest: decision.policy_digest.clone(),
        reasons,
    }
}

/// Under what the session's card numbers are shown.
pub(crate) fn reveal(gateway: &Gateway, session: &Session, reveal: &Reveal) -> RevealFacts {
    RevealFacts {
        rules: reveal.rules.iter().cloned().collect(),
        needs: reveal.needs.iter().map(|need| masked(gateway, need)).collect(),
        until: reveal.until,
        reason: masked(gateway, session.reason.as_deref().unwrap_or_default()),
    }
}

pub(crate) fn approval(approval: &Approval) -> ApprovalFacts {
    let votes = approval.approvers().iter().map(|vote| VoteFacts {
        approver: vote.by.clone(),
        at: vote.at,
        reason: vote.reason.clone(),
    });
    ApprovalFacts {
        id: approval.request().id,
        state: approval.state().as_str().to_owned(),
        binding: approval.request().binding.as_str().to_owned(),
        votes: votes.collect(),
    }
}

/// Until when a request waits, or what was approved may run.
pub(crate) fn until(draft: Draft, approval: &Approval) -> Draft {
    match approval.next_deadline() {
        Some(end) => draft.detail("expires_at", end.to_string()),
        None => draft,
    }
}

pub(crate) fn counts(rows: u64, bytes: u64, findings: &Findings) -> Counts {
    let mut masked = BTreeMap::<String, u64>::new();
    for finding in findings.iter().filter(|finding| finding.rule != Rule::Revealed) {
        *masked.entry(finding.rule.as_str().to_owned()).or_default() += finding.count;
    }
    Counts { rows, bytes, masked, places: places(findings), cards: Vec::new(), revealed: revealed(findings) }
}

/// Of places the first, should names be so long that a record would not hold all.
const MOST: usize = 256;

fn places(findings: &Findings) -> Vec<MaskedAt> {
    let place =
        |finding: Finding| MaskedAt { at: finding.at, rule: finding.rule.as_str().to_owned(), count: finding.count };
    findings.iter().filter(|finding| finding.rule != Rule::Revealed).take(MOST).map(place).collect()
}

fn revealed(findings: &Findings) -> Vec<RevealedAt> {
    let place = |finding: Finding| RevealedAt { at: finding.at, count: finding.count };
    findings.iter().filter(|finding| finding.rule == Rule::Revealed).take(MOST).map(place).collect()
}

pub(crate) async fn configured(gateway: &Gateway) -> Result<(), Fault> {
    let draft = Draft::new(RecordType::Config)
        .detail("settings_digest", &gateway.settings.digest)
        .detail("connections", gateway.settings.connections.len().to_string());
    write(gateway, draft).await
}

/// What an agent signed for.
pub(crate) async fn receipts(gateway: &Gateway, agent: &str, facts: &ReceiptFacts) -> Result<(), Fault> {
    let mut draft = Draft::new(RecordType::Receipts).detail("agent", agent);
    draft.receipts = Some(facts.clone());
    write(gateway, draft).await
}

/// A login or its renewal, with the claims that a workload's trust rule looked at.
pub(crate) async fn login(
    gateway: &Gateway,
    ip: IpAddr,
    event: &'static str,
    outcome: Result<(&Grant, &BTreeMap<String, String>), &Fault>,
) -> Result<(), Fault> {
    let mut draft = Draft::new(RecordType::Auth);
    draft = match outcome {
        Ok((grant, matched)) => {
            for (name, value) in matched {
                draft = draft.detail(&format!("claim {name}"), value.as_str());
            }
            draft.origin = Some(Origin::of(&grant.principal, ip));
            draft.outcome = Some("success".to_owned());
            draft.detail("expires_at", grant.expires_at.to_string())
        }
        Err(fault) => {
            draft.outcome = Some("refused".to_owned());
            draft.detail("code", fault.code.as_ref()).detail("client_ip", ip.to_string())
        }
    };
    write(gateway, draft.detail("event", event)).await
}

/// An access token of a remote client: one that was not seen before, or one that is not taken.
pub(crate) async fn access_token(
    gateway: &Gateway,
    ip: IpAddr,
    connection: &ConnectionName,
    outcome: Result<(&Login, Option<&str>), &Fault>,
) -> Result<(), Fault> {
    let mut draft = Draft::new(RecordType::Auth);
    draft.connection = Some(connection.clone());
    draft = match outcome {
        Ok((login, client)) => {
            draft.origin = Some(Origin::of(&login.principal, ip));
            draft.outcome = Some("success".to_owned());
            if let Some(client) = client {
                draft = draft.detail("client", masked(gateway, client));
            }
            draft.detail("expires_at", login.expires_at.to_string())
        }
        Err(fault) => {
            draft.outcome = Some("refused".to_owned());
            draft.detail("code", fault.code.as_ref()).detail("client_ip", ip.to_string())
        }
    };
    write(gateway, draft.detail("event", "access_token")).await
}

pub(crate) async fn logged_out(gateway: &Gateway, login: &Login, ip: IpAddr) -> Result<(), Fault> {
    let mut draft = Draft::new(RecordType::Auth);
    draft.origin = Some(Origin::of(&login.principal, ip));
    draft.outcome = Some("success".to_owned());
    write(gateway, draft.detail("event", "logout")).await
}

pub(crate) async fn session_started(gateway: &Gateway, session: &Session) -> Result<(), Fault> {
    let mut draft = of_session(RecordType::SessionStart, session);
    if let Some(reason) = &session.reason {
        draft = draft.detail("reason", masked(gateway, reason));
    }
    write(gateway, draft).await?;
    gateway.recorder.reached_point(Failpoint::SessionRecorded);
    Ok(())
}

pub(crate) async fn session_ended(gateway: &Gateway, session: &Session) -> Result<(), Fault> {
    write(gateway, of_session(RecordType::SessionEnd, session)).await?;
    gateway.recorder.reached_point(Failpoint::SessionEndRecorded);
    Ok(())
}

/// Somebody asked for a connection that is not theirs.
pub(crate) async fn not_admitted(
    gateway: &Gateway,
    login: &Login,
    ip: IpAddr,
    request: &SessionRequest,
    why: &Fault,
) -> Result<(), Fault> {
    let mut draft = Draft::new(RecordType::Denied);
    draft.origin = Some(Origin::of(&login.principal, ip));
    draft.connection = Some(request.connection.clone());
    draft.action = Some(hoop_model::Action::Connect);
    draft.outcome = Some("refused".to_owned());
    write(gateway, draft.detail("code", why.code.as_ref())).await
}

/// An application without the listener's secret, or with a path that is no part of the protocol. Too many of the first
/// end the session; what comes after those is not recorded.
pub(crate) async fn turned_away(gateway: &Gateway, session: &Session, why: &str) -> Result<(), Fault> {
    if why == "wrong_listener_secret" && !session.turned_away() {
        session.end_if_tried_out();
        return Ok(());
    }
    let mut draft = of_session(RecordType::Denied, session);
    draft.outcome = Some("refused".to_owned());
    let written = write(gateway, draft.detail("code", why)).await;
    // Only now: the session's end cuts the exchange that is being recorded here.
    session.end_if_tried_out();
    written
}

pub(crate) async fn approval_decided(
    gateway: &Gateway,
    id: ApprovalId,
    by: &Principal,
    ip: IpAddr,
    what: &'static str,
    outcome: Result<&Approval, &Fault>,
) -> Result<(), Fault> {
    let mut draft = Draft::new(RecordType::ApprovalDecided);
    draft.origin = Some(Origin::of(by, ip));
    draft = draft.detail("request", id.to_string()).detail("event", what);
    match outcome {
        Ok(decided) => {
            draft.connection = Some(decided.request().connection.clone());
            // Masked already; once more only to say so.
            let command = gateway.masker.text(&decided.request().command, &mut Findings::default());
            draft.command = Some(hoop_recording::text(&command));
            draft.approval = Some(approval(decided));
            draft.outcome = Some("success".to_owned());
            draft = until(draft, decided);
        }
        Err(fault) => {
            draft.outcome = Some("refused".to_owned());
            draft = draft.detail("code", fault.code.as_ref());
        }
    }
    write(gateway, draft).await
}

pub(crate) async fn enrolled(
    gateway: &Gateway,
    ip: IpAddr,
    outcome: Result<&AgentCertificate, &Fault>,
) -> Result<(), Fault> {
    let mut draft = Draft::new(RecordType::Admin).detail("event", "agent_enrolled").detail("client_ip", ip.to_string());
    match outcome {
        Ok(certificate) => {
            draft.outcome = Some("success".to_owned());
            draft = draft.detail("agent", certificate.agent.to_string()).detail("name", &certificate.name);
        }
        Err(fault) => {
            draft.outcome = Some("refused".to_owned());
            draft = draft.detail("code", fault.code.as_ref());
        }
    }
    write(gateway, draft).await
}

/// `by`: the admin; absent when the gateway's own operator made it at start.
pub(crate) async fn join_token_made(gateway: &Gateway, by: Option<&Caller>, name: &str) -> Result<(), Fault> {
    write(gateway, admin(by, "join_token_made").detail("name", name)).await
}

pub(crate) async fn agent_removed(gateway: &Gateway, by: &Caller, id: AgentId) -> Result<(), Fault> {
    write(gateway, admin(Some(by), "agent_removed").detail("agent", id.to_string())).await
}

pub(crate) async fn session_killed(gateway: &Gateway, by: &Caller, id: hoop_model::SessionId) -> Result<(), Fault> {
    write(gateway, admin(Some(by), "session_killed").detail("session", id.to_string())).await
}

pub(crate) async fn key_rotated(gateway: &Gateway, by: &Caller, key: &VerifyingKey) -> Result<(), Fault> {
    write(gateway, admin(Some(by), "trail_key_rotated").detail("key", key.to_string())).await
}

/// Characters of a tool's findings in a record; a review has them whole.
const FINDINGS: usize = 1000;

/// A tool as a listing told of it, for the record.
pub(crate) struct ListedTool {
    name: String,
    digest: Option<String>,
    findings: String,
}

impl ListedTool {
    pub(crate) fn of(gateway: &Gateway, change: &Change, findings: &[pin::Finding]) -> Self {
        let (name, digest) = match change {
            Change::Trusted(tool) | Change::Hidden(tool) => (&tool.name, Some(tool.digest.clone())),
            Change::Restored(name) => (name, None),
        };
        let findings = masked(gateway, &findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
        Self { name: masked(gateway, name), digest, findings: findings.chars().take(FINDINGS).collect() }
    }
}

/// What a listing changed of what is pinned and hidden, and what in it is suspicious.
pub(crate) async fn tools_listed(
    gateway: &Gateway,
    session: &Session,
    event: &'static str,
    tools: &[ListedTool],
) -> Result<(), Fault> {
    let mut draft = of_session(RecordType::Admin, session).detail("event", event);
    draft.outcome = Some("success".to_owned());
    for tool in tools {
        draft.resources.push(format!("{}/{}", session.connection.name, tool.name));
        if let Some(digest) = &tool.digest {
            draft = draft.detail(&format!("sha256 {}", tool.name), digest);
        }
        if !tool.findings.is_empty() {
            draft = draft.detail(&format!("findings {}", tool.name), &tool.findings);
        }
    }
    write(gateway, draft).await
}

/// Somebody called a tool that is hidden, or was never there.
pub(crate) async fn hidden_tool_called(gateway: &Gateway, session: &Session, tool: &str) -> Result<(), Fault> {
    let mut draft = of_session(RecordType::Denied, session);
    draft.action = Some(hoop_model::Action::CallTool);
    draft.resources = vec![masked(gateway, &format!("{}/{tool}", session.connection.name))];
    draft.outcome = Some("refused".to_owned());
    write(gateway, draft.detail("code", "tool_hidden")).await
}

pub(crate) async fn tool_reviewed(
    gateway: &Gateway,
    by: &Caller,
    connection: &ConnectionName,
    name: &str,
    digest: &str,
    verdict: Verdict,
) -> Result<(), Fault> {
    let event = match verdict {
        Verdict::Approve => "tool_approved",
        Verdict::Reject => "tool_rejected",
    };
    let mut draft = admin(Some(by), event).detail("sha256", digest);
    draft.resources = vec![masked(gateway, &format!("{connection}/{name}"))];
    draft.connection = Some(connection.clone());
    write(gateway, draft).await
}

/// Somebody read the trail (PCI DSS 10.2.1.3).
pub(crate) async fn read(gateway: &Gateway, by: &Caller, what: &str) -> Result<(), Fault> {
    let mut draft = Draft::new(RecordType::AuditRead).detail("what", what);
    draft.origin = Some(Origin::of(by.principal(), by.ip));
    draft.outcome = Some("success".to_owned());
    write(gateway, draft).await
}

/// Somebody took evidence of a period out of the trail: the pack's digest, so that it is the log's; the record's number.
pub(crate) async fn evidence_sealed(
    gateway: &Gateway,
    by: &Caller,
    manifest: Hash,
    from: Timestamp,
    to: Timestamp,
) -> Result<u64, Fault> {
    let mut draft = Draft::new(RecordType::AuditRead)
        .detail("what", EVIDENCE)
        .detail(MANIFEST, manifest.to_string())
        .detail("from", from.to_string())
        .detail("to", to.to_string());
    draft.origin = Some(Origin::of(by.principal(), by.ip));
    draft.outcome = Some("success".to_owned());
    gateway.recorder.append(draft).await.map(|receipt| receipt.seq).map_err(fault::record)
}

/// Somebody looked at what happened in a session, or took it away; and why.
pub(crate) async fn recording_read(
    gateway: &Gateway,
    by: &Caller,
    what: &str,
    id: hoop_model::SessionId,
    reason: Option<&str>,
) -> Result<(), Fault> {
    let mut draft = Draft::new(RecordType::AuditRead).detail("what", format!("{what} of session {id}"));
    if let Some(reason) = reason {
        draft = draft.detail("reason", masked(gateway, reason));
    }
    draft.origin = Some(Origin::of(by.principal(), by.ip));
    draft.outcome = Some("success".to_owned());
    write(gateway, draft).await
}

/// A search for a card was asked for, let happen, or looked at. Says the card's keyed digest, not the card.
pub(crate) async fn card_search(
    gateway: &Gateway,
    by: &Caller,
    search: &CardSearch,
    event: &str,
    reason: &str,
) -> Result<(), Fault> {
    let draft = Draft::new(RecordType::AuditRead).detail("what", format!("search for a card: {event}"));
    let mut draft = draft.detail("search", search.id.to_string()).detail("card", search.digest.clone());
    if !reason.is_empty() {
        draft = draft.detail("reason", reason);
    }
    draft.origin = Some(Origin::of(by.principal(), by.ip));
    draft.outcome = Some("success".to_owned());
    write(gateway, draft).await
}

/// A legal hold was set or released.
pub(crate) async fn held(
    gateway: &Gateway,
    by: &Caller,
    hold: &LegalHold,
    event: &str,
    reason: &str,
) -> Result<(), Fault> {
    let draft = Draft::new(RecordType::Hold).detail("event", event).detail("hold", hold.id.to_string());
    let mut draft = draft.detail("reason", reason);
    match &hold.of {
        HoldOf::Session(id) => draft = draft.detail("of", id.to_string()),
        HoldOf::Connection(name) => {
            draft = draft.detail("of", name.to_string());
            draft.connection = Some(name.clone());
        }
    }
    draft.origin = Some(Origin::of(by.principal(), by.ip));
    draft.outcome = Some("success".to_owned());
    write(gateway, draft).await
}

fn admin(by: Option<&Caller>, event: &str) -> Draft {
    let mut draft = Draft::new(RecordType::Admin).detail("event", event);
    draft.origin = by.map(|caller| Origin::of(caller.principal(), caller.ip));
    draft.outcome = Some("success".to_owned());
    draft
}

/// People write all sorts of things into a reason, at any length, and call tables and tools what they like.
pub(crate) fn masked(gateway: &Gateway, text: &str) -> String {
    hoop_recording::text(&gateway.masker.text(text, &mut Findings::default()))
}
