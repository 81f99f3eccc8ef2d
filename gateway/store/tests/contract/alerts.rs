//! Alerts, incidents, and how far the trail was reviewed.

use hoop_model::{AlertId, IncidentId, Subject, Timestamp};
use hoop_store::{Alert, AlertState, Answer, Incident, IncidentEnd, OpenAlerts, Reviewed, Reviewer, Store};

use super::at;

fn alert(key: &str, opened_at: Timestamp) -> Alert {
    Alert {
        id: AlertId::new(),
        key: key.to_owned(),
        rule: "denied_burst".to_owned(),
        subject: Some(Subject { issuer: "https://idp.example".to_owned(), sub: "alice".to_owned() }),
        connection: Some("warehouse".parse().unwrap()),
        what: "5 refusals".to_owned(),
        first_seq: 3,
        last_seq: 9,
        count: 5,
        opened_at,
        acknowledged: None,
        closed: None,
    }
}

fn found(alert: &Alert) -> Reviewed {
    Reviewed::Found(Box::new(alert.clone()))
}

fn answer(name: &str, reason: Option<&str>) -> Answer {
    let subject = Subject { issuer: "https://idp.example".to_owned(), sub: name.to_owned() };
    Answer { by: Reviewer { subject, name: name.to_owned() }, at: at(7), reason: reason.map(str::to_owned) }
}

pub async fn what_is_found_twice_is_one_alert(store: &Store) {
    assert_eq!(store.review_state().await.unwrap(), None);
    let first = alert("k", at(0));
    store.save_review("7", &[found(&first)]).await.unwrap();
    assert_eq!(store.review_state().await.unwrap().as_deref(), Some("7"));
    assert_eq!(store.unrecorded_alerts().await.unwrap(), std::slice::from_ref(&first));
    assert_eq!(store.alerts(true).await.unwrap(), [], "not before the trail tells of it");

    let again = alert("k", at(0));
    store.save_review("8", &[found(&again)]).await.unwrap();
    store.alert_recorded(first.id, "k").await.unwrap();
    assert_eq!(store.unrecorded_alerts().await.unwrap(), []);
    assert_eq!(store.alerts(false).await.unwrap(), std::slice::from_ref(&first));
    assert_eq!(store.alert(again.id).await.unwrap(), None);
    assert_eq!(store.open_alerts().await.unwrap(), OpenAlerts { open: 1, acknowledged: 0 });

    // The order: by what is to be done, then the newest.
    let (older, newer) = (alert("older", at(1)), alert("newer", at(2)));
    let mut reviewed = Vec::new();
    for one in [&older, &newer] {
        reviewed.push(found(one));
        reviewed.push(Reviewed::Opened { id: one.id, key: one.key.clone() });
    }
    reviewed.push(Reviewed::Answered { id: newer.id, to: AlertState::Acknowledged, answer: answer("carol", None) });
    store.save_review("9", &reviewed).await.unwrap();
    let keys: Vec<_> = store.alerts(false).await.unwrap().into_iter().map(|alert| alert.key).collect();
    assert_eq!(keys, ["older", "k", "newer"]);
}

/// The store was lost, and the trail is read anew.
pub async fn an_alert_takes_the_id_that_the_trail_knows(store: &Store) {
    let (anew, known) = (alert("k", at(0)), AlertId::new());
    let opened = Reviewed::Opened { id: known, key: "k".to_owned() };
    store.save_review("1", &[found(&anew), opened.clone()]).await.unwrap();
    let expected = Alert { id: known, ..anew };
    assert_eq!(store.alerts(false).await.unwrap(), std::slice::from_ref(&expected));
    let after = Alert { acknowledged: Some(answer("carol", None)), ..expected.clone() };
    assert!(store.replace_alert(&expected, &after).await.unwrap());
    // A second record of it changes nothing.
    store.save_review("2", &[Reviewed::Opened { id: AlertId::new(), key: "k".to_owned() }]).await.unwrap();
    assert_eq!(store.alert(known).await.unwrap(), Some(after));
}

pub async fn an_alert_is_answered_once_and_the_trail_may_say_so_first(store: &Store) {
    let before = alert("k", at(0));
    let opened = Reviewed::Opened { id: before.id, key: "k".to_owned() };
    store.save_review("1", &[found(&before), opened]).await.unwrap();
    let closed = answer("carol", Some("a test"));
    let told = Reviewed::Answered { id: before.id, to: AlertState::Closed, answer: closed.clone() };
    store.save_review("2", std::slice::from_ref(&told)).await.unwrap();
    let after = Alert { closed: Some(closed), ..before.clone() };
    assert_eq!(store.alert(before.id).await.unwrap(), Some(after.clone()));
    assert_eq!(after.state(), AlertState::Closed);

    let late = Alert { closed: Some(answer("dave", Some("mine"))), ..before.clone() };
    assert!(!store.replace_alert(&before, &late).await.unwrap());
    let later = Reviewed::Answered { id: before.id, to: AlertState::Closed, answer: answer("dave", None) };
    store.save_review("3", &[told, later]).await.unwrap();
    assert_eq!(store.alert(before.id).await.unwrap(), Some(after));
    assert_eq!(store.alerts(false).await.unwrap(), []);
    assert_eq!(store.alerts(true).await.unwrap().len(), 1);
}

pub async fn an_incident_is_known_until_it_has_ended_and_is_told(store: &Store) {
    let incident = |key: &str| Incident {
        id: IncidentId::new(),
        control: "audit".to_owned(),
        key: key.to_owned(),
        cause: "the disk is full".to_owned(),
        owner: "sec".to_owned(),
        since: at(1),
        ended: None,
    };
    let end = IncidentEnd { until: at(9), seconds: 8, remediation: "room".to_owned() };
    let (disk, other) = (incident("disk"), incident("writer"));
    store.keep_incident(&disk, false).await.unwrap();
    assert_eq!(store.unsettled_incidents().await.unwrap(), [(disk.clone(), false)]);
    store.save_review("1", &[Reviewed::Began(disk.clone()), Reviewed::Began(other.clone())]).await.unwrap();
    assert_eq!(store.unsettled_incidents().await.unwrap(), [(disk.clone(), true), (other.clone(), true)]);
    store.save_review("2", &[Reviewed::Ended { id: disk.id, end: end.clone() }]).await.unwrap();
    assert_eq!(store.unsettled_incidents().await.unwrap(), [(other.clone(), true)]);
    // What is read again of it, and an end of what nobody knows, change nothing.
    let nobodys = Reviewed::Ended { id: IncidentId::new(), end: end.clone() };
    store.save_review("3", &[Reviewed::Began(disk.clone()), nobodys]).await.unwrap();
    assert_eq!(store.unsettled_incidents().await.unwrap(), [(other.clone(), true)]);

    // One that the trail shows is made once, and is the one that the trail tells of.
    let shown = Incident { ended: Some(end), ..incident("start 7") };
    let again = Incident { id: IncidentId::new(), ..shown.clone() };
    store.save_review("4", &[Reviewed::Shown(shown.clone()), Reviewed::Shown(again.clone())]).await.unwrap();
    assert_eq!(store.unsettled_incidents().await.unwrap(), [(other.clone(), true), (shown, false)]);
    store.save_review("5", &[Reviewed::Began(Incident { ended: None, ..again.clone() })]).await.unwrap();
    let again = Incident { ended: None, ..again };
    assert_eq!(store.unsettled_incidents().await.unwrap(), [(other, true), (again, true)]);
}
