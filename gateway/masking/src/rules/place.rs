//! Places as rules write them, and whether a column or a JSON path is among them.
//!
//! - `DB.SCHEMA.TABLE.COLUMN`, from the right as many parts as are needed; a part may be quoted (`"my.col"`).
//! - `COLUMN` alone: of any table, and the JSON key of that name at any depth.
//! - `tool:$.path[].key`: that place in the tool's results, and everything below it.
//!
//! `*` is any run of characters within a part, a tool's name or a key. Capitals and small letters are the same.

use std::str::FromStr;

use super::glob::Glob;

/// Where a value stands, as far as its protocol says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlaceName<'a> {
    /// A column of a result. The parts of the table are `None` for expressions.
    Column { database: Option<&'a str>, schema: Option<&'a str>, table: Option<&'a str>, column: &'a str },
    /// A place in a tool's result, as findings spell it: `$`, `.key`, `[]`.
    Json { tool: &'a str, path: &'a str },
    /// Anything else, such as an error's text, which may hold a value of any place.
    Unknown,
}

/// A place in rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// In small letters, the column first.
    Column(Vec<Glob>),
    Json {
        tool: Glob,
        path: Vec<Step>,
    },
}

/// A part of a JSON path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Key(Glob),
    Item,
}

/// How far a value's place is within a rule's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    No,
    /// The protocol does not say enough to tell.
    Maybe,
    /// Within it, with others.
    Within,
    /// It is the very column or key that the rule names.
    Named,
}

/// Why a text is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    #[error("a part of it is empty; write * for any")]
    Empty,
    #[error("it has more than the four parts DATABASE.SCHEMA.TABLE.COLUMN; quote a part that has a point in it")]
    Parts,
    #[error("a quoted part must begin and end with a double quote, next to a point or the end")]
    Quotes,
    #[error("a path goes on from $ with .key or [] only, such as lookup:$.customers[].card")]
    Path,
}

impl Place {
    pub(crate) fn fit(&self, name: &PlaceName<'_>) -> Fit {
        match (self, name) {
            (Self::Column(parts), PlaceName::Column { database, schema, table, column }) => {
                column_fit(parts, [Some(*column), *table, *schema, *database])
            }
            (Self::Json { tool, path }, PlaceName::Json { tool: name, path: place }) if tool.is(name) => {
                path_fit(path, place)
            }
            (Self::Column(parts), PlaceName::Json { path, .. }) => match (parts.as_slice(), last_key(path)) {
                ([key], Some(name)) if key.is(name) => key.fit(),
                _ => Fit::No,
            },
            (_, PlaceName::Unknown) => Fit::Maybe,
            (Self::Json { .. }, _) => Fit::No,
        }
    }
}

fn column_fit(parts: &[Glob], names: [Option<&str>; 4]) -> Fit {
    let mut fit = parts.first().map_or(Fit::No, Glob::fit);
    for (part, name) in parts.iter().zip(names) {
        match name {
            Some(name) if part.is(name) => {}
            Some(_) => return Fit::No,
            None if part.is_any() => {}
            None => fit = Fit::Maybe,
        }
    }
    fit
}

fn path_fit(path: &[Step], place: &str) -> Fit {
    let mut steps = steps(place);
    for wanted in path {
        match (wanted, steps.next()) {
            (Step::Item, Some("[]")) => {}
            (Step::Key(key), Some(step)) if step.strip_prefix('.').is_some_and(|name| key.is(name)) => {}
            _ => return Fit::No,
        }
    }
    let below = steps.any(|step| step != "[]");
    let key = path.iter().rev().find_map(|step| if let Step::Key(key) = step { Some(key) } else { None });
    key.filter(|_| !below).map_or(Fit::Within, Glob::fit)
}

fn last_key(path: &str) -> Option<&str> {
    steps(path).filter_map(|step| step.strip_prefix('.')).last()
}

