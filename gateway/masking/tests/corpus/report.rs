//! Counts by category, as a Markdown table.

use std::fmt;

use super::{
    case::{Case, Class},
    score::Verdict,
};

/// Characters of a sample.
const EXCERPT: usize = 400;
/// Misses that are kept as samples of each category.
const SAMPLES: usize = 3;

#[derive(Default)]
pub struct Tally {
    pub cases: usize,
    /// Cases with secrets, and those that show none of them any more.
    pub secret: usize,
    pub hidden: usize,
    pub kept: usize,
    pub broken: usize,
    /// Cases masked twice, and those where that changed nothing.
    pub repeated: usize,
    pub idempotent: usize,
}

pub struct Row {
    pub class: Class,
    pub category: &'static str,
    pub tally: Tally,
    pub samples: Vec<String>,
}

#[derive(Default)]
pub struct Report(pub Vec<Row>);

impl Tally {
    fn take(&mut self, other: &Self) {
        self.cases += other.cases;
        self.secret += other.secret;
        self.hidden += other.hidden;
        self.kept += other.kept;
        self.broken += other.broken;
        self.repeated += other.repeated;
        self.idempotent += other.idempotent;
    }

    pub fn recall(&self) -> f64 {
        percent(self.hidden, self.secret)
    }

    /// Cases in which all that should stay stayed.
    pub fn kept(&self) -> f64 {
        percent(self.kept, self.cases)
    }

    pub fn idempotent(&self) -> f64 {
        percent(self.idempotent, self.repeated)
    }
}

impl Report {
    /// `again` is the output masked once more, where that is known.
    pub fn add(&mut self, case: &Case, verdict: &Verdict, output: &str, again: Option<&str>) {
        let place = self.0.iter().position(|row| row.category == case.category).unwrap_or_else(|| {
            self.0.push(Row {
                class: case.class,
                category: case.category,
                tally: Tally::default(),
                samples: Vec::new(),
            });
            self.0.len() - 1
        });
        let row = &mut self.0[place];
        row.tally.take(&Tally {
            cases: 1,
            secret: usize::from(!case.secrets.is_empty()),
            hidden: usize::from(!case.secrets.is_empty() && verdict.leaked.is_empty()),
            kept: usize::from(verdict.lost.is_empty()),
            broken: usize::from(verdict.broken),
            repeated: usize::from(again.is_some()),
            idempotent: usize::from(again == Some(output)),
        });
        let changed = again.filter(|again| *again != output);
        if row.samples.len() < SAMPLES
            && (!verdict.leaked.is_empty() || !verdict.lost.is_empty() || verdict.broken || changed.is_some())
        {
            let leaked: Vec<&str> = verdict.leaked.iter().map(|secret| secret.digits.as_str()).collect();
            row.samples.push(format!(
                "{}: leaked {leaked:?}, broken {}\n   in {}\n  out {}\nagain {}",
                case.id,
                verdict.broken,
                excerpt(&case.text),
                excerpt(output),
                changed.map_or_else(|| "the same".to_owned(), excerpt),
            ));
        }
    }

    /// All categories of a class together.
    pub fn class(&self, class: Class) -> Tally {
        let mut sum = Tally::default();
        self.0.iter().filter(|row| row.class == class).for_each(|row| sum.take(&row.tally));
        sum
    }

    pub fn all(&self) -> Tally {
        let mut sum = Tally::default();
        self.0.iter().for_each(|row| sum.take(&row.tally));
        sum
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "| Class | Category | Cases | Hidden % | Kept % | Broken JSON |")?;
        writeln!(out, "|---|---|---:|---:|---:|---:|")?;
        for class in [Class::Plain, Class::Hard, Class::Sad, Class::Decoy] {
            for row in self.0.iter().filter(|row| row.class == class) {
                line(out, class, row.category, &row.tally)?;
            }
            line(out, class, "**all**", &self.class(class))?;
        }
        let all = self.all();
        if all.repeated > 0 {
            writeln!(out, "\nMasked twice, unchanged: {} % of {}.", shown(all.idempotent()), all.repeated)?;
        }
        Ok(())
    }
}

fn line(out: &mut fmt::Formatter<'_>, class: Class, category: &str, tally: &Tally) -> fmt::Result {
    let hidden = if tally.secret == 0 { "–".to_owned() } else { shown(tally.recall()) };
    let (cases, kept, broken) = (tally.cases, shown(tally.kept()), tally.broken);
    writeln!(out, "| {class:?} | {category} | {cases} | {hidden} | {kept} | {broken} |")
}

fn excerpt(text: &str) -> String {
    let shown: String = text.chars().take(EXCERPT).collect();
    format!("{shown:?}{}", if shown.len() < text.len() { "…" } else { "" })
}

/// One digit, cut off and not rounded up: 99.96 is not 100.
fn shown(percent: f64) -> String {
    format!("{:.1}", (percent * 10.0).floor() / 10.0)
}

fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 100.0 } else { 100.0 * part as f64 / whole as f64 }
}
