//! JSON with comments and trailing commas: read with its places, edited by splicing. `jsonc-parser`'s own editor is not
//! used: it breaks one-line objects into lines and takes neighbouring comments along.

mod insert;
mod remove;

use std::ops::Range;

pub(super) use insert::insert;
use jsonc_parser::{
    CollectOptions, CommentCollectionStrategy, ParseOptions,
    ast::{Object, ObjectProp, Value as Node},
    parse_to_ast,
    tokens::{Token, TokenAndRange},
};
pub(super) use remove::remove;
use serde_json::{Map, Value};

use super::{error::Problem, splice::splice};

/// The text with what the parser says of it.
struct Document<'a> {
    text: &'a str,
    /// None: blank, or comments alone.
    root: Option<Node<'a>>,
    tokens: Vec<TokenAndRange<'a>>,
}

impl<'a> Document<'a> {
    fn parse(text: &'a str) -> Result<Self, Problem> {
        let collect = CollectOptions { comments: CommentCollectionStrategy::AsTokens, tokens: true };
        // What no client reads is not taken either: only comments and trailing commas are beyond JSON.
        let options = ParseOptions {
            allow_comments: true,
            allow_trailing_commas: true,
            allow_loose_object_property_names: false,
            allow_missing_commas: false,
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        };
        let parsed = parse_to_ast(text, &collect, &options)
            .map_err(|error| Problem::Broken { line: error.line_display(), why: error.kind().to_string() })?;
        Ok(Self { text, root: parsed.value, tokens: parsed.tokens.unwrap_or_default() })
    }

    /// None: nothing stands there yet.
    fn root(&self, key: &'static str) -> Result<Option<&Object<'a>>, Problem> {
        match &self.root {
            None => Ok(None),
            Some(Node::Object(root)) => Ok(Some(root)),
            Some(_) => Err(Problem::NoPlace { key }),
        }
    }

    /// The table of the servers. None: it is not there yet.
    fn servers(&self, key: &'static str) -> Result<Option<&Object<'a>>, Problem> {
        match self.root(key)?.and_then(|root| member(root, key)).map(|member| &member.value) {
            None => Ok(None),
            Some(Node::Object(servers)) => Ok(Some(servers)),
            Some(_) => Err(Problem::NoPlace { key }),
        }
    }

    /// What stands within these places, comments too.
    fn tokens(&self, within: Range<usize>) -> impl DoubleEndedIterator<Item = &TokenAndRange<'a>> {
        self.tokens.iter().filter(move |token| token.range.start >= within.start && token.range.end <= within.end)
    }

    fn commas(&self, within: Range<usize>) -> impl DoubleEndedIterator<Item = &TokenAndRange<'a>> {
        self.tokens(within).filter(|token| token.token == Token::Comma)
    }
}

/// The last of that name, as clients read it.
fn member<'b, 'a>(object: &'b Object<'a>, name: &str) -> Option<&'b ObjectProp<'a>> {
    object.properties.iter().rev().find(|member| member.name.as_str() == name)
}

pub(super) fn meaning(text: &str, key: &'static str) -> Result<Map<String, Value>, Problem> {
    match Document::parse(text)?.root.map(Value::from) {
        None => Ok(Map::new()),
        Some(Value::Object(root)) => Ok(root),
        Some(_) => Err(Problem::NoPlace { key }),
    }
}

pub(super) fn repoint(text: &str, key: &'static str, name: &str, command: &str) -> Result<String, Problem> {
    let document = Document::parse(text)?;
    let entry = document.servers(key)?.and_then(|servers| member(servers, name)).map(|member| &member.value);
    let Some(Node::Object(entry)) = entry else { return Err(Problem::NotEdited) };
    let Some(Node::StringLit(there)) = member(entry, "command").map(|member| &member.value) else {
        return Err(Problem::NotEdited);
    };
    splice(text, &[(there.range.start..there.range.end, &Value::from(command).to_string())])
}