/// The steps of a path: `.key` and `[]`.
fn steps(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = path.strip_prefix('$').unwrap_or(path);
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let width = first.len_utf8();
        let end = match rest.strip_prefix("[]") {
            Some(_) => 2,
            None => {
                let key = rest.get(width..)?;
                width + key.find('.').into_iter().chain(key.find("[]")).min().unwrap_or(key.len())
            }
        };
        let step = rest.get(..end)?;
        rest = rest.get(end..)?;
        Some(step)
    })
}

impl FromStr for Place {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let tool = text.find(":$").filter(|at| text.get(..*at).is_some_and(|tool| !tool.contains('"')));
        match tool.and_then(|at| text.split_at_checked(at)) {
            Some((tool, path)) => {
                let tool = Glob::new(tool).ok_or(PlaceError::Empty)?;
                Ok(Self::Json { tool, path: path.strip_prefix(":$").map_or(Err(PlaceError::Path), written_path)? })
            }
            None => Ok(Self::Column(parts(text)?)),
        }
    }
}

fn written_path(path: &str) -> Result<Vec<Step>, PlaceError> {
    steps(path)
        .map(|step| match (step, step.strip_prefix('.')) {
            ("[]", _) => Ok(Step::Item),
            (_, Some(key)) if !key.contains(['[', ']', '"']) => Glob::new(key).map(Step::Key).ok_or(PlaceError::Path),
            _ => Err(PlaceError::Path),
        })
        .collect()
}

/// The parts of a column's name, the column first.
fn parts(text: &str) -> Result<Vec<Glob>, PlaceError> {
    let (mut parts, mut rest) = (Vec::new(), Some(text));
    while let Some(part) = rest {
        let (name, after) = match part.strip_prefix('"') {
            // A doubled quote stands for one, as in SQL.
            Some(quoted) => unquote(quoted).ok_or(PlaceError::Quotes)?,
            None => {
                let end = part.find('.').unwrap_or(part.len());
                let (name, after) = part.split_at_checked(end).unwrap_or((part, ""));
                (name.to_owned(), after)
            }
        };
        rest = match after.strip_prefix('.') {
            None if after.is_empty() => None,
            None => return Err(PlaceError::Quotes),
            more => more,
        };
        let quoted = part.starts_with('"');
        if !quoted && name.contains('"') {
            return Err(PlaceError::Quotes);
        }
        parts.push(if quoted { Glob::exact(&name) } else { Glob::new(&name) }.ok_or(PlaceError::Empty)?);
    }
    if parts.len() > 4 {
        return Err(PlaceError::Parts);
    }
    parts.reverse();
    Ok(parts)
}

