#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use proptest::prelude::*;

use super::*;
use crate::{Entity, Key};

const EVERYONE: [&str; 0] = [];

const RULES: &str = r#"
    mode = "last4"
    numbers = "text"
    card = ["*.*.PAYMENTS.PAN", "lookup:$.customer.card"]
    not_card = ["*.*.ORDERS.ORDER_ID"]

    [[rule]]
    entity = "email"
    at = ["*.*.CUSTOMERS.*"]
    mode = "full"
    groups = ["contractors"]

    [[rule]]
    entity = "email"
    at = ["*.*.CUSTOMERS.*", "lookup:$"]
    mode = "tokenize"

    [[rule]]
    entity = "pan"
    at = ["*.*.PAYMENTS.*"]
    mode = "bin8last4"
    groups = ["routing"]

    [[rule]]
    entity = "us_ssn"
    at = ["*.*.CUSTOMERS.SSN"]
    mode = "last4"

    [[rule]]
    entity = "employee"
    mode = "full"

    [[rule]]
    entity = "projects"
    mode = "null"

    [[pattern]]
    name = "employee"
    regex = "E[0-9]{6}"

    [[words]]
    name = "projects"
    list = ["alpha", "beta"]
"#;

fn read(text: &str) -> Rules {
    toml::from_str(text).unwrap()
}

fn key() -> Option<Key> {
    Key::new("k1", vec![7; 16]).ok()
}

fn error(text: &str) -> String {
    Compiled::new(&read(text), None).map(|_| ()).unwrap_err().to_string()
}

fn column<'a>(table: &'a str, column: &'a str) -> PlaceName<'a> {
    PlaceName::Column { database: Some("SHOP"), schema: Some("PUBLIC"), table: Some(table), column }
}

fn expression(column: &str) -> PlaceName<'_> {
    PlaceName::Column { database: None, schema: None, table: None, column }
}

/// Entities beside the two that hold everywhere, with their modes and rules.
fn hidden(compiled: &Compiled, place: &PlaceName<'_>, groups: &[&str]) -> Vec<(String, Mode, usize)> {
    let entities = compiled.at(place, groups).entities;
    let listed = entities.into_iter().map(|one| (one.entity.to_string(), one.mode, one.rule));
    listed.filter(|(name, ..)| !["employee", "projects"].contains(&name.as_str())).collect()
}

#[test]
fn without_rules_all_is_as_ever() {
    assert_eq!(read(""), Rules::default());
    let compiled = Compiled::new(&Rules::default(), None).unwrap();
    assert!(!compiled.by_place());
    for compiled in [compiled, Compiled::default()] {
        let effective = compiled.at(&column("PAYMENTS", "PAN"), &EVERYONE);
        assert_eq!((effective.pan_mode, effective.declared), (Mode::First6Last4, Declared::No));
        assert!(effective.entities.is_empty());
        assert_eq!(compiled.numbers(), Numbers::Zeros);
    }
}

#[test]
fn rules_are_read_and_written() {
    let rules = read(RULES);
    assert_eq!(read(&toml::to_string(&rules).unwrap()), rules);
    for text in
        ["moed = 'full'", "[[rule]]\nentity='pan'\nmode='fully'", "[[rule]]\nmode='full'", "[[words]]\nname='a'"]
    {
        assert!(toml::from_str::<Rules>(text).is_err(), "{text}");
    }
    let compiled = Compiled::new(&rules, key()).unwrap();
    assert!(compiled.by_place());
    assert_eq!(compiled.numbers(), Numbers::Text);
    assert_eq!(compiled.key().map(Key::id), Some("k1"));
}

#[test]
fn the_first_rule_that_fits_decides() {
    let compiled = Compiled::new(&read(RULES), key()).unwrap();
    let email = |mode, rule| vec![("email".to_owned(), mode, rule)];
    let customers = column("CUSTOMERS", "MAIL");
    assert_eq!(hidden(&compiled, &customers, &["contractors", "x"]), email(Mode::Full, 1));
    assert_eq!(hidden(&compiled, &customers, &["x"]), email(Mode::Tokenize, 2));
    assert_eq!(hidden(&compiled, &column("ORDERS", "MAIL"), &["contractors"]), []);
    let json = PlaceName::Json { tool: "lookup", path: "$.a[].b" };
    assert_eq!(hidden(&compiled, &json, &["contractors"]), email(Mode::Tokenize, 2));

    let pan = |place, groups: &[&str]| compiled.at(&place, groups).pan_mode;
    assert_eq!(pan(column("PAYMENTS", "NOTE"), &["routing"]), Mode::Bin8Last4);
    assert_eq!(pan(column("PAYMENTS", "NOTE"), &[]), Mode::Last4);
    assert_eq!(pan(column("ORDERS", "NOTE"), &["routing"]), Mode::Last4);
}

