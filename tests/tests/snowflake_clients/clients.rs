//! Every client of the matrix.

use serde_json::{Value, json};

use crate::{
    client::{Case, Cell, Client, with},
    expected::Amount,
};

pub const TYPES: &str = "SELECT /*hoop: table=types rows=40 chunks=3 */ * FROM products";
const TYPES_JSON: &str = "SELECT /*hoop: table=types rows=40 chunks=3 format=json */ * FROM products";
const LARGE: &str = "SELECT /*hoop: rows=1000000 chunks=40 */ * FROM products";
const ENDLESS: &str = "SELECT /*hoop: hold=20s */ 7";
const ARRAY: &str = "INSERT INTO refunds (id, payment_id, amount, reason) VALUES (?, ?, ?, ?)";
const UPDATE: &str = "UPDATE payments SET status = 'refunded' WHERE id = 7";
const NEVER: &str = "UPDATE payments SET status = 'refunded' WHERE id = 9";
const WRONG: &str = "SELECT nope FROM payments";
const CARD: &str = "SELECT '4111-1111-1111-1111'::number";

pub const PYTHON4: Client = Client {
    name: "Python connector 4.8.1",
    environment: Some("snowflake"),
    script: "sf_query.py",
    settings: &[("paramstyle", "qmark")],
    amount: Amount::Exact,
    asked: |case| match case {
        Case::Types => Cell::Asks(vec![TYPES.into(), TYPES_JSON.into()]),
        case => connector(case, json!({ "cancel_after": 2 })),
    },
};

/// It hears no interrupt while it waits for a result, so a query that may be cancelled is an asynchronous one.
pub const PYTHON5: Client = Client {
    name: "Python connector 5.2.0",
    environment: Some("snowflake5"),
    script: "sf_query.py",
    settings: &[("paramstyle", "qmark")],
    amount: Amount::Exact,
    asked: |case| match case {
        Case::Types => Cell::Asks(vec![TYPES.into(), TYPES_JSON.into()]),
        case => connector(case, json!({ "cancel_after": 2, "async": true })),
    },
};

pub const NODE: Client = Client {
    name: "Node.js snowflake-sdk 3.3.0",
    environment: None,
    script: "sf_query.mjs",
    settings: &[],
    amount: Amount::Shortest,
    asked: |case| connector(case, json!({ "cancel_after": 2 })),
};

pub const PANDAS: Client = fetching("fetch_pandas_all", "snowflake", Amount::Float, |case| fetched(case, "pandas"));
pub const ARROW: Client = fetching("fetch_arrow_all", "snowflake", Amount::Float, |case| fetched(case, "arrow"));
pub const PANDAS5: Client =
    fetching("fetch_pandas_all 5.2.0", "snowflake5", Amount::Float, |case| fetched5(case, "pandas"));
pub const ARROW5: Client =
    fetching("fetch_arrow_all 5.2.0", "snowflake5", Amount::Float, |case| fetched5(case, "arrow"));

pub const SQLALCHEMY: Client = Client {
    name: "SQLAlchemy",
    environment: Some("snowflake"),
    script: "sf_sqlalchemy.py",
    settings: &[],
    amount: Amount::Exact,
    asked: |case| match case {
        Case::Bindings => Cell::Asks(vec![with(
            "SELECT :n + 1, :text, :nothing, :part",
            json!({ "params": { "n": 4, "text": "O'Hara 4111111111111111", "nothing": null, "part": 1.5 } }),
        )]),
        Case::Several => Cell::Lacks("the dialect sends one statement at a time"),
        Case::Async => Cell::Lacks("the dialect has no asynchronous queries"),
        case => common(case, json!({ "cancel_after": 2 })),
    },
};

pub const SNOWPARK: Client = Client {
    name: "Snowpark",
    environment: Some("snowflake"),
    script: "sf_snowpark.py",
    settings: &[],
    amount: Amount::Exact,
    asked: |case| match case {
        Case::Several => Cell::Lacks("a data frame is one statement"),
        Case::Bindings | Case::Async => connector(case, Value::Null),
        case => common(case, json!({ "cancel_after": 2 })),
    },
};

