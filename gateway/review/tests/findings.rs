//! Each rule on records as the gateway writes them, and what holds for all of them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod trail;

use hoop_audit::{Counts, MaskedAt, RecordType, RevealedAt};
use hoop_model::PrincipalKind;
use hoop_review::{
    Finding, Review, Rule, Settings, State, Zone,
    settings::{NewResource, OffHours, UnexpectedPan, Volume, WorkDay},
};
use proptest::prelude::*;
use trail::{DAY, Trail, findings};

fn of(rule: Rule, findings: &[Finding]) -> Vec<&Finding> {
    findings.iter().filter(|finding| finding.rule == rule).collect()
}

fn quick() -> Settings {
    Settings {
        new_resource: NewResource { history_requests: 3, history_days: 1, ..NewResource::default() },
        ..Settings::default()
    }
}

#[test]
fn a_burst_of_refusals_is_told_once_and_again_after_a_rest() {
    let mut trail = Trail::default();
    for _ in 0..20 {
        trail.denied("alice", 30);
        trail.denied("bob", 0);
    }
    trail.wait(3600);
    for _ in 0..5 {
        trail.denied("alice", 1);
    }
    let settings = Settings::default();
    let found = findings(&settings, &trail.records);
    let alices: Vec<_> = found.iter().filter(|finding| finding.subject.as_ref().unwrap().sub == "alice").collect();
    assert_eq!(alices.len(), 2, "{alices:?}");
    assert_eq!((alices[0].first, alices[0].last, alices[0].count), (0, 8, 5));
    assert_eq!(of(Rule::DeniedBurst, &found).len(), 3);
}

#[test]
fn refusals_that_are_far_apart_or_the_gateways_own_are_no_burst() {
    let mut trail = Trail::default();
    for _ in 0..10 {
        trail.denied("alice", 151);
    }
    for _ in 0..10 {
        trail.denied("bob", 1);
        let last = trail.records.last_mut().unwrap();
        last.draft.detail.insert("code".to_owned(), "siem_behind".to_owned());
    }
    assert_eq!(findings(&Settings::default(), &trail.records), []);
}

#[test]
fn logins_that_are_refused_count_by_where_they_come_from() {
    let mut trail = Trail::default();
    for n in 0..5 {
        for address in ["192.0.2.1".to_owned(), format!("192.0.2.{}", n + 10)] {
            let refused = |draft: &mut hoop_audit::Draft| {
                draft.outcome = Some("refused".to_owned());
                draft.detail.insert("client_ip".to_owned(), address.clone());
            };
            trail.add(RecordType::Auth, 1, refused);
        }
    }
    let found = findings(&Settings::default(), &trail.records);
    assert_eq!(found.len(), 1);
    assert!(found[0].what.ends_with("from 192.0.2.1"), "{}", found[0].what);
}

#[test]
fn a_new_table_is_told_once_somebody_has_a_history() {
    let mut trail = Trail::default();
    for table in ["warehouse/A", "warehouse/B", "warehouse/A", "warehouse/B", "warehouse/C", "warehouse/C"] {
        trail.request("alice", &["warehouse", table]);
    }
    trail.request("bob", &["warehouse/C"]);
    trail.wait(91 * DAY);
    trail.request("alice", &["warehouse/A"]);
    let found = findings(&quick(), &trail.records);
    let what: Vec<_> = of(Rule::NewResource, &found).iter().map(|finding| finding.what.as_str()).collect();
    assert_eq!(what, ["first use of warehouse/C", "first use of warehouse/A"]);
    assert_eq!(findings(&Settings::default(), &trail.records), [], "nobody has the history that the defaults ask for");
}

