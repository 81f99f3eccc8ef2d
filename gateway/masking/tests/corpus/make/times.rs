//! Clocks and dates.

use serde_json::json;

use super::{fill, repeat};
use crate::corpus::{
    case::{Case, Format},
    rng::Rng,
};

const PLACES: &[&str] = &["{}", "at {} UTC", "ts={} level=info", "[{}] started", "{},12,ok"];

pub fn cases() -> Vec<Case> {
    let mut cases = epochs();
    cases.extend(written("rfc_3339", 40, |rng, turn| {
        let (date, [hour, minute, second]) = moment(rng);
        match turn % 4 {
            0 => format!("{date}T{hour:02}:{minute:02}:{second:02}Z"),
            1 => format!("{date}T{hour:02}:{minute:02}:{second:02}.{}Z", rng.digits(9)),
            2 => format!("{date} {hour:02}:{minute:02}:{second:02}.{}+01:00", rng.digits(6)),
            _ => format!("{date}T{hour:02}:{minute:02}:{second:02}.{}-0300", rng.digits(3)),
        }
    }));
    cases.extend(written("compact_time", 40, |rng, turn| {
        let (date, [hour, minute, second]) = moment(rng);
        let date = date.replace('-', "");
        match turn % 4 {
            0 => format!("{date}{hour:02}{minute:02}{second:02}"),
            1 => format!("{date}T{hour:02}{minute:02}{second:02}Z"),
            2 => format!("{date}{hour:02}{minute:02}{second:02}{}", rng.digits(3)),
            _ => format!("{date}-{hour:02}{minute:02}{second:02}"),
        }
    }));
    cases.extend(written("dates", 40, |rng, turn| {
        let dates: Vec<String> = (0..4).map(|_| moment(rng).0).collect();
        match turn % 4 {
            0 => dates.join(", "),
            1 => dates.join(" "),
            2 => dates.join("\n"),
            _ => dates.iter().map(|date| date.replace('-', "")).collect::<Vec<_>>().join(" "),
        }
    }));
    cases
}

fn moment(rng: &mut Rng) -> (String, [u64; 3]) {
    let date = format!("20{:02}-{:02}-{:02}", rng.within(10, 29), rng.within(1, 12), rng.within(1, 28));
    (date, [rng.within(0, 23), rng.within(0, 59), rng.within(0, 59)])
}

fn written(name: &'static str, count: usize, make: impl Fn(&mut Rng, usize) -> String) -> Vec<Case> {
    let rng = &mut Rng::of(name);
    repeat(count, |turn| {
        let value = make(rng, turn);
        match rng.below(3) {
            0 => Case::decoy(name, Format::Json, json!({"created_at": value, "n": 4}).to_string()),
            _ => Case::decoy(name, Format::Text, fill(rng.pick(PLACES), &value)),
        }
    })
}

fn epochs() -> Vec<Case> {
    let name = "epoch";
    let rng = &mut Rng::of(name);
    repeat(88, |turn| {
        let seconds = rng.within(1_000_000_000, 1_999_999_999);
        let clock = format!("{seconds}{}", rng.digits([0, 3, 6, 9][turn % 4]));
        match turn / 4 % 4 {
            0 => Case::decoy(name, Format::Json, format!(r#"{{"ts":{clock},"ok":true}}"#)),
            1 => Case::decoy(name, Format::Json, json!({"time": clock}).to_string()),
            2 => Case::decoy(name, Format::Text, format!("{seconds}.{} GET /", rng.digits(6))),
            _ => Case::decoy(name, Format::Text, fill(rng.pick(PLACES), &clock)),
        }
    })
}
