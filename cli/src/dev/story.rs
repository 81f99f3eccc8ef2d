//! How the demo tells its story: what happens, what was proved, and whether it held.

use std::{fmt::Display, time::Instant};

use crate::{
    exit::{Exit, Failure},
    output::Printer,
};

pub(super) struct Story {
    printer: Printer,
    started: Instant,
    chapter: u32,
    broken: Vec<String>,
}

impl Story {
    pub(super) fn begin(printer: Printer) -> Self {
        Self { printer, started: Instant::now(), chapter: 0, broken: Vec::new() }
    }

    pub(super) fn chapter(&mut self, title: &str) {
        self.chapter += 1;
        let bold = anstyle::Style::new().bold();
        let cyan = anstyle::AnsiColor::Cyan.on_default().bold();
        self.printer.say(&format!("\n{cyan}{}{cyan:#}  {bold}{title}{bold:#}", self.chapter));
    }

    pub(super) fn tell(&self, words: impl Display) {
        let dim = anstyle::Style::new().dimmed();
        for line in words.to_string().lines() {
            self.printer.say(&format!("   {dim}{line}{dim:#}"));
        }
    }

    /// What this step proves, and whether it did.
    pub(super) fn proves(&mut self, held: bool, claim: &str) {
        let green = anstyle::AnsiColor::Green.on_default().bold();
        let red = anstyle::AnsiColor::Red.on_default().bold();
        if held {
            self.printer.say(&format!("   {green}✓{green:#} {claim}"));
        } else {
            self.printer.say(&format!("   {red}✗ {claim}{red:#}"));
            self.broken.push(claim.to_owned());
        }
    }

    pub(super) fn end(self) -> Result<u8, Failure> {
        let seconds = self.started.elapsed().as_secs_f32();
        if self.broken.is_empty() {
            let green = anstyle::AnsiColor::Green.on_default().bold();
            self.printer.say(&format!("\n{green}Every claim held{green:#}, in {seconds:.1} s."));
            return Ok(Exit::Ok as u8);
        }
        let text = format!("{} of the demo's claims did not hold: {}", self.broken.len(), self.broken.join("; "));
        Err(Failure::new(Exit::Failed, "claim_broken", text))
    }
}
