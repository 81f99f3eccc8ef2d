//! Segments from a folder, or as the gateway sends them: `name length` on a line, then the bytes.

use std::path::Path;

use super::Segment;
use crate::exit::{Exit, Failure};

pub(super) fn read(dir: &Path) -> Result<Vec<Segment>, Failure> {
    let mut segments = Vec::new();
    let unreadable = |error: std::io::Error| {
        Failure::new(Exit::Failed, "no_trail", format!("cannot read {}: {error}", dir.display()))
    };
    for entry in std::fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if is_segment(&name) {
            segments.push(Segment { name, bytes: std::fs::read(&path).map_err(unreadable)? });
        }
    }
    if segments.is_empty() {
        let text = format!("{} holds no segments; a gateway keeps them in DATA_DIR/trail", dir.display());
        return Err(Failure::new(Exit::Failed, "no_trail", text));
    }
    segments.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(segments)
}

pub(super) fn unpack(packed: &[u8]) -> Result<Vec<Segment>, Failure> {
    let mut segments = Vec::new();
    let mut rest = packed;
    while !rest.is_empty() {
        let (segment, after) = next(rest).ok_or_else(|| {
            Failure::new(
                Exit::Failed,
                "bad_trail",
                "the gateway's trail came in a form that this hoopctl does not read",
            )
        })?;
        segments.push(segment);
        rest = after;
    }
    Ok(segments)
}

fn next(packed: &[u8]) -> Option<(Segment, &[u8])> {
    let end = packed.iter().take(256).position(|byte| *byte == b'\n')?;
    let head = std::str::from_utf8(packed.get(..end)?).ok()?;
    let (name, length) = head.split_once(' ')?;
    let length: usize = length.parse().ok()?;
    let body = packed.get(end + 1..)?;
    let bytes = body.get(..length)?.to_vec();
    is_segment(name).then_some(())?;
    Some((Segment { name: name.to_owned(), bytes }, body.get(length..)?))
}

/// The name goes into a path.
fn is_segment(name: &str) -> bool {
    name.strip_prefix("segment-")
        .and_then(|rest| rest.strip_suffix(".log"))
        .is_some_and(|number| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_packed_comes_out() {
        let segments = unpack(b"segment-0.log 3\nabcsegment-7.log 0\n").unwrap();
        assert_eq!(
            segments.iter().map(|segment| segment.bytes.as_slice()).collect::<Vec<_>>(),
            [b"abc".as_slice(), b""]
        );
    }

    #[test]
    fn a_name_cannot_leave_the_folder() {
        assert!(unpack(b"../segment-0.log 1\na").is_err());
        assert!(unpack(b"segment-0.log 9\nabc").is_err());
    }
}
