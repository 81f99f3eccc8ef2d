//! What is on disk of receipts: the keys, and the log's end with what the gateway has not taken yet.

use std::{collections::VecDeque, fs, io, path::Path};

use aws_lc_rs::{hmac, rand};
use base64::{Engine, prelude::BASE64_STANDARD};
use hoop_audit::{ReceiptFacts, SigningKey, Tree};
use hoop_model::Secret;
use serde::{Deserialize, Serialize};

use crate::state::{StateError, replace};

const KEY: &str = "receipts.key";
const BOOK: &str = "receipts.json";
/// Receipts that are signed and sent together: a record of the trail and a frame of the tunnel have 64 KiB, and a receipt
/// is 400 to 500 bytes, names of 64 characters in it.
const TOGETHER: usize = 80;

/// Both from one seed.
pub(super) struct Keys {
    pub signing: SigningKey,
    /// Of what passes: nobody else can tell what it was.
    pub digest: hmac::Key,
}

#[derive(Serialize, Deserialize)]
struct Seed {
    name: String,
    /// 32 random bytes in Base64.
    #[serde(serialize_with = "Secret::reveal")]
    seed: Secret<String>,
}

impl Seed {
    fn new() -> Result<Self, io::Error> {
        let (mut id, mut seed) = ([0; 4], [0; 32]);
        let random = rand::fill(&mut id).and_then(|()| rand::fill(&mut seed));
        random.map_err(|_| io::Error::other("the system gives no random bytes"))?;
        let seed = Secret::new(BASE64_STANDARD.encode(Secret::new(seed).expose()));
        Ok(Self { name: format!("hoop-agent/{:08x}", u32::from_be_bytes(id)), seed })
    }

    fn keys(&self) -> Option<Keys> {
        let bytes = Secret::new(BASE64_STANDARD.decode(self.seed.expose()).ok()?);
        let signing = SigningKey::from_seed(&self.name, bytes.expose().as_slice().try_into().ok()?).ok()?;
        let by_seed = hmac::Key::new(hmac::HMAC_SHA256, bytes.expose());
        let digest = hmac::sign(&by_seed, b"hoop receipt digest v1");
        Some(Keys { signing, digest: hmac::Key::new(hmac::HMAC_SHA256, digest.as_ref()) })
    }
}

impl Keys {
    /// As the first start made them.
    pub fn load(folder: &Path) -> Result<Self, StateError> {
        let path = folder.join(KEY);
        let bytes = fs::read(&path).map_err(|source| StateError::Io { path: path.clone(), source })?;
        let seed = serde_json::from_slice::<Seed>(Secret::new(bytes).expose()).ok();
        seed.and_then(|seed| seed.keys()).ok_or(StateError::Unreadable { path })
    }

    pub fn load_or_make(folder: &Path) -> Result<Self, StateError> {
        match Self::load(folder) {
            Err(StateError::Io { path, source }) if source.kind() == io::ErrorKind::NotFound => {
                let io = |source| StateError::Io { path: path.clone(), source };
                let text = Seed::new().and_then(|seed| Ok(serde_json::to_vec(&seed)?)).map_err(io)?;
                replace(folder, KEY, Secret::new(text).expose())?;
                Self::load(folder)
            }
            loaded => loaded,
        }
    }
}

/// The log's end.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Book {
    tree: Tree,
    /// What the gateway has not taken yet, in order.
    pending: VecDeque<ReceiptFacts>,
    /// The newest head that it has.
    taken: Option<String>,
}

impl Book {
    pub fn load(folder: &Path) -> Result<Self, StateError> {
        let path = folder.join(BOOK);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| StateError::Unreadable { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(StateError::Io { path, source }),
        }
    }

    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    pub fn sign(&mut self, mut receipts: Vec<String>, key: &SigningKey) {
        while !receipts.is_empty() {
            let rest = receipts.split_off(receipts.len().min(TOGETHER));
            self.pending.push_back(ReceiptFacts::sign(receipts, &mut self.tree, key));
            receipts = rest;
        }
    }

    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    pub fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// The first of those behind `sent` that end within `size`.
    pub fn pending(&self, sent: u64, size: u64) -> Option<ReceiptFacts> {
        self.pending.iter().find(|facts| facts.first >= sent && facts.end() <= size).cloned()
    }

    pub fn taken(&mut self, size: u64) {
        while let Some(facts) = self.pending.pop_front_if(|facts| facts.end() <= size) {
            self.taken = Some(facts.checkpoint);
        }
    }

    pub fn taken_head(&self) -> Option<&str> {
        self.taken.as_deref()
    }
}

/// Durable when it returns: what was sent once must not be numbered anew after a loss of power.
pub(super) fn store(folder: &Path, json: &[u8]) -> Result<(), StateError> {
    replace(folder, BOOK, json)
}
