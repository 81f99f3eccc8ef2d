//! The labelled corpus for other programs, and their scores beside ours.
//!
//! `corpus` writes the cases as JSON lines. `corpus score` scores our masker and `corpus score FILE` the outputs in FILE
//! (JSON lines of `id`, `output` and, masked once more, `again`), as a Markdown table.

#[path = "../tests/corpus/mod.rs"]
mod corpus;

use std::{
    collections::HashMap,
    error::Error,
    fs::File,
    io::{BufRead, BufReader, Write, stdout},
};

use corpus::{case::Case, corpus, engine, report::Report, score::judge};
use serde::Deserialize;

#[derive(Deserialize)]
struct Output {
    id: String,
    output: String,
    again: Option<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let cases = corpus();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => {
            let mut out = stdout().lock();
            for case in &cases {
                writeln!(out, "{}", serde_json::to_string(case)?)?;
            }
            Ok(())
        }
        ["score"] => print(&cases, |case| {
            let output = engine::mask(case.format, &case.text);
            let again = engine::mask(case.format, &output);
            Some((output, Some(again)))
        }),
        ["score", file] => {
            let mut outputs = read(file)?;
            print(&cases, |case| outputs.remove(&case.id).map(|output| (output.output, output.again)))
        }
        _ => Err("usage: corpus [score [FILE]]".into()),
    }
}

fn read(file: &str) -> Result<HashMap<String, Output>, Box<dyn Error>> {
    let mut outputs = HashMap::new();
    for line in BufReader::new(File::open(file)?).lines() {
        let output: Output = serde_json::from_str(&line?)?;
        outputs.insert(output.id.clone(), output);
    }
    Ok(outputs)
}

fn print(
    cases: &[Case],
    mut masked: impl FnMut(&Case) -> Option<(String, Option<String>)>,
) -> Result<(), Box<dyn Error>> {
    let mut report = Report::default();
    for case in cases {
        let (output, again) = masked(case).ok_or_else(|| format!("no output for {}", case.id))?;
        report.add(case, &judge(case, &output), &output, again.as_deref());
    }
    write!(stdout().lock(), "{report}")?;
    Ok(())
}