#[test]
fn a_day_is_measured_against_the_median_of_those_before_it_and_has_a_floor() {
    let settings = |floor_rows| Settings {
        volume: Volume { history_days: 3, floor_rows, ..Volume::default() },
        ..Settings::default()
    };
    let mut trail = Trail::default();
    for rows in [100, 90_000, 120] {
        trail.answer("alice", rows);
        trail.wait(DAY);
    }
    for _ in 0..10 {
        trail.answer("alice", 100);
        trail.answer("bob", 100_000);
    }
    let found = findings(&settings(500), &trail.records);
    let [unusual] = of(Rule::UnusualVolume, &found)[..] else { panic!("{found:?}") };
    assert_eq!(unusual.count, 700, "more than five times 120");
    assert_eq!(unusual.subject.as_ref().unwrap().sub, "alice");
    assert!(unusual.what.contains("usually 120 a day"), "{}", unusual.what);
    assert_eq!(findings(&settings(1000), &trail.records), [], "below the floor");
}

#[test]
fn a_card_number_where_none_was_is_told_once_for_each_place() {
    let mut trail = Trail::default();
    for (table, column, rule) in [
        ("warehouse/NOTES", "column TEXT", "pan"),
        ("warehouse/NOTES", "column TEXT", "pan"),
        ("warehouse/PAYMENTS", "column PAN", "pan"),
        ("warehouse/PAYMENTS", "column ORDER_ID", "unexpected_pan"),
        ("warehouse/NOTES", "column NAME", "email"),
    ] {
        let exchange = trail.request("alice", &[table]);
        let places = vec![MaskedAt { at: column.to_owned(), rule: rule.to_owned(), count: 3 }];
        trail.answered("alice", exchange, Counts { places, ..Counts::default() });
    }
    let card_data = vec!["warehouse/PAYMENTS".to_owned()];
    let declared = UnexpectedPan { card_data, ..UnexpectedPan::default() };
    let what = |settings: &Settings| {
        let found = findings(settings, &trail.records);
        found.iter().map(|finding| (finding.what.clone(), finding.count)).collect::<Vec<_>>()
    };
    let notes = ("card numbers in warehouse/NOTES: column TEXT".to_owned(), 3);
    let pan = ("card numbers in warehouse/PAYMENTS: column PAN".to_owned(), 3);
    let order = ("card numbers in warehouse/PAYMENTS: column ORDER_ID".to_owned(), 3);
    assert_eq!(what(&Settings::default()), [notes.clone(), pan, order.clone()]);
    let declared = Settings { unexpected_pan: declared, ..Settings::default() };
    assert_eq!(what(&declared), [notes, order], "a name that says there is none must be meant by itself");
}

#[test]
fn what_goes_beside_the_ordinary_way_is_told() {
    let mut trail = Trail::default();
    let revealed = vec![RevealedAt { at: "column PAN".to_owned(), count: 2 }];
    for wait in [0, 0, DAY] {
        trail.wait(wait);
        let exchange = trail.request("alice", &["warehouse/PAYMENTS"]);
        trail.answered("alice", exchange, Counts { revealed: revealed.clone(), ..Counts::default() });
    }
    for event in ["session_killed", "join_token_made"] {
        trail.by("carol", RecordType::Admin, |draft| {
            draft.detail.insert("event".to_owned(), event.to_owned());
        });
    }
    for _ in 0..2 {
        trail.by("ci", RecordType::AuditRead, |draft| {
            draft.origin.as_mut().unwrap().kind = PrincipalKind::Workload;
        });
    }
    let found = findings(&Settings::default(), &trail.records);
    let what: Vec<_> = of(Rule::BreakGlass, &found).iter().map(|finding| finding.what.as_str()).collect();
    let shown = "card numbers were shown in clear ()";
    assert_eq!(what, [shown, shown, "session_killed", "a workload read the trail"]);
}

