//! Finds card numbers and track data in text and hides them.
//!
//! A chain of digits is split into groups at its separators; every run of groups with 12 to 19 digits is judged
//! (`pci-and-masking.md` §3, decision rule). Hidden digits become `*`, one for one; all else stays byte for byte.

pub(crate) mod chain;
mod group;
pub(crate) use group::is_issued;

use std::ops::Range;

use chain::Chain;
use group::Grouped;

use crate::{redact, sad};

/// What is known of a value beside itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// Only the value: brand, length, check digit and grouping must all fit.
    Value,
    /// A name says that it is a card number: every 12 digits and more are hidden.
    Card,
}

/// A text with something hidden in it.
pub(crate) struct Hidden {
    pub text: String,
    pub pans: u64,
    pub sad: u64,
    /// What was hidden stood among other digits, which may read differently now.
    again: bool,
}

/// Hiding one number can bring its last four digits into line with the groups after it. So passes go on until one
/// finds nothing, and after these many every digit of a chain that still holds something is hidden.
const PASSES: usize = 4;

/// `None` if nothing had to be hidden.
pub(crate) fn mask(text: &str, evidence: Evidence) -> Option<Hidden> {
    let mut hidden = pass(text, evidence, false)?;
    let mut passes = 1;
    while hidden.again {
        let Some(more) = pass(&hidden.text, evidence, passes >= PASSES) else { break };
        hidden.again = more.again;
        hidden.text = more.text;
        hidden.pans += more.pans;
        hidden.sad += more.sad;
        passes += 1;
    }
    if hidden.pans > 0 {
        let codes = sad::codes(&hidden.text);
        if !codes.is_empty() {
            hidden.sad += codes.len() as u64;
            hidden.text = star(&hidden.text, codes);
        }
    }
    Some(hidden)
}

fn pass(text: &str, evidence: Evidence, sweep: bool) -> Option<Hidden> {
    let (mut found, mut again) = (Found::default(), false);
    let mut at = 0;
    while let Some(chain) = chain::next(text, at) {
        at = chain.end;
        if chain.plain && evidence == Evidence::Value {
            plain(text, chain, &mut found);
        } else {
            let grouped = Grouped::read(text, chain);
            let before = found.stars.len();
            grouped.judge(text, evidence, &mut found);
            again |= found.stars.len() > before;
            if sweep && found.stars.len() > before {
                grouped.hide_all(&mut found);
            }
        }
    }
    if found.stars.is_empty() {
        return None;
    }
    let again = again || found.sad > 0;
    Some(Hidden { text: star(text, found.stars), pans: found.pans, sad: found.sad, again })
}

/// The commonest case without any allocation: ASCII digits on their own.
fn plain(text: &str, chain: Chain, found: &mut Found) {
    let mut values = [0; chain::LONGEST];
    let Some(run) = text.as_bytes().get(chain.start..chain.end) else { return };
    let Some(values) = values.get_mut(..run.len()) else { return };
    for (value, byte) in values.iter_mut().zip(run) {
        *value = byte - b'0';
    }
    if found.accepts(text, chain, chain.start..chain.end, values, true) {
        let hidden = redact::hidden(values.len());
        found.stars.extend(hidden.map(|place| chain.start + place..chain.start + place + 1));
    }
}

/// What a pass has found: the characters to hide, as byte ranges, in no order and perhaps twice.
#[derive(Default)]
struct Found {
    stars: Vec<Range<usize>>,
    pans: u64,
    sad: u64,
    /// End of the last number counted, so that overlapping readings count once.
    counted: usize,
}

impl Found {
    /// Judges the number at bytes `at`. Track data behind it is hidden here; the number itself by the caller.
    fn accepts(&mut self, text: &str, chain: Chain, at: Range<usize>, values: &[u8], single: bool) -> bool {
        let track = sad::track(text, &at);
        let framed = track.as_ref().is_some_and(|track| track.framed);
        if !framed && (!group::is_issued(values) || crate::reject::shape(text, chain.start, &at, values.len(), single))
        {
            return false;
        }
        self.accept(text, &at, track);
        true
    }

    fn accept(&mut self, text: &str, at: &Range<usize>, track: Option<sad::Track>) {
        if let Some(track) = track {
            let before = self.stars.len();
            self.stars.extend(sad::readable(text, track.data));
            self.sad += u64::from(self.stars.len() > before);
        }
        if at.start >= self.counted {
            self.pans += 1;
            self.counted = at.end;
        }
    }
}

/// `text` with `*` in place of each of `stars`.
pub(crate) fn star(text: &str, mut stars: Vec<Range<usize>>) -> String {
    stars.sort_unstable_by_key(|star| star.start);
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for star in stars {
        if star.start < from {
            continue;
        }
        out.push_str(text.get(from..star.start).unwrap_or_default());
        out.push('*');
        from = star.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests;
