//! The generators, a file each.

mod base64;
mod beside;
mod brands;
mod cjk;
mod code_keys;
mod code_prose;
mod columns;
mod errors;
mod glued;
mod groups;
mod harmless;
mod iban;
mod ids;
mod json_deep;
mod json_forms;
mod json_plain;
mod long;
mod markup;
mod masked;
mod mcp;
mod names;
mod neighbours;
mod network;
mod numbers;
mod pins;
mod prose;
mod shapes;
mod sql;
mod sse;
mod tables;
mod times;
mod tracks;
mod unicode;
mod url;
mod words;

use super::case::Case;

/// The cases of one category stand together.
pub fn all() -> Vec<Case> {
    let generators: &[fn() -> Vec<Case>] = &[
        // Plain forms.
        brands::cases,
        groups::cases,
        prose::cases,
        json_plain::cases,
        tables::cases,
        sql::cases,
        errors::cases,
        mcp::cases,
        sse::cases,
        neighbours::cases,
        long::cases,
        // Hard forms.
        unicode::cases,
        cjk::cases,
        json_forms::cases,
        json_deep::cases,
        url::cases,
        markup::cases,
        base64::cases,
        glued::cases,
        names::cases,
        harmless::cases,
        columns::cases,
        // Sensitive authentication data.
        tracks::cases,
        code_keys::cases,
        code_prose::cases,
        pins::cases,
        // What must stay.
        shapes::cases,
        ids::cases,
        times::cases,
        numbers::cases,
        network::cases,
        iban::cases,
        masked::cases,
        words::cases,
        beside::cases,
    ];
    generators.iter().flat_map(|generate| generate()).collect()
}

/// `make` as often as asked.
fn repeat(times: usize, mut make: impl FnMut(usize) -> Case) -> Vec<Case> {
    (0..times).map(&mut make).collect()
}

fn fill(template: &str, value: &str) -> String {
    template.replace("{}", value)
}
