//! A column of card numbers under a name that says nothing: what fails Luhn in it is a card number too. The evidence
//! comes first, so that a stream can have seen it.

use serde_json::json;

use super::repeat;
use crate::corpus::{
    case::{Case, Format},
    pan,
    rng::Rng,
};

/// Valid numbers before the first that is not.
const EVIDENCE: usize = 30;

pub fn cases() -> Vec<Case> {
    let name = "column_evidence";
    let rng = &mut Rng::of(name);
    repeat(36, |turn| {
        let mistyped: Vec<String> = (0..4).map(|_| pan::mistyped(rng, 16)).collect();
        let mut column: Vec<String> = (0..EVIDENCE).map(|_| pan::of_length(rng, 16)).collect();
        column.extend(mistyped.clone());
        let rows = column.iter().enumerate();
        let case = match turn % 3 {
            0 => {
                let rows: Vec<_> = rows.map(|(id, number)| json!({"id": id, "ref": number})).collect();
                Case::hard(name, Format::Json, json!({"rows": rows}).to_string())
            }
            1 => {
                let rows: Vec<_> = rows.map(|(id, number)| format!(r#"{{"id":{id},"ref":{number}}}"#)).collect();
                Case::hard(name, Format::Json, format!("[{}]", rows.join(",")))
            }
            _ => {
                let rows: String = rows.map(|(id, number)| format!("{id},{number},Recife\n")).collect();
                Case::hard(name, Format::Text, format!("id,ref,city\n{rows}"))
            }
        };
        mistyped.iter().fold(case, |case, number| case.hides(number))
    })
}
