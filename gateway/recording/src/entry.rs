//! What is appended: a record's draft, and beside it the bytes that it commits to.

use aws_lc_rs::rand;
use bytes::Bytes;
use hoop_audit::{
    Draft, PayloadFacts, PayloadOf, RecordType,
    payload::{Codec, Commitment, KeyId, Payload, PayloadKeys, SALT},
};
use hoop_masking::Masked;

use crate::{RecordError, compressed::Frames};

/// Bytes for a record to commit to, as they will be stored.
pub struct Attachment {
    pub(crate) facts: PayloadFacts,
    codec: Codec,
    sealed_by: Option<KeyId>,
    salt: [u8; SALT],
    stored: Bytes,
}

impl Attachment {
    /// What is delivered, sealed by the first of the keys if there is one. Takes only what holds no clear card number: it
    /// is kept.
    ///
    /// # Errors
    /// When the system gives no random bytes: an unsalted commitment could be guessed.
    pub fn delivered(bytes: &Masked<impl AsRef<[u8]>>, keys: &PayloadKeys) -> Result<Self, RecordError> {
        Self::new(PayloadOf::Delivered, bytes.as_ref().as_ref(), keys)
    }

    pub(crate) fn new(of: PayloadOf, bytes: &[u8], keys: &PayloadKeys) -> Result<Self, RecordError> {
        let mut salted = Salted::new()?;
        salted.commitment.update(bytes);
        let mut frames = Frames::default();
        let packed = frames.put(bytes).and_then(|()| frames.finish()).map_err(RecordError::Compress)?;
        Self::stored(of, bytes.len(), salted, (packed.0, packed.1.into()), keys)
    }

    /// Of `length` bytes that are committed to and packed, sealed by the first of the keys if there is one.
    pub(crate) fn stored(
        of: PayloadOf,
        length: usize,
        Salted { salt, commitment }: Salted,
        (codec, packed): (Codec, Bytes),
        keys: &PayloadKeys,
    ) -> Result<Self, RecordError> {
        let facts = PayloadFacts { of, digest: commitment.finish(), length: length as u64 };
        let (sealed_by, stored) = match keys.is_empty() {
            true => (None, packed),
            false => {
                let mut stored = packed.to_vec();
                (keys.seal(&salt, &mut stored)?, stored.into())
            }
        };
        Ok(Self { facts, codec, sealed_by, salt, stored })
    }

    pub(crate) fn at(&self, seq: u64) -> Payload<'_> {
        Payload { seq, codec: self.codec, sealed_by: self.sealed_by, salt: &self.salt, stored: &self.stored }
    }

    /// What is stored of it, in bytes.
    pub(crate) fn size(&self) -> usize {
        self.stored.len()
    }
}

/// A commitment to what is still to come.
pub(crate) struct Salted {
    salt: [u8; SALT],
    pub(crate) commitment: Commitment,
}

impl Salted {
    pub(crate) fn new() -> Result<Self, RecordError> {
        let mut salt = [0; SALT];
        rand::fill(&mut salt).map_err(|_| RecordError::NoRandom)?;
        Ok(Self { commitment: Commitment::new(&salt), salt })
    }

    /// Nothing has come yet.
    pub(crate) fn void(&mut self) {
        self.commitment = Commitment::new(&self.salt);
    }
}

/// A masked text as a record holds it. However long: what does not fit is kept beside the record.
pub fn text(masked: &Masked<String>) -> String {
    masked.as_ref().clone()
}

/// A record to be written.
pub struct Entry {
    pub(crate) draft: Draft,
    pub(crate) attachment: Option<Attachment>,
    /// Whether it and all that is appended with it only end what is under way.
    pub(crate) only_ends: bool,
}

impl From<Draft> for Entry {
    fn from(draft: Draft) -> Self {
        Self { draft, attachment: None, only_ends: false }
    }
}

impl Entry {
    pub fn new(mut draft: Draft, attachment: Option<Attachment>) -> Self {
        draft.payload = attachment.as_ref().map(|attachment| attachment.facts.clone());
        Self { draft, attachment, only_ends: false }
    }

    /// About what it takes on disk, in bytes.
    pub(crate) fn size(&self) -> usize {
        RECORD + self.attachment.as_ref().map_or(0, Attachment::size)
    }

    /// Marks entries that come together and only end what is under way: taken as long as there is any room.
    pub(crate) fn mark(entries: &mut [Self]) {
        let ends = entries.iter().all(|entry| {
            let ends = matches!(entry.draft.kind, RecordType::End | RecordType::SessionEnd | RecordType::WriterStop);
            ends && entry.attachment.is_none()
        });
        entries.iter_mut().for_each(|entry| entry.only_ends = ends);
    }

    /// Cut until its record fits, the whole draft kept beside it where nothing else is.
    pub(crate) fn fit(self, keys: &PayloadKeys) -> Result<Self, RecordError> {
        let Self { draft, attachment, only_ends } = self;
        if !is_long(&draft) {
            return Ok(Self { draft, attachment, only_ends });
        }
        let whole = serde_json::to_vec(&draft).map_err(|error| RecordError::Encode(error.to_string()))?;
        let mut cut = shortened(draft);
        cut.detail.insert("shortened".to_owned(), format!("{} bytes in all", whole.len()));
        match attachment {
            Some(attachment) => Ok(Self { draft: cut, attachment: Some(attachment), only_ends }),
            None => Ok(Self::new(cut, Some(Attachment::new(PayloadOf::Draft, &whole, keys)?))),
        }
    }
}

