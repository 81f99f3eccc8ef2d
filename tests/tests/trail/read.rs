//! A trail's folder as a test looks at it.

use std::{
    collections::{HashMap, HashSet},
    io::Read,
    path::Path,
};

use hoop_audit::{PayloadOf, RecordType};
use hoop_recording::entries_from;

#[derive(Default)]
pub struct Trail {
    /// Commands of `request` records, with how many there are of each.
    pub requested: HashMap<String, usize>,
    /// What was delivered, byte by byte.
    pub delivered: HashSet<Vec<u8>>,
    pub kinds: HashMap<RecordType, usize>,
}

impl Trail {
    pub fn read(dir: &Path) -> Self {
        let mut trail = Self::default();
        entries_from(dir, 0, |record, _, payload| {
            let draft = record.draft;
            *trail.kinds.entry(draft.kind).or_default() += 1;
            if let (RecordType::Request, Some(command)) = (draft.kind, draft.command) {
                *trail.requested.entry(command).or_default() += 1;
            }
            if let (Some(PayloadOf::Delivered), Some(payload)) = (draft.payload.map(|facts| facts.of), payload) {
                let mut bytes = Vec::new();
                payload.open().unwrap().read_to_end(&mut bytes).unwrap();
                trail.delivered.insert(bytes);
            }
        })
        .unwrap();
        trail
    }
}
