use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest;
use cedar_policy::{Authorizer, Policy, PolicyId, PolicySet, ValidationMode, Validator, ffi::DetailedError};
use data_encoding::HEXLOWER;
use hoop_model::TableName;

use crate::{
    PolicyError, Problem, TablePattern,
    annotation::{self, Terms},
    memo::Memo,
    vocabulary::Vocabulary,
};

/// A named set of tables: the only way a policy speaks of tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableGroup {
    pub name: String,
    /// Each as [`TablePattern`] reads it.
    pub patterns: Vec<String>,
}

/// Checked policies, ready to decide.
pub struct Policies {
    pub(crate) vocabulary: Vocabulary,
    pub(crate) authorizer: Authorizer,
    /// Under the ids of their `@id` annotations.
    pub(crate) set: PolicySet,
    pub(crate) terms: BTreeMap<String, Terms>,
    pub(crate) digest: String,
    pub(crate) memo: Memo,
    groups: Vec<(String, Vec<TablePattern>)>,
}

impl Policies {
    /// Parses `text`, validates it strictly against the schema and reads its annotations.
    ///
    /// # Errors
    /// Everything that is wrong, at once where Cedar can go on; nothing is repaired or left out.
    pub fn compile(text: &str, table_groups: &[TableGroup]) -> Result<Self, PolicyError> {
        let broken =
            |error| one(Problem::outside(format!("the policy schema of this program is broken: {error}"), "report it"));
        let vocabulary = Vocabulary::load().map_err(broken)?;
        let parsed: PolicySet = text.parse().map_err(|error| syntax(text, &DetailedError::from(&error)))?;
        let policies = in_order(text, &parsed);

        let mut problems = Vec::new();
        if parsed.templates().next().is_some() {
            problems.push(Problem::outside(
                "a policy has a ?principal or ?resource slot",
                "name the principal and resource",
            ));
        }
        let groups = compile_groups(table_groups, &mut problems);
        let mut set = PolicySet::new();
        let mut terms = BTreeMap::new();
        let mut places = BTreeMap::new();
        for (start, policy) in policies {
            check_literals(text, start, &policy, &vocabulary, table_groups, &mut problems);
            match annotation::terms(&policy) {
                Ok(read) => {
                    let Some(id) = check_id(text, start, &policy, &terms, &mut problems) else { continue };
                    places.insert(id.clone(), start);
                    terms.insert(id.clone(), read);
                    if let Err(error) = set.add(policy.new_id(PolicyId::new(&id))) {
                        problems.push(Problem::at(text, start, error.to_string(), "correct the policy"));
                    }
                }
                Err(faults) => {
                    problems.extend(faults.into_iter().map(|(name, what, remedy)| {
                        Problem::at(text, find_annotation(text, start, &name), what, remedy)
                    }))
                }
            }
        }
        if problems.is_empty() {
            problems = validate(text, &set, &vocabulary, &places);
        }
        if problems.is_empty() {
            let digest = digest_of(text, table_groups);
            Ok(Self { vocabulary, authorizer: Authorizer::new(), set, terms, digest, memo: Memo::default(), groups })
        } else {
            problems.sort_by_key(|problem| problem.at);
            Err(PolicyError { problems })
        }
    }

    /// Hex SHA-256 over the policy text and the table groups.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The table groups `table` belongs to, or may.
    pub fn groups_of(&self, table: &TableName) -> Vec<&str> {
        self.groups_by(|pattern| pattern.matches(table))
    }

    /// Those of them that `table` belongs to whatever its name leaves open.
    pub(crate) fn sure_groups_of(&self, table: &TableName) -> Vec<&str> {
        self.groups_by(|pattern| pattern.surely_matches(table))
    }

    fn groups_by(&self, matches: impl Fn(&TablePattern) -> bool) -> Vec<&str> {
        let belongs = |patterns: &[TablePattern]| patterns.iter().any(&matches);
        self.groups.iter().filter(|(_, patterns)| belongs(patterns)).map(|(name, _)| name.as_str()).collect()
    }
}

fn one(problem: Problem) -> PolicyError {
    PolicyError { problems: vec![problem] }
}

