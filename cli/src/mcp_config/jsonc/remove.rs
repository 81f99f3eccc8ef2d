use std::ops::Range;

use jsonc_parser::ast::Object;

use super::{Document, member};
use crate::mcp_config::{
    error::Problem,
    splice::{indent, part, splice},
};

pub(in crate::mcp_config) fn remove(text: &str, key: &'static str, name: &str, table: bool) -> Result<String, Problem> {
    let document = Document::parse(text)?;
    let Some(servers) = document.servers(key)? else { return Err(Problem::NotEdited) };
    let text = cut(&document, servers, name)?;
    if !table {
        return Ok(text);
    }
    let document = Document::parse(&text)?;
    let Some(servers) = document.servers(key)? else { return Err(Problem::NotEdited) };
    // The braces alone.
    if document.tokens(servers.range.start..servers.range.end).count() > 2 {
        return Ok(text);
    }
    let Some(root) = document.root(key)? else { return Err(Problem::NotEdited) };
    cut(&document, root, key)
}

/// `object` without the member, its comma and the line it stood on.
fn cut(document: &Document<'_>, object: &Object<'_>, name: &str) -> Result<String, Problem> {
    let text = document.text;
    let Some(cut) = member(object, name).map(|member| member.range) else { return Err(Problem::NotEdited) };
    let end = object.range.end.saturating_sub(1);
    let next = object.properties.iter().map(|member| member.range.start).find(|start| *start >= cut.end);
    let before = object.properties.iter().map(|member| member.range.end).rfind(|end| *end <= cut.start);
    if let Some(comma) = document.commas(cut.end..next.unwrap_or(end)).next() {
        return splice(text, &[(widened(text, cut.start..comma.range.end)?, "")]);
    }
    let comma = before.and_then(|before| document.commas(before..cut.start).next_back()).map(|comma| comma.range);
    match comma {
        Some(comma) if part(text, comma.end..cut.start)?.trim().is_empty() => {
            splice(text, &[(comma.start..cut.end, "")])
        }
        // A comment stands between, and stays.
        Some(comma) => splice(text, &[(comma.start..comma.end, ""), (widened(text, cut.start..cut.end)?, "")]),
        None => splice(text, &[(widened(text, cut.start..cut.end)?, "")]),
    }
}

/// With its line, where nothing else is on that; else with the blanks that set off what follows.
fn widened(text: &str, cut: Range<usize>) -> Result<Range<usize>, Problem> {
    let after = part(text, cut.end..text.len())?;
    let rest = after.trim_start_matches([' ', '\t']);
    match indent(text, cut.start) {
        // Otherwise what follows would join the line before, which may end in a comment.
        Some(blanks) if cut.start > blanks.len() && rest.starts_with(['\n', '\r']) => {
            let line = cut.start - blanks.len() - 1;
            let line = if part(text, 0..line)?.ends_with('\r') { line - 1 } else { line };
            Ok(line..cut.end)
        }
        _ => Ok(cut.start..cut.end + (after.len() - rest.len())),
    }
}
