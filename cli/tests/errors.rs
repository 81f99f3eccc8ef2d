//! gateway/docs/errors.md has every error code that the three programs can give, and no other.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Where the code is not written at the place that makes the error, but in a table beside it.
const TABLES: [&str; 4] =
    ["gateway/identity/src/error.rs", "gateway/identity/src/jwt.rs", "gateway/approval/src/error.rs", LOGIN];
const LOGIN: &str = "cli/src/login/error.rs";

struct Source {
    path: String,
    text: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What is built into the programs: the development doubles and the tests are not.
fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    for dir in ["agent/src", "cli/src", "gateway"] {
        collect(&root().join(dir), &mut sources);
    }
    sources
}

fn collect(dir: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "tests" && name != "benches" && name != "fuzz" {
                collect(&path, sources);
            }
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
            let text = fs::read_to_string(&path).unwrap();
            // Tests stand at a file's end.
            let text = text.split("#[cfg(test)]").next().unwrap().to_owned();
            let path = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            sources.push(Source { path, text });
        }
    }
}

/// `Side::Client, "code"` at the beginning of `text`, for `kind` `Side`: the variant and the code.
fn pair<'a>(text: &'a str, kind: &str) -> Option<(&'a str, &'a str)> {
    let rest = text.trim_start().strip_prefix(kind)?.strip_prefix("::")?;
    let (variant, rest) = rest.split_once(',')?;
    let (code, _) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
    variant.chars().all(char::is_alphanumeric).then_some((variant, code))
}

/// What follows each occurrence of `word`.
fn after<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(word).map(move |(at, _)| text.get(at + word.len()..).unwrap())
}

/// Faults by code, with their sides where those stand beside the code.
fn faults(sources: &[Source]) -> BTreeMap<String, Option<String>> {
    let mut faults = BTreeMap::new();
    for source in sources {
        let table = TABLES.contains(&source.path.as_str());
        for made in after(&source.text, "Fault::new(") {
            match pair(made, "Side") {
                Some((side, code)) => {
                    faults.insert(code.to_owned(), Some(side.to_lowercase()));
                }
                None => assert!(table, "{}: a fault whose code cannot be read off", source.path),
            }
        }
        if table && source.path != LOGIN {
            let arms = after(&source.text, "=> \"").filter_map(|text| text.split_once('"'));
            faults.extend(arms.map(|(code, _)| (code.to_owned(), None)));
        }
    }
    faults
}

/// hoopctl's own.
fn failures(sources: &[Source]) -> BTreeSet<String> {
    let mut failures = BTreeSet::new();
    for source in sources.iter().filter(|source| source.path.starts_with("cli/")) {
        for made in after(&source.text, "Failure::new(") {
            let read_off = pair(made, "Exit").is_some() || source.path == LOGIN;
            assert!(read_off, "{}: a failure whose code cannot be read off", source.path);
        }
        let pairs = source.text.match_indices("Exit::").filter_map(|(at, _)| pair(source.text.get(at..)?, "Exit"));
        failures.extend(pairs.map(|(_, code)| code.to_owned()));
    }
    failures
}

/// The rows of the page's table that has the column `first`: its first cell and the codes.
fn documented(page: &str, first: &str) -> BTreeMap<String, String> {
    let mut rows = BTreeMap::new();
    let header = format!("| {first} |");
    let table = page.lines().skip_while(|line| !line.starts_with(&header)).skip(2);
    for row in table.take_while(|line| line.starts_with('|')) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let [_, first, codes, ..] = cells.as_slice() else { panic!("{row}") };
        for code in codes.split(", ") {
            let code = code.strip_prefix('`').and_then(|code| code.strip_suffix('`')).expect(row);
            assert!(rows.insert(code.to_owned(), (*first).to_owned()).is_none(), "{code} stands there twice");
        }
    }
    assert!(!rows.is_empty(), "no table begins with {header}");
    rows
}

#[test]
fn the_page_of_errors_is_complete() {
    let sources = sources();
    let page = fs::read_to_string(root().join("gateway/docs/errors.md")).unwrap();
    let (faults, failures) = (faults(&sources), failures(&sources));
    let (path, own) = (documented(&page, "side"), documented(&page, "exit"));
    assert!(faults.len() > 50 && failures.len() > 30, "{} and {} were found", faults.len(), failures.len());

    let mut wrong = Vec::new();
    for (code, side) in &faults {
        match (path.get(code), side) {
            (None, _) => wrong.push(format!("{code} is missing")),
            (Some(there), Some(side)) if there != side => wrong.push(format!("{code} is of the side {side}")),
            _ => {}
        }
    }
    wrong.extend(path.keys().filter(|code| !faults.contains_key(*code)).map(|code| format!("no fault is {code}")));
    let missing = failures.iter().filter(|code| !own.contains_key(*code) && !path.contains_key(*code));
    wrong.extend(missing.map(|code| format!("hoopctl's {code} is missing")));
    wrong.extend(own.keys().filter(|code| !failures.contains(*code)).map(|code| format!("hoopctl has no {code}")));
    assert!(wrong.is_empty(), "gateway/docs/errors.md:\n{}", wrong.join("\n"));
}
