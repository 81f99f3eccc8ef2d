//! Separators beyond ASCII, invisible characters, digits of other scripts.

use super::{fill, repeat};
use crate::corpus::{
    case::{Case, Format},
    pan,
    rng::Rng,
    spelling::{self, GROUPINGS, INVISIBLE, SCRIPTS, UNICODE_SEPARATORS, grouped, in_script},
};

const AROUND: &[&str] = &["{}", "Card: {}", "Please charge {}, thanks.", "« {} »", "number '{}' was declined"];

pub fn cases() -> Vec<Case> {
    let mut cases = separators();
    cases.extend(invisible());
    cases.extend(scripts());
    cases.extend(mixed_scripts());
    cases
}

/// Half of them inside JSON.
fn case(name: &'static str, rng: &mut Rng, pan: &str, written: &str) -> Case {
    let text = fill(rng.pick(AROUND), written);
    let case = if rng.below(2) == 0 {
        Case::hard(name, Format::Text, text)
    } else {
        Case::hard(name, Format::Json, serde_json::json!({"id": 3, "note": text}).to_string())
    };
    case.hides(pan)
}

fn separators() -> Vec<Case> {
    let name = "separator_unicode";
    let rng = &mut Rng::of(name);
    let mut cases = Vec::new();
    for separator in UNICODE_SEPARATORS {
        for groups in GROUPINGS {
            for _ in 0..3 {
                let (pan, written) = spelling::draw(rng, groups, separator);
                cases.push(case(name, rng, &pan, &written));
            }
        }
    }
    cases
}

fn invisible() -> Vec<Case> {
    let name = "invisible";
    let rng = &mut Rng::of(name);
    repeat(INVISIBLE.len() * 10, |turn| {
        let mark = INVISIBLE[turn % INVISIBLE.len()].to_string();
        let pan = pan::of_length(rng, 16);
        let fours = GROUPINGS[0];
        let written = match turn / INVISIBLE.len() % 5 {
            0 => pan.chars().map(String::from).collect::<Vec<_>>().join(&mark),
            1 => grouped(&pan, fours, &mark),
            2 => grouped(&pan, fours, &format!(" {mark}")),
            3 => format!("{mark}{pan}{mark}"),
            _ => format!("{}{mark}{}", &pan[..9], &pan[9..]),
        };
        case(name, rng, &pan, &written)
    })
}

fn scripts() -> Vec<Case> {
    let name = "script";
    let rng = &mut Rng::of(name);
    repeat(SCRIPTS.len() * 6, |turn| {
        let zero = SCRIPTS[turn % SCRIPTS.len()];
        let (pan, written) = spelling::everyday(rng);
        let separated = if turn % 5 == 0 { written.replace(' ', "\u{3000}") } else { written };
        case(name, rng, &pan, &in_script(&separated, zero))
    })
}

/// Each digit in ASCII or in one other script.
fn mixed_scripts() -> Vec<Case> {
    let name = "script_mixed";
    let rng = &mut Rng::of(name);
    repeat(40, |_| {
        let (pan, written) = spelling::everyday(rng);
        let zero = rng.pick(SCRIPTS);
        let mixed: String = written
            .chars()
            .map(|digit| if rng.below(2) == 0 { in_script(&digit.to_string(), zero) } else { digit.to_string() })
            .collect();
        case(name, rng, &pan, &mixed)
    })
}