#[test]
fn what_may_be_elsewhere_is_hidden_the_stricter_way() {
    let compiled = Compiled::new(&read(RULES), key()).unwrap();
    let expression = expression("X");
    assert_eq!(hidden(&compiled, &expression, &["contractors"]), [("email".to_owned(), Mode::Full, 1)]);
    assert_eq!(
        hidden(&compiled, &PlaceName::Unknown, &[]),
        [("email".to_owned(), Mode::Tokenize, 2), ("us_ssn".to_owned(), Mode::Last4, 4)]
    );
    // A rule that shows more does not, unless it is sure.
    assert_eq!(compiled.at(&expression, &["routing"]).pan_mode, Mode::Last4);
}

#[test]
fn declared_places() {
    let compiled = Compiled::new(&read(RULES), key()).unwrap();
    let declared = |place| compiled.at(&place, &EVERYONE).declared;
    assert_eq!(declared(column("PAYMENTS", "PAN")), Declared::Card);
    assert_eq!(declared(PlaceName::Json { tool: "lookup", path: "$.customer.card" }), Declared::Card);
    assert_eq!(declared(column("ORDERS", "ORDER_ID")), Declared::NotCard);
    assert_eq!(declared(expression("PAN")), Declared::Card);
    assert_eq!(declared(expression("ORDER_ID")), Declared::No);
    assert_eq!(declared(PlaceName::Unknown), Declared::No);

    let both = "card = ['*.*.ORDERS.*']\nnot_card = ['ORDER_ID']";
    let both = Compiled::new(&read(both), None).unwrap();
    assert_eq!(both.at(&column("ORDERS", "ORDER_ID"), &EVERYONE).declared, Declared::Card);
}

#[test]
fn entities_find_what_they_are_for() {
    let compiled = Compiled::new(&read(RULES), key()).unwrap();
    let found = |place: &PlaceName<'_>, text: &str| {
        let mut all = Vec::new();
        for one in compiled.at(place, &EVERYONE).entities {
            let mut found = Vec::new();
            one.find(text, &mut found);
            all.extend(found.into_iter().map(|range| (one.entity.clone(), text[range].to_owned())));
        }
        all
    };
    let text = "E123456 jo@example.com Alpha 078-05-1120";
    let names = |place: PlaceName<'_>| {
        found(&place, text).into_iter().map(|(entity, _)| entity.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(column("CUSTOMERS", "SSN")), ["email", "us_ssn", "employee", "projects"]);
    assert_eq!(names(column("ORDERS", "NOTE")), ["employee", "projects"]);
    // Bare digits, only where the rule names the column.
    let bare = [(Entity::UsSsn, "078051120".to_owned())];
    assert_eq!(found(&column("CUSTOMERS", "SSN"), "078051120"), bare);
    assert_eq!(found(&column("CUSTOMERS", "ID"), "078051120"), []);
}

#[test]
fn whole_values() {
    let rules = "[[rule]]\nentity = 'value'\nat = ['*.*.CUSTOMERS.NAME']\nmode = 'full'";
    let compiled = Compiled::new(&read(rules), None).unwrap();
    assert_eq!(hidden(&compiled, &column("CUSTOMERS", "NAME"), &[]).len(), 1);
    assert_eq!(hidden(&compiled, &expression("NAME"), &[]).len(), 1);
    assert_eq!(hidden(&compiled, &PlaceName::Unknown, &[]), [], "an error's text stays readable");
}

