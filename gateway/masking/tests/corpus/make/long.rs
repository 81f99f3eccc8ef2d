//! Long texts, the card number across the places where programs cut them.

use serde_json::json;

use super::repeat;
use crate::corpus::{
    case::{Case, Format},
    rng::Rng,
    spelling::everyday,
};

const CUTS: &[usize] = &[4096, 8192, 16_384, 65_536];

pub fn cases() -> Vec<Case> {
    let name = "long_text";
    let rng = &mut Rng::of(name);
    repeat(CUTS.len() * 6, |turn| {
        let (pan, written) = everyday(rng);
        let start = CUTS[turn % CUTS.len()] - rng.below(written.len());
        match turn / CUTS.len() % 2 {
            0 => {
                let line = "Nothing of note happened at 10:15:32 in room 318; see page 42.\n";
                let before: String = line.chars().cycle().take(start - 5).collect();
                let text = format!("{before}card {written}.\n{line}");
                Case::plain(name, Format::Text, text).keeps(line)
            }
            _ => {
                let row = json!(["17", "Ana Souza", "12.50", "2024-03-05"]);
                let rows = vec![row.clone(); start / (row.to_string().len() + 1)];
                let text = json!({"before": rows, "card": written, "after": [row]}).to_string();
                Case::plain(name, Format::Json, text).keeps("\"Ana Souza\"")
            }
        }
        .hides(&pan)
    })
}
