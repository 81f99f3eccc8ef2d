//! Every client, and what it is asked of fakesnow.

use hoop_tests::parity::{READ, statements};
use serde_json::{Value, json};

use crate::{
    client::{Case, Cell, Client, with},
    clients,
};

const LARGE: &str = "SELECT id, note, number FROM shop.main.huge ORDER BY id";
const UPDATE: &str = "UPDATE shop.main.payments SET holder = 'held' WHERE id = 4";
const ARRAY: &str = "INSERT INTO shop.main.payments (id, holder, amount) VALUES (?, ?, ?)";
const NEVER: &str = "UPDATE shop.main.payments SET holder = 'denied' WHERE id = 5";
const WRONG: &str = "SELECT nope FROM shop.main.payments";
const CARD: &str = "SELECT '6011-1111-1111-1117'::number";
/// For a command that is started anew for each statement: every type, every card number.
const FEW: [&str; 3] = [
    "SELECT * FROM shop.main.every ORDER BY id",
    "SELECT * FROM shop.main.payments ORDER BY id",
    "SELECT '4111111111111112' AS not_a_card, '4111111111111111' AS card",
];

/// What fakesnow lacks; each is asked of it in [`super::lacks`].
const ENDLESS: &str = "fakesnow says yes to an abort, and goes on with the statement";
const ONE: &str = "fakesnow answers several statements in one text with HTTP 500";
const JSON: &str = "the driver reads rows as JSON only, and fakesnow sends them as Arrow only";

/// How the client comes by what the gateway is held against.
pub enum Direct {
    Itself,
    /// It does everything, but then fails to close its session, with these words.
    NotClosed(&'static str),
    /// fakesnow's login is not enough for it, with these words: another client's rows are to be the same.
    Refused(&'static str, &'static Client),
}

pub struct Row {
    pub client: &'static Client,
    pub direct: Direct,
    pub asked: fn(Case) -> Cell,
}

pub const PYTHON4: Row = Row { client: &clients::PYTHON4, direct: Direct::Itself, asked: connector };

const NO_MASTER: &str = "Missing response field: master token";

pub const PYTHON5: Row =
    Row { client: &clients::PYTHON5, direct: Direct::Refused(NO_MASTER, &clients::PYTHON4), asked: connector };

pub const PANDAS: Row = Row { client: &clients::PANDAS, direct: Direct::Itself, asked: |case| fetched(case, "pandas") };
pub const ARROW: Row = Row { client: &clients::ARROW, direct: Direct::Itself, asked: |case| fetched(case, "arrow") };
pub const PANDAS5: Row = Row {
    client: &clients::PANDAS5,
    direct: Direct::Refused(NO_MASTER, &clients::PANDAS),
    asked: |case| fetched(case, "pandas"),
};
pub const ARROW5: Row = Row {
    client: &clients::ARROW5,
    direct: Direct::Refused(NO_MASTER, &clients::ARROW),
    asked: |case| fetched(case, "arrow"),
};

pub const NODE: Row = Row {
    client: &clients::NODE,
    direct: Direct::Itself,
    asked: |case| match case {
        Case::Types | Case::Large | Case::Bindings | Case::Async => Cell::Lacks(JSON),
        Case::Error => Cell::Asks(vec![WRONG.into(), CARD.into()]),
        case => connector(case),
    },
};

pub const SQLALCHEMY: Row =
    Row { client: &clients::SQLALCHEMY, direct: Direct::Itself, asked: |case| as_ours(&clients::SQLALCHEMY, case) };

pub const SNOWPARK: Row = Row {
    client: &clients::SNOWPARK,
    direct: Direct::NotClosed("Scalar Function with name system$cancel_all_queries does not exist"),
    asked: |case| as_ours(&clients::SNOWPARK, case),
};

/// fakesnow cannot begin a transaction within the one that the driver has begun.
const ADBC_CLIENT: Client = Client { settings: &[("autocommit", "on")], ..clients::ADBC };
pub const ADBC: Row = Row { client: &ADBC_CLIENT, direct: Direct::Itself, asked: |case| as_ours(&clients::ADBC, case) };

pub const SNOW: Row = Row {
    client: &clients::SNOW,
    direct: Direct::Itself,
    asked: |case| match case {
        Case::Types => few(),
        Case::Large => Cell::Lacks("the program takes a minute for them each time; it does so at our double"),
        // The command sends them one by one.
        Case::Several => (clients::SNOW.asked)(case),
        case => as_ours(&clients::SNOW, case),
    },
};

pub const DBT: Row = Row {
    client: &clients::DBT,
    direct: Direct::Itself,
    asked: |case| match case {
        Case::Types => few(),
        case => as_ours(&clients::DBT, case),
    },
};

fn few() -> Cell {
    Cell::Asks(FEW.map(Value::from).to_vec())
}

fn fetched(case: Case, form: &str) -> Cell {
    let fetch = json!({ "fetch": form });
    match case {
        Case::Types => {
            let asked = statements(READ).into_iter();
            Cell::Asks(asked.map(|sql| with(sql.as_str().unwrap(), fetch.clone())).collect())
        }
        Case::Large => Cell::Asks(vec![with(LARGE, json!({ "fetch": form, "digest": true }))]),
        case => (clients::PANDAS.asked)(case),
    }
}

/// A connector with every feature of the protocol.
fn connector(case: Case) -> Cell {
    match case {
        Case::Held => Cell::Asks(vec![with(ARRAY, json!({ "many": [[901, "held", 1.5], [902, "held", 2.5]] }))]),
        Case::Async => Cell::Asks(vec![with("SELECT 1, '4111111111111111'", json!({ "async": true }))]),
        case => as_ours(&clients::PYTHON4, case),
    }
}

/// What it is asked of our double, over fakesnow's tables.
fn as_ours(client: &Client, case: Case) -> Cell {
    let asked = match (client.asked)(case) {
        Cell::Asks(asked) => asked,
        lacks => return lacks,
    };
    Cell::Asks(match case {
        Case::Cancel => return Cell::Lacks(ENDLESS),
        Case::Several => return Cell::Lacks(ONE),
        Case::Types => statements(READ),
        Case::Large => vec![with(LARGE, json!({ "digest": true }))],
        Case::Async => asked[..1].to_vec(),
        Case::Error => vec![WRONG.into(), CARD.into(), "SELECT 8".into()],
        Case::Held => vec![UPDATE.into()],
        Case::Denied => vec![NEVER.into()],
        Case::Connect | Case::Bindings => asked,
    })
}
