#![allow(clippy::unwrap_used)]

use hoop_approval::{BindingKey, Exact, Request, State};
use hoop_audit::RecordType;
use hoop_model::{Action, ExchangeId, Group, Obligations, SessionId};
use hoop_wire::open::ClientOpen;

use super::*;
use crate::site::{self, Site};

const PAN: &str = "4111111111111111";

/// A request by somebody else that `approvers` may decide.
async fn held(gateway: &Gateway, command: String) -> ApprovalId {
    let requester = hoop_model::Subject { issuer: "https://idp.test".to_owned(), sub: "requester".to_owned() };
    let connection: hoop_model::ConnectionName = "tools".parse().unwrap();
    let binding = Binding::of(
        &BindingKey::new(&[7; 32]),
        &Exact {
            command: command.as_bytes(),
            connection: &connection,
            target: b"",
            subject: &requester,
            session_state: b"",
        },
    );
    let approval = Approval::open(Request {
        id: ApprovalId::new(),
        session: SessionId::new(),
        exchange: ExchangeId::new(),
        requester_name: "requester".to_owned(),
        requester,
        connection,
        action: Action::Write,
        command,
        binding,
        obligations: Obligations {
            approvers: [Group("approvers".to_owned())].into(),
            quorum: 1,
            ..Obligations::default()
        },
        rules: Vec::new(),
        why: Vec::new(),
        reason: None,
        created_at: gateway.clock.now(),
    });
    gateway.store.insert_approval(&approval).await.unwrap();
    approval.request().id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_cannot_be_recorded_does_not_count() {
    let site = Site::start().await;
    let gateway = site.gateway();
    let id = held(gateway, "DROP TABLE t".to_owned()).await;
    let (approver, client) = site.client(&["approvers"]).await;
    gateway.recorder.close().await.unwrap();
    let ip = client.remote_addr().ip();
    let fault = gateway.approvals().approve(id, &approver.principal, ip, None).await.unwrap_err();
    assert_eq!(fault.code, "recording_unavailable");
    let stored = gateway.store.approval(id).await.unwrap().unwrap();
    assert!(matches!(stored.state(), State::Pending { votes } if votes.is_empty()), "{:?}", stored.state());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_longer_than_a_record_can_be_decided() {
    let site = Site::start().await;
    let gateway = site.gateway();
    let id = held(gateway, "x".repeat(2 * 1024 * 1024)).await;
    let (approver, client) = site.client(&["approvers"]).await;
    let ip = client.remote_addr().ip();
    let decided = gateway.approvals().approve(id, &approver.principal, ip, None).await.unwrap();
    assert!(matches!(decided.state(), State::Approved { .. }));
    let mut recorded = Vec::new();
    hoop_recording::records(gateway.recorder.dir(), |record, _| recorded.push(record.draft)).unwrap();
    let decision = recorded.iter().find(|draft| draft.kind == RecordType::ApprovalDecided).unwrap();
    assert!(decision.command.as_ref().unwrap().ends_with("[2097152 bytes in all]"));
}

#[tokio::test(flavor = "multi_thread")]
async fn approvers_reasons_are_masked_where_they_come_in() {
    let site = Site::start().await;
    let gateway = site.gateway();
    let (_, client) = site.client(&["approvers"]).await;
    for verb in ["approve", "deny"] {
        let id = held(gateway, format!("DROP TABLE {verb}")).await;
        let reason = serde_json::json!({ "reason": format!("refund of {PAN}") }).to_string();
        let request = site::api("POST", &format!("/v1/requests/{id}/{verb}"), &reason);
        let (status, body) = site::http(&client, ClientOpen::Api, request).await;
        assert_eq!(status, http::StatusCode::OK, "{body}");
        let stored = serde_json::to_string(&gateway.store.approval(id).await.unwrap().unwrap()).unwrap();
        for text in [body, stored] {
            assert!(text.contains("refund of 411111") && !text.contains(PAN), "{text}");
        }
    }
}
