//! What of a connection's tools is pinned, and what waits.

use std::collections::HashMap;

use super::Tool;

/// The tools of one connection by their names, as digests of their definitions. Small: it is asked for every call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surface(HashMap<String, Known>);

/// A tool that was seen. `pending`: what the server says of it now, where that is not what is pinned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Known {
    pinned: Option<String>,
    pending: Option<String>,
}

/// What a listing changes.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Pinned because it belongs to the first listing.
    Trusted(Tool),
    /// New, or not as it is pinned: hidden until somebody has reviewed it.
    Hidden(Tool),
    /// As it is pinned, after it was not.
    Restored(String),
}

impl Surface {
    /// A tool as it was kept: its digests.
    pub fn keep(&mut self, name: &str, pinned: Option<String>, pending: Option<String>) {
        self.0.insert(name.to_owned(), Known { pinned, pending });
    }

    /// Nothing was ever listed.
    pub fn is_untouched(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.is_untouched()
    }

    pub fn knows(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether it is pinned, and the server said nothing else of it since.
    pub fn callable(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|known| known.pinned.is_some() && known.pending.is_none())
    }

    /// Whether this very definition is pinned.
    pub fn admits(&self, tool: &Tool) -> bool {
        self.0.get(&tool.name).is_some_and(|known| known.pinned.as_ref() == Some(&tool.digest))
    }

    /// Whether this very definition was seen before, be it pinned or not.
    pub fn has_seen(&self, tool: &Tool) -> bool {
        self.admits(tool) || self.0.get(&tool.name).is_some_and(|known| known.pending.as_ref() == Some(&tool.digest))
    }

    /// What a tool in a listing changes, if anything. `trusted`: it may be pinned unseen.
    pub fn change(&self, tool: &Tool, trusted: bool) -> Option<Change> {
        let known = self.0.get(&tool.name);
        let pinned = known.is_some_and(|known| known.pinned.is_some());
        match known {
            Some(known) if self.admits(tool) => known.pending.as_ref().map(|_| Change::Restored(tool.name.clone())),
            _ if trusted && !pinned => Some(Change::Trusted(tool.clone())),
            Some(_) if self.has_seen(tool) => None,
            _ => Some(Change::Hidden(tool.clone())),
        }
    }

    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Trusted(tool) => self.keep(&tool.name, Some(tool.digest.clone()), None),
            Change::Hidden(tool) => {
                self.0.entry(tool.name.clone()).or_default().pending = Some(tool.digest.clone());
            }
            Change::Restored(name) => {
                if let Some(known) = self.0.get_mut(name) {
                    known.pending = None;
                }
            }
        }
    }

    /// Somebody has reviewed what waits: it is what is pinned from now on. `false`: this is not what waits.
    pub fn approve(&mut self, name: &str, digest: &str) -> bool {
        match self.0.get_mut(name) {
            Some(known) if known.pending.as_deref() == Some(digest) => {
                known.pinned = known.pending.take();
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::pin::listed;

    fn tool(name: &str, description: &str) -> Tool {
        let mut tools = listed(&json!({ "tools": [{ "name": name, "description": description }] }));
        tools.pop().unwrap_or_else(|| unreachable!())
    }

    /// Lists a tool; what that changed, in a word.
    fn list(surface: &mut Surface, tool: &Tool, trusted: bool) -> &'static str {
        let change = surface.change(tool, trusted);
        if let Some(change) = &change {
            surface.apply(change);
        }
        match change {
            Some(Change::Trusted(_)) => "trusted",
            Some(Change::Hidden(_)) => "hidden",
            Some(Change::Restored(_)) => "restored",
            None => "as it was",
        }
    }

    #[test]
    fn a_definition_that_changes_is_hidden_until_it_is_reviewed_or_taken_back() {
        let mut surface = Surface::default();
        let (honest, poisoned, other) = (tool("pay", "Pays."), tool("pay", "Pays. Also…"), tool("pay", "Pays!"));
        assert!(surface.is_untouched() && !surface.callable("pay"));
        assert_eq!(list(&mut surface, &honest, true), "trusted");
        assert!(surface.callable("pay") && surface.admits(&honest));
        assert_eq!(list(&mut surface, &honest, false), "as it was");

        assert_eq!(list(&mut surface, &poisoned, false), "hidden");
        assert!(!surface.callable("pay") && !surface.admits(&poisoned));
        assert_eq!(list(&mut surface, &poisoned, false), "as it was");
        assert_eq!(list(&mut surface, &honest, false), "restored");
        assert!(surface.callable("pay"));

        assert_eq!(list(&mut surface, &poisoned, false), "hidden");
        assert_eq!(list(&mut surface, &other, false), "hidden", "another change is another review");
        assert!(!surface.approve("pay", &poisoned.digest) && !surface.callable("pay"));
        assert!(surface.approve("pay", &other.digest) && surface.callable("pay") && surface.admits(&other));
        assert_eq!(list(&mut surface, &honest, false), "hidden", "what was pinned before is no longer");
    }

    #[test]
    fn what_is_new_later_is_hidden_too() {
        let mut surface = Surface::default();
        list(&mut surface, &tool("a", ""), true);
        let new = tool("b", "");
        assert_eq!(list(&mut surface, &new, false), "hidden");
        assert!(!surface.callable("b") && surface.callable("a") && !surface.callable("c"));
        // The rest of the first listing, which came by another way before.
        assert_eq!(list(&mut surface, &new, true), "trusted");
        // It is no excuse for what was pinned already.
        assert_eq!(list(&mut surface, &tool("a", "else"), true), "hidden");
    }

    proptest! {
        /// Whatever a server lists in whatever order: only what was trusted or reviewed is ever shown.
        #[test]
        fn nothing_is_shown_that_nobody_let_in(steps in prop::collection::vec((0u8..3, 0u8..3, 0u8..4), 0..40)) {
            let mut surface = Surface::default();
            let mut let_in = std::collections::HashMap::new();
            for (name, text, what) in steps {
                let tool = tool(&name.to_string(), &text.to_string());
                let was_known = let_in.contains_key(&tool.name);
                match what {
                    0 => {
                        list(&mut surface, &tool, true);
                        if !was_known {
                            let_in.insert(tool.name.clone(), tool.digest.clone());
                        }
                    }
                    1 => {
                        if surface.approve(&tool.name, &tool.digest) {
                            let_in.insert(tool.name.clone(), tool.digest.clone());
                        }
                    }
                    _ => drop(list(&mut surface, &tool, false)),
                }
                let is_in = let_in.get(&tool.name) == Some(&tool.digest);
                prop_assert_eq!(surface.admits(&tool), is_in);
                if what != 1 {
                    prop_assert_eq!(surface.callable(&tool.name), is_in);
                }
                prop_assert!(surface.change(&tool, false).is_none() || what == 1);
            }
        }
    }
}
