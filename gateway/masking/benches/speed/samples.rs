//! What is masked: made from fixed seeds, the same in every run.

use std::{fmt::Write, sync::Arc};

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_ipc::writer::StreamWriter;

/// Bytes of each text.
pub const SIZE: usize = 32 * 1024 * 1024;
/// Rows of each Arrow stream, in batches of [`BATCH`].
pub const ROWS: usize = 1_000_000;
const BATCH: usize = 10_000;

/// splitmix64
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.roll() % limit
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len() as u64) as usize]
    }

    /// A number of a brand with a check digit that holds.
    pub fn pan(&mut self) -> u64 {
        let front = [4, 51, 52, 53, 54, 55, 62, 6011][self.below(8) as usize];
        let mut digits: Vec<u64> = format!("{front}").bytes().map(|byte| u64::from(byte - b'0')).collect();
        while digits.len() < 15 {
            digits.push(self.below(10));
        }
        let weighed = digits.iter().rev().enumerate().map(|(place, digit)| match place % 2 {
            0 if *digit > 4 => digit * 2 - 9,
            0 => digit * 2,
            _ => *digit,
        });
        let check = (10 - weighed.sum::<u64>() % 10) % 10;
        digits.into_iter().chain([check]).fold(0, |number, digit| number * 10 + digit)
    }
}

const NAMES: [&str; 8] =
    ["Anna Schmidt", "Jörg Weiß", "María López", "Bob Martin", "Li Wei", "Chloé Martin", "Ivan", "O'Neill"];
const CITIES: [&str; 6] = ["Berlin", "São Paulo", "New York", "Recife", "Zürich", "Lyon"];

/// Rows as Snowflake sends them: ids, days, amounts, names, times; no card among them.
pub fn clean_rowset() -> Vec<u8> {
    rowset(1, false)
}

/// A card number every 81 bytes or so.
pub fn dense_rowset() -> Vec<u8> {
    rowset(2, true)
}

fn rowset(seed: u64, cards: bool) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let mut text = String::with_capacity(SIZE + 256);
    text.push('[');
    while text.len() < SIZE {
        let (id, day, cents) = (dice.below(90_000_000), dice.below(28) + 1, dice.below(100_000));
        let (name, city) = (dice.of(&NAMES), dice.of(&CITIES));
        if cards {
            let _ = write!(
                text,
                r#"["{id}","{}","{name}","2026-05-{day:02}","{}.{:02}"],"#,
                dice.pan(),
                cents / 100,
                cents % 100
            );
        } else {
            let time = 1_700_000_000 + dice.below(50_000_000);
            let _ = write!(
                text,
                r#"["{id}","{name}","{city}","2026-05-{day:02}","{}.{:02}","{time}.000000000",null,"PAID"],"#,
                cents / 100,
                cents % 100
            );
        }
    }
    text.pop();
    text.push(']');
    text.into_bytes()
}

/// English without numbers to speak of, in lines of one paragraph.
pub fn prose() -> Vec<u8> {
    const WORDS: [&str; 24] = [
        "the", "gateway", "reads", "every", "answer", "and", "hides", "what", "must", "not", "leave", "it", "a",
        "person", "who", "asks", "for", "approval", "waits", "until", "another", "has", "looked", "at",
    ];
    let mut dice = Dice::new(3);
    let mut text = String::with_capacity(SIZE + 64);
    while text.len() < SIZE {
        for _ in 0..40 + dice.below(60) {
            text.push_str(dice.of(&WORDS));
            text.push_str(if dice.below(12) == 0 { ", " } else { " " });
        }
        text.push_str(".\n");
    }
    text.into_bytes()
}

/// The answer of a tool: about 4 KiB of rows as JSON in text, as MCP servers send them.
pub fn tool_result() -> String {
    let mut dice = Dice::new(4);
    let mut rows = String::from("[");
    while rows.len() < 3400 {
        let (id, amount, name) = (dice.below(10_000), dice.below(10_000), dice.of(&NAMES));
        let card = if dice.below(4) == 0 { dice.pan() } else { dice.below(10_000) };
        let _ = write!(rows, r#"{{"id":{id},"customer":"{name}","ref":"{card}","amount":{amount}}},"#);
    }
    rows.pop();
    rows.push(']');
    let text = serde_json::json!({ "content": [{ "type": "text", "text": rows }], "isError": false });
    serde_json::json!({ "jsonrpc": "2.0", "id": 7, "result": text }).to_string()
}

/// One column of text: card numbers, or words and ids.
pub fn arrow_text(cards: bool) -> Vec<u8> {
    let mut dice = Dice::new(5);
    stream(|| {
        let text = |dice: &mut Dice| match cards {
            true => dice.pan().to_string(),
            false => format!("{} {}", dice.of(&NAMES), dice.below(100_000)),
        };
        Arc::new((0..BATCH).map(|_| Some(text(&mut dice))).collect::<StringArray>())
    })
}

/// One column of 64-bit ids below 2^40.
pub fn arrow_numbers() -> Vec<u8> {
    let mut dice = Dice::new(6);
    stream(|| Arc::new((0..BATCH).map(|_| Some(dice.below(1 << 40) as i64)).collect::<Int64Array>()))
}

fn stream(mut batch: impl FnMut() -> ArrayRef) -> Vec<u8> {
    let mut writer = None;
    for _ in 0..ROWS / BATCH {
        let batch = RecordBatch::try_from_iter([("V", batch())]).unwrap();
        let writer = writer.get_or_insert_with(|| StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap());
        writer.write(&batch).unwrap();
    }
    let mut writer = writer.unwrap();
    writer.finish().unwrap();
    writer.into_inner().unwrap()
}
