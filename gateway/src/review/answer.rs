//! What people say of alerts: that they know, and that it is dealt with (PCI DSS 10.4.3).

use hoop_model::{AlertId, Fault, Retry, Side};
use hoop_store::{Alert, AlertState, Answer, Reviewer};

use super::record;
use crate::{Gateway, api::Caller, fault, trail};

/// Takes an answer down: in the trail first, then where it can be asked for.
pub(crate) async fn answer(caller: &Caller, id: AlertId, to: AlertState, reason: Option<&str>) -> Result<Alert, Fault> {
    let gateway = &caller.gateway;
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty()).map(|reason| trail::masked(gateway, reason));
    let _turn = gateway.review.answering.lock().await;
    let before = known(gateway, id).await?;
    if let Some(refusal) = refusal(&before, to, reason.is_some()) {
        return Err(refusal);
    }
    let draft = record::answered(&before, caller, to, reason.as_deref());
    gateway.recorder.append(draft).await.map_err(fault::record)?;
    let principal = caller.principal();
    let by = Reviewer { subject: principal.subject.clone(), name: trail::masked(gateway, principal.display_name()) };
    let answer = Answer { by, at: gateway.clock.now(), reason };
    let mut after = before.clone();
    match to {
        AlertState::Closed => after.closed = Some(answer),
        _ => after.acknowledged = Some(answer),
    }
    // Who reads the trail may have been faster, and has put the same there.
    gateway.store.replace_alert(&before, &after).await.map_err(fault::store)?;
    known(gateway, id).await
}

/// The alert of this id.
pub(crate) async fn known(gateway: &Gateway, id: AlertId) -> Result<Alert, Fault> {
    gateway.store.alert(id).await.map_err(fault::store)?.ok_or_else(|| {
        let text = format!("there is no alert {id}; `hoopctl admin alerts --all` lists them");
        Fault::new(Side::Client, "unknown_alert", Retry::Useless, text)
    })
}

fn refusal(alert: &Alert, to: AlertState, reason: bool) -> Option<Fault> {
    let id = alert.id;
    if let Some(closed) = &alert.closed {
        let text = format!("{id} was closed by {} at {}; a closed alert stays so", closed.by.name, closed.at);
        return Some(Fault::new(Side::Client, "alert_closed", Retry::Useless, text));
    }
    match (&alert.acknowledged, to) {
        (Some(known), AlertState::Acknowledged) => {
            let text = format!("{id} was acknowledged by {} at {}; close it", known.by.name, known.at);
            Some(Fault::new(Side::Client, "alert_acknowledged", Retry::Useless, text))
        }
        (None, AlertState::Closed) if !reason => {
            let text = "nobody has acknowledged it yet, so say why it is closed: --reason TEXT";
            Some(Fault::new(Side::Client, "reason_needed", Retry::Useless, text))
        }
        _ => None,
    }
}
