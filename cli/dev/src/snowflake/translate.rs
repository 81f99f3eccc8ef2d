//! Snowflake SQL to SQLite's, as far as invented payments need it. What is not translated goes through as it is and
//! SQLite decides.

use super::failure::Failure;
use super::session::{Place, Session, locked};
use super::tokens::{Class, Token, tokens};

const CATALOG_TABLES: &str = "(SELECT 'PUBLIC' AS TABLE_SCHEMA, upper(name) AS TABLE_NAME, 'BASE TABLE' AS TABLE_TYPE \
    FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%')";
const CATALOG_COLUMNS: &str = "(SELECT 'PUBLIC' AS TABLE_SCHEMA, upper(t.name) AS TABLE_NAME, upper(c.name) AS COLUMN_NAME, \
    c.type AS DATA_TYPE FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table')";

/// One statement in SQLite's words.
pub(crate) fn translate(sql: &str, session: &Session) -> Result<String, Failure> {
    let place = locked(&session.place).clone();
    let tokens: Vec<Token<'_>> = tokens(sql).into_iter().filter(|token| token.class != Class::Space).collect();
    let mut out = Writer { pieces: Vec::new() };
    let mut after_from = false;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let following = tokens.get(at + 1..).unwrap_or_default();
        at += 1;
        match token.class {
            Class::Text => out.push(&format!("'{}'", token.literal().unwrap_or_default().replace('\'', "''"))),
            Class::Word if starts(following, &["(", ")"]) && context(token, session, &place).is_some() => {
                out.push(&context(token, session, &place).unwrap_or_default());
                at += 2;
            }
            Class::Word if token.is("table") && is_generator(following) => {
                at += out.generator(following).ok_or_else(|| Failure::syntax("generator needs rowcount"))?;
            }
            Class::Word if (token.is("seq4") || token.is("seq8")) && starts(following, &["(", ")"]) => {
                out.push("n");
                at += 2;
            }
            Class::Word
                if (token.is("to_number") || token.is("to_decimal"))
                    && following.first().is_some_and(|next| next.text == "(") =>
            {
                if let Some(value) = following.get(1).and_then(Token::literal) {
                    numeric(&value)?;
                }
                out.push("- -"); // SQLite's shortest way to a number
            }
            Class::Word | Class::Quoted if names_a_table(&out, after_from) => {
                at += out.table_name(token, following);
            }
            Class::Word | Class::Quoted
                if out.ends_with(".") || following.first().is_none_or(|next| next.text != ".") =>
            {
                after_from = follows_from(token, after_from);
                out.push(word(token));
            }
            Class::Word | Class::Quoted => at += out.column_name(token, following),
            Class::Symbol if token.text == "::" => at += out.cast(following)?,
            Class::Symbol if token.text == ":" && following.first().is_some_and(|next| next.class == Class::Number) => {
                out.push(&format!("?{}", following.first().map_or("", |next| next.text)));
                at += 1;
            }
            _ => {
                after_from &= !matches!(token.text, "(" | ")" | ";");
                out.push(token.text);
            }
        }
    }
    Ok(out.pieces.join(" "))
}

fn starts(tokens: &[Token<'_>], texts: &[&str]) -> bool {
    tokens.len() >= texts.len() && tokens.iter().zip(texts).all(|(token, text)| token.is(text))
}

fn is_generator(following: &[Token<'_>]) -> bool {
    starts(following, &["(", "generator", "("])
}

fn names_a_table(out: &Writer, after_from: bool) -> bool {
    let before = out.pieces.last().map(|piece| piece.to_uppercase()).unwrap_or_default();
    matches!(before.as_str(), "FROM" | "JOIN" | "INTO" | "UPDATE" | "TABLE" | "EXISTS" | "VIEW" | "TRUNCATE")
        || (after_from && before == ",")
}

fn follows_from(token: &Token<'_>, so_far: bool) -> bool {
    let ends = ["where", "group", "order", "having", "limit", "union", "on", "select", "set", "values", "qualify"];
    token.is("from") || (so_far && !ends.iter().any(|word| token.is(word)))
}

fn word<'a>(token: &Token<'a>) -> &'a str {
    match token.text.to_ascii_lowercase().as_str() {
        "ilike" => "LIKE",
        "nvl" => "ifnull",
        "len" => "length",
        "charindex" => "instr",
        "listagg" => "group_concat",
        _ => token.text,
    }
}