/// A usual record with its frame, in bytes.
const RECORD: usize = 1536;
/// Longest of each in a record, in bytes.
const COMMAND: usize = 4 * 1024;
const NAMES: usize = 2 * 1024;
/// Of the groups a person is in.
const GROUPS: usize = 8 * 1024;

fn is_long(draft: &Draft) -> bool {
    let names = |names: &[String]| names.iter().map(String::len).sum::<usize>() > NAMES;
    draft.origin.as_ref().is_some_and(|origin| origin.groups.iter().map(|group| group.0.len()).sum::<usize>() > GROUPS)
        || draft.command.as_ref().is_some_and(|command| command.len() > COMMAND)
        || names(&draft.resources)
        || draft.decision.as_ref().is_some_and(|decision| names(&decision.reasons) || names(&decision.rules))
        || draft.counts.as_ref().is_some_and(|counts| {
            counts.places.iter().map(|place| place.at.len() + 32).sum::<usize>() > NAMES
                || counts.revealed.iter().map(|place| place.at.len()).sum::<usize>() > NAMES
        })
        || draft.detail.values().map(String::len).sum::<usize>() > COMMAND
}

fn shortened(mut draft: Draft) -> Draft {
    if let Some(command) = &mut draft.command {
        shorten(command, COMMAND);
    }
    if let Some(origin) = &mut draft.origin {
        keep(&mut origin.groups, GROUPS, |group| group.0.len());
    }
    keep(&mut draft.resources, NAMES, String::len);
    if let Some(decision) = &mut draft.decision {
        keep(&mut decision.reasons, NAMES, String::len);
        keep(&mut decision.rules, NAMES, String::len);
    }
    if let Some(counts) = &mut draft.counts {
        keep(&mut counts.places, NAMES, |place| place.at.len() + 32);
        keep(&mut counts.revealed, NAMES, |place| place.at.len());
    }
    let each = COMMAND / draft.detail.len().max(1);
    draft.detail.values_mut().for_each(|value| shorten(value, each));
    draft
}

/// The first of a list, as many as there is room for.
fn keep<T>(list: &mut Vec<T>, mut room: usize, length: impl Fn(&T) -> usize) {
    let fits = list.iter().take_while(|one| {
        let left = room.checked_sub(length(one));
        room = left.unwrap_or(0);
        left.is_some()
    });
    let fits = fits.count();
    list.truncate(fits);
}

fn shorten(text: &mut String, limit: usize) {
    if text.len() > limit {
        let end = text.floor_char_boundary(limit);
        let all = text.len();
        text.truncate(end);
        text.push_str(&format!("… [{all} bytes in all]"));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use std::io::Read;

    use super::*;
    use crate::compressed::FROM;

    #[test]
    fn a_commitment_can_be_checked_and_does_not_repeat() {
        for length in [4, FROM, 300_000, 3_000_000] {
            let payload = Masked::join((0..length / 4).map(|_| Masked::constant("rows").to_text())).into_bytes();
            let keep = || Attachment::delivered(&payload, &PayloadKeys::default()).unwrap();
            let (one, again) = (keep(), keep());
            assert_eq!(one.facts.length, length as u64);
            assert_ne!(one.facts.digest, again.facts.digest);
            one.at(7).check(&one.facts).unwrap();
            assert!(one.at(7).check(&again.facts).is_err());
            let mut read = Vec::new();
            one.at(7).open().unwrap().read_to_end(&mut read).unwrap();
            assert_eq!(read, payload.into_inner());
            assert_eq!(one.codec == Codec::Zstd, length >= FROM);
        }
    }

    #[test]
    fn a_long_command_is_cut_at_a_character_and_kept_whole_beside_it() {
        let mut draft = Draft::new(RecordType::Request);
        draft.command = Some("SELECT 1".to_owned());
        assert!(draft.clone().into_fit().attachment.is_none());
        let command = "é".repeat(COMMAND);
        draft.command = Some(command.clone());
        draft.resources = (0..1000).map(|n| format!("warehouse/TABLE_{n}")).collect();
        let entry = draft.clone().into_fit();
        let kept = entry.draft.command.as_deref().unwrap();
        assert!(kept.ends_with(&format!("é… [{} bytes in all]", 2 * COMMAND)), "the cut is said");
        assert!(serde_json::to_vec(&entry.draft).unwrap().len() < 16 * 1024);
        assert_eq!(entry.draft.payload.as_ref().unwrap().of, PayloadOf::Draft);
        let mut whole = String::new();
        entry.attachment.unwrap().at(0).open().unwrap().read_to_string(&mut whole).unwrap();
        let whole: Draft = serde_json::from_str(&whole).unwrap();
        assert_eq!((whole.command, whole.resources), (Some(command), draft.resources));
    }

    trait Fit {
        fn into_fit(self) -> Entry;
    }

    impl Fit for Draft {
        fn into_fit(self) -> Entry {
            Entry::from(self).fit(&PayloadKeys::default()).unwrap()
        }
    }
}