fn syntax(text: &str, error: &DetailedError) -> PolicyError {
    let mut problems = Vec::new();
    for error in std::iter::once(error).chain(&error.related) {
        let byte = error.source_locations.first().map(|label| label.loc.start);
        let expected = error.source_locations.iter().find_map(|label| label.label.clone());
        let remedy = error.help.clone().or(expected).unwrap_or_else(|| "correct the policy's syntax".to_owned());
        let problem = Problem::at(text, byte.unwrap_or_default(), error.message.clone(), remedy);
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    PolicyError { problems }
}

/// Each policy with the byte it starts at.
fn in_order(text: &str, set: &PolicySet) -> Vec<(usize, Policy)> {
    // Cedar calls them policy0, policy1, … in the order of the text.
    let number =
        |policy: &Policy| policy.id().to_string().trim_start_matches("policy").parse::<usize>().unwrap_or(usize::MAX);
    let mut policies: Vec<Policy> = set.policies().cloned().collect();
    policies.sort_by_key(number);
    let mut from = 0;
    let placed = policies.into_iter().map(|policy| {
        let source = policy.to_cedar().unwrap_or_default();
        let start = text.get(from..).and_then(|rest| rest.find(&source)).map_or(from, |offset| from + offset);
        from = start + source.len();
        (start, policy)
    });
    placed.collect()
}

fn find_annotation(text: &str, start: usize, name: &str) -> usize {
    let at = text.get(start..).and_then(|policy| policy.find(&format!("@{name}")));
    at.map_or(start, |offset| start + offset)
}

fn check_id(
    text: &str,
    start: usize,
    policy: &Policy,
    taken: &BTreeMap<String, Terms>,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let remedy = "give each policy its own, such as @id(\"engineers-read\")";
    let id = policy.annotation("id").unwrap_or_default();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    let what = if policy.annotation("id").is_none() {
        "the policy has no @id".to_owned()
    } else if id.is_empty() || id.len() > 100 || !id.bytes().all(plain) {
        format!("@id(\"{id}\") is not 1 to 100 letters, digits, '-', '_' and '.'")
    } else if taken.contains_key(id) {
        format!("@id(\"{id}\") is taken by an earlier policy")
    } else {
        return Some(id.to_owned());
    };
    problems.push(Problem::at(text, find_annotation(text, start, "id"), what, remedy));
    None
}

fn check_literals(
    text: &str,
    start: usize,
    policy: &Policy,
    vocabulary: &Vocabulary,
    groups: &[TableGroup],
    problems: &mut Vec<Problem>,
) {
    let mut seen = BTreeSet::new();
    for literal in policy.entity_literals() {
        let name = literal.id().unescaped();
        let spelled = literal.to_string();
        let place = text.get(start..).and_then(|rest| rest.find(&spelled)).map_or(start, |offset| start + offset);
        if !seen.insert(spelled.clone()) {
            continue;
        }
        if *literal.type_name() == vocabulary.table_group && !groups.iter().any(|group| group.name == name) {
            let known: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
            let remedy = match known.as_slice() {
                [] => "declare a table group of that name".to_owned(),
                known => format!("declare it, or use one of: {}", known.join(", ")),
            };
            problems.push(Problem::at(text, place, format!("there is no table group \"{name}\""), remedy));
        } else if *literal.type_name() == vocabulary.table {
            let what = "a policy names a single table, which a statement can spell in many ways";
            problems.push(Problem::at(text, place, what, "declare a table group and use TableGroup::\"name\""));
        }
    }
}

fn compile_groups(table_groups: &[TableGroup], problems: &mut Vec<Problem>) -> Vec<(String, Vec<TablePattern>)> {
    let mut groups: Vec<(String, Vec<TablePattern>)> = Vec::new();
    for group in table_groups {
        if group.name.is_empty() || groups.iter().any(|(name, _)| *name == group.name) {
            let what = format!("the table group \"{}\" is there twice or has no name", group.name);
            problems.push(Problem::outside(what, "give each table group a name of its own"));
        }
        if group.patterns.is_empty() {
            let what = format!("the table group \"{}\" has no patterns, so no table is in it", group.name);
            problems.push(Problem::outside(what, "give it at least one, such as \"*.PUBLIC.PAYMENTS*\""));
        }
        let mut patterns = Vec::new();
        for pattern in &group.patterns {
            match pattern.parse::<TablePattern>() {
                Ok(read) => patterns.push(read),
                Err(error) => {
                    let what = format!("the table group \"{}\" has the pattern \"{pattern}\"", group.name);
                    problems.push(Problem::outside(what, error.to_string()));
                }
            }
        }
        groups.push((group.name.clone(), patterns));
    }
    groups
}

/// Warnings count: a policy that can never apply is a mistake somebody relies on. Of several findings at one place
/// (Cedar has one for each action) the first is told, and where it points into a policy, not that the whole is off too.
fn validate(text: &str, set: &PolicySet, vocabulary: &Vocabulary, places: &BTreeMap<String, usize>) -> Vec<Problem> {
    let result = Validator::new(vocabulary.schema.clone()).validate(set, ValidationMode::Strict);
    let errors = result.validation_errors().map(|error| (error.policy_id().to_string(), DetailedError::from(error)));
    let warnings =
        result.validation_warnings().map(|warning| (warning.policy_id().to_string(), DetailedError::from(warning)));
    let mut found = BTreeMap::new();
    let mut pointed = BTreeSet::new();
    for (rank, (id, error)) in errors.map(|error| (0, error)).chain(warnings.map(|warning| (1, warning))) {
        let start = places.get(&id).copied().unwrap_or_default();
        let byte = error.source_locations.first().map_or(start, |label| label.loc.start.max(start));
        if byte > start {
            pointed.insert(start);
        }
        let message = error.message.replacen(&format!("for policy `{id}`, "), "", 1);
        let remedy = error.help.unwrap_or_else(|| "compare the policy with the schema".to_owned());
        let place = found.entry((byte, start)).or_insert_with(BTreeSet::new);
        place.insert((rank, message, remedy));
    }
    let told = found.into_iter().filter(|((byte, start), _)| byte > start || !pointed.contains(start));
    let first = told.filter_map(|((byte, _), findings)| findings.into_iter().next().map(|finding| (byte, finding)));
    first.map(|(byte, (_, message, remedy))| Problem::at(text, byte, message, remedy)).collect()
}

fn digest_of(text: &str, groups: &[TableGroup]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    let mut field = |bytes: &str| {
        context.update(&(bytes.len() as u64).to_be_bytes());
        context.update(bytes.as_bytes());
    };
    field(text);
    for group in groups {
        field(&group.name);
        field(&group.patterns.len().to_string());
        group.patterns.iter().for_each(|pattern| field(pattern));
    }
    HEXLOWER.encode(context.finish().as_ref())
}
