//! JSON documents as bytes: read once from left to right, changed where something is hidden, byte for byte the same
//! elsewhere. A key given twice stays twice.

use super::{
    glance::{self, Short},
    keys::{Hidden, Key, Keys},
    token::{self, Found},
    value,
};
use crate::{
    MaskError,
    carrier::{DEEPEST, Place, string},
    name::Name,
    scan::edit::Edit,
};

/// Longest string or number that is read as one, in bytes: as much as Snowflake puts into a cell.
pub(crate) const LONGEST: usize = 16 * 1024 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    /// Or the array's end.
    FirstValue,
    Key,
    /// Or the object's end.
    FirstKey,
    /// A comma, or the end.
    Next,
}

/// An object or array that is open.
struct Level {
    is_object: bool,
    /// What the nearest key above says of its items.
    name: Name,
    /// Length of the place outside of it.
    mark: usize,
    /// Its keys that held card numbers.
    hidden: Vec<Hidden>,
}

/// How far a document has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Walked {
    /// It ends here.
    Whole(usize),
    /// More text is needed; all before this place is decided.
    Cut(usize),
    /// From here on it is no JSON. All before is decided.
    Wrong(usize),
}

/// Reads one document, in as many pieces as it comes.
pub(crate) struct Walker {
    levels: Vec<Level>,
    expect: Expect,
    /// What the last key says.
    name: Name,
    /// The last key.
    key: Option<Key>,
    keys: Keys,
    /// Levels around the document.
    depth: usize,
}

impl Walker {
    pub(crate) fn new(depth: usize) -> Self {
        Self { levels: Vec::new(), expect: Expect::Value, name: Name::Plain, key: None, keys: Keys::default(), depth }
    }

    /// Makes ready for another document, under a name.
    pub(crate) fn restart(&mut self, name: Name) {
        self.levels.clear();
        (self.expect, self.name, self.key) = (Expect::Value, name, None);
    }

    /// Reads on from byte `from`. `open`: there may be more text than `bytes`.
    ///
    /// # Errors
    /// [`MaskError::TooDeep`], [`MaskError::Blocked`].
    pub(crate) fn walk(
        &mut self,
        bytes: &[u8],
        from: usize,
        open: bool,
        edits: &mut Vec<Edit>,
        place: &mut Place<'_>,
    ) -> Result<Walked, MaskError> {
        let mut done = from;
        loop {
            let at = token::skip_space(bytes, done);
            let Some(byte) = bytes.get(at) else { return Ok(self.cut(open, done)) };
            match (self.expect, byte) {
                (Expect::Next, b',') => {
                    self.expect = match self.levels.last() {
                        Some(level) if level.is_object => Expect::Key,
                        Some(level) => {
                            self.name = level.name;
                            Expect::Value
                        }
                        None => return Ok(Walked::Wrong(done)),
                    };
                }
                (Expect::Next | Expect::FirstKey, b'}') | (Expect::Next | Expect::FirstValue, b']') => {
                    if self.levels.last().is_none_or(|level| level.is_object != (*byte == b'}')) {
                        return Ok(Walked::Wrong(done));
                    }
                    if let Some(level) = self.levels.pop() {
                        place.leave(level.mark);
                    }
                    if self.levels.is_empty() {
                        return Ok(Walked::Whole(at + 1));
                    }
                    self.expect = Expect::Next;
                }
                (Expect::Value | Expect::FirstValue, b'{' | b'[') => {
                    if self.levels.len() + self.depth > DEEPEST {
                        return Err(MaskError::TooDeep { limit: DEEPEST });
                    }
                    self.enter(*byte == b'{', place);
                }
                (Expect::Key | Expect::FirstKey, b'"') => {
                    let text = match token::string(bytes, at + 1) {
                        Found::Whole(text) => text,
                        Found::Cut if open && bytes.len() - at < LONGEST => return Ok(Walked::Cut(done)),
                        Found::Cut | Found::Wrong => return Ok(Walked::Wrong(done)),
                    };
                    let colon = token::skip_space(bytes, text.end + 1);
                    match bytes.get(colon) {
                        Some(b':') => {}
                        None if open => return Ok(Walked::Cut(done)),
                        _ => return Ok(Walked::Wrong(done)),
                    }
                    let Some(level) = self.levels.last_mut() else { return Ok(Walked::Wrong(done)) };
                    let (name, key) = self.keys.read(bytes, text, &mut level.hidden, edits, place);
                    (self.name, self.key) = (name, Some(key));
                    self.expect = Expect::Value;
                    done = colon + 1;
                    continue;
                }
                (Expect::Value | Expect::FirstValue, _) => {
                    let mut at = at;
                    if let Some(rows) = self.may_pass(place) {
                        let past = glance::values(bytes, at, rows);
                        if let Some(end) = past.end {
                            let depth = self.depth + self.levels.len();
                            value::text(bytes, past.at..end + 1, self.name, depth, edits, place)?;
                            self.expect = Expect::Next;
                            done = end + 1;
                            continue;
                        }
                        if past.at > at {
                            (at, done) = (past.at, past.at);
                            self.expect = Expect::Value;
                        }
                        if matches!(bytes.get(at), None | Some(b'[' | b'{' | b' ' | b'\t' | b'\n' | b'\r')) {
                            continue;
                        }
                    }
                    let (end, worth) = match self.short(bytes, at, place) {
                        Some(short) => (short.end + 1, short.worth),
                        None => match self.scalar(bytes, at, open) {
                            Found::Whole(end) => {
                                let token = bytes.get(at..end).unwrap_or_default();
                                (end, !place.is_plain() || value::may_hide(token, self.name))
                            }
                            Found::Cut => return Ok(Walked::Cut(done)),
                            Found::Wrong => return Ok(Walked::Wrong(done)),
                        },
                    };
                    if worth {
                        let depth = self.depth + self.levels.len();
                        let mark = self.enter_key(place);
                        let masked = value::scalar(bytes, at..end, self.name, depth, edits, place);
                        place.leave(mark);
                        masked?;
                    }
                    if let Some(key) = self.key.take() {
                        self.keys.hear(&key, bytes.get(at..end).unwrap_or_default());
                    }
                    if self.levels.is_empty() {
                        return Ok(Walked::Whole(end));
                    }
                    self.expect = Expect::Next;
                    done = end;
                    continue;
                }
                _ => return Ok(Walked::Wrong(done)),
            }
            done = at + 1;
        }
    }

