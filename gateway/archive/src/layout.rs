//! What is called how: `PREFIX/ORIGIN/log/segment-N.log`, `PREFIX/ORIGIN/payload/segment-N.pay`,
//! `PREFIX/ORIGIN/checkpoints/SIZE`.

/// Names for the objects of one log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    prefix: String,
    origin: String,
}

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The records of the segment that begins with this one.
    Log(u64),
    /// What was delivered in it.
    Payload(u64),
    /// The signed head over so many records.
    Checkpoint(u64),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot be part of an object's name: letters, digits, and . _ - between slashes can")]
pub struct LayoutError(String);

impl Layout {
    pub fn new(prefix: &str, origin: &str) -> Result<Self, LayoutError> {
        for part in [prefix, origin] {
            if !is_name(part) {
                return Err(LayoutError(part.to_owned()));
            }
        }
        Ok(Self { prefix: prefix.to_owned(), origin: origin.to_owned() })
    }

    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    pub fn origin(&self) -> &str {
        &self.origin
    }

    pub fn key(&self, part: Part) -> String {
        let (prefix, origin) = (&self.prefix, &self.origin);
        match part {
            Part::Log(first) => format!("{prefix}/{origin}/log/{}", segment_name(first)),
            Part::Payload(first) => format!("{prefix}/{origin}/payload/segment-{first:020}.pay"),
            Part::Checkpoint(size) => format!("{prefix}/{origin}/checkpoints/{size}"),
        }
    }

    /// The origin and the part that a key under `prefix` names.
    pub fn read<'a>(prefix: &str, key: &'a str) -> Option<(&'a str, Part)> {
        let rest = key.strip_prefix(prefix)?.strip_prefix('/')?;
        let (rest, name) = rest.rsplit_once('/')?;
        let (origin, kind) = rest.rsplit_once('/')?;
        let segment = |end| name.strip_prefix("segment-")?.strip_suffix(end).and_then(number);
        let part = match kind {
            "log" => Part::Log(segment(".log")?),
            "payload" => Part::Payload(segment(".pay")?),
            "checkpoints" => Part::Checkpoint(number(name)?),
            _ => return None,
        };
        // Only what would be written so: one name, one object.
        let layout = Self { prefix: prefix.to_owned(), origin: origin.to_owned() };
        (is_name(origin) && layout.key(part) == key).then_some((origin, part))
    }
}

/// As the trail's folder has it.
pub(crate) fn segment_name(first: u64) -> String {
    format!("segment-{first:020}.log")
}

/// Parts of a path that need no escaping and lead nowhere else.
pub(crate) fn is_name(text: &str) -> bool {
    let plain = |part: &str| {
        let letters = part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
        letters && !matches!(part, "" | "." | "..")
    };
    text.len() <= 512 && text.split('/').all(plain)
}

fn number(text: &str) -> Option<u64> {
    text.chars().all(|c| c.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_none() {
        let layout = Layout::new("v1", "hoop-gateway/0192").unwrap();
        for part in [Part::Log(0), Part::Log(u64::MAX), Part::Payload(7), Part::Checkpoint(1000)] {
            assert_eq!(Layout::read("v1", &layout.key(part)), Some(("hoop-gateway/0192", part)));
        }
        for key in [
            "v1/o/log/segment-7.log",
            "v1/o/checkpoints/07",
            "v1/o/checkpoints/-1",
            "v1/o/tile/0",
            "v1/o//checkpoints/7",
            "v1/a b/checkpoints/7",
            "v2/o/checkpoints/7",
            "v1/checkpoints/7",
            "",
        ] {
            assert_eq!(Layout::read("v1", key), None, "{key}");
        }
    }

    #[test]
    fn no_name_leads_elsewhere() {
        for wrong in ["", "/", "a//b", "../a", "a/..", "a b", "a?b", "ä"] {
            assert!(Layout::new("v1", wrong).is_err() && Layout::new(wrong, "o").is_err(), "{wrong}");
        }
    }
}
