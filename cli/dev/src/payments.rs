//! A small database of invented payments: what both demo upstreams serve. Same rows every time; the card numbers are
//! from the schemes' test ranges and belong to nobody.

use std::path::Path;

use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions},
};

/// Card numbers in the database, Luhn-valid, of several brands and lengths.
pub const CARDS: [&str; 8] = [
    "4111111111111111",
    "5555555555554444",
    "378282246310005",
    "6011111111111117",
    "3530111333300000",
    "30569309025904",
    "2223003122003222",
    "4012888888881881",
];

const HOLDERS: [&str; 10] = [
    "Ada Moreau",
    "Ben Okafor",
    "Chiara Rossi",
    "Dmitri Volkov",
    "Elif Kaya",
    "Frida Lind",
    "Goro Tanaka",
    "Hana Novak",
    "Ivo Petrov",
    "June Park",
];
const CURRENCIES: [&str; 3] = ["EUR", "USD", "GBP"];
const STATUSES: [&str; 4] = ["settled", "settled", "pending", "refunded"];
/// How many payments there are.
const PAYMENTS: usize = 50;

const SCHEMA: &str = "
CREATE TABLE payments (
    id INTEGER PRIMARY KEY, card_number TEXT NOT NULL, pan INTEGER NOT NULL, holder TEXT NOT NULL,
    amount REAL NOT NULL, currency TEXT NOT NULL, status TEXT NOT NULL, created_at TEXT NOT NULL
);
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL);
CREATE TABLE refunds (id INTEGER PRIMARY KEY, payment_id INTEGER NOT NULL, amount REAL NOT NULL, reason TEXT NOT NULL);
CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price REAL NOT NULL);
";

/// The database, made and filled when it is new. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    pool: SqlitePool,
}

impl Database {
    /// Opens the file at `path`, or with `:memory:` a database that lives as long as this value.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let pool = if path.as_ref() == Path::new(":memory:") {
            // Every connection to memory is a database of its own: there is one, and it stays.
            let one = SqlitePoolOptions::new().max_connections(1).min_connections(1);
            one.idle_timeout(None).max_lifetime(None).connect_with(options.in_memory(true)).await?
        } else {
            let options = options.journal_mode(SqliteJournalMode::Wal);
            SqlitePoolOptions::new().max_connections(4).connect_with(options).await?
        };
        let made: i64 =
            sqlx::query_scalar("SELECT count(*) FROM sqlite_master WHERE name = 'payments'").fetch_one(&pool).await?;
        let this = Self { pool };
        if made == 0 {
            this.fill().await?;
        }
        Ok(this)
    }

    pub fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    async fn fill(&self) -> Result<(), sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        sqlx::raw_sql(SCHEMA).execute(&mut *transaction).await?;
        let cycle = |list: &[&'static str], at: usize| list.iter().cycle().nth(at).copied().unwrap_or_default();
        for at in 0..PAYMENTS {
            let card = cycle(&CARDS, at);
            let cents = 1250 + (at as i64 * 7919) % 250_000;
            sqlx::query("INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
                .bind(at as i64 + 1)
                .bind(card)
                .bind(card.parse::<i64>().unwrap_or_default())
                .bind(cycle(&HOLDERS, at * 3))
                .bind(cents as f64 / 100.0)
                .bind(cycle(&CURRENCIES, at))
                .bind(cycle(&STATUSES, at))
                .bind(format!("2026-{:02}-{:02}T09:{:02}:00Z", 1 + at % 12, 1 + at % 28, at % 60))
                .execute(&mut *transaction)
                .await?;
        }
        for (at, name) in HOLDERS.iter().enumerate() {
            let email = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
            sqlx::query("INSERT INTO customers VALUES (?, ?, ?)")
                .bind(at as i64 + 1)
                .bind(name)
                .bind(email)
                .execute(&mut *transaction)
                .await?;
        }
        for at in 0..8_i64 {
            sqlx::query("INSERT INTO refunds VALUES (?, ?, ?, 'customer request')")
                .bind(at + 1)
                .bind(at * 4 + 4)
                .bind(at as f64 + 5.5)
                .execute(&mut *transaction)
                .await?;
            sqlx::query("INSERT INTO products VALUES (?, ?, ?)")
                .bind(at + 1)
                .bind(format!("Item {}", at + 1))
                .bind(at as f64 * 3.25 + 1.0)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await
    }
}
