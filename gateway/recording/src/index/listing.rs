//! Lists of sessions, the newest first, by page.

use std::collections::HashMap;

use hoop_model::{SessionId, Timestamp};

use super::{Begins, Index, Listed, SessionFacts};
use crate::ReadError;

/// Which sessions are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    pub limit: usize,
    /// Those that began then or later.
    pub since: Option<Timestamp>,
    /// Those that began before this one: the next page, by the last session of the one before.
    pub before: Option<SessionId>,
}

/// A page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    pub sessions: Vec<SessionFacts>,
    /// Whether there are further ones.
    pub more: bool,
}

impl Index {
    /// The newest sessions that `sees` lets through, by their first records. Reads only as far back as that takes. `None`:
    /// there is no session to begin before.
    pub fn list(&self, wanted: &Wanted, sees: impl Fn(&SessionFacts) -> bool) -> Result<Option<Page>, ReadError> {
        let mut listing = Listing { open: HashMap::new(), whole: Vec::new(), page: Page::default(), wanted, sees };
        let mut begun = wanted.before.is_none();
        for segment in self.segments()?.iter().rev() {
            let (listed, latest) = self.listed(segment)?;
            let is_old = wanted.since.is_some_and(|since| latest.is_some_and(|latest| latest < since));
            if is_old && listing.barrier().is_none() {
                // Whatever is left began before that.
                return Ok(Some(listing.page));
            }
            listing.take(listed);
            if listing.fill(&mut begun) {
                return Ok(Some(listing.page));
            }
        }
        let rest = std::mem::take(&mut listing.open);
        listing.whole.extend(rest.into_values().map(|(facts, _)| facts));
        listing.fill(&mut begun);
        Ok(begun.then_some(listing.page))
    }

    /// What a list says of one session.
    pub fn session(&self, id: SessionId) -> Result<Option<SessionFacts>, ReadError> {
        let mut whole: Option<SessionFacts> = None;
        for segment in self.segments()?.iter().rev() {
            let Some((_, part)) = self.part(segment, id, super::Trust::Files)? else { continue };
            whole = Some(match whole {
                Some(later) => part.facts.with(&later),
                None => part.facts,
            });
            if part.begins == Begins::Here {
                break;
            }
        }
        Ok(whole)
    }
}

/// A page that is being filled, from the newest segment back.
struct Listing<'a, S> {
    /// Sessions whose beginnings lie further back, or may.
    open: HashMap<SessionId, (SessionFacts, Begins)>,
    /// Those that are whole and not on the page yet.
    whole: Vec<SessionFacts>,
    page: Page,
    wanted: &'a Wanted,
    sees: S,
}

impl<S: Fn(&SessionFacts) -> bool> Listing<'_, S> {
    /// The next segment back.
    fn take(&mut self, listed: Listed) {
        for (facts, begins) in listed {
            let facts = match self.open.remove(&facts.id) {
                Some((later, _)) => facts.with(&later),
                None => facts,
            };
            match begins {
                Begins::Here => self.whole.push(facts),
                Begins::Perhaps | Begins::Before => drop(self.open.insert(facts.id, (facts, begins))),
            }
        }
    }

    /// The newest record that an open session may begin with: what began before that has to wait.
    fn barrier(&self) -> Option<u64> {
        let perhaps = self.open.values().filter(|(_, begins)| *begins == Begins::Perhaps);
        perhaps.map(|(facts, _)| facts.first).max()
    }

    /// Puts on the page what is known to come next; whether it is full. `begun`: the session to begin before is behind.
    fn fill(&mut self, begun: &mut bool) -> bool {
        self.whole.sort_by_key(|facts| std::cmp::Reverse(facts.first));
        let barrier = self.barrier();
        let ready = self.whole.partition_point(|facts| barrier.is_none_or(|barrier| barrier < facts.first));
        for facts in self.whole.drain(..ready) {
            if !(self.sees)(&facts) {
                continue;
            }
            if !*begun {
                *begun = self.wanted.before == Some(facts.id);
                continue;
            }
            if self.wanted.since.is_some_and(|since| facts.started_at < since) {
                continue;
            }
            if self.page.sessions.len() == self.wanted.limit {
                self.page.more = true;
                return true;
            }
            self.page.sessions.push(facts);
        }
        false
    }
}
