//! From the parser's names to [`TableName`]: folding, `IDENTIFIER('…')`, and what the session leaves out.

use hoop_model::TableName;
use sqlparser::ast::{Expr, FunctionArg, FunctionArgExpr, Ident, ObjectName, ObjectNamePart, Value};

use crate::{SessionState, survey::Survey};

/// A word of the statement for use in a reason: shortened to what can be no card number or literal.
pub(crate) fn shown(word: &str) -> &str {
    let plain = word.len() <= 64
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'$')
        && word.bytes().filter(u8::is_ascii_digit).count() < 8;
    if plain { word } else { "(a name not shown)" }
}

/// The name as the server holds it: unquoted in upper case, quoted as it stands. The parser keeps the text between the
/// quotes as it was written.
fn folded(ident: &Ident) -> Result<String, &'static str> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'$';
    match ident.quote_style {
        _ if ident.value.is_empty() => Err("a name is empty"),
        _ if !ident.value.is_ascii() => {
            Err("a relation's name holds characters outside ASCII, which can pass for others")
        }
        None if ident.value.starts_with('@') => Err("names a stage"),
        None if ident.value.bytes().all(plain) => Ok(ident.value.to_ascii_uppercase()),
        Some('"') => Ok(ident.value.replace("\"\"", "\"")),
        _ => Err("a name is written in a way that is not modelled"),
    }
}

/// The parts of `a."b".c` given as a literal, by its source text: what its escapes stand for is the server's to say.
fn literal(text: &str) -> Result<Vec<String>, &'static str> {
    if text.contains(['\\', '\'']) {
        return Err("a name in a literal holds an escape");
    }
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let (ident, after) = if let Some(quoted) = rest.strip_prefix('"') {
            let (value, after) = quoted.split_once('"').ok_or("a quoted name in a literal is not closed")?;
            if after.starts_with('"') {
                return Err("a name in a literal holds a quote");
            }
            (Ident::with_quote('"', value), after)
        } else {
            let end = rest.find('.').unwrap_or(rest.len());
            let (value, after) = rest.split_at_checked(end).ok_or("a name in a literal cannot be read")?;
            (Ident::new(value), after)
        };
        parts.push(folded(&ident)?);
        match after.strip_prefix('.') {
            Some(after) => rest = after,
            None if after.is_empty() => return Ok(parts),
            None => return Err("a name in a literal cannot be read"),
        }
    }
}

fn parts(name: &ObjectName) -> Result<Vec<String>, &'static str> {
    let mut parts = Vec::new();
    for (index, part) in name.0.iter().enumerate() {
        match part {
            // `db..t` is the schema PUBLIC.
            ObjectNamePart::Identifier(ident) if index == 1 && name.0.len() == 3 && *ident == Ident::new("") => {
                parts.push(PUBLIC.to_owned());
            }
            ObjectNamePart::Identifier(ident) => parts.push(folded(ident)?),
            ObjectNamePart::Function(function) => match function.args.as_slice() {
                [FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(value)))] => match &value.value {
                    Value::SingleQuotedString(text) => parts.extend(literal(text)?),
                    _ => return Err("a name comes from a variable or bind"),
                },
                _ => return Err("a name comes from an expression"),
            },
        }
    }
    match parts.len() {
        1..=3 => Ok(parts),
        0 => Err("a name is empty"),
        _ => Err("a name has more than three parts"),
    }
}

fn qualified(mut parts: Vec<String>, state: &SessionState) -> TableName {
    if parts.len() == 1
        && let Some(schema) = &state.schema
    {
        parts.insert(0, schema.clone());
    }
    if parts.len() == 2
        && let Some(database) = &state.database
    {
        parts.insert(0, database.clone());
    }
    TableName(parts)
}

const PUBLIC: &str = "PUBLIC";

