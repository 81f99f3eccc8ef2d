//! Statements and the values bound to them, echoed back.

use serde_json::json;

use super::{fill, repeat};
use crate::corpus::{
    case::{Case, Format},
    pan,
    rng::Rng,
    spelling::everyday,
};

const STATEMENTS: &[&str] = &[
    "SELECT * FROM payments WHERE pan = '{}' LIMIT 10",
    "INSERT INTO cards (id, holder, number) VALUES (17, 'Ana', '{}');",
    "UPDATE cards SET status='lost' WHERE number='{}' AND id<>4",
    "select count(*) from t where n like '{}%'",
    "DELETE FROM \"cards\" WHERE \"number\" IN ('{}', 'none')",
    "MERGE INTO c USING (SELECT '{}' AS n) s ON c.n = s.n WHEN MATCHED THEN DELETE",
    "SELECT $${}$$ AS n -- quoted with dollars",
    "call block_card('{}', 'lost', 2)",
    "SELECT 1 /* card {} */ FROM dual",
    "SET card = '{}'",
];

const NUMBERS: &[&str] =
    &["SELECT * FROM payments WHERE pan = {}", "VALUES (17, {}, 'Ana')", "select {}::varchar", "where n in (12,{},13)"];

pub fn cases() -> Vec<Case> {
    let name = "sql";
    let rng = &mut Rng::of(name);
    let mut cases = repeat(60, |turn| {
        let (pan, written) = everyday(rng);
        let statement = STATEMENTS[turn % STATEMENTS.len()];
        Case::plain(name, Format::Text, fill(statement, &written)).hides(&pan).keeps_around(statement)
    });
    cases.extend(repeat(20, |turn| {
        let pan = pan::any(rng);
        let statement = NUMBERS[turn % NUMBERS.len()];
        Case::plain(name, Format::Text, fill(statement, &pan)).hides(&pan).keeps_around(statement)
    }));
    cases.extend(repeat(30, |turn| {
        let pan = pan::any(rng);
        let document = match turn % 3 {
            0 => json!({"sqlText": "select * from t where n = ?", "bindings": {"1": {"type": "TEXT", "value": pan}}}),
            1 => json!({"query": "insert into t values (:1, :2)", "params": ["Ana", pan]}),
            _ => json!({"sqlText": format!("select * from t where n = '{pan}'"), "sequenceId": 3}),
        };
        Case::plain(name, Format::Json, document.to_string()).hides(&pan)
    }));
    cases
}
