//! What the file would be without hoopctl's entries. Writing them into the copy again shows which bytes they brought;
//! where those bytes stand in the file, once, they can be taken back, whatever was changed around them.

use serde_json::{Map, Value};

use super::{entry::is_ours, error::Problem, plan::State, plan::with, shape::Shape, splice::difference};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Base {
    pub(super) file: Option<String>,
}

impl Base {
    pub(super) fn of(file: Option<String>) -> Self {
        Self { file }
    }

    pub(super) fn text(&self) -> &str {
        self.file.as_deref().unwrap_or_default()
    }
}

/// None: our entries were edited themselves, or there is no copy that goes with the file.
pub(super) fn base(shape: Shape, state: &State) -> Result<Option<Base>, Problem> {
    let entries = shape.entries(state.text())?;
    if !entries.values().any(is_ours) {
        return Ok(Some(Base::of(state.file.clone())));
    }
    let copy = state.backup.as_deref().unwrap_or_default();
    let Ok(written) = with(shape, copy, &entries) else { return Ok(None) };
    let Some(file) = &state.file else { return Ok(None) };
    if *file == written {
        return Ok(Some(Base::of(state.backup.clone())));
    }
    let (old, new) = difference(copy, &written);
    let mut places = file.match_indices(new).map(|(at, _)| at);
    let (Some(at), None, false) = (places.next(), places.next(), new.is_empty()) else { return Ok(None) };
    let (Some(before), Some(after)) = (file.get(..at), file.get(at + new.len()..)) else { return Ok(None) };
    let text = format!("{before}{old}{after}");
    Ok(says_the_rest(shape, &text, state.text(), &entries).then(|| Base::of(Some(text))))
}

/// Whether `text` says what the file says but for entries of ours.
fn says_the_rest(shape: Shape, text: &str, file: &str, entries: &Map<String, Value>) -> bool {
    let (Ok(mut text), Ok(mut file)) = (shape.meaning(text), shape.meaning(file)) else { return false };
    let servers = text.remove(shape.key).unwrap_or_else(|| Value::Object(Map::new()));
    file.remove(shape.key);
    let Value::Object(mut servers) = servers else { return false };
    let mut others = entries.clone();
    servers.retain(|_, entry| !is_ours(entry));
    others.retain(|_, entry| !is_ours(entry));
    text == file && servers == others
}
