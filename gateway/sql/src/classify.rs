use std::{panic, thread};

use hoop_model::Action;
use sqlparser::{
    dialect::SnowflakeDialect,
    parser::{Parser, ParserError, ParserOptions},
    tokenizer::{Token, Tokenizer},
};

use crate::{
    Classification, Judged, SessionEffect, SessionState,
    lexer::{self, Piece},
    survey::Survey,
    text,
};

/// The longest text that is read, in bytes; longer is unknown.
pub const MAX_BYTES: usize = 512 * 1024;

/// The most tokens that are parsed; more is unknown.
pub const MAX_TOKENS: usize = 100_000;

/// From this many tokens on a text gets a thread with a stack of its own: a chain of operators becomes a tree as deep
/// as it is long, and dropping it recurses (100,000 terms overflow 2 MiB; this many tokens need some 300 KiB).
const OWN_STACK_TOKENS: usize = 5_000;
const OWN_STACK_BYTES: usize = 64 * 1024 * 1024;

/// Judges every statement of `sql`; `state` is what unqualified names resolve against, and a `USE` inside the text
/// counts for the statements after it. Blocks for at most some 100 ms (at [`MAX_TOKENS`]).
pub fn classify(sql: &str, state: &SessionState) -> Classification {
    if sql.len() > MAX_BYTES {
        return Classification::unknown(format!("the text is longer than {MAX_BYTES} bytes"));
    }
    if let Some(reason) = text::refused(sql) {
        return Classification::unknown(reason);
    }
    let pieces = match lexer::split(sql) {
        Ok(pieces) if pieces.is_empty() => return Classification::unknown("the text holds no statement"),
        Ok(pieces) => pieces,
        Err(reason) => return Classification::unknown(reason),
    };
    let tokens: usize = pieces.iter().map(|piece| piece.tokens).sum();
    if tokens > MAX_TOKENS {
        return Classification::unknown(format!("the text has more than {MAX_TOKENS} tokens"));
    }
    // A panic of the parser must not end the exchange as anything but unknown.
    let judged = if tokens < OWN_STACK_TOKENS {
        panic::catch_unwind(|| judge_all(sql, &pieces, state)).ok()
    } else {
        thread::scope(|scope| {
            thread::Builder::new()
                .stack_size(OWN_STACK_BYTES)
                .spawn_scoped(scope, || judge_all(sql, &pieces, state))
                .ok()
                .and_then(|judging| judging.join().ok())
        })
    };
    judged.unwrap_or_else(|| Classification::unknown("the text could not be read"))
}

fn judge_all(sql: &str, pieces: &[Piece], state: &SessionState) -> Classification {
    if statements(sql) != Some(pieces.len()) {
        return Classification::unknown("two readings of the text do not agree on the number of statements");
    }
    let mut state = state.clone();
    let mut statements = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let judged = judge(sql.get(piece.range.clone()).unwrap_or_default(), piece, &state);
        match &judged.effect {
            SessionEffect::Use(next) => state = next.clone(),
            // It may have been a USE in a form that was not understood.
            _ if judged.action == Action::Unknown => state = SessionState::default(),
            _ => {}
        }
        statements.push(judged);
    }
    Classification { statements }
}

/// How many statements the parser's tokenizer sees.
fn statements(sql: &str) -> Option<usize> {
    let tokens = Tokenizer::new(&SnowflakeDialect, sql).tokenize().ok()?;
    let split = tokens.split(|token| *token == Token::SemiColon);
    Some(split.filter(|piece| piece.iter().any(|token| !matches!(token, Token::Whitespace(_) | Token::EOF))).count())
}

fn judge(sql: &str, piece: &Piece, state: &SessionState) -> Judged {
    // The parser decodes escapes otherwise than Snowflake, so literals and quoted names keep their source text.
    let options = ParserOptions::new().with_unescape(false);
    let parsed = Parser::new(&SnowflakeDialect)
        .with_options(options)
        .try_with_sql(sql)
        .and_then(|mut parser| parser.parse_statements());
    let statement = match parsed.as_deref() {
        Ok([statement]) => statement,
        Ok(_) => return Judged::unknown("two readings of the text do not agree on the number of statements"),
        Err(error) => return unparsed(error, piece),
    };
    let mut survey = Survey::new(state);
    survey.statement(statement);
    if survey.action() <= Action::Read {
        survey.absent(piece.into, "INTO in a read");
        survey.absent(piece.stage, "a stage in a read");
    }
    survey.absent(piece.flow, "the flow operator ->>");
    survey.judged()
}

/// The first words can only add a reason: nothing is riskier than unknown. The parser's message quotes the text, which
/// may hold card numbers, so only its place is kept.
fn unparsed(error: &ParserError, piece: &Piece) -> Judged {
    let text = error.to_string();
    let place = text.rsplit_once(" at Line: ").and_then(|(_, place)| place.split_once(", Column: "));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mut judged = Judged::unknown(match place {
        Some((line, column)) if digits(line) && digits(column) => {
            format!("could not be parsed (near line {line}, column {column} of the statement)")
        }
        _ => "could not be parsed".to_owned(),
    });
    let opening: Vec<&str> = piece.opening.iter().map(String::as_str).collect();
    let looks = match opening.as_slice() {
        ["GET" | "PUT" | "COPY" | "UNLOAD", ..] => Some("moves data to or from a stage"),
        ["GRANT" | "REVOKE", ..] => Some("changes privileges"),
        ["CREATE" | "ALTER" | "DROP", "USER" | "ROLE" | "ACCOUNT" | "SHARE" | "NETWORK", ..]
        | ["CREATE" | "ALTER" | "DROP", _, "INTEGRATION" | "POLICY"]
        | ["CREATE", "OR", "REPLACE"] => Some("may administer the account"),
        ["CALL" | "EXECUTE" | "BEGIN" | "DECLARE", ..] => Some("runs code that is not in the text"),
        _ => None,
    };
    judged.reasons.extend(looks.map(str::to_owned));
    judged
}