/// Functions that speak of the session.
fn context(token: &Token<'_>, session: &Session, place: &Place) -> Option<String> {
    let text = |value: &str| Some(format!("'{}'", value.replace('\'', "''")));
    match token.text.to_ascii_lowercase().as_str() {
        "current_user" => text(&session.user.to_uppercase()),
        "current_role" => text(&place.role),
        "current_database" => text(&place.database),
        "current_schema" => text(&place.schema),
        "current_warehouse" => text(&place.warehouse),
        "current_account" => text("DEMO"),
        "current_region" => text("LOCAL"),
        "current_session" => text(&session.id.to_string()),
        "current_version" => text("9.40.1"),
        "current_timestamp" | "sysdate" | "getdate" => Some("CURRENT_TIMESTAMP".to_owned()),
        "current_date" => Some("CURRENT_DATE".to_owned()),
        _ => None,
    }
}

fn numeric(value: &str) -> Result<(), Failure> {
    let trimmed = value.trim();
    let number =
        trimmed.parse::<f64>().is_ok_and(f64::is_finite) && trimmed.contains(|char: char| char.is_ascii_digit());
    if number { Ok(()) } else { Err(Failure::not_numeric(value)) }
}

struct Writer {
    pieces: Vec<String>,
}

impl Writer {
    fn push(&mut self, piece: &str) {
        self.pieces.push(piece.to_owned());
    }

    fn ends_with(&self, piece: &str) -> bool {
        self.pieces.last().is_some_and(|last| last == piece)
    }

