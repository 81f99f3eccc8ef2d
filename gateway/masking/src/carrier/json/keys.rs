//! The keys of a document. They come again and again, so what each says is kept.

use super::{escape, escape::Plain, token::Text};
use crate::{
    carrier::{Place, seen::Seen, string},
    name::{self, Name},
    scan::{self, Evidence, edit::Edit},
};

/// Keys kept at a time; another with the same slot takes over.
const KEPT: usize = 128;
/// Longest key that is kept, in bytes.
const LONGEST: usize = 64;

/// What keys say, by their spelling.
#[derive(Default)]
pub(super) struct Keys(Vec<Option<Kept>>);

#[derive(Clone)]
struct Kept {
    raw: Box<[u8]>,
    shown: Box<str>,
    name: Name,
    /// What has stood under it so far.
    seen: Seen,
}

/// What a key says: if nothing else, what it will say without its digits.
pub(super) fn named(key: &str, hidden: Option<&str>) -> Name {
    match (name::of(key), hidden) {
        (name, Some(hidden)) if !string::is_telling(name) => name::of(hidden),
        (name, _) => name,
    }
}

/// A key as it may be shown.
pub(super) enum Key {
    /// By its slot.
    Kept(usize),
    Own(Box<str>),
}

/// A key that held a card number, and what it became.
pub(super) struct Hidden {
    key: Box<str>,
    masked: Box<str>,
}

/// Two keys that would come out the same stay two; one that is given twice stays so.
fn apart(mut masked: String, key: &str, hidden: &[Hidden]) -> String {
    if let Some(same) = hidden.iter().find(|other| *other.key == *key) {
        return same.masked.to_string();
    }
    while hidden.iter().any(|other| *other.masked == *masked) {
        masked.push('\'');
    }
    masked
}

impl Keys {
    /// What a key says. A card number in it is hidden; `hidden` are the keys of the same object that had one.
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        text: Text,
        hidden: &mut Vec<Hidden>,
        edits: &mut Vec<Edit>,
        place: &mut Place<'_>,
    ) -> (Name, Key) {
        let raw = bytes.get(text.start..text.end).unwrap_or_default();
        let slot = slot(raw);
        if let Some(Some(kept)) = self.0.get(slot)
            && *kept.raw == *raw
        {
            return (kept.seen.name(kept.name, &place.ruling()), Key::Kept(slot));
        }
        let plain = if text.escaped { Plain::read(raw).map(|plain| plain.text) } else { None };
        // What is no valid spelling is looked at, and written again, as it stands.
        let as_it_stands = text.escaped && plain.is_none();
        let shown = plain.unwrap_or_else(|| String::from_utf8_lossy(raw).into_owned());
        let name = name::of(&shown);
        if let Some(masked) = scan::mask(&shown, Evidence::Value) {
            place.count(Name::Plain, masked.pans, masked.sad);
            let name = named(&shown, Some(&masked.text));
            let masked = apart(masked.text, &shown, hidden);
            let written = if as_it_stands { masked.clone() } else { escape::escape(&masked) };
            edits.push(Edit::text(text.start..text.end, written));
            hidden.push(Hidden { key: shown.into(), masked: masked.clone().into() });
            return (name, Key::Own(masked.into()));
        }
        if raw.len() > LONGEST {
            return (name, Key::Own(shown.into()));
        }
        self.0.resize(KEPT, None);
        if let Some(kept) = self.0.get_mut(slot) {
            *kept = Some(Kept { raw: raw.into(), shown: shown.into(), name, seen: Seen::default() });
        }
        (name, Key::Kept(slot))
    }

    /// Takes a value under `key` into account.
    pub(super) fn hear(&mut self, key: &Key, token: &[u8]) {
        let Key::Kept(slot) = key else { return };
        let Some(Some(kept)) = self.0.get_mut(*slot) else { return };
        if kept.seen.wanted() > 0 && !matches!(token, b"null" | b"\"\"") {
            let value = token.strip_prefix(b"\"").and_then(|token| token.strip_suffix(b"\"")).unwrap_or(token);
            kept.seen.hear_text(std::str::from_utf8(value).unwrap_or_default());
        }
    }

    pub(super) fn shown<'k>(&'k self, key: &'k Key) -> &'k str {
        match key {
            Key::Own(shown) => shown,
            Key::Kept(slot) => self.0.get(*slot).and_then(Option::as_ref).map_or("", |kept| &kept.shown),
        }
    }
}

/// FNV-1a.
fn slot(raw: &[u8]) -> usize {
    let hash = raw.iter().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    (hash ^ hash >> 15) as usize % KEPT
}