/// Schemas whose relations hold the text of other people's statements, or of views and procedures.
const HOLDS_SQL_TEXT: &[&str] =
    &["INFORMATION_SCHEMA", "ACCOUNT_USAGE", "READER_ACCOUNT_USAGE", "ORGANIZATION_USAGE", "DATA_SHARING_USAGE"];

impl Survey<'_> {
    /// The folded parts, or `None` and an unknown statement.
    pub(crate) fn parts(&mut self, name: &ObjectName) -> Option<Vec<String>> {
        match parts(name) {
            Ok(parts) => Some(parts),
            Err(reason) => {
                self.unknown(reason);
                None
            }
        }
    }

    /// A relation that is read: a CTE in scope, or a table.
    pub(crate) fn source(&mut self, name: &ObjectName) {
        let Some(parts) = self.parts(name) else { return };
        if let [one] = parts.as_slice()
            && self.ctes.contains(one)
        {
            return;
        }
        self.searched(parts);
    }

    /// A relation that is made, altered or dropped: never a CTE.
    pub(crate) fn target(&mut self, name: &ObjectName) {
        if let Some(parts) = self.parts(name) {
            self.add(parts);
        }
    }

    /// A relation whose rows are changed: never a CTE, found like one that is read.
    pub(crate) fn changed(&mut self, name: &ObjectName) {
        if let Some(parts) = self.parts(name) {
            self.searched(parts);
        }
    }

    /// A relation named by a literal, as in `TABLE('payments')`.
    pub(crate) fn named_by_literal(&mut self, text: &str) {
        match literal(text) {
            Ok(parts) if parts.len() <= 3 => self.searched(parts),
            Ok(_) => self.unknown("a name has more than three parts"),
            Err(reason) => self.unknown(reason),
        }
    }

    /// A name without a schema is looked for in the current one and then in PUBLIC (`SEARCH_PATH`'s default), so it may
    /// mean either.
    fn searched(&mut self, parts: Vec<String>) {
        let elsewhere = self.state.schema.as_ref().is_some_and(|schema| schema != PUBLIC);
        let in_public = match parts.as_slice() {
            [name] if elsewhere => Some(vec![PUBLIC.to_owned(), name.clone()]),
            _ => None,
        };
        self.add(parts);
        if let Some(parts) = in_public {
            self.reason(
                "a name without a schema counts in the current schema and in PUBLIC, where it is looked for next",
            );
            self.add(parts);
        }
    }

    fn add(&mut self, parts: Vec<String>) {
        let table = qualified(parts, self.state);
        if let [.., schema, _] = table.0.as_slice()
            && HOLDS_SQL_TEXT.contains(&schema.to_ascii_uppercase().as_str())
        {
            self.reason(format!("reads {}, which can hold the text of statements", schema.to_ascii_uppercase()));
        }
        if !self.tables.contains(&table) {
            self.tables.push(table);
        }
    }
}

/// The CTE's name as references to it fold; a name that cannot be folded hides nothing.
pub(crate) fn cte(ident: &Ident) -> Option<String> {
    folded(ident).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn literals_fold_like_names() {
        assert_eq!(literal("shop.public.\"pay.ments\"").unwrap(), ["SHOP", "PUBLIC", "pay.ments"]);
        for bad in
            ["", "a.", ".a", "a b", "\"a", "\"a\"b", "pаyments", "a;b", r"pay\x6dents", r#""pay\x6dents""#, "\"a''b\""]
        {
            assert!(literal(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_the_session_does_not_know_is_left_out() {
        let only_schema = SessionState { database: None, schema: Some("S".into()), role: None };
        assert_eq!(qualified(vec!["T".into()], &only_schema).to_string(), "S.T");
        let only_database = SessionState { database: Some("D".into()), schema: None, role: None };
        assert_eq!(qualified(vec!["T".into()], &only_database).to_string(), "T");
        assert_eq!(qualified(vec!["S".into(), "T".into()], &only_database).to_string(), "D.S.T");
    }
}
