//! Track 1, track 2 and EMV tag 57.

use serde_json::json;

use super::{fill, repeat};
use crate::corpus::{
    case::{Case, Format, Kind},
    pan, reading,
    rng::Rng,
};

const HOLDERS: &[&str] = &["DOE/JOHN", "SOUZA/ANA MARIA", "O'NEIL/K.", "LI/WEI               "];

const PLACES: &[&str] = &["{}", "SWIPE {} OK", "raw={}", "<track>{}</track>", "terminal 7: read {}\nterminal 7: ok"];

const KEYS: &[&str] = &["track1", "track2", "track_data", "magstripe", "raw", "Track2Data", "swipe"];

pub fn cases() -> Vec<Case> {
    let mut cases = swiped("track1", |rng, pan, field| format!("%B{pan}^{}^{field}?", rng.pick(HOLDERS)));
    cases.extend(swiped("track2", |rng, pan, field| match rng.below(4) {
        0 => format!("{pan}={field}"),
        _ => format!(";{pan}={field}?"),
    }));
    cases.extend(swiped("track1_and_2", |rng, pan, field| {
        format!("%B{pan}^{}^{field}?;{pan}={field}?", rng.pick(HOLDERS))
    }));
    cases.extend(chip());
    cases
}

/// Expiry, service code and discretionary data. Without zeros, so that a zeroed field cannot read as itself, and sharing
/// nothing with the number that may stay of it.
fn field(rng: &mut Rng, pan: &str, discretionary: usize) -> String {
    loop {
        let month = rng.within(1, 9);
        let rest: String = (0..discretionary).map(|_| char::from(b'1' + rng.below(9) as u8)).collect();
        let field = format!("2{}0{month}{}{rest}", rng.within(6, 9), rng.pick(&["101", "201", "121", "226"]));
        if !reading::shows_track(pan, &field) {
            return field;
        }
    }
}

fn swiped(name: &'static str, write: impl Fn(&mut Rng, &str, &str) -> String) -> Vec<Case> {
    let rng = &mut Rng::of(name);
    repeat(64, |turn| {
        let pan = pan::any(rng);
        let field = field(rng, &pan, 8 + turn % 6);
        let track = write(rng, &pan, &field);
        let key = rng.pick(KEYS);
        let case = match turn % 3 {
            0 => Case::sad(name, Format::Text, fill(rng.pick(PLACES), &track)),
            1 => Case::sad(name, Format::Json, json!({"id": 3, key: track}).to_string()),
            _ => Case::sad(
                name,
                Format::Json,
                json!({"lines": ["read", format!("got {track} from reader")]}).to_string(),
            ),
        };
        case.hides(&pan).secret(Kind::Track, &field)
    })
}

/// Tag 57 by key, and in a list of tags as hexadecimal.
fn chip() -> Vec<Case> {
    let name = "emv_tag_57";
    let rng = &mut Rng::of(name);
    repeat(80, |turn| {
        let pan = pan::any(rng);
        let room = 37 - pan.len() - 1 - 7;
        let field = field(rng, &pan, room.min(5 + turn % 9));
        let mut value = format!("{pan}{}{field}", if turn % 7 == 3 { 'd' } else { 'D' });
        if value.len() % 2 == 1 {
            value.push('F');
        }
        let length = value.len() / 2;
        let tags = format!("9F2608A1B2C3D4E5F60718{}57{length:02X}{value}9F100706010A03A0B800", "5F2A020978");
        let case = match turn % 8 {
            0 => Case::sad(name, Format::Json, json!({"57": value}).to_string()),
            1 => Case::sad(name, Format::Json, json!({"emv": {"tag57": value, "9F02": "000000001250"}}).to_string()),
            2 => Case::sad(name, Format::Json, json!({"track2_equivalent_data": value}).to_string()),
            3 => Case::sad(name, Format::Text, format!("57 {length:02X} {value}")),
            4 => Case::sad(name, Format::Text, format!("DE55: {tags}")),
            5 => Case::sad(name, Format::Json, json!({"de55": tags, "mti": "0100"}).to_string()),
            6 => Case::sad(name, Format::Text, format!("tag 57: {value}")),
            _ => {
                let bytes: Vec<&str> = (0..length).map(|at| &value[2 * at..2 * at + 2]).collect();
                Case::sad(name, Format::Text, format!("57 {length:02X} {}", bytes.join(" ")))
            }
        };
        case.hides(&pan).secret(Kind::Track, &field)
    })
}
