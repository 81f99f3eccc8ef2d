//! Room for result chunks: how many of a listener's are in memory at a time, and the memory they are in.

use std::{
    mem,
    ops::RangeInclusive,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::start::cores;

/// Chunks of one listener that are in memory at a time, until all of each has left: one for each core, within these bounds.
/// A third on two cores made Arrow a twelfth faster and took 50 MiB more (`gateway/docs/performance.md`); drivers prefetch four.
const CHUNKS: RangeInclusive<usize> = 2..=3;
/// How long one more waits for its turn. Then it goes on all the same, for its driver may read none of the others before
/// it has this one.
const TURN: Duration = Duration::from_secs(3);
/// Chunks beyond which one more is refused at once, for its driver to ask again.
const MOST_CHUNKS: usize = 16;

/// Of one listener.
pub(super) struct Rooms {
    chunks: Arc<Semaphore>,
    most_chunks: Arc<Semaphore>,
    /// [`TURN`].
    turn: Duration,
    spare: Arc<Mutex<Spare>>,
}

/// Memory of chunks that are gone, for those that come: an allocator keeps for a while what it gets back, and takes more
/// meanwhile. With the last chunk under way it is given back.
#[derive(Default)]
struct Spare {
    buffers: Vec<Vec<u8>>,
    /// Of those that are under way.
    lent: usize,
}

/// Room for a chunk, until all of it has left.
pub(super) struct Room {
    _turn: Option<OwnedSemaphorePermit>,
    _room: OwnedSemaphorePermit,
    spare: Arc<Mutex<Spare>>,
}

/// A chunk, or what it will be put in.
pub(super) struct Lent {
    bytes: Vec<u8>,
    spare: Arc<Mutex<Spare>>,
}

impl Default for Rooms {
    fn default() -> Self {
        Self {
            chunks: Arc::new(Semaphore::new(chunks())),
            most_chunks: Arc::new(Semaphore::new(MOST_CHUNKS)),
            turn: TURN,
            spare: Arc::default(),
        }
    }
}

impl Rooms {
    /// The right to have one more chunk in memory; `None`: there are too many. Cancel-safe.
    pub(super) async fn one(&self) -> Option<Room> {
        let room = self.most_chunks.clone().try_acquire_owned().ok()?;
        let turn = tokio::time::timeout(self.turn, self.chunks.clone().acquire_owned()).await;
        Some(Room { _turn: turn.ok().and_then(Result::ok), _room: room, spare: self.spare.clone() })
    }
}

impl Room {
    /// Memory for the chunk.
    pub(super) fn memory(&self) -> Lent {
        let mut spare = of(&self.spare);
        spare.lent += 1;
        Lent { bytes: spare.buffers.pop().unwrap_or_default(), spare: self.spare.clone() }
    }

    /// The chunk as it leaves: there is room for another once the tunnel has taken the last of it.
    pub(super) fn kept_by(self, chunk: Bytes) -> Bytes {
        Bytes::from_owner(Leaving { chunk, _room: self })
    }
}

struct Leaving {
    chunk: Bytes,
    _room: Room,
}

impl AsRef<[u8]> for Leaving {
    fn as_ref(&self) -> &[u8] {
        &self.chunk
    }
}

impl Lent {
    pub(super) fn take(&mut self) -> Vec<u8> {
        mem::take(&mut self.bytes)
    }

    /// With a chunk in it, that may be in the memory which was taken.
    pub(super) fn with(mut self, bytes: Vec<u8>) -> Self {
        self.bytes = bytes;
        self
    }
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut bytes = self.take();
        bytes.clear();
        let mut spare = of(&self.spare);
        spare.lent = spare.lent.saturating_sub(1);
        if spare.lent == 0 {
            spare.buffers = Vec::new();
        } else if spare.buffers.len() < *CHUNKS.end() && bytes.capacity() > 0 {
            spare.buffers.push(bytes);
        }
    }
}

/// The system is asked each time, by way of files: once a listener.
fn chunks() -> usize {
    cores().clamp(*CHUNKS.start(), *CHUNKS.end())
}

fn of(spare: &Mutex<Spare>) -> MutexGuard<'_, Spare> {
    spare.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_chunk_waits_for_those_before_it() {
        let rooms = Rooms::default();
        let mut held: Vec<_> = (0..chunks()).filter_map(|_| rooms.one().now_or_never().flatten()).collect();
        assert_eq!(held.len(), chunks());
        assert!(rooms.one().now_or_never().is_none(), "one more waits");
        held.pop();
        assert!(rooms.one().now_or_never().flatten().is_some(), "a driver has read one");
    }

    #[tokio::test]
    async fn a_chunk_has_its_room_until_all_of_it_has_left() {
        let rooms = Rooms::default();
        let mut leaving = Vec::new();
        for _ in 0..chunks() {
            leaving.push(rooms.one().await.unwrap().kept_by(Bytes::from_static(b"rows")));
        }
        let mut last = leaving.pop().unwrap();
        drop(last.split_to(3));
        assert!(rooms.one().now_or_never().is_none(), "a piece is still here");
        drop(last);
        assert!(rooms.one().now_or_never().flatten().is_some());
    }

    #[tokio::test]
    async fn whose_driver_reads_none_holds_nobody_up_for_ever() {
        let rooms = Rooms { turn: Duration::ZERO, ..Rooms::default() };
        let mut held = Vec::new();
        for _ in 0..MOST_CHUNKS {
            held.push(rooms.one().await.unwrap());
        }
        assert!(rooms.one().await.is_none(), "but there is an end to it");
        held.pop();
        assert!(rooms.one().await.is_some());
    }

    #[tokio::test]
    async fn memory_goes_from_chunk_to_chunk_and_back_with_the_last() {
        let rooms = Rooms::default();
        let room = rooms.one().await.unwrap();
        let (mut first, second) = (room.memory(), room.memory());
        let mut memory = first.take();
        memory.extend_from_slice(b"rows");
        let at = memory.as_ptr();
        drop(first.with(memory));
        let mut third = room.memory();
        let memory = third.take();
        assert_eq!((memory.as_ptr(), memory.len()), (at, 0), "nothing of the chunk before is in it");
        drop((second, third.with(memory)));
        let spare = of(&rooms.spare);
        assert_eq!((spare.buffers.len(), spare.lent), (0, 0));
    }
}