#[test]
fn hours_are_looked_at_where_they_are_set_and_in_the_places_own_time() {
    // 2026-03-01 is a Sunday.
    let mut trail = Trail::default();
    for hours in [9, 24, 4, 8] {
        trail.wait(hours * 3600);
        trail.request("alice", &["warehouse/A"]);
        trail.request("alice", &["warehouse/A"]);
    }
    let days = vec![WorkDay::Mon, WorkDay::Tue];
    let hours = OffHours { from_hour: 8, to_hour: 18, days, workloads: false };
    let at = |minutes| {
        let zone = Zone::of_minutes(minutes).unwrap();
        let found = findings(&Settings { zone, off_hours: Some(hours.clone()), ..Settings::default() }, &trail.records);
        found.iter().map(|finding| finding.what.clone()).collect::<Vec<_>>()
    };
    assert_eq!(at(0), ["at work on 2026-03-01 at 09:00", "at work on 2026-03-02 at 21:00"]);
    assert_eq!(at(-180), ["at work on 2026-03-01 at 06:00", "at work on 2026-03-02 at 06:00"]);
    assert_eq!(findings(&Settings::default(), &trail.records), []);
}

#[test]
fn a_control_that_failed_is_told_by_its_incident() {
    let mut trail = Trail::default();
    for event in ["began", "ended"] {
        trail.add(RecordType::Incident, 1, |draft| {
            for (name, value) in [("event", event), ("incident", "inc-1"), ("control", "store"), ("cause", "gone")] {
                draft.detail.insert(name.to_owned(), value.to_owned());
            }
        });
    }
    let found = findings(&Settings::default(), &trail.records);
    assert_eq!(found.iter().map(|finding| finding.what.as_str()).collect::<Vec<_>>(), ["store: gone (inc-1)"]);
}

#[test]
fn a_start_without_a_stop_before_it_is_an_interruption() {
    let mut trail = Trail::default();
    trail.add(RecordType::WriterStart, 0, |_| {});
    trail.add(RecordType::WriterStop, 1, |_| {});
    trail.add(RecordType::WriterStart, 100, |_| {});
    trail.request("alice", &["warehouse/A"]);
    trail.add(RecordType::Gap, 60, |_| {});
    trail.add(RecordType::End, 0, |draft| draft.outcome = Some("unknown".to_owned()));
    trail.add(RecordType::WriterStart, 0, |draft| {
        draft.detail.insert("unsigned_records".to_owned(), "3".to_owned());
    });
    let mut review = Review::new(Settings::default(), State::default());
    let seen: Vec<_> = trail.records.iter().filter_map(|record| review.take(record).interruption).collect();
    let [interruption] = &seen[..] else { panic!("{seen:?}") };
    assert_eq!((interruption.seq, interruption.until.duration_since(interruption.since).as_secs()), (6, 60));
    let found = "bytes at the trail's end were unreadable, 1 exchanges or sessions had no end, 3 records were unsigned";
    assert_eq!(interruption.found, found);
}

#[test]
fn a_day_is_reviewed_once_also_without_a_finding_and_after_days_without_a_gateway() {
    let mut trail = Trail::default();
    trail.request("alice", &["warehouse/A"]);
    let mut review = Review::new(Settings::default(), State::default());
    assert_eq!(review.due(trail.now()), None, "nothing was read");
    review.take(&trail.records[0]);
    assert_eq!(review.due(trail.now()), None, "the day goes on");
    trail.wait(DAY);
    let due = review.due(trail.now()).unwrap();
    assert_eq!((due.since.to_string(), due.day, due.tally.records), ("2026-03-01".to_owned(), due.since, 1));
    trail.add(RecordType::Alert, 0, |draft| {
        draft.detail.insert("event".to_owned(), "reviewed".to_owned());
        draft.detail.insert("day".to_owned(), due.day.to_string());
    });
    review.take(&trail.records[1]);
    assert_eq!(review.due(trail.now()), None);
    trail.wait(3 * DAY);
    let due = review.due(trail.now()).unwrap();
    assert_eq!((due.since.to_string(), due.day.to_string()), ("2026-03-02".to_owned(), "2026-03-04".to_owned()));
    assert_eq!(due.tally.records, 1, "that of the review before");
}

