//! Back from the archive: the first version of everything, put together as a trail's folder, and what is not as it was
//! put there.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use hoop_audit::segment::MAGIC;
use hoop_model::{Clock, later};
use tokio::fs;

use crate::{
    archive::Terms,
    client::Client,
    error::S3Error,
    finding::Finding,
    layout::{Layout, LayoutError, Part, segment_name},
    segment::{self, Joined},
    versions::{History, Version},
};

/// What was brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Of the log.
    pub origin: String,
    pub segments: usize,
    /// The records in them.
    pub records: u64,
    /// The newest head over no more records than those: what to verify them against.
    pub head: Option<PathBuf>,
    /// Records that the newest head of all is over: some may not have been archived yet.
    pub anchored_records: u64,
    /// First records of segments whose payloads are gone, their time being over.
    pub purged: Vec<u64>,
    pub findings: Vec<Finding>,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    #[error(transparent)]
    S3(#[from] S3Error),
    #[error("{path}: {source}")]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{path} is not empty; name a folder that is, or a new one")]
    NotEmpty { path: PathBuf },
    #[error(transparent)]
    Name(#[from] LayoutError),
    #[error("there is no log in the archive under {0}")]
    Nothing(String),
    #[error("there are several logs in the archive; name one with --origin: {}", .0.join(", "))]
    Several(Vec<String>),
}

/// Which log, and from when on its payloads may be gone.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub prefix: &'a str,
    /// The only one there is, where none is named.
    pub origin: Option<&'a str>,
    pub terms: Terms,
}

/// Everything that the archive has of a log, by what it is.
type Parts = BTreeMap<Part, (String, History)>;

/// Brings a log into the folder `out`: `segment-N.log` as the gateway had them, and heads in `checkpoints`.
pub async fn fetch(client: &Client, wanted: Wanted<'_>, clock: &dyn Clock, out: &Path) -> Result<Fetched, FetchError> {
    let (origin, parts) = find(client, wanted).await?;
    let layout = Layout::new(wanted.prefix, &origin)?;
    make(out).await?;
    let findings = parts.values().flat_map(|(key, history)| history.findings(key)).collect();
    let mut fetched =
        Fetched { origin, segments: 0, records: 0, head: None, anchored_records: 0, purged: Vec::new(), findings };
    let firsts: BTreeSet<u64> = parts
        .keys()
        .filter_map(|part| match part {
            Part::Log(first) | Part::Payload(first) => Some(*first),
            Part::Checkpoint(_) => None,
        })
        .collect();
    let mut expected = Some(0);
    for first in firsts {
        if let Some(before) = expected.filter(|expected| *expected != first) {
            fetched.findings.push(Finding::Missing { key: layout.key(Part::Log(before)) });
        }
        let segment = Segment { client, layout: &layout, parts: &parts, first, terms: wanted.terms, clock };
        expected = segment.fetch(out, &mut fetched).await?;
    }
    heads(client, &parts, out, &mut fetched).await?;
    Ok(fetched)
}

/// The log that is wanted.
async fn find(client: &Client, wanted: Wanted<'_>) -> Result<(String, Parts), FetchError> {
    let under = match wanted.origin {
        Some(origin) => format!("{}/{origin}/", wanted.prefix),
        None => format!("{}/", wanted.prefix),
    };
    let mut logs = BTreeMap::<String, Parts>::new();
    for (key, history) in client.histories(&under).await? {
        if let Some((origin, part)) = Layout::read(wanted.prefix, &key) {
            logs.entry(origin.to_owned()).or_default().insert(part, (key, history));
        }
    }
    match (logs.len(), logs.pop_first()) {
        (1, Some(log)) => Ok(log),
        (_, Some((first, _))) => Err(FetchError::Several([first].into_iter().chain(logs.into_keys()).collect())),
        (_, None) => Err(FetchError::Nothing(under)),
    }
}

