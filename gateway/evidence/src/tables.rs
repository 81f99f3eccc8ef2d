//! Where rows go: into files as they come, or against the files that are there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, BufReader, BufWriter, Read, Write},
    path::Path,
};

use crate::{
    Table,
    check::{Checks, Id},
};

/// The access log once more, a JSON document a line.
pub(crate) const ACCESS_LINES: &str = "access_log.jsonl";

pub(crate) struct Tables {
    tables: BTreeMap<Table, csv::Writer<Target>>,
    rows: BTreeMap<Table, u64>,
    lines: Target,
    /// Files whose first difference was told.
    told: BTreeSet<&'static str>,
    failed: Option<io::Error>,
}

impl Tables {
    /// Into new files.
    pub(crate) fn create(dir: &Path) -> io::Result<Self> {
        Self::with(|file| Ok(Target::Into(BufWriter::new(File::create_new(dir.join(file))?))))
    }

    /// Against the files that are there; one that is missing has no rows.
    pub(crate) fn compare(dir: &Path) -> io::Result<Self> {
        Self::with(|file| {
            let found = File::open(dir.join(file)).ok().map(BufReader::new);
            Ok(Target::Against { found, differs: false })
        })
    }

    fn with(target: impl Fn(&str) -> io::Result<Target>) -> io::Result<Self> {
        let mut tables = BTreeMap::new();
        for table in Table::ALL {
            let mut writer = csv::Writer::from_writer(target(table.file())?);
            writer.write_record(table.columns())?;
            writer.flush()?;
            tables.insert(table, writer);
        }
        Ok(Self { tables, rows: BTreeMap::new(), lines: target(ACCESS_LINES)?, told: BTreeSet::new(), failed: None })
    }

    /// Adds a row and says which it is, from 1. That it could not be written is told at the end.
    pub(crate) fn row(&mut self, checks: &mut Checks, table: Table, cells: &[String]) -> u64 {
        let number = self.rows.entry(table).or_default();
        *number += 1;
        let number = *number;
        let Some(writer) = self.tables.get_mut(&table) else { return number };
        let inert: Vec<_> = cells.iter().map(|cell| inert(cell)).collect();
        let mut written = writer.write_record(&inert).map_err(io::Error::from).and_then(|()| writer.flush());
        checks.look(Id::Rows);
        if writer.get_ref().differs() && self.told.insert(table.file()) {
            differs(checks, table.file(), Some(number));
        }
        if table == Table::AccessLog {
            let columns = table.columns().iter().copied();
            let line: serde_json::Map<_, _> =
                columns.zip(cells).map(|(name, cell)| (name.to_owned(), cell.as_str().into())).collect();
            let line = format!("{}\n", serde_json::Value::Object(line));
            written = written.and_then(|()| self.lines.write_all(line.as_bytes()));
            if self.lines.differs() && self.told.insert(ACCESS_LINES) {
                differs(checks, ACCESS_LINES, Some(number));
            }
        }
        if let Err(error) = written {
            self.failed.get_or_insert(error);
        }
        number
    }

    /// How many rows each file has, once all are there and nothing is behind them.
    pub(crate) fn finish(mut self, checks: &mut Checks) -> io::Result<BTreeMap<String, u64>> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let mut counts = BTreeMap::new();
        for (table, writer) in self.tables {
            let rows = self.rows.get(&table).copied().unwrap_or_default();
            let target = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
            target.end(checks, table.file(), rows, self.told.contains(table.file()))?;
            counts.insert(table.file().to_owned(), rows);
        }
        let rows = self.rows.get(&Table::AccessLog).copied().unwrap_or_default();
        self.lines.end(checks, ACCESS_LINES, rows, self.told.contains(ACCESS_LINES))?;
        counts.insert(ACCESS_LINES.to_owned(), rows);
        Ok(counts)
    }
}

fn differs(checks: &mut Checks, file: &str, row: Option<u64>) {
    checks.find(Id::Rows, file, row, "this row, or what should be here, is not what the records say");
}

/// A cell that a spreadsheet would take for a formula gets an apostrophe before it.
fn inert(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

enum Target {
    Into(BufWriter<File>),
    /// After the first difference nothing more is compared: the rest stands elsewhere.
    Against {
        found: Option<BufReader<File>>,
        differs: bool,
    },
}

impl Target {
    /// Whether what was written last is the first that is not there.
    fn differs(&self) -> bool {
        matches!(self, Self::Against { differs: true, .. })
    }

    fn end(self, checks: &mut Checks, file: &str, rows: u64, told: bool) -> io::Result<()> {
        match self {
            Self::Into(mut out) => out.flush()?,
            Self::Against { found: None, differs: false } => checks.find(Id::Rows, file, None, "the file is missing"),
            Self::Against { differs: true, .. } if told => {}
            // No row was compared after it: it is the header that differs.
            Self::Against { differs: true, .. } => differs(checks, file, None),
            Self::Against { found: Some(mut found), .. } => {
                if found.read(&mut [0])? > 0 {
                    checks.find(Id::Rows, file, Some(rows + 1), "a row that no record has");
                }
            }
        }
        Ok(())
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Into(out) => out.write(bytes),
            Self::Against { found: Some(reader), .. } => {
                let mut there = Vec::with_capacity(bytes.len());
                reader.by_ref().take(bytes.len() as u64).read_to_end(&mut there)?;
                if there != bytes {
                    *self = Self::Against { found: None, differs: true };
                }
                Ok(bytes.len())
            }
            Self::Against { found: None, .. } => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        // Rows are handed on one by one; the file itself is flushed at its end.
        Ok(())
    }
}
