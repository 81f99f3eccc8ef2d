//! A test's folder. As it goes, every file that gateway and agent left in it is searched: no card number in clear rests on
//! a disk, whatever the test was about.

use std::{
    fs,
    io::{self, Read},
    path::Path,
    thread,
};

use hoop_audit::segment::{Frame, Frames};
use hoop_dev::payments::CARDS;
use tempfile::TempDir;

/// Names of the programs' own folders, wherever in a test's folder they are.
const KEPT: [&str; 2] = ["gateway", "agent"];
/// Digits of a card number's beginning that are enough to know a test's.
const BEGINNING: usize = 6;

pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(TempDir::new().expect("a temporary folder"))
    }

    pub fn new_in(dir: impl AsRef<Path>) -> Self {
        Self(TempDir::new_in(dir).expect("a temporary folder"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Default for Folder {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        let mut found = Vec::new();
        // What is written meanwhile, or goes away meanwhile, was somebody's who still works.
        let _ = search(self.path(), false, &mut found);
        assert!(found.is_empty(), "card numbers in clear at rest: {found:#?}");
    }
}

/// Every file below `dir`, once it is below one of the programs' folders.
fn search(dir: &Path, kept: bool, found: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let kept = kept || KEPT.iter().any(|name| entry.file_name().to_str() == Some(name));
        if kind.is_dir() {
            search(&path, kept, found)?;
        } else if kind.is_file() && kept {
            let Ok(bytes) = fs::read(&path) else { continue };
            found.extend(cards(&bytes).into_iter().map(|card| format!("{card} in {}", path.display())));
            for payload in payloads(&bytes) {
                found.extend(
                    cards(&payload).into_iter().map(|card| format!("{card} in a payload of {}", path.display())),
                );
            }
        }
    }
    Ok(())
}

/// What a segment of the trail holds compressed.
fn payloads(bytes: &[u8]) -> Vec<Vec<u8>> {
    let frames = Frames::new(bytes).map_while(Result::ok);
    let payloads = frames.filter_map(|(_, frame)| match frame {
        Frame::Payload(payload) => Some(payload),
        _ => None,
    });
    payloads
        .filter_map(|payload| {
            let mut bytes = Vec::new();
            payload.open().ok()?.read_to_end(&mut bytes).ok()?;
            Some(bytes)
        })
        .collect()
}

/// Runs of 14 to 16 digits that begin as one of the tests' card numbers and have the right check digit.
pub(crate) fn cards(bytes: &[u8]) -> Vec<String> {
    let runs = bytes.split(|byte| !byte.is_ascii_digit()).filter(|run| (14..=16).contains(&run.len()));
    let text = runs.filter_map(|run| std::str::from_utf8(run).ok());
    let ours = |run: &&str| CARDS.iter().any(|card| run[..BEGINNING] == card[..BEGINNING]) && crate::cards::luhn(run);
    text.filter(ours).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_in_clear_is_found_wherever_it_lies() {
        let dir = TempDir::new().expect("a folder");
        let gateway = dir.path().join("data/gateway/deep");
        fs::create_dir_all(&gateway).expect("folders");
        fs::write(dir.path().join("question.sql"), crate::cards::VISA).expect("the test's own");
        fs::write(gateway.join("log"), format!("a {} b", crate::cards::VISA_MASKED)).expect("masked");
        let mut found = Vec::new();
        search(dir.path(), false, &mut found).expect("read");
        assert_eq!(found, Vec::<String>::new());
        fs::write(gateway.join("database"), [b"\0\x10", crate::cards::MASTERCARD.as_bytes(), b"\0"].concat())
            .expect("clear");
        search(dir.path(), false, &mut found).expect("read");
        assert_eq!(found.len(), 1, "{found:?}");
    }
}