/// The name up to the closing quote, and what follows it.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut rest = text;
    loop {
        let (part, after) = rest.split_once('"')?;
        name.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => rest = more,
            None => return Some((name, after)),
        }
        name.push('"');
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fit(place: &str, name: PlaceName<'_>) -> Fit {
        place.parse::<Place>().unwrap().fit(&name)
    }

    fn column<'a>(table: &'a str, column: &'a str) -> PlaceName<'a> {
        PlaceName::Column { database: Some("SHOP"), schema: Some("PUBLIC"), table: Some(table), column }
    }

    fn json(path: &str) -> PlaceName<'_> {
        PlaceName::Json { tool: "lookup", path }
    }

    #[test]
    fn columns() {
        let pan = column("PAYMENTS", "PAN");
        for place in ["*.*.PAYMENTS.PAN", "shop.public.payments.pan", "PAYMENTS.PAN", "pan", "\"PAN\"", "*.*.*.P*"] {
            assert_eq!(fit(place, pan), Fit::Named, "{place}");
        }
        assert_eq!(fit("*.*.PAYMENTS.*", pan), Fit::Within);
        assert_eq!(fit("*", pan), Fit::Within);
        for place in ["ORDERS.PAN", "OTHER.PUBLIC.PAYMENTS.PAN", "PAYMENTS.ID", "lookup:$.pan", "\"P*\""] {
            assert_eq!(fit(place, pan), Fit::No, "{place}");
        }
        assert_eq!(fit("\"My.Table\".\"a\"\"b\"", column("my.table", "A\"B")), Fit::Named);
    }

    #[test]
    fn an_expression_may_be_of_any_table() {
        let name = |column| PlaceName::Column { database: None, schema: None, table: None, column };
        assert_eq!(fit("*.*.PAYMENTS.PAN", name("PAN")), Fit::Maybe);
        assert_eq!(fit("*.*.PAYMENTS.*", name("X")), Fit::Maybe);
        assert_eq!(fit("*.*.*.PAN", name("PAN")), Fit::Named);
        assert_eq!(fit("PAN", name("PAN")), Fit::Named);
        assert_eq!(fit("*.*.PAYMENTS.PAN", name("X")), Fit::No);
        assert_eq!(fit("*.*.PAYMENTS.PAN", PlaceName::Unknown), Fit::Maybe);
    }

    #[test]
    fn paths() {
        for (place, path) in [
            ("lookup:$.customer.card", "$.customer.card"),
            ("LOOKUP:$.Customer.CARD", "$.customer.card"),
            ("*:$.customers[].card", "$.customers[].card"),
            ("look*:$[][].c*", "$[][].card"),
            ("lookup:$.*.card", "$.customer.card"),
            ("lookup:$.cards", "$.cards[][]"),
            ("lookup:$.a.b", "$.a.b"),
            ("card", "$.customers[].card[]"),
        ] {
            assert_eq!(fit(place, json(path)), Fit::Named, "{place} {path}");
        }
        for (place, path) in [
            ("lookup:$", "$"),
            ("lookup:$", "$.a[].b"),
            ("lookup:$[]", "$[]"),
            ("lookup:$.customer", "$.customer.card"),
            ("lookup:$.customer.*", "$.customer.card"),
        ] {
            assert_eq!(fit(place, json(path)), Fit::Within, "{place} {path}");
        }
        for (place, path) in [
            ("other:$.card", "$.card"),
            ("lookup:$.card", "$.cards"),
            ("lookup:$.card", "$[].card"),
            ("lookup:$.a.card", "$.card"),
            ("*.*.*.card", "$.card"),
            ("card", "$.card.number"),
            ("card", "$"),
        ] {
            assert_eq!(fit(place, json(path)), Fit::No, "{place} {path}");
        }
    }

    #[test]
    fn what_is_no_place() {
        let error = |text: &str| text.parse::<Place>().err();
        for text in ["", "a..b", ".a", "a.", "\"\"", "a. b", ":$.a"] {
            assert_eq!(error(text), Some(PlaceError::Empty), "{text}");
        }
        for text in ["\"a", "\"a\"b", "a\"b\"", "\"a\".\"b"] {
            assert_eq!(error(text), Some(PlaceError::Quotes), "{text}");
        }
        assert_eq!(error("a.b.c.d.e"), Some(PlaceError::Parts));
        for text in ["t:$a", "t:$..a", "t:$.a[0]", "t:$.a[", "t:$.", "t:$.\"a\""] {
            assert_eq!(error(text), Some(PlaceError::Path), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "[a-z$.:*\\[\\]\"é ]{0,16}", path in "[a-z$.\\[\\]é]{0,16}") {
            if let Ok(place) = text.parse::<Place>() {
                place.fit(&json(&path));
                place.fit(&column(&path, &text));
            }
        }

        #[test]
        fn a_path_is_its_steps(keys in prop::collection::vec("[a-zé]{1,4}|\\[\\]", 0..6)) {
            let step = |key: &String| if key == "[]" { key.clone() } else { format!(".{key}") };
            let path: String = keys.iter().map(step).collect();
            prop_assert_eq!(steps(&format!("${path}")).map(str::to_owned).collect::<Vec<_>>(),
                keys.iter().map(step).collect::<Vec<_>>());
            let within = fit(&format!("lookup:${path}"), json(&format!("${path}"))) >= Fit::Within;
            prop_assert!(within);
        }
    }
}
