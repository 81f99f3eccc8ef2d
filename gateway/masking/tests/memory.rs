//! However much passes, memory stays where it was. On its own, so that the process holds nothing else.
//!
//! A gigabyte with the other tests; ten with
//! `cargo test --release -p masking --test memory -- --ignored --nocapture`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

use std::{
    io::{Read, Write},
    sync::Arc,
};

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_ipc::writer::StreamWriter;
use hoop_masking::{Findings, Form, Masker};

const MIB: usize = 1024 * 1024;
const PIECE: usize = 64 * 1024;
/// What memory may grow by.
const GROWTH: usize = 64 * MIB;

fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * rustix::param::page_size()
}

/// Sends `front` once and `again` until all is sent.
fn streamed(size: usize, front: &[u8], again: &[u8], hidden: &[u8], clear: &[u8]) -> usize {
    let mut stream = Masker::default().stream(Form::Auto);
    let again: Vec<u8> = again.iter().copied().cycle().take(again.len() * (4 * MIB / again.len())).collect();
    let (mut sent, mut most, mut seen) = (0, 0, false);
    let mut send = |piece: &[u8]| {
        let masked = stream.write(piece).unwrap().into_inner();
        assert!(memchr::memmem::find(&masked, clear).is_none());
        seen |= memchr::memmem::find(&masked, hidden).is_some();
        sent += piece.len();
        sent
    };
    send(front);
    'all: loop {
        for piece in again.chunks(PIECE) {
            if send(piece) >= size {
                break 'all;
            }
        }
        most = most.max(resident());
    }
    assert!(seen, "nothing was hidden");
    most
}

/// Batches without end, as bytes.
struct Batches {
    size: usize,
    schema: Vec<u8>,
    batch: Vec<u8>,
    at: usize,
    sent: usize,
}

impl Batches {
    fn new(size: usize) -> Self {
        let texts: StringArray = (0..20_000)
            .map(|row| {
                Some(if row % 9 == 0 { "4111111111111111".to_owned() } else { format!("order {row} of a customer") })
            })
            .collect();
        let numbers: Int64Array = (0..20_000).map(|row| Some(row * 7_919)).collect();
        let columns: [(&str, ArrayRef); 2] = [("NOTE", Arc::new(texts)), ("ID", Arc::new(numbers))];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
        let schema = writer.get_ref().clone();
        writer.write(&batch).unwrap();
        let batch = writer.get_ref()[schema.len()..].to_vec();
        Self { size, schema, batch, at: 0, sent: 0 }
    }
}

impl Read for Batches {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.at == 0 && self.sent >= self.size {
            return Ok(0);
        }
        let from = if self.sent < self.schema.len() { &self.schema[self.sent..] } else { &self.batch[self.at..] };
        let length = from.len().min(into.len());
        into[..length].copy_from_slice(&from[..length]);
        if self.sent >= self.schema.len() {
            self.at = (self.at + length) % self.batch.len();
        }
        self.sent += length;
        Ok(length)
    }
}

/// Keeps nothing but how much memory there was.
struct Watch {
    most: usize,
    written: usize,
}

impl Write for Watch {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        assert!(memchr::memmem::find(bytes, b"4111111111111111").is_none());
        if self.written / (16 * MIB) != (self.written + bytes.len()) / (16 * MIB) {
            self.most = self.most.max(resident());
        }
        self.written += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Of `size` bytes in all, a quarter each.
fn passes_in_constant_memory(size: usize) {
    let each = size / 4;
    let card = b"4111111111111111";
    let before = resident();
    let row = br#"["10001","4111111111111111","Anna Schmidt","2026-05-17","149.90",null],"#;
    let rowset = streamed(each, b"[", row, b"\"411111******1111\"", card);
    let line = b"7,4111111111111111,123,Anna\n";
    let csv = streamed(each, b"id,pan,cvv,name\n", line, b"411111******1111,***", card);
    let line = b"The gateway reads every answer and hides what must not leave it, such as 4111 1111 1111 1111.\n\n";
    let prose = streamed(each, b"", line, b"4111 11** **** 1111", b"4111 1111 1111 1111");
    let mut watch = Watch { most: 0, written: 0 };
    let rows = Masker::default().arrow_through(Batches::new(each), &mut watch, &mut Findings::default()).unwrap();
    assert!(watch.written > each / 2, "{rows} rows, {} bytes", watch.written);
    for (form, most) in [("rowset", rowset), ("CSV", csv), ("prose", prose), ("Arrow", watch.most)] {
        let growth = most.saturating_sub(before);
        println!("{form}: {each} bytes, memory grew by {} MiB at most", growth / MIB);
        assert!(growth < GROWTH, "{form}: memory grew by {} MiB", growth / MIB);
    }
}

#[test]
fn a_gigabyte_passes_in_constant_memory() {
    passes_in_constant_memory(1_000_000_000);
}

#[test]
#[ignore = "takes minutes"]
fn ten_gigabytes_pass_in_constant_memory() {
    passes_in_constant_memory(10_000_000_000);
}
