use crate::{Masked, Released};

/// Takes a large answer as the client may have it, piece by piece: in order, and cut wherever.
pub trait Sink {
    /// The next of it.
    fn take(&mut self, piece: Released<&[u8]>);

    /// All that was taken is void: the answer comes anew, from its beginning.
    fn void(&mut self);
}

/// All of it in memory.
impl Sink for Released<Vec<u8>> {
    fn take(&mut self, piece: Released<&[u8]>) {
        self.extend(piece);
    }

    fn void(&mut self) {
        *self = Self::within(self.take_memory());
    }
}

impl Released<Vec<u8>> {
    /// Nothing yet, in this memory.
    pub fn within(mut memory: Vec<u8>) -> Self {
        memory.clear();
        Masked::seal(memory).into()
    }
}
