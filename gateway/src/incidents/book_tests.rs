#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;

const CALM: Duration = Duration::from_secs(30);

fn at(seconds: u64) -> Moment {
    let steady = Duration::from_secs(seconds);
    Moment { wall: hoop_model::later("2026-03-01T09:00:00Z".parse().unwrap(), steady), steady }
}

fn book() -> Book {
    Book::new("sec".to_owned(), CALM)
}

/// Records what is due; for each, whether its beginning and its end were.
fn tell(book: &mut Book, seconds: u64) -> Vec<(Incident, bool, bool)> {
    let due = book.due(at(seconds));
    due.iter().for_each(|due| book.recorded(due));
    due.into_iter().map(|due| (due.incident.clone(), due.begins, due.incident.ended.is_some())).collect()
}

#[test]
fn a_failure_is_told_at_once_and_its_end_once_it_is_calm() {
    let mut book = book();
    assert!(book.fails(Control::Store, "", "gone", at(0)));
    assert!(!book.fails(Control::Store, "", "gone", at(1)));
    let [(began, true, false)] = &tell(&mut book, 1)[..] else { unreachable!() };
    assert_eq!((began.since, began.owner.as_str(), began.cause.as_str()), (at(0).wall, "sec", "gone"));
    assert!(tell(&mut book, 2).is_empty(), "told once");
    book.works(Control::Store, "", "back", at(10));
    book.works(Control::Store, "", "back", at(20));
    assert!(tell(&mut book, 39).is_empty() && book.failing() == 0);
    let [(ended, false, true)] = &tell(&mut book, 40)[..] else { unreachable!() };
    let end = IncidentEnd { until: at(10).wall, seconds: 10, remediation: "back".to_owned() };
    assert_eq!((ended.id, ended.ended.as_ref()), (began.id, Some(&end)));
    assert!(book.is_empty());
}

#[test]
fn what_flaps_is_one_incident() {
    let mut book = book();
    for seconds in 0..100 {
        book.fails(Control::Masking, "warehouse", "unread", at(seconds * 10));
        book.works(Control::Masking, "warehouse", "read", at(seconds * 10 + 5));
        assert_eq!(tell(&mut book, seconds * 10 + 9).len(), usize::from(seconds == 0));
    }
    book.fails(Control::Masking, "tools", "unread", at(1000));
    assert_eq!(tell(&mut book, 1000).len(), 1, "another connection is another incident");
    let [(ended, false, true)] = &tell(&mut book, 1025)[..] else { unreachable!() };
    assert_eq!(ended.ended.as_ref().unwrap().seconds, 995);
}

#[test]
fn what_nobody_calls_well_ends_by_silence_and_the_rest_does_not() {
    let mut book = book();
    book.fails(Control::Policy, "", "unevaluated", at(0));
    book.fails(Control::Siem, "splunk", "behind", at(0));
    assert_eq!(tell(&mut book, 0).len(), 2);
    assert!(tell(&mut book, 899).is_empty());
    let [(ended, false, true)] = &tell(&mut book, 900)[..] else { unreachable!() };
    assert_eq!(ended.control, "policy");
    assert!(tell(&mut book, 9000).is_empty());
}

/// On a full disk nothing can be recorded: beginning and end are, together, once there is room.
#[test]
fn a_trail_that_cannot_be_written_is_told_of_with_its_real_beginning() {
    let mut book = book();
    book.fails(Control::Audit, "disk", "full", at(0));
    for seconds in 1..60 {
        let due = book.due(at(seconds));
        assert!(due.len() == 1 && due[0].begins && due[0].incident.ended.is_some());
        book.kept(&due[0]);
        book.fails(Control::Audit, "disk", "full", at(seconds));
    }
    let [(told, true, true)] = &tell(&mut book, 60)[..] else { unreachable!() };
    assert_eq!((told.since, told.ended.as_ref().unwrap().seconds), (at(0).wall, 60));
    assert!(book.is_empty());
}

#[test]
fn what_was_open_at_a_crash_goes_on_or_ends() {
    let mut before = book();
    before.fails(Control::Store, "", "gone", at(0));
    before.fails(Control::Masking, "tools", "unread", at(0));
    before.fails(Control::Audit, "disk", "full", at(0));
    let left: Vec<_> = before.due(at(1)).into_iter().map(|due| Incident { ended: None, ..due.incident }).collect();

    let mut after = book();
    after.fails(Control::Store, "", "gone", at(100));
    for incident in &left {
        after.resume(incident.clone(), incident.control != "audit", at(101));
    }
    let told = tell(&mut after, 101);
    let [(disk, true, true)] = &told[..] else { unreachable!("{told:?}") };
    assert_eq!((disk.since, disk.ended.as_ref().unwrap().seconds), (at(0).wall, 101), "by the wall clock");
    let [(masking, false, true)] = &tell(&mut after, 131)[..] else { unreachable!() };
    assert!(left.iter().any(|incident| incident.id == masking.id));
    after.works(Control::Store, "", "back", at(200));
    let [(store, false, true)] = &tell(&mut after, 230)[..] else { unreachable!() };
    assert!(left.iter().any(|incident| incident.id == store.id), "the same one");
}

#[test]
fn there_are_only_so_many_incidents_at_a_time() {
    let mut book = book();
    for number in 0..1000 {
        book.fails(Control::Masking, &number.to_string(), "unread", at(0));
    }
    assert_eq!(book.due(at(0)).len(), MOST);
}

#[test]
fn a_clock_that_is_set_does_not_change_how_long_it_took() {
    let mut book = book();
    book.fails(Control::Store, "", "gone", at(0));
    let moved = Moment { wall: at(3600).wall, steady: Duration::from_secs(10) };
    book.works(Control::Store, "", "back", moved);
    let later = Moment { wall: at(3630).wall, steady: Duration::from_secs(40) };
    let due = book.due(later);
    assert_eq!(due[0].incident.ended.as_ref().unwrap().seconds, 10);
}