/// Made for nobody else to read; one that is there already has to be empty.
async fn make(out: &Path) -> Result<(), FetchError> {
    let io = |source| FetchError::Io { path: out.to_owned(), source };
    match fs::read_dir(out).await {
        Ok(mut entries) => {
            if entries.next_entry().await.map_err(io)?.is_some() {
                return Err(FetchError::NotEmpty { path: out.to_owned() });
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(io(error)),
    }
    fs::DirBuilder::new().recursive(true).mode(0o700).create(out.join("checkpoints")).await.map_err(io)
}

/// A segment on its way back.
struct Segment<'a> {
    client: &'a Client,
    layout: &'a Layout,
    parts: &'a Parts,
    first: u64,
    terms: Terms,
    clock: &'a dyn Clock,
}

impl Segment<'_> {
    /// A part's first bytes, if there are any.
    async fn part(&self, part: Part) -> Result<Option<Bytes>, FetchError> {
        let Some((key, history)) = self.parts.get(&part) else { return Ok(None) };
        let Some(Version { id, size }) = history.oldest() else { return Ok(None) };
        Ok(Some(self.client.get(key, Some(id), *size).await?))
    }

    /// Says with which record the next one should begin, where that can be told.
    async fn fetch(&self, out: &Path, fetched: &mut Fetched) -> Result<Option<u64>, FetchError> {
        let [log_key, payload_key] =
            [Part::Log(self.first), Part::Payload(self.first)].map(|part| self.layout.key(part));
        let payload = self.part(Part::Payload(self.first)).await?;
        let Some(log) = self.part(Part::Log(self.first)).await? else {
            fetched.findings.push(Finding::Missing { key: log_key });
            return Ok(None);
        };
        fetched.segments += 1;
        let bytes = payload.as_deref().unwrap_or(MAGIC);
        let path = out.join(segment_name(self.first));
        let Joined { segment, next, last, stray } = match segment::join(self.first, &log, bytes) {
            Ok(joined) => joined,
            // Beside each other, for whoever looks.
            Err(error) => {
                write(&path, &log).await?;
                write(&path.with_extension("pay"), bytes).await?;
                fetched.findings.push(Finding::Damaged { key: log_key, why: error.to_string() });
                return Ok(None);
            }
        };
        write(&path, &segment).await?;
        fetched.records = fetched.records.max(next);
        if !stray.is_empty() {
            fetched.findings.push(Finding::Stray { key: payload_key.clone(), records: stray });
        }
        if payload.is_none() {
            let over = last.map(|last| later(last, self.terms.retention));
            match over.is_some_and(|over| over <= self.clock.now()) {
                true => fetched.purged.push(self.first),
                false => fetched.findings.push(Finding::Missing { key: payload_key }),
            }
        }
        Ok(Some(next))
    }
}

/// The newest head over what was brought back, and the newest of all.
async fn heads(client: &Client, parts: &Parts, out: &Path, fetched: &mut Fetched) -> Result<(), FetchError> {
    let sizes: Vec<u64> =
        parts.keys().filter_map(|part| if let Part::Checkpoint(size) = part { Some(*size) } else { None }).collect();
    let newest = sizes.last().copied();
    let over = sizes.iter().rev().find(|size| **size <= fetched.records).copied();
    fetched.anchored_records = newest.unwrap_or_default();
    for size in [over, newest.filter(|newest| Some(*newest) != over)].into_iter().flatten() {
        let Some((key, history)) = parts.get(&Part::Checkpoint(size)) else { continue };
        let Some(Version { id, size: bytes }) = history.oldest() else { continue };
        let path = out.join("checkpoints").join(size.to_string());
        write(&path, &client.get(key, Some(id), *bytes).await?).await?;
        if Some(size) == over {
            fetched.head = Some(path);
        }
    }
    Ok(())
}

async fn write(path: &Path, bytes: &[u8]) -> Result<(), FetchError> {
    fs::write(path, bytes).await.map_err(|source| FetchError::Io { path: path.to_owned(), source })
}