pub const ADBC: Client = Client {
    name: "ADBC",
    environment: Some("snowflake5"),
    script: "sf_adbc.py",
    settings: &[],
    amount: Amount::Exact,
    asked: |case| match case {
        Case::Several => Cell::Lacks("the driver has no option for several statements"),
        Case::Async => Cell::Lacks("the driver has no asynchronous queries"),
        // It has no way to bind a null.
        Case::Bindings => {
            Cell::Asks(vec![with("SELECT ? + 1, ?, ?", json!({ "params": [4, "O'Hara 4111111111111111", 1.5] }))])
        }
        case => common(case, json!({ "cancel_after": 2 })),
    },
};

pub const SNOW: Client = Client {
    name: "snow",
    environment: Some("snow"),
    script: "sf_snow.py",
    settings: &[],
    amount: Amount::Exact,
    asked: |case| match case {
        Case::Several => connector(case, Value::Null),
        Case::Bindings => Cell::Lacks("the command fills values in before it sends anything"),
        Case::Async => {
            Cell::Lacks("each command is a session of its own, and results are had only by their own session")
        }
        case => common(case, json!({ "cancel_after": 7 })),
    },
};

pub const DBT: Client = Client {
    name: "dbt",
    environment: Some("dbt"),
    script: "sf_dbt.py",
    settings: &[],
    amount: Amount::Float,
    asked: |case| match case {
        Case::Large => Cell::Lacks("`dbt show` lays every row out as text: a preview, not a way to fetch"),
        Case::Bindings => Cell::Lacks("dbt fills values in before it sends anything"),
        Case::Several => Cell::Lacks("dbt sends one statement at a time"),
        Case::Async => Cell::Lacks("dbt has no asynchronous queries"),
        case => common(case, json!({ "cancel_after": 2 })),
    },
};

const fn fetching(name: &'static str, environment: &'static str, amount: Amount, asked: fn(Case) -> Cell) -> Client {
    Client { name, environment: Some(environment), script: "sf_query.py", settings: &[], amount, asked }
}

/// Directly as through the gateway.
fn fetched5(case: Case, form: &str) -> Cell {
    match case {
        Case::Types => Cell::Lacks("this form of it cannot convert a DECFLOAT"),
        case => fetched(case, form),
    }
}

fn fetched(case: Case, form: &str) -> Cell {
    let fetch = json!({ "fetch": form });
    match case {
        Case::Connect => Cell::Asks(Vec::new()),
        Case::Types => Cell::Asks(vec![with(TYPES, fetch)]),
        Case::Large => Cell::Asks(vec![with(LARGE, json!({ "fetch": form, "digest": true }))]),
        _ => Cell::Lacks("only a way to fetch: the rest is the connector's"),
    }
}

/// A client with every feature of the protocol.
fn connector(case: Case, cancel: Value) -> Cell {
    match case {
        Case::Bindings => Cell::Asks(vec![with(
            "SELECT ? + 1, ?, ?, ?",
            json!({ "params": [4, "O'Hara 4111111111111111", null, 1.5] }),
        )]),
        Case::Several => Cell::Asks(vec![with("SELECT 1, '4111111111111111'; SELECT 2", json!({ "multi": 2 }))]),
        Case::Async => Cell::Asks(vec![
            with("SELECT 1, '4111111111111111'", json!({ "async": true })),
            with("SELECT /*hoop: hold=2s */ 2", json!({ "async": true })),
        ]),
        Case::Held => {
            Cell::Asks(vec![with(ARRAY, json!({ "many": [[901, 7, 1.5, "late"], [902, 8, 2.5, "broken"]] }))])
        }
        case => common(case, cancel),
    }
}

fn common(case: Case, cancel: Value) -> Cell {
    Cell::Asks(match case {
        Case::Types => vec![TYPES.into()],
        Case::Large => vec![with(LARGE, json!({ "digest": true }))],
        Case::Cancel => vec![with(ENDLESS, cancel), "SELECT 8".into()],
        Case::Error => vec![WRONG.into(), CARD.into(), "SELECT 8".into()],
        Case::Held => vec![UPDATE.into()],
        Case::Denied => vec![NEVER.into()],
        _ => Vec::new(),
    })
}
