//! What goes whole: codes, PINs, PIN blocks, and numbers in chip data.

use std::ops::Range;

use super::{BEHIND, Evidence, Scanner, edit::Edit, follows_star};
use crate::{
    hiding::Hiding,
    sad::{
        self, behind,
        block::{self, Block},
        chip,
        code::{self, Called},
        expiry, track,
    },
};

/// A word that means a PIN or a code near a card number counts this many bytes from one.
const NEAR: usize = 96;

impl Scanner {
    /// Hides a PIN block whose first digits are at `run`. `None`: there is none.
    pub(super) fn block(&mut self, bytes: &[u8], run: Range<usize>, open: bool) -> Option<Option<usize>> {
        let hex = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_hexdigit);
        if !(matches!(run.len(), 16 | 32) || hex(run.start.checked_sub(1)) || hex(Some(run.end))) {
            return None;
        }
        match block::at(bytes, run.start, open) {
            Block::No => None,
            Block::Cut => Some(None),
            Block::At(at) => {
                self.sad += 1;
                self.edits.push(Edit::stars(at.clone()));
                Some(Some(at.end))
            }
        }
    }

    /// Hides a number in chip data. Where to look on.
    pub(super) fn chip(&mut self, bytes: &[u8]) -> Option<usize> {
        let found = chip::number(bytes, &self.chain.values, &self.chain.places)?;
        let at = self.chain.bytes(&found.digits)?;
        let track = track::Track { data: found.data.clone(), framed: true };
        let values = self.chain.values.get(found.digits.clone()).unwrap_or_default().to_vec();
        self.accept(bytes, &at, &values, Some(track));
        self.hide(&found.digits);
        // What is left of the digits on either side could be read as a number of its own.
        let (front, back) = chip::rests(&found, self.chain.values.len());
        let single = self.chain.groups.len() == 1;
        for rest in [front, back].into_iter().flatten().filter(|_| single) {
            self.judge(bytes, rest, true, false);
        }
        self.joined = Some(found.data.end);
        (!found.data.is_empty()).then_some(found.data.end)
    }

    /// Three to twelve digits that words around them may call a code or a PIN. `false`: more text is needed.
    pub(super) fn code(&mut self, bytes: &[u8], run: Range<usize>, digits: usize, open: bool) -> bool {
        let tail = bytes.get(run.end..).unwrap_or_default();
        let stars = tail.iter().take(3).take_while(|byte| **byte == b'*').count();
        if open && stars == tail.len() {
            return false;
        }
        // What stays of a number is no code.
        if stars > 2 || tail.first().is_some_and(u8::is_ascii_alphanumeric) {
            return true;
        }
        let Some((run, digits)) = code::digits(bytes, run, digits) else { return true };
        let mut called = code::called(bytes, run.start, digits);
        if called == Called::No && !follows_star(bytes, run.start) {
            match behind::called(bytes, run.end, digits, open) {
                Some(behind) => called = behind,
                None => return false,
            }
        }
        match self.hides(bytes, called, run.end, open) {
            Some(true) => self.hide_code(bytes, run),
            Some(false) => self.unnamed(bytes, run),
            None => return false,
        }
        true
    }

    /// The last digits of a chain, which what stands behind may name. `false`: more text is needed.
    pub(super) fn ending(&mut self, bytes: &[u8], run: Range<usize>, open: bool) -> bool {
        let glued = run.start.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(|byte| b"-./_".contains(byte));
        if !code::LENGTHS.contains(&run.len()) || self.last == Some(run.end) {
            return true;
        }
        let named = match behind::called(bytes, run.end, run.len(), open) {
            _ if glued => Called::No,
            Some(named) => named,
            None => return false,
        };
        match self.hides(bytes, named, run.end, open) {
            Some(true) => self.hide_code(bytes, run),
            Some(false) => self.unnamed(bytes, run),
            None => return false,
        }
        true
    }

    /// Whether what is called so goes. `None`: more text is needed to tell.
    fn hides(&self, bytes: &[u8], called: Called, end: usize, open: bool) -> Option<bool> {
        match called {
            Called::No => Some(false),
            Called::Yes => Some(true),
            Called::Perhaps if self.last.is_some_and(|last| last + NEAR >= end) => Some(true),
            Called::Perhaps if open && bytes.len() < end + NEAR + BEHIND => None,
            Called::Perhaps => Some(is_near(bytes, end)),
        }
    }

    fn hide_code(&mut self, bytes: &[u8], run: Range<usize>) {
        self.sad += 1;
        self.edits.extend(sad::readable(bytes, run).map(Edit::star));
    }

    /// Three or four digits without a name: a code if only an expiry stands between a card number and them.
    fn unnamed(&mut self, bytes: &[u8], run: Range<usize>) {
        let alone = matches!(run.len(), 3 | 4) && !bytes.get(run.end).is_some_and(u8::is_ascii_alphanumeric);
        if alone && self.last.is_some_and(|last| expiry::precedes(bytes, last, run.start)) {
            self.hide_code(bytes, run);
        }
    }
}

/// Whether a card number follows soon.
fn is_near(bytes: &[u8], from: usize) -> bool {
    let end = bytes.len().min(from + NEAR + BEHIND);
    let mut ahead = Scanner::new(Evidence::Value, Hiding::default());
    ahead.counted = from;
    // Words that need a number near cannot be asked again from here.
    ahead.last = Some(from);
    let _ = ahead.scan(bytes.get(..end).unwrap_or_default(), from, end, false);
    ahead.pans > 0
}
