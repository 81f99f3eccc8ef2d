use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use hoop_audit::{
    Checkpoint, KEY, Note, Opening, Record, RecordType,
    segment::{Frame, Frames, MAGIC},
    tiles::{LogFile, Tiles, WIDTH},
};

use super::{CHECKPOINT, KEYS, ROTATIONS, payloads};
use crate::exit::{Exit, Failure};

const README: &str = include_str!("README.md");

/// Writes the bundle of these segments; how many records it has. Verifies nothing.
pub(in crate::audit) fn write(segments: &[PathBuf], out: &Path) -> Result<u64, Failure> {
    if out.exists() && fs::read_dir(out)?.next().is_some() {
        let text = format!("{} is not empty; name a new folder, so that nothing old is taken for new", out.display());
        return Err(Failure::new(Exit::Usage, "not_empty", text));
    }
    let mut export = Export { out, tiles: Tiles::default(), records: 0, keys: Vec::new(), checkpoint: None };
    for path in segments {
        let bytes = fs::read(path)?;
        let damaged = |why: &dyn std::fmt::Display| {
            let text = format!("{}: {why}; see `hoopctl audit verify`", path.display());
            Failure::new(Exit::Tampered, "bad_trail", text)
        };
        for frame in Frames::new(&bytes) {
            let (_, frame) = frame.map_err(|error| damaged(&error))?;
            export.take(frame, &damaged)?;
        }
    }
    export.finish()
}

struct Export<'a> {
    out: &'a Path,
    tiles: Tiles,
    records: u64,
    keys: Vec<String>,
    checkpoint: Option<String>,
}

impl Export<'_> {
    fn take(&mut self, frame: Frame<'_>, damaged: &dyn Fn(&dyn std::fmt::Display) -> Failure) -> Result<(), Failure> {
        match frame {
            Frame::Opening(state) if self.keys.is_empty() => {
                let opening: Opening = serde_json::from_slice(state).map_err(|error| damaged(&error))?;
                self.keys.push(opening.key.to_string());
            }
            Frame::Opening(_) => {}
            Frame::Payload(payload) => {
                let path = self.out.join(payloads(payload.seq / WIDTH as u64));
                let mut bytes = if path.exists() { Vec::new() } else { MAGIC.to_vec() };
                Frame::Payload(payload).write(&mut bytes).ok_or_else(|| damaged(&"a payload that is too long"))?;
                make_room(&path)?;
                OpenOptions::new().create(true).append(true).open(path)?.write_all(&bytes)?;
            }
            Frame::Record(record) => {
                self.tiles.push(record);
                self.records += 1;
                if record.windows(14).any(|part| part == b"\"key_rotation\"") {
                    let record: Record = serde_json::from_slice(record).map_err(|error| damaged(&error))?;
                    let key = record.draft.detail.get(KEY);
                    self.keys.extend(key.filter(|_| record.draft.kind == RecordType::KeyRotation).cloned());
                }
                self.files()?;
            }
            Frame::Checkpoint(note) => {
                let read = Note::parse(note).map_err(|error| damaged(&error))?;
                let size = Checkpoint::read(&read).map_err(|error| damaged(&error))?.size;
                if read.signatures() > 1 {
                    self.write(&format!("{ROTATIONS}/{size}"), note.as_bytes())?;
                }
                // Over all records up to here, or it is none for the bundle.
                self.checkpoint = Some(note.to_owned());
            }
        }
        Ok(())
    }

    fn files(&mut self) -> Result<(), Failure> {
        let files = self.tiles.take();
        files.into_iter().try_for_each(|LogFile { path, bytes }| self.write(&path, &bytes))
    }

    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.out.join(path);
        make_room(&path)?;
        Ok(fs::write(path, bytes)?)
    }

    fn finish(mut self) -> Result<u64, Failure> {
        let Some(checkpoint) = self.checkpoint.take() else {
            return Err(Failure::new(Exit::Tampered, "bad_trail", "the trail has no checkpoint"));
        };
        for LogFile { path, bytes } in std::mem::take(&mut self.tiles).finish() {
            self.write(&path, &bytes)?;
        }
        let mut keys = self.keys.join("\n");
        keys.push('\n');
        self.write(KEYS, keys.as_bytes())?;
        self.write("README.md", README.as_bytes())?;
        self.write(CHECKPOINT, checkpoint.as_bytes())?;
        Ok(self.records)
    }
}

/// Makes the folders above a file.
fn make_room(path: &Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}