#[test]
fn errors_name_the_rule_and_what_to_do() {
    let rule = |text: &str| error(&format!("[[rule]]\nentity = 'pan'\nat = ['X']\nmode = 'full'\n[[rule]]\n{text}"));
    assert_eq!(
        rule("entity = 'emial'\nmode = 'full'"),
        "rule 2: nothing is called \"emial\"; use one of pan, email, phone, iban, us_ssn, value, or add a [[pattern]] or \
         [[words]] of that name"
    );
    let cases = [
        ("entity = 'sad'\nmode = 'full'", "rule 2: sensitive authentication data is always removed"),
        ("entity = 'email'\nmode = 'tokenize'", "rule 2: the mode tokenize needs a masking key; set one"),
        ("entity = 'pan'\nmode = 'fpe'", "rule 2: the mode fpe needs a masking key"),
        ("entity = 'iban'\nmode = 'bin8last4'", "rule 2: the mode bin8last4 is for card numbers and not for iban"),
        ("entity = 'email'\nmode = 'full'\ngroups = []", "rule 2: groups is empty"),
        ("entity = 'email'\nmode = 'full'\nat = []", "rule 2: at is empty"),
        ("entity = 'value'\nmode = 'full'", "rule 2: value hides whole values"),
        ("entity = 'email'\nmode = 'full'\nat = ['a..b']", "rule 2: \"a..b\" is no place: a part of it is empty"),
    ];
    for (text, expected) in cases {
        let error = rule(text);
        assert!(error.starts_with(expected), "{error}");
    }
    let unreached = "[[rule]]\nentity='pan'\nmode='full'\n[[rule]]\nentity='pan'\nat=['X']\nmode='last4'";
    assert!(error(unreached).starts_with("rule 2: rule 1 holds everywhere"));
    assert!(error("mode = 'fpe'").starts_with("mode: the mode fpe needs a masking key"));
    assert!(error("card = ['']").starts_with("card: \"\" is no place"));
    assert!(error("not_card = ['t:$[0]']").starts_with("not_card: \"t:$[0]\" is no place"));
    assert!(error("card = ['a.b']\nnot_card = ['A.B']").starts_with("not_card: \"A.B\" is declared as card data too"));
}

#[test]
fn errors_name_the_pattern_or_list() {
    let cases = [
        ("[[pattern]]\nname='E 1'\nregex='a'", "\"E 1\" cannot name a pattern"),
        ("[[words]]\nname='email'\nlist=['a']", "\"email\" is the name of a built-in entity"),
        ("[[pattern]]\nname='a'\nregex='a'\n[[words]]\nname='a'\nlist=['a']", "\"a\" names two"),
        (
            "[[pattern]]\nname='a'\nregex='a'",
            "\"a\" is in no rule, so it hides nothing; add a [[rule]] with entity = \"a\"",
        ),
        ("[[pattern]]\nname='a'\nregex='('", "the pattern \"a\" cannot be used: it cannot be read (unclosed group)"),
        (
            "[[pattern]]\nname='a'\nregex='a+'",
            "the pattern \"a\" cannot be used: its match can be longer than 256 bytes; bound its repeats, {1,40} in",
        ),
        ("[[words]]\nname='a'\nlist=[]", "the word list \"a\" cannot be used: it has no words"),
    ];
    for (text, expected) in cases {
        let error = error(text);
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn neither_keys_nor_words_are_printed() {
    let printed = format!("{:?}", Compiled::new(&read(RULES), key()).unwrap());
    assert_eq!(printed, "Compiled { mode: Last4, rules: 6, .. }");
}

proptest! {
    /// No order of rules, no place and no group makes card numbers disappear from what is hidden, or fail.
    #[test]
    fn a_more_doubtful_place_is_never_hidden_less(
        modes in prop::collection::vec((prop::sample::select(&Mode::ALL[..]), prop::sample::select(vec!["A", "B", "*"])), 0..5),
        mode in prop::sample::select(&Mode::ALL[..]),
    ) {
        let rules = modes.iter().map(|(mode, table)| EntityRule {
            entity: "pan".to_owned(),
            at: Some(vec![format!("*.*.{table}.*")]),
            mode: *mode,
            groups: None,
        });
        let rules = Rules { mode, rules: rules.collect(), ..Rules::default() };
        let compiled = Compiled::new(&rules, key()).unwrap();
        let doubtful = compiled.at(&expression("X"), &EVERYONE).pan_mode;
        for table in ["A", "B", "C"] {
            let sure = compiled.at(&column(table, "X"), &EVERYONE).pan_mode;
            prop_assert_eq!(doubtful.stricter(sure), doubtful);
        }
    }
}
