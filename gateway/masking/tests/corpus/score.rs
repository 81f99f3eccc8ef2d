//! Judges an output: what it still shows, what it lost, whether it still parses.

use super::{
    case::{Case, Kind, Secret},
    decode::{documents, readings},
    reading,
};

pub struct Verdict {
    /// The secrets that can still be read.
    pub leaked: Vec<Secret>,
    /// What should have stayed and did not.
    pub lost: Vec<String>,
    /// A JSON document went in and none came out.
    pub broken: bool,
}

pub fn judge(case: &Case, output: &str) -> Verdict {
    let readings = readings(output);
    let joined: Vec<String> = readings.iter().map(|text| reading::joined(text)).collect();
    let runs: Vec<String> = readings.iter().map(|text| reading::runs(text)).collect();
    let shown = |secret: &&Secret| match secret.kind {
        Kind::Pan => joined.iter().any(|text| reading::shows_pan(text, &secret.digits)),
        Kind::Track => joined.iter().any(|text| reading::shows_track(text, &secret.digits)),
        Kind::Code => runs.iter().any(|text| reading::shows_code(text, &secret.digits)),
        Kind::PinBlock => readings.iter().any(|text| text.to_uppercase().contains(&secret.digits.to_uppercase())),
    };
    Verdict {
        leaked: case.secrets.iter().filter(shown).cloned().collect(),
        lost: case.keep.iter().filter(|text| !output.contains(text.as_str())).cloned().collect(),
        broken: documents(case.format, output) < documents(case.format, &case.text),
    }
}