    /// Whether the value at hand stands in an array where only itself can tell what it is. `Some(true)`: the array is one
    /// of an array of such.
    fn may_pass(&self, place: &Place<'_>) -> Option<bool> {
        let [outside @ .., level] = self.levels.as_slice() else { return None };
        let plain = !level.is_object && self.name == Name::Plain && place.is_plain();
        plain.then(|| outside.last().is_some_and(|rows| !rows.is_object && rows.name == Name::Plain))
    }

    /// A short string under a name that says nothing, if what follows shows that it is a value.
    fn short(&self, bytes: &[u8], at: usize, place: &Place<'_>) -> Option<Short> {
        if bytes.get(at) != Some(&b'"') || string::is_telling(self.name) || !place.is_plain() {
            return None;
        }
        let closes = if self.levels.last()?.is_object { b'}' } else { b']' };
        let short = glance::string(bytes, at)?;
        bytes.get(short.end + 1).is_some_and(|next| *next == b',' || *next == closes).then_some(short)
    }

    fn cut(&self, open: bool, at: usize) -> Walked {
        if open { Walked::Cut(at) } else { Walked::Wrong(at) }
    }

    fn enter_key(&self, place: &mut Place<'_>) -> usize {
        match self.key.as_ref().map(|key| self.keys.shown(key)) {
            Some(key) => place.enter(&[".", key]),
            None => place.enter(&[]),
        }
    }

    fn enter(&mut self, is_object: bool, place: &mut Place<'_>) {
        let mark = self.enter_key(place);
        if !is_object {
            place.enter(&["[]"]);
        }
        self.levels.push(Level { is_object, name: self.name, mark, hidden: Vec::new() });
        self.key = None;
        self.expect = if is_object { Expect::FirstKey } else { Expect::FirstValue };
    }

    /// The end of the string, number or word at `at`, once what follows shows that it is a value.
    fn scalar(&self, bytes: &[u8], at: usize, open: bool) -> Found<usize> {
        let end = if bytes.get(at) == Some(&b'"') {
            match token::string(bytes, at + 1) {
                Found::Whole(text) => text.end + 1,
                Found::Cut if open && bytes.len() - at < LONGEST => return Found::Cut,
                Found::Cut | Found::Wrong => return Found::Wrong,
            }
        } else {
            match token::scalar(bytes, at) {
                Found::Whole(end) => end,
                Found::Cut if open => return Found::Cut,
                Found::Cut | Found::Wrong => return Found::Wrong,
            }
        };
        let next = bytes.get(token::skip_space(bytes, end));
        match (self.levels.last(), next) {
            (None, None) if open => Found::Cut,
            (None, None) => Found::Whole(end),
            // A document of its own ends with its line.
            (None, Some(_)) => Found::Wrong,
            (Some(_), None) if open => Found::Cut,
            (Some(_), None) => Found::Wrong,
            (Some(level), Some(next)) if *next == b',' || *next == if level.is_object { b'}' } else { b']' } => {
                Found::Whole(end)
            }
            (Some(_), Some(_)) => Found::Wrong,
        }
    }
}
