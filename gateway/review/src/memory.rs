//! What a rule remembers, with a cap.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Of a full memory, so many parts go at once: one out of this many.
const SHARE: usize = 16;

/// At most `MOST` entries. When it is full, those that were touched longest ago are forgotten; what was forgotten is new
/// the next time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Memory<V, const MOST: usize>(BTreeMap<String, Kept<V>>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept<V> {
    /// The record that touched it last.
    seq: u64,
    value: V,
}

impl<V, const MOST: usize> Default for Memory<V, MOST> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<V: Default, const MOST: usize> Memory<V, MOST> {
    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        self.0.get(key).map(|kept| &kept.value)
    }

    /// What is remembered of `key`, or a new entry.
    pub(crate) fn touch(&mut self, key: String, seq: u64) -> &mut V {
        if self.0.len() >= MOST && !self.0.contains_key(&key) {
            self.forget();
        }
        let kept = self.0.entry(key).or_insert_with(|| Kept { seq, value: V::default() });
        kept.seq = seq;
        &mut kept.value
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.0.remove(key);
    }

    fn forget(&mut self) {
        let mut touched: Vec<u64> = self.0.values().map(|kept| kept.seq).collect();
        touched.sort_unstable();
        let Some(oldest) = touched.get(MOST / SHARE).or(touched.last()).copied() else { return };
        self.0.retain(|_, kept| kept.seq > oldest);
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stays_under_its_cap_and_forgets_the_oldest() {
        let mut memory = Memory::<u64, 32>::default();
        for seq in 0..1000 {
            *memory.touch(format!("{seq}"), seq) = seq;
            memory.touch("often".to_owned(), seq);
            assert!(memory.len() <= 32);
        }
        assert_eq!((memory.get("999"), memory.get("0"), memory.get("often")), (Some(&999), None, Some(&0)));
    }
}
