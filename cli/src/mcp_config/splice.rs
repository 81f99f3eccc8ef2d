//! Changing a text at places that a parser named.

use std::ops::Range;

use super::error::Problem;

/// `text` with each range replaced. The ranges come in order and do not overlap.
pub(super) fn splice(text: &str, edits: &[(Range<usize>, &str)]) -> Result<String, Problem> {
    let mut out = String::with_capacity(text.len() + edits.iter().map(|(_, new)| new.len()).sum::<usize>());
    let mut done = 0;
    for (range, new) in edits {
        out.push_str(part(text, done..range.start)?);
        out.push_str(new);
        done = range.end;
    }
    out.push_str(part(text, done..text.len())?);
    Ok(out)
}

pub(super) fn part(text: &str, range: Range<usize>) -> Result<&str, Problem> {
    text.get(range).ok_or(Problem::NotEdited)
}

/// How the text ends its lines.
pub(super) fn newline(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text.get(..at).is_some_and(|line| line.ends_with('\r')) => "\r\n",
        _ => "\n",
    }
}

/// The blanks before `at`, where nothing else stands before it on its line.
pub(super) fn indent(text: &str, at: usize) -> Option<&str> {
    let line = line(text, at)?;
    line.trim_matches([' ', '\t']).is_empty().then_some(line)
}

/// The blanks at the beginning of the line on which `at` is.
pub(super) fn margin(text: &str, at: usize) -> &str {
    let line = line(text, at).unwrap_or_default();
    line.get(..line.len() - line.trim_start_matches([' ', '\t']).len()).unwrap_or_default()
}

/// The line's text up to `at`.
fn line(text: &str, at: usize) -> Option<&str> {
    text.get(..at)?.rsplit('\n').next()
}

pub(super) fn line_number(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// What is between the beginning and the end that two texts share: (in `before`, in `after`).
pub(super) fn difference<'a>(before: &'a str, after: &'a str) -> (&'a str, &'a str) {
    let same = before.chars().zip(after.chars()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    let (before, after) = (before.get(same..).unwrap_or_default(), after.get(same..).unwrap_or_default());
    let end = |(c, _): (char, char)| c.len_utf8();
    let same: usize = before.chars().rev().zip(after.chars().rev()).take_while(|(a, b)| a == b).map(end).sum();
    (before.get(..before.len() - same).unwrap_or_default(), after.get(..after.len() - same).unwrap_or_default())
}
