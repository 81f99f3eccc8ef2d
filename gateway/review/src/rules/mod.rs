//! The rules, each in a file of its own: what it looks for, what it remembers for that, and how much of it at most.

pub(crate) mod break_glass;
pub(crate) mod control;
pub(crate) mod denied;
pub(crate) mod new_resource;
pub(crate) mod off_hours;
pub(crate) mod unexpected_pan;
pub mod volume;

/// People, workloads and addresses that one rule remembers.
pub const SUBJECTS: usize = 10_000;
/// Tables, tools and places that one rule remembers, over all subjects.
pub const PLACES: usize = 50_000;
/// Exchanges under way of which it is remembered what they asked for.
pub const EXCHANGES: usize = 10_000;

/// The tables and tools that a record names, each once; a connection alone is none.
fn resources(draft: &hoop_audit::Draft) -> Vec<&str> {
    let mut named: Vec<&str> = draft.resources.iter().map(String::as_str).filter(|name| name.contains('/')).collect();
    named.sort_unstable();
    named.dedup();
    named
}

/// The first of a list in words, and how many more there are.
fn some_of(names: &[&str]) -> String {
    const SHOWN: usize = 5;
    let shown = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