    /// `db.schema.table` keeps its last part; keywords before a name (IF NOT EXISTS, OR REPLACE) pass. Returns how many
    /// of the following tokens it took.
    fn table_name(&mut self, token: &Token<'_>, following: &[Token<'_>]) -> usize {
        let (parts, taken) = dotted(token, following);
        let last = parts.last().copied().unwrap_or(token.text);
        let catalog = parts.iter().any(|part| part.eq_ignore_ascii_case("information_schema"));
        match last.to_ascii_lowercase().as_str() {
            "tables" if catalog => self.push(CATALOG_TABLES),
            "columns" if catalog => self.push(CATALOG_COLUMNS),
            _ => self.push(last),
        }
        taken
    }

    /// `db.schema.table.column` keeps `table.column`.
    fn column_name(&mut self, token: &Token<'_>, following: &[Token<'_>]) -> usize {
        let (parts, taken) = dotted(token, following);
        let kept = parts.get(parts.len().saturating_sub(2)..).unwrap_or_default();
        self.push(&kept.join("."));
        taken
    }

    /// `operand::type` becomes CAST(operand AS type).
    fn cast(&mut self, following: &[Token<'_>]) -> Result<usize, Failure> {
        let Some(kind) = following.first() else { return Err(Failure::syntax("unexpected end after '::'")) };
        let mut taken = 1;
        let mut wanted = kind.text.to_owned();
        if following.get(1).is_some_and(|token| token.text == "(") {
            while let Some(token) = following.get(taken) {
                wanted.push_str(token.text);
                taken += 1;
                if token.text == ")" {
                    break;
                }
            }
        }
        let operand = self.operand();
        let number = ["number", "int", "integer", "bigint", "decimal", "numeric"].iter().any(|word| kind.is(word));
        if let (true, Some(literal)) = (number, Token { class: Class::Text, text: &operand }.literal()) {
            numeric(&literal)?;
        }
        self.push(&format!("CAST({operand} AS {wanted})"));
        Ok(taken)
    }

    /// Takes back what `::` applies to: a literal, a name, or a bracketed expression with its function's name.
    fn operand(&mut self) -> String {
        let mut taken = Vec::new();
        let mut depth = 0_usize;
        while let Some(piece) = self.pieces.pop() {
            match piece.as_str() {
                ")" => depth += 1,
                "(" => depth = depth.saturating_sub(1),
                _ => {}
            }
            let opened = piece == "(";
            taken.push(piece);
            if depth == 0 {
                let function = self.pieces.last().is_some_and(|name| {
                    name.chars().all(|char| char.is_alphanumeric() || char == '_')
                        && !["select", "and", "or", "in", "not", "when", "then", "else", "from", "where", "on"]
                            .iter()
                            .any(|keyword| name.eq_ignore_ascii_case(keyword))
                });
                if opened && function {
                    taken.extend(self.pieces.pop());
                }
                break;
            }
        }
        taken.reverse();
        taken.join(" ")
    }

    /// `TABLE(GENERATOR(ROWCOUNT => N))` as a table of n = 0..N.
    fn generator(&mut self, following: &[Token<'_>]) -> Option<usize> {
        let close = following.iter().position(|token| token.text == ")")?;
        let rows: u64 = following.iter().take(close).find(|token| token.class == Class::Number)?.text.parse().ok()?;
        self.push(&format!(
            "(WITH RECURSIVE made(n) AS (SELECT 0 WHERE {rows} > 0 UNION ALL SELECT n + 1 FROM made WHERE n + 1 < {rows}) SELECT n FROM made)"
        ));
        Some(close + 2)
    }
}

/// The parts of a dotted name and how many of the following tokens belong to it.
fn dotted<'a>(token: &Token<'a>, following: &[Token<'a>]) -> (Vec<&'a str>, usize) {
    let mut parts = vec![token.text];
    let mut taken = 0;
    while following.get(taken).is_some_and(|dot| dot.text == ".") {
        taken += 1;
        if let Some(part) = following.get(taken) {
            if part.text == "." {
                continue; // `db..table`
            }
            parts.push(part.text);
            taken += 1;
        }
    }
    (parts, taken)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::snowflake::session::Sessions;

    fn translated(sql: &str) -> Result<String, Failure> {
        let place = Place { database: "DB".into(), schema: "PUBLIC".into(), warehouse: "WH".into(), role: "R".into() };
        let (session, ..) = Sessions::new("m").open("svc", "app", place, HashMap::new());
        translate(sql, &session)
    }

    #[test]
    fn qualified_names_lose_their_database_and_schema() {
        assert_eq!(
            translated("select p.id from db.public.payments p, db..refunds").unwrap(),
            "select p.id from payments p , refunds"
        );
        assert_eq!(translated("insert into public.t(a) values (1.5)").unwrap(), "insert into t ( a ) values ( 1.5 )");
        assert_eq!(translated("select db.s.t.c, t.* from t").unwrap(), "select t.c , t.* from t");
    }

    #[test]
    fn casts_apply_to_the_operand_before_them() {
        assert_eq!(translated("select a.b::number(10,2) x").unwrap(), "select CAST(a.b AS number(10,2)) x");
        assert_eq!(translated("select max(c)::int + 1").unwrap(), "select CAST(max ( c ) AS int) + 1");
        assert_eq!(translated("select '1'::int").unwrap(), "select CAST('1' AS int)");
    }

    #[test]
    fn a_value_that_is_no_number_comes_back_in_the_error() {
        for sql in ["select '4111-1111'::number", "select to_number('4111-1111')"] {
            let failure = translated(sql).unwrap_err();
            assert_eq!((failure.code.as_str(), failure.sql_state), ("100038", "22018"));
            assert!(failure.message.contains("'4111-1111'"));
        }
    }

    #[test]
    fn session_functions_become_their_values() {
        assert_eq!(translated("select current_user(), CURRENT_DATABASE()").unwrap(), "select 'SVC' , 'DB'");
    }

    #[test]
    fn text_is_left_alone() {
        assert_eq!(translated(r"select 'a.b::c from x.y.z', 'it\'s'").unwrap(), "select 'a.b::c from x.y.z' , 'it''s'");
    }
}