#[test]
fn of_endless_findings_of_a_rule_the_rest_of_the_day_is_counted() {
    let mut trail = Trail::default();
    for n in 0..250 {
        trail.request("alice", &[&format!("warehouse/T{n}")]);
    }
    let mut review = Review::new(quick(), State::default());
    let found: Vec<_> = trail.records.iter().flat_map(|record| review.take(record).findings).collect();
    assert_eq!(found.len(), 100);
    assert!(found[99].what.ends_with("on 2026-03-01 are only counted"), "{}", found[99].what);
    trail.wait(DAY);
    assert_eq!(review.due(trail.now()).unwrap().tally.only_counted, 147);
    trail.request("alice", &["warehouse/U"]);
    assert_eq!(review.take(trail.records.last().unwrap()).findings.len(), 1, "another day");
}

#[test]
fn a_flood_of_subjects_and_tables_fills_no_memory() {
    let mut trail = Trail::default();
    let mut review = Review::new(quick(), State::default());
    let mut size = 0;
    for n in 0..80_000 {
        let exchange = trail.request(&format!("s{n}"), &[&format!("warehouse/T{n}")]);
        let places = vec![MaskedAt { at: format!("column C{n}x"), rule: "pan".to_owned(), count: 1 }];
        trail.answered(&format!("s{n}"), exchange, Counts { rows: 1, places, ..Counts::default() });
        trail.denied(&format!("s{n}"), 0);
        trail.records.drain(..).for_each(|record| drop(review.take(&record)));
        if n == 55_000 {
            size = serde_json::to_string(review.state()).unwrap().len();
        }
    }
    let grown = serde_json::to_string(review.state()).unwrap().len();
    assert!(grown < size / 20 * 21 && grown < 32 * 1024 * 1024, "{size} bytes, and then {grown}");
}

fn anything() -> impl Strategy<Value = Vec<(u8, u8, u8, u16)>> {
    prop::collection::vec((0..6_u8, 0..3_u8, 0..5_u8, 0..7200_u16), 0..200)
}

fn made(steps: &[(u8, u8, u8, u16)]) -> Trail {
    let mut trail = Trail::default();
    for (sort, who, what, wait) in steps {
        let (who, table) = (["alice", "bob", "carol"][usize::from(*who)], format!("warehouse/T{what}"));
        trail.wait(u64::from(*wait));
        match sort {
            0 => trail.denied(who, 0),
            1 => trail.answer(who, u64::from(*what) * 20_000),
            2 => trail.by(who, RecordType::Admin, |draft| {
                draft.detail.insert("event".to_owned(), "session_killed".to_owned());
            }),
            3 => {
                let exchange = trail.request(who, &[&table]);
                let places = vec![MaskedAt { at: format!("column C{what}"), rule: "pan".to_owned(), count: 1 }];
                trail.answered(who, exchange, Counts { places, ..Counts::default() });
            }
            4 => trail.wait(DAY),
            _ => drop(trail.request(who, &[&table])),
        }
    }
    trail
}

proptest! {
    /// Also across a restart at any place, with the state as it is kept.
    #[test]
    fn the_same_records_give_the_same_findings(steps in anything(), cut in 0..600_usize) {
        let (trail, settings) = (made(&steps), quick());
        let at_once = findings(&settings, &trail.records);
        prop_assert_eq!(&findings(&settings, &trail.records), &at_once);
        let cut = cut.min(trail.records.len());
        let mut first = Review::new(settings.clone(), State::default());
        let mut found: Vec<_> = trail.records[..cut].iter().flat_map(|record| first.take(record).findings).collect();
        let kept: State = serde_json::from_str(&serde_json::to_string(first.state()).unwrap()).unwrap();
        prop_assert_eq!(&kept, first.state());
        let mut second = Review::new(settings, kept);
        // Some are read again.
        found.extend(trail.records[cut / 2..].iter().flat_map(|record| second.take(record).findings));
        prop_assert_eq!(&found, &at_once);
        let keys: std::collections::BTreeSet<_> = found.iter().map(|finding| finding.key.as_str()).collect();
        prop_assert_eq!(keys.len(), found.len(), "each finding has a key of its own");
        for finding in &found {
            prop_assert!(finding.first <= finding.last && finding.count > 0);
        }
    }
}
