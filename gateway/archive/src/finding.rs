use serde::Serialize;

/// Something in the archive that is not as it was put there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "finding", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finding {
    /// The first version is the one that counts.
    #[error("{key} was overwritten: it has {versions} versions")]
    Overwritten { key: String, versions: usize },
    #[error("{key} was hidden by a delete marker")]
    Hidden { key: String },
    /// Another object lies where ours should, from the first version on.
    #[error("{key} is not what this gateway put there, or would: {why}")]
    Other { key: String, why: String },
    #[error("{key} is missing")]
    Missing { key: String },
    #[error("{key} cannot be read: {why}")]
    Damaged { key: String, why: String },
    #[error("{key} holds payloads that belong to no record: of {records:?}")]
    Stray { key: String, records: Vec<u64> },
}
