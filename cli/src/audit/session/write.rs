use std::{
    fs::{self, File},
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use hoop_audit::payload::{self, Payload};

use super::{KEY, PAYLOADS, PROOF, RECORDS, payload};
use crate::exit::{Exit, Failure};

const README: &str = include_str!("README.md");

/// An export that is being written.
pub(crate) struct Writing {
    dir: PathBuf,
    records: BufWriter<File>,
}

impl Writing {
    /// Into a new folder, or an empty one.
    pub(crate) fn into(dir: &Path) -> Result<Self, Failure> {
        if dir.exists() && fs::read_dir(dir)?.next().is_some() {
            let text =
                format!("{} is not empty; name a new folder, so that nothing old is taken for new", dir.display());
            return Err(Failure::new(Exit::Usage, "not_empty", text));
        }
        fs::create_dir_all(dir.join(PAYLOADS))?;
        let records = BufWriter::new(File::create(dir.join(RECORDS))?);
        Ok(Self { dir: dir.to_owned(), records })
    }

    /// The next record as stored, and what belongs to it. One that cannot be unpacked is left out: whoever verifies finds
    /// it missing.
    pub(crate) fn take(&mut self, seq: u64, record: &[u8], beside: Option<&Payload<'_>>) -> Result<(), Failure> {
        self.records.write_all(record)?;
        self.records.write_all(b"\n")?;
        let Some(beside) = beside.filter(|beside| beside.seq == seq) else { return Ok(()) };
        let Ok(bytes) = beside.open() else { return Ok(()) };
        let [name, salt] = payload(seq).map(|name| self.dir.join(name));
        let unpacked =
            File::create(&name).and_then(|mut file| io::copy(&mut bytes.take(payload::LIMIT + 1), &mut file));
        match unpacked {
            Ok(_) => Ok(fs::write(salt, beside.salt)?),
            // Damaged, where it is not the disk.
            Err(error) if error.raw_os_error().is_none() => Ok(fs::remove_file(name)?),
            Err(error) => Err(error.into()),
        }
    }

    /// The rest, once all records are there.
    pub(crate) fn finish(mut self, proof: &str, key: &str) -> Result<(), Failure> {
        self.records.flush()?;
        fs::write(self.dir.join(KEY), format!("{key}\n"))?;
        fs::write(self.dir.join("README.md"), README)?;
        Ok(fs::write(self.dir.join(PROOF), proof)?)
    }
}
